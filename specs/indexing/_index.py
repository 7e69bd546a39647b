"""What reading and writing by `input[index]` have in common: what stands between the brackets, and what it names.

An index is a tuple of whole numbers, slices, None, the ellipsis, tensors of positions and masks. Whole numbers do not
stand beside tensors: NumPy counts them among the tensors then, and torch takes them first.
"""

from math import prod

import numpy as np

from conformance.spec import SliceSample, TensorSample, View

MOST_ELEMENTS = 60_000
"""What an index may name, so that samples stay cheap."""


def basic_index(draw, shape):
    """Whole numbers and slices for some first and last dimensions, with the ellipsis between; shrinks to ()."""
    return _laid_out(draw, shape, _number_or_slice)


def slices_alone(draw, shape):
    """Slices for the first dimensions, as most indices are; shrinks to one."""
    return tuple(draw.slice(size) for size in shape[: draw.integer(1, len(shape))])


def index_of_tensors(draw, shape):
    """Slices, and tensors of positions that broadcast together; shrinks to one tensor for the first dimension."""
    place, taken = _indexed_dimensions(draw, shape)
    sizes = [size for size in taken if size is not None]
    common = (0,) if 0 in sizes else draw.shape(1, 2)
    if prod(common) * prod(shape) > MOST_ELEMENTS * max(prod(sizes), 1):
        common = (2,)
    tensors = [_positions(draw, common if 0 in sizes else _at_least_one(draw, common), size) for size in sizes]
    return _around(draw, shape, place, _with_slice_between(draw, shape, place, taken, tensors))


def distinct_index_of_tensors(draw, shape):
    """As `index_of_tensors`, with tensors of one size, of which the first names no position twice."""
    place, taken = _indexed_dimensions(draw, shape)
    size, *others = (size for size in taken if size is not None)
    low = draw.choice((0, -size))
    count = 0 if 0 in others else draw.integer(0, size)
    positions = draw.distinct_index((count,), 0, low, low + size)
    tensors = [positions, *(_positions(draw, (count,), other) for other in others)]
    return _around(draw, shape, place, _with_slice_between(draw, shape, place, taken, tensors))


def _indexed_dimensions(draw, shape):
    """The first dimension that a tensor indexes; the sizes of one or two that tensors do, None for one between."""
    place = draw.integer(0, len(shape) - 1)
    reach = draw.integer(1, min(len(shape) - place, 3))
    return place, (shape[place], None, shape[place + 2]) if reach == 3 else shape[place : place + reach]


def _with_slice_between(draw, shape, place, taken, tensors):
    """The tensors, with a slice for the dimension between them."""
    remaining = iter(tensors)
    return tuple(draw.slice(shape[place + 1]) if size is None else next(remaining) for size in taken)


def index_with_mask(draw, shape):
    """Slices, and one mask for one dimension or several; shrinks to a mask for the first."""
    place = draw.integer(0, len(shape) - 1)
    count = draw.integer(1, len(shape) - place)
    return _around(draw, shape, place, (draw.mask(shape[place : place + count]),), count)


def is_basic(index):
    """Whether an index as data holds no tensor."""
    return not any(isinstance(part, TensorSample) for part in index)


def view_of(input, index):
    """Where the elements lie that an index without tensors names."""
    shape, strides, offset = [], [], input.offset
    dim = 0
    for part in _spelt_out(index, input.rank):
        if part is None:
            shape.append(1)
            strides.append(1)
            continue
        size, stride = input.shape[dim], input.strides[dim]
        dim += 1
        if isinstance(part, SliceSample):
            start, stop, step = part.live.indices(size)
            shape.append(max(-(-(stop - start) // step), 0))
            strides.append(stride * step)
            offset += start * stride
        else:
            offset += part % size * stride
    return View(tuple(shape), tuple(strides), offset)


def _spelt_out(index, rank):
    """The index with whole slices in the place of the ellipsis and behind what it names."""
    whole = SliceSample(None, None, None)
    missing = (whole,) * (rank - sum(part is not None and part is not ... for part in index))
    if ... not in index:
        return (*index, *missing)
    place = index.index(...)
    return (*index[:place], *missing, *index[place + 1 :])


def _laid_out(draw, shape, part_of):
    front = draw.integer(0, len(shape))
    back = draw.integer(0, len(shape) - front) if draw.boolean() else 0
    parts = [part_of(draw, size) for size in shape[:front]]
    if back or draw.choice((False, False, True)):
        parts += [..., *(part_of(draw, size) for size in shape[len(shape) - back :])]
    return _with_new_dimensions(draw, parts)


def _around(draw, shape, place, tensors, count=None):
    """The tensors behind slices or the ellipsis, and before some slices. They index `count` dimensions."""
    count = count or len(tensors)
    ellipsis = place + count == len(shape) and draw.boolean()
    parts = [...] if ellipsis else [draw.slice(size) for size in shape[:place]]
    behind = shape[place + count :]
    parts += [*tensors, *(draw.slice(size) for size in behind[: draw.integer(0, len(behind))])]
    return _with_new_dimensions(draw, parts)


def _with_new_dimensions(draw, parts):
    """None put in now and then, anywhere."""
    for _ in range(draw.choice((0, 0, 1, 2))):
        parts.insert(draw.integer(0, len(parts)), None)
    return tuple(parts)


def _number_or_slice(draw, size):
    return draw.integer(-size, size - 1) if size and draw.boolean() else draw.slice(size)


def _positions(draw, shape, size):
    return draw.index(shape, -size, size, dtype=draw.choice(("int64", "int64", "int32")))


def _at_least_one(draw, common):
    """A shape that broadcasts to another, of one dimension or more: a position without dimensions is a whole number."""
    return draw.broadcastable(common) or common


def in_full(index, shape):
    """The shape of what an index as a call takes it names."""
    return np.empty(shape, np.bool_)[index].shape
