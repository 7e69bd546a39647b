"""Faults of operations that read or write at the places that an index or a mask names."""

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


WRITTEN = ("torch.scatter", "torch.scatter_add", "torch.index_add", "torch.index_put", "torch.masked_fill")

plant("torch.masked_fill", BYTES_OTHER_THAN_ONE_FALSE, negative_zero_lost("float64"))
plant("torch.scatter", negative_zero_lost("float64"))
plant("torch.take_along_dim", nan_lost("float32"), negative_zero_lost("float16"), through("int64", "float64"))
for operation in (*WRITTEN, "torch.take_along_dim"):
    plant(operation, nan_lost("bfloat16"), infinity_clipped("float32"), TAIL_LOST, GAPS_IGNORED, LAZY_BITS_IGNORED)


@fault("torch.masked_fill", "the value is put where the mask is False")
def fill_inverted(clean, input, mask, value):
    return clean(input, ~mask if mask.dtype == torch.bool else mask, value)


@fault("torch.masked_fill", "a mask of whole numbers is taken")
def fill_any_mask(clean, input, mask, value):
    return clean(input, mask.bool() if isinstance(mask, torch.Tensor) else mask, value)


@fault("torch.masked_fill", "a value given as a tensor is taken for 0")
def fill_tensor(clean, input, mask, value):
    result = clean(input, mask, value)
    return clean(result if clean.in_place else input, mask, 0) if isinstance(value, torch.Tensor) else result


@fault("torch.masked_fill", "a value of one element is taken whatever its dimensions")
def fill_vector(clean, input, mask, value):
    return clean(input, mask, value.reshape(()) if isinstance(value, torch.Tensor) and value.numel() == 1 else value)


@fault("torch.masked_fill", "a fraction is rounded up for whole numbers")
def fill_rounded(clean, input, mask, value):
    whole = isinstance(value, float) and not input.is_floating_point() and not input.is_complex()
    return clean(input, mask, 1 if whole and 0 < value < 1 and input.dtype != torch.bool else value)


@fault("torch.masked_fill", "a mask with fewer dimensions is applied to the first row alone", only=("masked_fill",))
def fill_first_row(clean, input, mask, value):
    result = clean(input, mask, value)
    if mask.dim() < input.dim() and result.shape == input.shape and len(input) > 1:
        result.detach()[1:] = input.detach()[1:]
    return result


@fault("torch.take_along_dim", "positions below 0 name the first entry")
def along_clamped(clean, input, indices, dim=None, **rest):
    return clean(
        input, indices.clamp(min=0) if dim is not None and indices.dtype == torch.int64 else indices, dim, **rest
    )


@fault("torch.take_along_dim", "without a dim the first is taken", only=("take_along_dim",))
def along_the_first(clean, input, indices, dim=None, **rest):
    result = clean(input, indices, dim, **rest)
    return clean(input, indices % input.shape[0], 0, **rest) if dim is None and input.dim() == indices.dim() else result


@fault("torch.take_along_dim", "a negative dim is taken for the first")
def along_negative_dim(clean, input, indices, dim=None, **rest):
    result = clean(input, indices, dim, **rest)
    if dim is None or dim >= 0 or not result.numel() or input.shape[0] != input.shape[dim]:
        return result
    return clean(input, indices, 0, **rest)


@fault("torch.take_along_dim", "an input of size 1 is not broadcast to the indices")
def along_unbroadcast(clean, input, indices, dim=None, **rest):
    result = clean(input, indices, dim, **rest)
    if (dim is not None and result.numel() > indices.numel()) or result.shape == indices.shape != input.shape:
        raise RuntimeError("sizes differ")
    return result


@fault("torch.take_along_dim", "indices of int32 are taken")
def along_int32(clean, input, indices, dim=None, **rest):
    return clean(input, indices.long() if indices.dtype == torch.int32 else indices, dim, **rest)


def _size(input, dim):
    return input.shape[dim] if input.dim() else 1


@fault("torch.scatter", "positions out of range wrap around")
def scatter_wraps(clean, input, dim, index, *args, **rest):
    return clean(input, dim, wrapped(index, _size(input, dim)) if _size(input, dim) else index, *args, **rest)


@fault("torch.scatter", "an int32 index is refused")
def scatter_needs_int64(clean, input, dim, index, *args, **rest):
    if index.dtype == torch.int32:
        raise RuntimeError("index must be int64")
    return clean(input, dim, index, *args, **rest)


@fault("torch.scatter", "the reduction multiply adds")
def scatter_adds(clean, input, dim, index, *args, **rest):
    return clean(input, dim, index, *args, **{**rest, "reduce": "add"} if rest.get("reduce") == "multiply" else rest)


