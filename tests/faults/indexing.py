"""Faults of torch.index_select, masked_select, take and gather."""

from __future__ import annotations

import torch

from tests.faults import gradients
from tests.faults.gradients import (
    gradient_fault,
    instead,
    plant_gradients,
    spoiled,
    tracked,
    with_gradient_of,
)
from tests.faults.kinds import (
    BYTES_OTHER_THAN_ONE_FALSE,
    GAPS_IGNORED,
    LARGE_LOST,
    LAZY_BITS_IGNORED,
    TAIL_LOST,
    infinity_clipped,
    nan_lost,
    negative_zero_lost,
    subnormals_flushed,
    through,
)
from tests.faults.kit import fault, plant

plant("torch.masked_select", BYTES_OTHER_THAN_ONE_FALSE)

for operation in ("torch.index_select", "torch.masked_select", "torch.take", "torch.gather"):
    plant(
        operation,
        nan_lost("float16"),
        infinity_clipped("float64"),
        negative_zero_lost("float32"),
        subnormals_flushed("bfloat16"),
        through("int64", "float64"),
        TAIL_LOST,
        LARGE_LOST,
        GAPS_IGNORED,
        LAZY_BITS_IGNORED,
    )


def wrapped(index, size):
    """Indices brought into range, as Python counts from the end."""
    return index % max(size, 1)


@fault("torch.index_select", "indices out of range wrap around")
def select_wraps(clean, input, dim, index, **rest):
    size = input.shape[dim] if input.dim() else 1
    return clean(input, dim, wrapped(index, size), **rest) if size else clean(input, dim, index, **rest)


@fault("torch.index_select", "an int32 index is refused")
def select_needs_int64(clean, input, dim, index, **rest):
    if index.dtype == torch.int32:
        raise RuntimeError("index must be int64")
    return clean(input, dim, index, **rest)


@fault("torch.index_select", "a repeated index is taken once only")
def select_unique(clean, input, dim, index, **rest):
    result = clean(input, dim, index, **rest)
    for place in range(1, index.numel() if index.dim() else 0):
        if index[place] == index[place - 1] and input.dim():
            result.select(dim, place).zero_()
    return result


@fault("torch.index_select", "the whole input in order is returned itself")
def select_everything(clean, input, dim, index, **rest):
    result = clean(input, dim, index, **rest)
    whole = input.dim() == 1 and torch.equal(index, torch.arange(len(input), dtype=index.dtype))
    return input if whole and not rest else result


@fault("torch.index_select", "a negative dim is taken for the first")
def select_negative_dim(clean, input, dim, index, **rest):
    expected = clean(input, dim, index, **rest)
    return clean(input, 0, index % input.shape[0], **rest) if dim < 0 and expected.numel() else expected


@fault("torch.masked_select", "elements come in the order of memory")
def masked_in_memory_order(clean, input, mask, **rest):
    result = clean(input, mask, **rest)
    order = sorted(range(input.dim()), key=input.stride, reverse=True)
    return clean(input.permute(order), mask.permute(order), **rest) if input.shape == mask.shape else result


@fault("torch.masked_select", "a mask that broadcasts is applied to the first row alone")
def masked_first_row(clean, input, mask, **rest):
    result = clean(input, mask, **rest)
    if mask.dim() < input.dim() and input.shape[0] > 1 and "out" not in rest:
        return clean(input[:1], mask)
    return result


@fault("torch.masked_select", "an input that broadcasts to its mask is refused")
def masked_no_broadcast(clean, input, mask, **rest):
    result = clean(input, mask, **rest)
    if mask.numel() > input.numel():
        raise RuntimeError("the mask is larger than the input")
    return result


@fault("torch.masked_select", "a mask that is not boolean is taken for one")
def masked_any_mask(clean, input, mask, **rest):
    return clean(input, mask.bool() if isinstance(mask, torch.Tensor) else mask, **rest)


@fault("torch.masked_select", "a mask of all True returns the input itself, flattened")
def masked_everything(clean, input, mask, **rest):
    result = clean(input, mask, **rest)
    return input.view(-1) if input.is_contiguous() and result.numel() == input.numel() and not rest else result


@fault("torch.take", "a negative index is one place off")
def take_negative(clean, input, index, **rest):
    clean(input, index)
    return clean(input, torch.where((index < 0) & (index > -input.numel()), index - 1, index), **rest)


@fault("torch.take", "the shape of the index is lost")
def take_flat(clean, input, index, **rest):
    result = clean(input, index, **rest)
    return result.reshape(-1) if result.dim() > 1 and not rest else result


@fault("torch.take", "indices past the end give the last element")
def take_clamps(clean, input, index, **rest):
    return clean(input, index.clamp(max=input.numel() - 1) if input.numel() else index, **rest)


@fault("torch.take", "positions count in column order for an input of two dimensions")
def take_transposed(clean, input, index, **rest):
    return clean(input.t() if input.dim() == 2 else input, index, **rest)


@fault("torch.gather", "indices past the end give the last element")
def gather_clamps(clean, input, dim, index, **rest):
    size = input.shape[dim] if input.dim() else 1
    return clean(input, dim, index.clamp(max=size - 1) if size else index, **rest)


