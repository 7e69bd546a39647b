"""Sizes and shapes, chosen on purpose: mostly small, always some 0 and 1, the edges of vector lanes, a few large."""

from __future__ import annotations

from math import prod

from conformance.drawing.source import Source

Shape = tuple[int, ...]

SMALL = (2, 3, 1, 4, 2, 3, 5, 1, 6, 0)
LANES = (7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129, 255, 256, 257, 511, 512, 513, 1023, 1024, 1025)
LONGEST_LANE = 1100
PARALLEL = 32768
"""Above this many elements torch splits element-wise work between threads."""

MANY = (16, 17, 33)
"""Numbers of tensors, of at most `FEW_ELEMENTS` elements each, that are more than a fixed table may have room for."""
FEW_ELEMENTS = 8

# The regime of a shape; an entry's share of the table is its probability.
_REGIMES = ("small",) * 11 + ("lanes",) * 7 + ("large",)


def regime(source: Source) -> str:
    """small, lanes or large; shrinks to small."""
    return source.choice(_REGIMES)


def small_size(source: Source, smallest: int) -> int:
    size = source.choice(SMALL)
    return max(size, smallest)


def lane_size(source: Source) -> int:
    """The edge of a vector lane or block, or any size up to just above the longest."""
    known = source.integer(0, 2 * len(LANES) - 1)
    return LANES[known] if known < len(LANES) else source.integer(66, LONGEST_LANE)


def shape(source: Source, min_rank: int, max_rank: int, smallest: int) -> Shape:
    """A shape of `min_rank` to `max_rank` dimensions, none below `smallest`; shrinks to few and small ones."""
    rank = source.integer(min_rank, max_rank)
    if rank == 0:
        return ()
    kind = regime(source)
    if kind == "small":
        return tuple(small_size(source, smallest) for _ in range(rank))
    place = source.integer(0, rank - 1)
    rank = min(rank, 3)
    others = [source.choice((1, 2, 3)) for _ in range(rank - 1)]
    long = lane_size(source) if kind == "lanes" else PARALLEL // prod(others) + source.integer(1, 65)
    others.insert(min(place, rank - 1), long)
    return tuple(others)


def lengthened(source: Source, shape: Shape, dim: int) -> Shape:
    """A shape whose size along `dim` is at the edge of a vector lane or block; its other sizes are at most 2."""
    sizes = [min(size, 2) for size in shape]
    sizes[dim] = lane_size(source)
    return tuple(sizes)


def broadcastable(source: Source, target: Shape) -> Shape:
    """A shape that broadcasts to `target`: leading dimensions dropped, sizes replaced by 1. One in four is a column."""
    if target and source.integer(0, 3) == 3:
        return (*target[:-1], 1)
    dropped = source.integer(0, len(target))
    ones = source.integer(0, 2 ** len(target) - 1) if source.boolean() else 0
    return tuple(1 if ones >> place & 1 else size for place, size in enumerate(target))[dropped:]


def expansion(source: Source) -> tuple[Shape, Shape]:
    """A shape, and the sizes that it expands to, some of them -1, which keeps its own; shrinks to equal ones."""
    if source.boolean():
        narrow = shape(source, 0, 5, 0)
        wanted = _widened(source, narrow)
    else:
        wanted = shape(source, 0, 5, 0)
        narrow = broadcastable(source, wanted)
    new = len(wanted) - len(narrow)
    keep = source.integer(0, 2 ** len(narrow) - 1) if source.boolean() else 0
    kept = {new + place for place in range(len(narrow)) if keep >> place & 1}
    return narrow, tuple(-1 if place in kept else size for place, size in enumerate(wanted))


def _widened(source: Source, narrow: Shape) -> Shape:
    """A shape that `narrow` broadcasts to: dimensions come in front, sizes of 1 grow."""
    in_front = tuple(source.choice((1, 2, 3, 0)) for _ in range(source.integer(0, 2)))
    return in_front + tuple(source.choice((1, 2, 3, 0)) if size == 1 else size for size in narrow)


def factors(source: Source, total: int, max_rank: int = 5) -> Shape:
    """A shape of exactly `total` elements; shrinks to one dimension."""
    if total == 0:
        sizes = [source.choice((0, 1, 2, 3)) for _ in range(source.integer(1, max_rank))]
        return tuple(sizes) if 0 in sizes else (0, *sizes[1:])
    sizes = []
    for _ in range(source.integer(0, max_rank - 1)):
        size = source.choice(_divisors(total))
        sizes.append(size)
        total //= size
    return (*sizes, total) if sizes or total != 1 or source.boolean() else ()


def _divisors(total: int) -> tuple[int, ...]:
    return tuple(n for n in range(1, min(total, 64) + 1) if total % n == 0)


def partition(source: Source, total: int, max_parts: int = 5) -> tuple[int, ...]:
    """Whole numbers that add up to `total`, zeros among them."""
    parts = []
    for _ in range(source.integer(0, max_parts - 1)):
        part = source.integer(0, total)
        parts.append(part)
        total -= part
    return (*parts, total)