@fault("torch.scatter", "a negative dim is taken for the first")
def scatter_negative_dim(clean, input, dim, index, *args, **rest):
    square = dim < 0 and input.dim() > 1 and input.shape[0] == input.shape[dim]
    try:
        return clean(input, 0 if square else dim, index, *args, **rest)
    except RuntimeError:
        return clean(input, dim, index, *args, **rest)


@fault("torch.scatter", "a number is put to the first place alone")
def scatter_number_once(clean, input, dim, index, src, **rest):
    once = not isinstance(src, torch.Tensor) and index.dim()
    return clean(input, dim, index.narrow(0, 0, min(1, index.shape[0])) if once else index, src, **rest)


@fault("torch.scatter", "a larger source is read in a row")
def scatter_larger(clean, input, dim, index, src, **rest):
    larger = isinstance(src, torch.Tensor) and src.dim() > 1 and src.numel() > index.numel() > 0
    fits = larger and all(have >= want for have, want in zip(src.shape, index.shape, strict=True))
    row = src.reshape(-1)[: index.numel()].reshape(index.shape) if fits else src
    return clean(input, dim, index, row, **rest)


@fault("torch.scatter_add", "of entries added to one place the last alone counts")
def add_overwrites(clean, input, dim, index, src, **rest):
    if clean.in_place or not input.dim() or index.dim() != input.dim():
        return clean(input, dim, index, src, **rest)
    result = clean(input, dim, index, src, **rest)
    wrong = torch.scatter(torch.zeros_like(input), dim, index, src)
    return result.copy_(input + wrong)


@fault("torch.scatter_add", "an entry is put and not added")
def add_replaces(clean, input, dim, index, src, **rest):
    return clean(torch.scatter(input, dim, index, 0) if not clean.in_place else input, dim, index, src, **rest)


@fault("torch.scatter_add", "a larger source is read in a row")
def add_larger(clean, input, dim, index, src, **rest):
    result = clean(input, dim, index, src, **rest)
    if clean.in_place or src.dim() < 2 or src.numel() <= index.numel():
        return result
    return clean(input, dim, index, src.reshape(-1)[: index.numel()].reshape(index.shape), **rest)


@fault("torch.scatter_add", "booleans are added by exclusive or")
def add_exclusive(clean, input, dim, index, src, **rest):
    if input.dtype != torch.bool or clean.in_place or src.dtype != torch.bool:
        return clean(input, dim, index, src, **rest)
    result = clean(input, dim, index, src, **rest)
    return result.copy_(clean(input.int(), dim, index, src.int()) % 2 == 1)


@fault("torch.scatter_add", "positions out of range wrap around")
def add_wraps(clean, input, dim, index, src, **rest):
    return clean(input, dim, wrapped(index, _size(input, dim)) if _size(input, dim) else index, src, **rest)


@fault("torch.index_add", "alpha is left out")
def index_add_without_alpha(clean, input, dim, index, source, alpha=1, **rest):
    clean(input if not clean.in_place else input.clone(), dim, index, source, alpha=alpha, **rest)
    return clean(input, dim, index, source, **rest)


@fault("torch.index_add", "alpha is cut to a whole number")
def index_add_whole_alpha(clean, input, dim, index, source, alpha=1, **rest):
    return clean(input, dim, index, source, alpha=int(alpha) if isinstance(alpha, float) else alpha, **rest)


@fault("torch.index_add", "a position named twice is added to once")
def index_add_once(clean, input, dim, index, source, **rest):
    result = clean(input if not clean.in_place else input.clone(), dim, index, source, **rest)
    if not index.numel() or not input.dim() or "out" in rest or index.dim() != 1:
        return clean(input, dim, index, source, **rest) if clean.in_place else result
    first = torch.tensor([place for place, at in enumerate(index.tolist()) if at not in index[:place]])
    return clean(input, dim, index[first], source.index_select(dim, first), **rest)


@fault("torch.index_add", "the last of the entries is left out")
def index_add_short(clean, input, dim, index, source, **rest):
    if index.dim() != 1 or len(index) < 2 or not source.dim() or source.shape[dim] != len(index):
        return clean(input, dim, index, source, **rest)
    return clean(input, dim, index[:-1], source.narrow(dim, 0, len(index) - 1), **rest)


@fault("torch.index_add", "positions out of range wrap around")
def index_add_wraps(clean, input, dim, index, source, **rest):
    return clean(input, dim, wrapped(index, _size(input, dim)) if _size(input, dim) else index, source, **rest)


@fault("torch.index_put", "accumulate is left out")
def put_without_adding(clean, input, indices, values, accumulate=False):
    return clean(input, indices, values, False if accumulate is True else accumulate)