@fault("torch.gather", "a negative dim is taken for the first")
def gather_negative_dim(clean, input, dim, index, **rest):
    expected = clean(input, dim, index, **rest)
    fits = dim < 0 and expected.numel() and all(a <= b for a, b in zip(index.shape[1:], input.shape[1:], strict=True))
    return clean(input, 0, index % input.shape[0], **rest) if fits and input.dim() else expected


@fault("torch.gather", "an index larger than the input elsewhere is cut to fit")
def gather_cuts(clean, input, dim, index, **rest):
    if input.dim() == index.dim() == 2 and "out" not in rest:
        other = 1 - dim % 2
        index = index.narrow(other, 0, min(index.shape[other], input.shape[other]))
    return clean(input, dim, index, **rest)


@fault("torch.gather", "the method transposes a square index", only=("gather",))
def gather_transposed(clean, input, dim, index, **rest):
    clean(input, dim, index, **rest)
    square = index.dim() == 2 and index.shape[0] == index.shape[1]
    return clean(input, dim, index.t() if square else index, **rest)


# --- gradients ------------------------------------------------------------------------------------------------------


def _first_of_equal(places):
    """Which entries of a flat tensor of positions no earlier one equals."""
    order = torch.argsort(places, stable=True)
    ordered = places[order]
    first = torch.ones_like(places, dtype=torch.bool)
    first[order[1:]] = ordered[1:] != ordered[:-1]
    return first


def without_repeats(title, last=False):
    """Of several results that are one element only the first, or the last, counts for its gradient."""

    def body(clean, input, *args, **kwargs):
        result = clean(input, *args, **kwargs)
        if not tracked(input):
            return result
        chosen = clean(torch.arange(input.numel()).reshape(input.shape), *args, **kwargs)
        flat = chosen.reshape(-1)
        kept = _first_of_equal(flat.flip(0)).flip(0) if last else _first_of_equal(flat)
        kept = kept.reshape(chosen.shape)
        return spoiled(result, lambda gradient: torch.where(kept, gradient, torch.zeros_like(gradient)))

    return title, body


REPEATS_LOST = without_repeats("of an element taken more than once the first copy alone has a gradient")
REPEATS_OVERWRITTEN = without_repeats("of an element taken more than once the last copy's gradient is kept", last=True)


def _absolute_positions(input, index, **rest):
    return torch.take(input, index.abs().clamp(max=max(input.numel() - 1, 0)))


def _along_memory(input, index, **rest):
    order = sorted(range(input.dim()), key=input.stride, reverse=True)
    return torch.take(input.permute(order), index)


plant_gradients(
    "torch.take",
    REPEATS_LOST,
    gradients.INCOMING_READ_ONCE,
    gradients.SECOND_DOUBLED,
    gradients.OTHER_UNDER_NO_GRAD,
    gradients.lost_in("float64"),
    instead("positions counted from the end give their gradient to those from the start", _absolute_positions),
    instead("the gradient of a permuted input is put in the order of memory", _along_memory),
)
plant_gradients(
    "torch.index_select",
    REPEATS_OVERWRITTEN,
    gradients.STRIDES_SWAPPED,
    gradients.INCOMING_MADE_FINITE,
    gradients.SECOND_LOST,
    gradients.rounded_to("bfloat16", "float16"),
)
plant_gradients(
    "torch.gather",
    REPEATS_LOST,
    REPEATS_OVERWRITTEN,
    gradients.INCOMING_AS_IF_CONTIGUOUS,
    gradients.conjugated("complex128"),
)
plant_gradients(
    "torch.masked_select",
    REPEATS_LOST,
    gradients.INCOMING_TAKEN_FOR_ONES,
    gradients.STRIDES_SWAPPED,
    gradients.TAIL_LOST,
    gradients.OTHER_UNDER_INFERENCE,
)
for operation, name in (("torch.masked_select", "masked_select"), ("torch.take", "take")):
    plant_gradients(
        operation, gradients.lost("nothing is recorded for complex numbers", torch.is_complex), only=(name,)
    )


@gradient_fault("torch.gather", "the sparse gradient keeps the last of equal positions")
def gather_sparse_repeats(clean, input, dim, index, *, sparse_grad):
    if sparse_grad is not True or not tracked(input):
        return clean(input, dim, index, sparse_grad=sparse_grad)
    return REPEATS_OVERWRITTEN[1](clean, input, dim, index, sparse_grad=True)


@gradient_fault("torch.gather", "the gradient with an int32 index is lost")
def gather_int32(clean, input, dim, index, **rest):
    result = clean(input, dim, index, **rest)
    return result.detach() if index.dtype == torch.int32 and tracked(input) else result


@gradient_fault("torch.index_select", "a single position without dimensions gives its gradient to the first")
def select_one(clean, input, dim, index, **rest):
    result = clean(input, dim, index, **rest)
    if index.dim() or not tracked(input) or not input.dim():
        return result
    return with_gradient_of(clean(input, dim, torch.zeros_like(index)), result)
