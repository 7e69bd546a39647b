"""What meta and fake tensors share: results without values, which must be described as the real ones are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from conformance.execution import Broken, Execution
from conformance.tensors import dtype_name, layout_of


def described_alike(execution: Execution, tensors: Sequence[Any], how: str) -> None:
    """Raise `Broken` unless each result has the shape, dtype and strides of the real one."""
    call = f"{execution.form.call}, on {how} tensors"
    if len(tensors) != len(execution.tensors):
        raise Broken(f"{len(tensors)} results", call, f"{len(execution.tensors)}")
    for abstract, real in zip(tensors, execution.tensors):
        if tuple(abstract.shape) != tuple(real.shape):
            raise Broken(f"shape is {tuple(abstract.shape)}", call, f"{tuple(real.shape)}")
        if dtype_name(abstract) != dtype_name(real):
            raise Broken(f"dtype is {dtype_name(abstract)}", call, dtype_name(real))
        if real.numel() and _steps(abstract) != _steps(real):
            raise Broken(f"strides are {tuple(abstract.stride())}", call, f"{tuple(real.stride())}")


def _steps(tensor: Any) -> list[int]:
    """The strides that lead anywhere."""
    shape, strides, _ = layout_of(tensor)
    return [stride for size, stride in zip(shape, strides) if size > 1]
