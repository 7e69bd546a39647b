"""The strides that a spec promises of new results."""

from __future__ import annotations

from conformance.execution import Execution
from conformance.sample import contiguous_strides


def promised_strides(execution: Execution, shape: tuple[int, ...]) -> tuple[int, ...] | None:
    """Row-major strides where the spec or contiguous operands ask for them; for a preserving operation those that its
    full-shaped operands agree on; else None."""
    strides, tensors = execution.spec.memory.strides, execution.sample.tensors
    if strides == "row-major" or all(tensor.layout.kind == "contiguous" for tensor in tensors):
        return contiguous_strides(shape)
    if strides != "preserved" or any(tensor.shape != shape for tensor in tensors):
        return None
    layouts = {tensor.strides for tensor in tensors if is_dense(tensor.shape, tensor.strides)}
    return layouts.pop() if len(layouts) == 1 and all(is_dense(t.shape, t.strides) for t in tensors) else None


def is_dense(shape: tuple[int, ...], strides: tuple[int, ...]) -> bool:
    """Whether the elements fill their memory without gap or overlap, in any order of dimensions."""
    expected = 1
    for stride, size in sorted((stride, size) for stride, size in zip(strides, shape) if size > 1):
        if stride != expected:
            return False
        expected *= size
    return True


def same_strides(shape: tuple[int, ...], strides: tuple[int, ...], promised: tuple[int, ...] | None) -> bool:
    """Whether strides agree wherever a dimension has more than one place; with no promise, whether they are dense."""
    if promised is None:
        return is_dense(shape, strides)
    return all(size == 1 or actual == wanted for size, actual, wanted in zip(shape, strides, promised))
