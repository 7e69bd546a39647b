"""What the modes meta and fake share: results without values, which must have the properties of the real ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from conformance.checks.promised_strides import promised_strides
from conformance.execution.broken import Broken
from conformance.execution.devices import has_strides
from conformance.execution.execution import Execution
from conformance.execution.tensors import dtype_name, layout_of
from conformance.numeric.accuracy import dtypes_differ
from conformance.results.model import FailureKind
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
    is_new = not execution.spec.memory.of
    promised = promised_strides(execution, shape) if is_new else layout_of(real)[1]
    agrees = bool(promised) or (is_new and execution.spec.memory.strides == "dense")
    return same_strides(shape, strides, layout_of(real)[1] if agrees else None)