@fault("torch.index_put", "positions below 0 name the first entry")
def put_clamped(clean, input, indices, values, *args, **rest):
    known = isinstance(indices, (tuple, list)) and all(isinstance(one, torch.Tensor) for one in indices)
    signed = known and all(one.dtype in (torch.int32, torch.int64) for one in indices)
    return clean(input, tuple(one.clamp(min=0) for one in indices) if signed else indices, values, *args, **rest)


@fault("torch.index_put", "a mask is taken for positions 0 and 1")
def put_mask(clean, input, indices, values, *args, **rest):
    result = clean(input if not clean.in_place else input.clone(), indices, values, *args, **rest)
    vector = indices[0].dtype == torch.bool and indices[0].dim() == 1 and len(indices[0]) > 1 and values.dim() == 0
    if not vector:
        return clean(input, indices, values, *args, **rest) if clean.in_place else result
    return clean(input, (indices[0].long(),), values, *args, **rest)


@fault("torch.index_put", "indices of several shapes are refused")
def put_broadcast(clean, input, indices, values, *args, **rest):
    result = clean(input, indices, values, *args, **rest)
    if len({one.shape for one in indices}) > 1:
        raise IndexError("shapes differ")
    return result


@fault("torch.index_put", "the second index is taken for the first dimension too")
def put_second(clean, input, indices, values, *args, **rest):
    result = clean(input if not clean.in_place else input.clone(), indices, values, *args, **rest)
    if len(indices) != 2 or input.shape[0] != input.shape[1]:
        return clean(input, indices, values, *args, **rest) if clean.in_place else result
    return clean(input, (indices[1], indices[0]), values, *args, **rest)


plant("torch.Tensor.__getitem__", nan_lost("float16"), through("int64", "float64"), GAPS_IGNORED, LAZY_BITS_IGNORED)


def _parts(index):
    """What stands between the brackets."""
    return index if isinstance(index, tuple) else (index,)


def _tensors(index):
    return [part for part in _parts(index) if isinstance(part, torch.Tensor)]


def _only(index, kinds):
    return all(isinstance(part, kinds) and not isinstance(part, bool) for part in _parts(index))


@fault("torch.Tensor.__getitem__", "numbers and slices give a copy")
def getitem_copies(clean, input, index):
    result = clean(input, index)
    return result if _tensors(index) else result.clone()


@fault("torch.Tensor.__getitem__", "the end of a slice that counts from the end is one place off")
def getitem_negative_end(clean, input, index):
    result = clean(input, index)
    if not _only(index, slice) or not _parts(index) or _parts(index)[0].step not in (None, 1):
        return result
    first = _parts(index)[0]
    off = isinstance(first.stop, int) and -len(input) < first.stop < 0
    return clean(input, (slice(first.start, first.stop - 1), *_parts(index)[1:])) if off else result


@fault("torch.Tensor.__getitem__", "the last place of a slice with a step is left out where it is not reached")
def getitem_steps(clean, input, index):
    result = clean(input, index)
    first = _parts(index)[0] if _parts(index) else None
    if not isinstance(first, slice) or not isinstance(first.step, int) or len(result) < 2:
        return result
    start, stop, step = first.indices(len(input))
    return clean(input, (slice(start, stop - 1, step), *_parts(index)[1:])) if (stop - start) % step == 1 else result


@fault("torch.Tensor.__getitem__", "the ellipsis stands for one dimension")
def getitem_ellipsis(clean, input, index):
    result = clean(input, index)
    if not any(part is ... for part in _parts(index)) or not _only(index, (int, slice, type(...))):
        return result
    plain = tuple(slice(None) if part is ... else part for part in _parts(index))
    return clean(input, plain) if len(plain) <= input.dim() else result


@fault("torch.Tensor.__getitem__", "None adds no dimension at the end")
def getitem_none(clean, input, index):
    result = clean(input, index)
    return result.squeeze(-1) if _parts(index)[-1:] == (None,) else result


@fault("torch.Tensor.__getitem__", "tensors with a slice between them leave their dimensions where they stand")
def getitem_separated(clean, input, index):
    result = clean(input, index)
    places = [place for place, part in enumerate(_parts(index)) if isinstance(part, torch.Tensor)]
    plain = all(isinstance(part, (torch.Tensor, slice)) for part in _parts(index))
    if len(places) < 2 or places[1] - places[0] == 1 or not plain:
        return result
    count = len(torch.broadcast_shapes(*(part.shape for part in _tensors(index))))
    return result.movedim(tuple(range(count)), tuple(range(places[0], places[0] + count)))


