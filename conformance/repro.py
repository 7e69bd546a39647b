"""A failing sample written out as a script that needs torch and NumPy alone."""

from __future__ import annotations

import base64
import textwrap
import zlib
from typing import Any

import numpy as np

from conformance.contents import is_lazy
from conformance.dtypes import DTYPES, Array
from conformance.execution import Broken, Execution
from conformance.sample import Sample, TensorSample, from_data
from conformance.spec import Positions, Spec
from conformance.tensors import Operand

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

MOST_NUMBERS = 2000
"""Elements above which a tensor's storage is not written as numbers."""


def script(spec: Spec, cell: dict[str, Any]) -> str:
    """The script that reproduces a cell's failure, from its record in the results."""
    message = cell["message"].replace("\\", "\\\\").replace('"""', "'''")
    text = _HEAD.format(**{**cell, "operation": spec.operation, "message": message})
    sample = from_data(cell["sample"]["data"]) if cell["sample"] else None
    if sample is None or cell["subject"] not in DTYPES:
        return text + _program(cell["call"])
    return text + _arguments(spec, cell, sample) + _call(spec, cell) + _promise(spec, cell, sample)


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
    return helpers + "torch.manual_seed(0)\n" + "\n".join([*lines[:-1], f"print({lines[-1]})"]) + "\n"


def _arguments(spec: Spec, cell: dict[str, Any], sample: Sample) -> str:
    execution = Execution(spec, sample, cell["subject"], "cpu")
    operands = iter(execution.operands)
    lines = [f'device = "{cell["device"]}"', f"dtype = torch.{cell['subject']}"]
    for name, argument in sample.arguments:
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


def _promise(spec: Spec, cell: dict[str, Any], sample: Sample) -> str:
    """What was promised, as a comment or, for values, written out."""
    if cell["check"] == "laws":
        law = next(law for law in spec.laws if cell["call"] in (law.left, law.right))
        return f"print('promised:', {law.relation!r})\nprint({law.right})\n"
    if cell["check"] != "values":
        return f"print('promised:', {cell['promised']!r})\n"
    try:
        promised = Execution(spec, sample, cell["subject"], "cpu").promised
    except Broken:
        return ""
    return "".join(f"print('promised:', {_promised_text(part)!r})\n" for part in promised)


def _promised_text(part: Any) -> str:
    if isinstance(part, Positions):
        return f"positions along dimension {part.dim} that name what result {part.of} holds"
    return np.array2string(np.asarray(getattr(part, "array", part)), threshold=200)
