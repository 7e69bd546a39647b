"""The strides that a spec promises for new results."""

from __future__ import annotations

from conformance.execution.execution import Execution
from conformance.samples.strides import channels_last_strides, contiguous_strides, is_channels_last, is_dense


def promised_strides(execution: Execution, shape: tuple[int, ...]) -> tuple[int, ...] | None:
    """The promised strides of a new result, or None.

    They are row-major if the spec says so or all operands are contiguous. An operation that preserves strides has those
    of its operands if all have the shape of the result and the same dense strides. Others keep the order of tensors of
    the result's rank that are all channels-last.
    """
    strides, tensors = execution.spec.memory.strides, execution.sample.tensors
    if strides == "row-major" or all(tensor.layout.kind == "contiguous" for tensor in tensors):
        return contiguous_strides(shape)
    if strides == "dense" and all(is_channels_last(tensor.shape, tensor.strides) for tensor in tensors):
        return channels_last_strides(shape) if len(shape) == tensors[0].rank else None
    if strides != "preserved" or any(tensor.shape != shape for tensor in tensors):
        return None
    layouts = {tensor.strides for tensor in tensors if is_dense(tensor.shape, tensor.strides)}
    return layouts.pop() if len(layouts) == 1 and all(is_dense(t.shape, t.strides) for t in tensors) else None