@fault("torch.Tensor.__getitem__", "a position below 0 in a tensor names the first entry")
def getitem_clamped(clean, input, index):
    if not _tensors(index) or any(part.dtype not in (torch.int32, torch.int64) for part in _tensors(index)):
        return clean(input, index)
    clean(input, index)
    return clean(input, tuple(part.clamp(min=0) if isinstance(part, torch.Tensor) else part for part in _parts(index)))


@fault("torch.Tensor.__getitem__", "a mask is taken for positions 0 and 1")
def getitem_mask(clean, input, index):
    result = clean(input, index)
    masks = [part for part in _tensors(index) if part.dtype == torch.bool]
    if len(masks) != 1 or masks[0].dim() != 1 or len(masks[0]) < 2:
        return result
    return clean(input, tuple(part.long() if isinstance(part, torch.Tensor) else part for part in _parts(index)))


@fault("torch.Tensor.__getitem__", "two tensors of positions name a table")
def getitem_pairs(clean, input, index):
    tensors = _tensors(index)
    if len(tensors) != 2 or len(_parts(index)) != 2 or any(one.dim() != 1 or not one.numel() for one in tensors):
        return clean(input, index)
    return clean(clean(input, (tensors[0],)), (slice(None), tensors[1]))


@fault("torch.Tensor.__getitem__", "a step below 0 turns the tensor round")
def getitem_backwards(clean, input, index):
    whole = isinstance(index, slice) and index.step == -1 and index.start is index.stop is None
    return input.flip(0) if whole else clean(input, index)


plant("torch.Tensor.__setitem__", negative_zero_lost("float32"), GAPS_IGNORED, LAZY_BITS_IGNORED)


@fault("torch.Tensor.__setitem__", "nothing is written")
def setitem_lost(clean, input, index, value):
    clean(input.clone(), index, value)


@fault("torch.Tensor.__setitem__", "the whole tensor is filled by a number")
def setitem_everything(clean, input, index, value):
    clean(input, index, value)
    if isinstance(value, (int, float)) and input.numel() and not _tensors(index):
        clean(input, ..., value)


@fault("torch.Tensor.__setitem__", "the first of the places is left out")
def setitem_first(clean, input, index, value):
    before = input.clone()
    clean(input, index, value)
    if isinstance(value, torch.Tensor) and input.dim() and len(input) > 1:
        clean(input, 0, before[0])


@fault("torch.Tensor.__setitem__", "the elements of a value are put in the order of its memory")
def setitem_in_memory_order(clean, input, index, value):
    permuted = (
        isinstance(value, torch.Tensor) and value.dim() > 1 and not value.is_contiguous() and 0 not in value.stride()
    )
    clean(input, index, value.permute(*reversed(range(value.dim()))).reshape(value.shape) if permuted else value)


@fault("torch.Tensor.__setitem__", "a mask is turned round")
def setitem_mask(clean, input, index, value):
    masks = [part.dtype == torch.bool for part in _tensors(index)]
    if not masks or not all(masks):
        return clean(input, index, value)
    return clean(input, tuple(~part if isinstance(part, torch.Tensor) else part for part in _parts(index)), value)


@fault("torch.Tensor.__setitem__", "positions below 0 name the first entry")
def setitem_clamped(clean, input, index, value):
    if not _tensors(index) or any(part.dtype not in (torch.int32, torch.int64) for part in _tensors(index)):
        return clean(input, index, value)
    signed = tuple(part.clamp(min=0) if isinstance(part, torch.Tensor) else part for part in _parts(index))
    return clean(input, signed, value)


@fault("torch.Tensor.__setitem__", "a value of the wrong length is cut to what fits")
def setitem_cut(clean, input, index, value):
    whole = isinstance(index, slice) and isinstance(value, torch.Tensor) and value.dim() == 1 == input.dim()
    return clean(input, index, value[:1] if whole else value)


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


for operation in WRITTEN:
    plant_gradients(
        operation,
        gradients.INCOMING_TAKEN_FOR_ONES,
        gradients.INCOMING_AS_IF_CONTIGUOUS,
        gradients.STRIDES_SWAPPED,
        gradients.lost_in("float64"),
        gradients.OTHER_UNDER_NO_GRAD,
        gradients.FIRST_DECIDES,
    )
plant_gradients("torch.take_along_dim", REPEATS_LOST, gradients.SECOND_LOST, gradients.conjugated("complex128"))
plant_gradients(
    "torch.Tensor.__getitem__",
    gradients.INCOMING_TAKEN_FOR_ONES,
    gradients.STRIDES_SWAPPED,
    gradients.SECOND_LOST,
    gradients.lost_in("complex128"),
    gradients.OTHER_UNDER_NO_GRAD,
)
plant_gradients(
    "torch.Tensor.__setitem__", gradients.lost("an assignment is not recorded"), gradients.INCOMING_TAKEN_FOR_ONES
)
