"""A failing sample written out as a script that needs torch and NumPy alone."""

from __future__ import annotations

import base64
import textwrap
import zlib
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from conformance.checks.gradients.closed_form import promised_gradients
from conformance.checks.gradients.incoming import incoming_of
from conformance.checks.modes.vmap import batched_place, slices_of
from conformance.execution.execution import Broken, Execution
from conformance.execution.tensors import Operand
from conformance.numeric.dtypes import DTYPES, Array
from conformance.numeric.ranking import Positions
from conformance.samples.contents import is_lazy
from conformance.samples.sample import TensorSample
from conformance.samples.serial import from_data
from conformance.spec.contract import Spec

_HEAD = '''"""{operation}: the check {check!r} is {verdict} for {subject} on {device}.

{message}
"""

import base64
import math
import operator
import zlib

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

print("torch", torch.__version__)


def array(tensor):
    """A tensor as a NumPy array."""
    return tensor.detach().cpu().numpy()


'''

_ALLOCATED = (
    "def allocated(expression):\n"
    "    with torch.autograd.profiler.profile(profile_memory=True) as found:\n"
    "        kept = eval(expression, globals())\n"
    "    sizes = [event.nbytes() for event in found.kineto_results.events() if event.name() == '[memory]']\n"
    "    return sum(size for size in sizes if size > 0)\n\n\n"
)

MOST_NUMBERS = 2000
"""Elements above which a tensor's storage is not written as numbers."""


def script(spec: Spec, cell: dict[str, Any]) -> str:
    """The script that reproduces a cell's failure, from its record in the results."""
    message = cell["message"].replace("\\", "\\\\").replace('"""', "'''")
    text = _HEAD.format(**{**cell, "operation": spec.operation, "message": message})
    sample = from_data(cell["sample"]["data"]) if cell["sample"] else None
    dtype = cell.get("dtype") or cell["subject"]
    if sample is None or dtype not in DTYPES:
        return text + "".join(f"{line}\n" for line in _default(cell["device"])) + _program(cell["call"])
    execution = Execution(spec, sample, dtype, "cpu")
    text += _arguments(execution, cell["device"])
    if cell["check"] == "gradients":
        return text + _gradients(execution)
    if cell["check"] == "cost":
        return text + _ALLOCATED + _allocations(cell)
    if cell["check"] == "modes":
        return text + _mode(execution, cell["subject"])
    return text + _call(spec, cell) + _promise(execution, cell)


def _program(check: str) -> str:
    """A claim's or a witness's own code, its last expression printed."""
    helpers = (
        "def raises(expression, *classes):\n    try:\n        eval(expression, globals())\n"
        "    except classes or (Exception,):\n        return True\n    return False\n\n\n"
        "def close(a, b, tolerance=1e-5):\n"
        "    a, b = (torch.as_tensor(value).detach().double() for value in (a, b))\n"
        "    return a.shape == b.shape and torch.allclose(a, b, rtol=tolerance, atol=tolerance)\n\n\n"
        "def shares(a, b):\n    return a.untyped_storage().data_ptr() == b.untyped_storage().data_ptr()\n\n\n"
    )
    lines = [line for line in textwrap.dedent(check).strip().splitlines() if line.strip()] or ["None"]
    return helpers + _ALLOCATED + "torch.manual_seed(0)\n" + "\n".join([*lines[:-1], f"print({lines[-1]})"]) + "\n"


def _allocations(cell: dict[str, Any]) -> str:
    """What a call allocates, once torch has made what it makes at the first call of all."""
    call = cell["call"]
    return f"{call}\nprint('bytes allocated:', allocated({call!r}))\nprint('promised:', {cell['promised']!r})\n"


def _default(device: str) -> list[str]:
    return [] if device == "cpu" else [f"torch.set_default_device({device!r})"]


def _arguments(execution: Execution, device: str) -> str:
    operands = iter(execution.operands)
    lines = [f'device = "{device}"', f"dtype = torch.{execution.dtype}", *_default(device)]
    for name, argument in execution.sample.arguments:
        lines.append(f"{name} = {_literal(argument, operands)}")
    return "\n".join(lines) + "\n"


def _literal(argument: Any, operands: Any) -> str:
    if isinstance(argument, TensorSample):
        return _tensor(next(operands))
    if isinstance(argument, tuple):
        parts = [_literal(part, operands) for part in argument]
        return "(" + "".join(part + ", " for part in parts).rstrip() + ")"
    if isinstance(argument, float) and not np.isfinite(argument):
        return f"float({str(argument)!r})"
    return repr(argument)


def _tensor(operand: Operand) -> str:
    layout = operand.sample.layout
    storage = _storage(operand.pristine, operand.dtype)
    text = f"torch.as_strided({storage}, {operand.sample.shape}, {layout.strides}, {layout.offset})"
    if not is_lazy(layout, operand.dtype):
        return text
    return f"{text}.conj()" if DTYPES[operand.dtype].kind == "complex" else f"torch._neg_view({text})"


def _storage(values: Array, dtype: str) -> str:
    """A flat tensor written out exactly: in numbers, or packed where they would fill pages."""
    if len(values) > MOST_NUMBERS:
        packed = base64.b85encode(zlib.compress(values.tobytes(), 9)).decode()
        content = f"bytearray(zlib.decompress(base64.b85decode({packed!r})))"
        return f"torch.frombuffer({content}, dtype=torch.{dtype}).to(device)"
    kind = DTYPES[dtype].kind
    if kind == "complex":
        return f"torch.complex({_storage(values.real, _part(dtype))}, {_storage(values.imag, _part(dtype))})"
    if kind == "float":
        numbers = " ".join(float(value).hex() for value in values)
        exact = f'[float.fromhex(x) for x in "{numbers}".split()]'
        return f"torch.tensor({exact}, dtype=torch.float64).to(torch.{dtype}).to(device)"
    return f"torch.tensor({values.tolist()}, dtype=torch.{dtype}, device=device)"


