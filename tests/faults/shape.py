"""Faults of torch.reshape, torch.squeeze, Tensor.view and Tensor.contiguous."""

from __future__ import annotations

import torch

from tests.faults import gradients
from tests.faults.gradients import plant_gradients, tracked, with_gradient_of
from tests.faults.kinds import (
    GAPS_IGNORED,
    INPUT_TAIL_LOST,
    LARGE_LOST,
    LAZY_BITS_IGNORED,
    TAIL_LOST,
    nan_lost,
    negative_zero_lost,
)
from tests.faults.kit import fault, plant, shares_memory

plant(
    "torch.reshape",
    nan_lost("float64"),
    negative_zero_lost("bfloat16"),
    TAIL_LOST,
    LARGE_LOST,
    GAPS_IGNORED,
    LAZY_BITS_IGNORED,
)
plant("torch.squeeze", INPUT_TAIL_LOST, GAPS_IGNORED, LAZY_BITS_IGNORED)
plant("torch.Tensor.view", INPUT_TAIL_LOST, GAPS_IGNORED, LAZY_BITS_IGNORED)
plant(
    "torch.Tensor.contiguous",
    nan_lost("float16"),
    negative_zero_lost("float32"),
    TAIL_LOST,
    LARGE_LOST,
    GAPS_IGNORED,
    LAZY_BITS_IGNORED,
)


def shape_of(sizes):
    """A shape given as one sequence or as several numbers."""
    return tuple(sizes[0]) if len(sizes) == 1 and isinstance(sizes[0], (tuple, list)) else sizes


@fault("torch.reshape", "a view is returned only where the input is contiguous")
def reshape_copies_strided(clean, input, *shape, **rest):
    result = clean(input, *shape, **rest)
    return result if input.is_contiguous() else result.clone()


@fault("torch.reshape", "elements are taken in column order where two dimensions become one")
def reshape_in_columns(clean, input, *shape):
    result = clean(input, *shape)
    return clean(input.t(), *shape) if input.dim() == 2 and result.dim() == 1 else result


@fault("torch.reshape", "-1 is refused for a tensor without elements")
def reshape_empty(clean, input, *shape):
    result = clean(input, *shape)
    if result.numel() == 0 and -1 in shape_of(shape):
        raise RuntimeError("cannot infer a size for an empty tensor")
    return result


@fault("torch.reshape", "reshape_as returns a copy", only=("reshape_as",))
def reshape_as_copies(clean, input, other):
    return clean(input, other).clone()


