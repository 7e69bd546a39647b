"""What a few calls show of an operation: the draft of a spec begins with it."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial, reduce
from typing import Any

import numpy as np
import torch

from conformance.execution.execution import attempt
from conformance.execution.tensors import dtype_name, to_array
from conformance.numeric.accuracy import compare_ulps, equal_bits
from conformance.numeric.dtypes import ALL, DTYPES, Array
from conformance.spec.draft import FoundForm, FoundOperation, FoundRefusal

MOST_TENSORS = 3
"""The largest number of tensor arguments that is tried."""

NUMBERS = 2000
"""The number of elements by which accuracy is estimated."""

_SIGNATURE = re.compile(r"^\w+\(([^)]*)\)")
_DEFAULT_NAMES = ("input", "other", "third")


def survey(operation: str) -> FoundOperation:
    """What is found of an operation, such as `torch.hypot` or `torch.nn.functional.relu`."""
    function, problem = _resolved(operation)
    if problem:
        return FoundOperation(operation=operation, problem=problem)
    counts = [count for count in range(1, MOST_TENSORS + 1) if _runs(function, [torch.ones(2)] * count)]
    if not counts:
        problem = f"{operation} takes no call of one to {MOST_TENSORS} tensors alone: begin with a spec that is like it"
        return FoundOperation(operation=operation, problem=problem)
    tensors = _names(function, counts[0])
    dtypes = tuple(name for name in ALL if _runs(function, _ones(name, len(tensors))))
    results = {name: dtype_name(function(*_ones(name, len(tensors)))) for name in dtypes}
    numpy = _numpy_function(operation)
    return FoundOperation(
        operation=operation,
        tensors=tensors,
        dtypes=dtypes,
        output=_output(results, len(tensors)),
        elementwise=_is_elementwise(function, len(tensors)),
        forms=tuple(_forms(operation, function, tensors)),
        refusals=tuple(_refusals(operation, function, tensors)),
        numpy=numpy,
        worst_ulp=_worst_ulp(function, getattr(np, numpy), len(tensors), dtypes) if numpy else 0.0,
    )


def _resolved(operation: str) -> tuple[Callable[..., Any], str]:
    """The function of that name, or why there is none."""
    first, *path = operation.split(".")
    found, error = attempt(lambda: reduce(getattr, path, torch))
    if first != "torch" or not path or error is not None or not callable(found):
        return survey, f"this torch has no function {operation!r}; name it as in 'torch.hypot'"
    return found, ""


def _ones(dtype: str, count: int) -> list[Any]:
    return [torch.ones(2).to(getattr(torch, dtype)) for _ in range(count)] if hasattr(torch, dtype) else []


def _runs(function: Callable[..., Any], arguments: list[Any], **given: Any) -> bool:
    """Whether a call gives one tensor."""
    result, error = attempt(partial(function, *arguments, **given))
    return bool(arguments) and error is None and isinstance(result, torch.Tensor)


def _names(function: Callable[..., Any], count: int) -> tuple[str, ...]:
    """The names of the first arguments, from the signature in the documentation if they can be used."""
    told = _SIGNATURE.match((function.__doc__ or "").strip())
    names = [part.split("=")[0].split(":")[0].strip() for part in (told[1].split(",") if told else [])][:count]
    named = dict(zip(names, (torch.ones(2) for _ in names)))
    usable = len(named) == count and all(name.isidentifier() for name in names)
    return tuple(names) if usable and attempt(lambda: function(**named))[1] is None else _DEFAULT_NAMES[:count]


def _output(results: dict[str, str], count: int) -> str:
    """The dtype of the result, in the words of a spec file."""
    inexact = {name: result for name, result in results.items() if DTYPES[name].inexact}
    if set(results.values()) == {"bool"}:
        return '"bool"'
    if all(name == result for name, result in results.items()):
        return "CELL_DTYPE" if count == 1 else "PROMOTED"
    return "PROMOTED_FLOAT" if all(name == result for name, result in inexact.items()) else "CELL_DTYPE"


def _is_elementwise(function: Callable[..., Any], count: int) -> bool:
    result, error = attempt(lambda: function(*(torch.ones(2, 3) for _ in range(count))))
    return error is None and tuple(result.shape) == (2, 3)


def _forms(operation: str, function: Callable[..., Any], tensors: tuple[str, ...]) -> list[FoundForm]:
    """The ways of making the call that work."""
    name, ones = operation.rpartition(".")[2], [torch.ones(2) for _ in tensors]
    short = operation.replace("torch.nn.functional.", "F.")
    first, others = tensors[0], ", ".join(tensors[1:])
    forms = [FoundForm(call=f"{short}({', '.join(tensors)})")]
    if attempt(lambda: function(**dict(zip(tensors, ones))))[1] is None:
        forms.append(FoundForm(call=f"{short}({', '.join(f'{one}={one}' for one in tensors)})"))
    if _runs(getattr(torch.Tensor, name, _no_such), ones):
        forms.append(FoundForm(call=f"{first}.{name}({others})"))
    if _runs(getattr(torch.Tensor, f"{name}_", _no_such), ones):
        forms.append(FoundForm(call=f"{first}.{name}_({others})", writes=first))
    if _runs(function, ones, out=torch.empty(2)):
        forms.append(FoundForm(call=f"{short}({', '.join(tensors)}, out=out)"))
    return forms


def _no_such(*_: Any) -> None:
    pass


def _refusals(operation: str, function: Callable[..., Any], tensors: tuple[str, ...]) -> list[FoundRefusal]:
    """Misuses, and what they raise."""
    short, others = operation.replace("torch.nn.functional.", "F."), tensors[1:]
    tried: dict[str, tuple[list[str], list[Any]]] = {
        "no argument": ([], []),
        "a list in place of the tensor": (["[1.0]", *others], [[1.0], *(torch.ones(2) for _ in others)]),
        "a string in place of the tensor": (["'x'", *others], ["x", *(torch.ones(2) for _ in others)]),
    }
    found = []
    for title, (texts, given) in tried.items():
        _, error = attempt(partial(function, *given))
        if isinstance(error, (TypeError, RuntimeError, ValueError, AttributeError)):
            call = f"{short}({', '.join(texts)})"
            found.append(FoundRefusal(title=title, call=call, raises=type(error).__name__))
    return found


def _numpy_function(operation: str) -> str:
    name = operation.rpartition(".")[2]
    return name if callable(getattr(np, name, None)) else ""


def _worst_ulp(function: Callable[..., Any], exact: Callable[..., Array], count: int, dtypes: tuple[str, ...]) -> float:
    """The largest error of random numbers, in ULP; 0 if NumPy's function gives the same bits, or is another one."""
    found = [_error(function, exact, count, name) for name in ("float32", "float64") if name in dtypes]
    return max(found, default=0.0)


def _error(function: Callable[..., Any], exact: Callable[..., Array], count: int, dtype: str) -> float:
    torch.manual_seed(0)
    numbers = [torch.randn(NUMBERS, dtype=getattr(torch, dtype)) for _ in range(count)]
    arrays = [to_array(one) for one in numbers]
    with np.errstate(all="ignore"):
        same, _ = attempt(lambda: exact(*arrays))
        promised, error = attempt(lambda: exact(*(array.astype(np.longdouble) for array in arrays)))
    got, failed = attempt(lambda: to_array(function(*numbers)))
    if error is not None or failed is not None or np.shape(promised) != np.shape(got) or got.dtype.kind != "f":
        return 0.0
    return 0.0 if equal_bits(got, np.asarray(same)) else compare_ulps(got, promised, DTYPES[dtype], np.inf)[1].ulp