def _part(dtype: str) -> str:
    return {"complex64": "float32", "complex128": "float64"}[dtype]


def _call(spec: Spec, cell: dict[str, Any]) -> str:
    call = cell["call"] or spec.forms[0].call
    out = "out = torch.full((3,), 7, dtype=dtype, device=device)\n" if "out=out" in call else ""
    if cell["check"] == "forms" and out:
        out = f"out = {spec.forms[0].call}\n"
    return f"{out}try:\n    print({call})\nexcept Exception as error:\n    print(type(error).__name__, error)\n"


def _promise(execution: Execution, cell: dict[str, Any]) -> str:
    """What was promised, as a comment or, for values, written out."""
    if cell["check"] == "laws":
        law = next(law for law in execution.spec.laws if cell["call"] in (law.left, law.right))
        return f"print('promised:', {law.relation!r})\nprint({law.right})\n"
    if cell["check"] != "values":
        return f"print('promised:', {cell['promised']!r})\n"
    try:
        promised = execution.promised
    except Broken:
        return ""
    return "".join(f"print('promised:', {_promised_text(part)!r})\n" for part in promised)


def _gradients(execution: Execution) -> str:
    """The gradients of all arguments that can have one, the closed form, and torch's own check by differences."""
    names = [name for name, one in zip(execution.operand_names, execution.operands) if one.inexact]
    incoming = incoming_of(execution, execution.tensors)
    given = ", ".join("None" if one is None else _tensor(one) for one in incoming)
    used = [place for place, one in enumerate(incoming) if one is not None]
    promised = promised_gradients(execution, [None if one is None else one.array for one in incoming])
    lines = [f"for leaf in ({', '.join(names)},):", "    leaf.requires_grad_()", f"incoming = ({given},)"]
    lines += [f"results = {execution.form.call}", "results = results if isinstance(results, tuple) else (results,)"]
    lines += [f"used = {used}"]
    lines += [
        "print(torch.autograd.grad([results[i] for i in used], "
        f"[{', '.join(names)}], [incoming[i] for i in used], allow_unused=True))"
    ]
    lines += [
        f"print('promised for {name}:', {np.array2string(sums.exact, threshold=200)!r})"
        for name, sums in zip(execution.operand_names, promised)
        if sums is not None
    ]
    return "\n".join(lines) + "\n"


def _mode(execution: Execution, mode: str) -> str:
    """The plain call and the same in a mode."""
    names = execution.tensor_names
    lines = ["", "", f"def call({', '.join(names)}):", f"    return {execution.form.call}", "", ""]
    lines += [f"print(call({', '.join(names)}))", *_IN_MODE[mode](execution, ", ".join(names))]
    return "\n".join(lines) + "\n"


def _compiled(execution: Execution, names: str, backend: str) -> list[str]:
    return [f"print(torch.compile(call, backend={backend!r}, fullgraph=True, dynamic=True)({names}))"]


def _functionalized(execution: Execution, names: str) -> list[str]:
    return [f"print(torch.func.functionalize(call)({names}))"]


def _dual(execution: Execution, names: str) -> list[str]:
    inexact = [
        name for name, one in zip(execution.operand_names, execution.operands) if one.inexact and "[" not in name
    ]
    return [
        "from torch.autograd import forward_ad",
        "with forward_ad.dual_level():",
        *(f"    {name} = forward_ad.make_dual({name}, torch.ones_like({name}))" for name in inexact),
        f"    print(call({names}))",
    ]


def _faked(execution: Execution, names: str) -> list[str]:
    return [
        "from torch._subclasses.fake_tensor import FakeTensorMode",
        "with FakeTensorMode(allow_non_fake_inputs=True):",
        f"    print(call({names}))",
    ]


def _on_meta(execution: Execution, names: str) -> list[str]:
    lines = []
    for name, operand in zip(execution.operand_names, execution.operands):
        layout = operand.sample.layout
        storage = f"torch.empty({len(operand.pristine)}, dtype={name}.dtype, device='meta')"
        lines.append(f"print({name}.stride())")
        if "[" not in name:
            lines.append(f"{name} = {storage}.as_strided({operand.sample.shape}, {layout.strides}, {layout.offset})")
    return [*lines, f"print(call({names}))"]


def _batched(execution: Execution, names: str) -> list[str]:
    place = batched_place(execution)
    name = execution.operand_names[place]
    if "[" in name:
        return [f"# vmap over {name} of {names}"]
    loop = [one.operands[place] for one in slices_of(execution, place)]
    in_dims = ", ".join(f"{0 if other == name else None}" for other in names.split(", "))
    return [
        f"{name} = torch.stack([{', '.join(_tensor(operand) for operand in loop)}])",
        f"print(torch.vmap(call, in_dims=({in_dims},))({names}))",
    ]


def _promised_text(part: Any) -> str:
    if isinstance(part, Positions):
        return f"positions along dimension {part.dim} that name what result {part.of} holds"
    return np.array2string(np.asarray(getattr(part, "array", part)), threshold=200)


_IN_MODE: dict[str, Callable[[Execution, str], list[str]]] = {
    "vmap": _batched,
    "forward": _dual,
    "meta": _on_meta,
    "fake": _faked,
    "functionalize": _functionalized,
    "aot_eager": partial(_compiled, backend="aot_eager"),
    "inductor": partial(_compiled, backend="inductor"),
}