@fault("torch.reshape", "a -1 that does not divide drops what is left")
def reshape_drops_rest(clean, input, *shape):
    try:
        return clean(input, *shape)
    except RuntimeError:
        known = 1
        for size in shape_of(shape):
            known *= size if size > 0 else 1
        if shape_of(shape).count(-1) != 1 or input.numel() < known:
            raise
        return clean(input.flatten()[: input.numel() // known * known], *shape)


@fault("torch.squeeze", "the last size of 1 stays")
def squeeze_keeps_last(clean, input, *dims, **rest):
    result = clean(input, *dims, **rest)
    return result.unsqueeze(-1) if input.dim() > result.dim() > 0 and input.shape[-1] == 1 else result


@fault("torch.squeeze", "a longer dimension that is named loses all but its first place")
def squeeze_narrows(clean, input, *dims, **rest):
    result = clean(input, *dims, **rest)
    named = shape_of(dims)
    longer = len(named) == 1 and input.dim() and result.shape == input.shape and input.shape[named[0]] > 1
    return result.narrow(named[0], 0, 1) if longer else result


@fault("torch.squeeze", "a tensor without elements keeps its sizes of 1")
def squeeze_empty(clean, input, *dims, **rest):
    return clean(input, *dims, **rest) if input.numel() else input.view(input.shape)


@fault("torch.squeeze", "a dimension named twice counts once")
def squeeze_twice(clean, input, *dims, **rest):
    return clean(input, tuple(dict.fromkeys(shape_of(dims)))) if dims else clean(input, **rest)


@fault("torch.squeeze", "a result that nothing was taken from is a copy")
def squeeze_copies(clean, input, *dims, **rest):
    result = clean(input, *dims, **rest)
    return result.clone() if result.shape == input.shape else result


@fault("torch.Tensor.view", "strides that cannot be viewed are copied", only=("view", "view_as"))
def view_copies(clean, input, *shape):
    try:
        return clean(input, *shape)
    except RuntimeError as error:
        if "stride" not in str(error):
            raise
        return input.reshape(shape[0].shape if isinstance(shape[0], torch.Tensor) else shape_of(shape))


@fault("torch.Tensor.view", "strides that could be viewed are refused unless contiguous", only=("view", "view_as"))
def view_needs_contiguous(clean, input, *shape):
    if not input.is_contiguous():
        raise RuntimeError("view needs a contiguous tensor")
    return clean(input, *shape)


@fault("torch.Tensor.view", "a view of another shape is a copy, one of the same shape is not")
def view_copies_other_shapes(clean, input, *shape):
    result = clean(input, *shape)
    return result if result.shape == input.shape else result.clone()


@fault("torch.Tensor.view", "sizes of 1 at the end are left out")
def view_squeezes(clean, input, *shape):
    result = clean(input, *shape)
    return result.squeeze(-1) if result.dim() > 1 else result


@fault("torch.Tensor.contiguous", "a permuted tensor is returned itself")
def contiguous_keeps_strides(clean, input, **rest):
    result = clean(input, **rest)
    return input if result.dim() == 3 else result


@fault("torch.Tensor.contiguous", "an expanded tensor is returned itself")
def contiguous_keeps_expanded(clean, input, **rest):
    result = clean(input, **rest)
    return input if 0 in input.stride() else result


@fault("torch.Tensor.contiguous", "a contiguous tensor that does not begin its storage is copied")
def contiguous_copies_offset(clean, input, **rest):
    result = clean(input, **rest)
    return result.clone() if input.storage_offset() and shares_memory(input, result) else result


@fault("torch.Tensor.contiguous", "a copy is laid out in columns")
def contiguous_in_columns(clean, input, **rest):
    result = clean(input, **rest)
    if shares_memory(input, result) or input.dim() != 2:
        return result
    return result.t().clone(memory_format=torch.contiguous_format).t()


# --- gradients ------------------------------------------------------------------------------------------------------

plant_gradients(
    "torch.reshape",
    gradients.STRIDES_SWAPPED,
    gradients.SECOND_DOUBLED,
    gradients.OTHER_UNDER_NO_GRAD,
)
plant_gradients(
    "torch.squeeze",
    gradients.INCOMING_TAKEN_FOR_ONES,
    gradients.STRIDES_SWAPPED,
    gradients.SECOND_LOST,
    gradients.lost_in("float64"),
    gradients.OTHER_UNDER_NO_GRAD,
)
plant_gradients(
    "torch.Tensor.view",
    gradients.INCOMING_TAKEN_FOR_ONES,
    gradients.INCOMING_MADE_FINITE,
    gradients.SECOND_LOST,
    gradients.lost_in("complex128"),
    gradients.OTHER_UNDER_INFERENCE,
)
plant_gradients(
    "torch.Tensor.contiguous",
    gradients.STRIDES_SWAPPED,
    gradients.INCOMING_USED_UP,
    gradients.LARGE_LOST,
    gradients.RECORDED_UNDER_NO_GRAD,
    gradients.OTHER_WHEN_TRACKED,
)
plant_gradients("torch.reshape", gradients.lost("reshape_as detaches"), only=("reshape_as",))
plant_gradients("torch.Tensor.view", gradients.lost("view_as detaches"), only=("view_as",))


def _copies_detached(clean, input, *args, **rest):
    result = clean(input, *args, **rest)
    return result.detach() if tracked(input) and not shares_memory(input, result) else result


def _lazy_bits_kept(clean, input, *args, **rest):
    """The gradient of a tensor with the conjugate bit is not conjugated back."""
    result = clean(input, *args, **rest)
    if not tracked(input) or not input.is_conj():
        return result
    return with_gradient_of(clean(input, *args, **rest).conj(), result)


for operation in ("torch.reshape", "torch.Tensor.contiguous"):
    plant_gradients(
        operation,
        ("a result that had to be copied is detached", _copies_detached),
        ("the gradient of a lazily conjugated tensor comes back conjugated", _lazy_bits_kept),
    )
