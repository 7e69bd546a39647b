"""What the modes meta and fake share: results without values, which must have the properties of the real ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from conformance.checks.promised_strides import promised_strides
from conformance.checks.steps import Lines, held, parts_of
from conformance.execution.broken import Broken
from conformance.execution.devices import has_strides
from conformance.execution.execution import Execution
from conformance.execution.tensors import dtype_name, layout_of
from conformance.numeric.accuracy import dtypes_differ
from conformance.results.model import Failure, FailureKind
from conformance.samples.strides import same_strides


def require_same_properties(execution: Execution, tensors: Sequence[Any], how: str) -> None:
    """Raise `Broken` unless each result has the shape, the dtype and the promised strides of the real one."""
    call = f"{execution.form.name}, on {how} tensors"
    if len(tensors) != len(execution.tensors):
        raise Broken(FailureKind.COUNT, f"{len(tensors)} results", call, f"{len(execution.tensors)}")
    for abstract, real in zip(tensors, execution.tensors):
        if tuple(abstract.shape) != tuple(real.shape):
            raise Broken(FailureKind.SHAPE, f"shape is {tuple(abstract.shape)}", call, f"{tuple(real.shape)}")
        if how == "meta" and not abstract.is_meta:
            raise Broken(FailureKind.DEVICE, f"lies on {abstract.device}", call, "on meta")
        if dtype_name(abstract) != dtype_name(real):
            raise Broken.differs(dtypes_differ(dtype_name(abstract), dtype_name(real)), call, dtype_name(real))
        if real.numel() and has_strides(execution.device) and not _has_promised_strides(execution, abstract, real):
            raise Broken(
                FailureKind.STRIDES, f"strides are {tuple(abstract.stride())}", call, f"{tuple(real.stride())}"
            )


def _has_promised_strides(execution: Execution, abstract: Any, real: Any) -> bool:
    """Whether the strides are those of the real result, or dense if the spec promises none. An operation that joins
    tensors in an order of dimensions of its choice chooses the same without values."""
    shape, strides, _ = layout_of(abstract)
    return same_strides(shape, strides, layout_of(real)[1] if _are_promised(execution, shape) else None)


def properties_held(execution: Execution, failure: Failure) -> Lines:
    """The steps that hold `result` to that property of `real` in which it failed."""
    if failure.kind is FailureKind.RAISED:
        return []
    names = parts_of(execution, len(execution.tensors))
    if failure.kind is FailureKind.COUNT:
        return held("number of results", "len(result)", str(len(names)))
    lines: Lines = []
    for place, (name, real) in enumerate(zip(names, parts_of(execution, len(names), "real"))):
        shape = tuple(execution.tensors[place].shape)
        if failure.kind is FailureKind.DTYPE:
            lines += held(f"dtype of {name}", f"{name}.dtype", f"{real}.dtype")
        elif failure.kind is FailureKind.DEVICE:
            lines += held(f"{name} is on meta", f"{name}.is_meta", "True")
        elif failure.kind is FailureKind.SHAPE:
            lines += held(f"shape of {name}", f"tuple({name}.shape)", f"tuple({real}.shape)")
        elif _are_promised(execution, shape):
            lines += held(f"strides of {name}", f"strides({name})", f"strides({real})")
        else:
            lines += held(f"{name} is dense", f"is_dense({name})", "True")
    return lines


def _are_promised(execution: Execution, shape: tuple[int, ...]) -> bool:
    """Whether the strides of a result of a shape must be those of the real one."""
    if execution.spec.memory.of:
        return True
    return bool(promised_strides(execution, shape)) or execution.spec.memory.strides == "dense"
