"""Sizes and shapes, chosen on purpose: mostly small, always some 0 and 1, the edges of vector lanes, a few large."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conformance.strategies.draw import Draw

Shape = tuple[int, ...]

SMALL = (2, 3, 1, 4, 2, 3, 5, 1, 6, 0)
LANES = (7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129, 255, 256, 257, 511, 512, 513, 1023, 1024, 1025)
LONGEST_LANE = 1100
PARALLEL = 32768
"""Above this many elements torch splits element-wise work between threads."""

# The regime of a shape; an entry's share of the table is its probability.
_REGIMES = ("small",) * 11 + ("lanes",) * 7 + ("large",)


def regime(draw: Draw) -> str:
    """small, lanes or large; shrinks to small."""
    return draw.choice(_REGIMES)


def small_size(draw: Draw, smallest: int) -> int:
    size = draw.choice(SMALL)
    return max(size, smallest)


def lane_size(draw: Draw) -> int:
    """The edge of a vector lane or block, or any size up to just above the longest."""
    known = draw.integer(0, 2 * len(LANES) - 1)
    return LANES[known] if known < len(LANES) else draw.integer(66, LONGEST_LANE)


def shape(draw: Draw, min_rank: int, max_rank: int, smallest: int) -> Shape:
    """A shape of `min_rank` to `max_rank` dimensions, none below `smallest`; shrinks to few and small ones."""
    rank = draw.integer(min_rank, max_rank)
    if rank == 0:
        return ()
    kind = regime(draw)
    if kind == "small":
        return tuple(small_size(draw, smallest) for _ in range(rank))
    place = draw.integer(0, rank - 1)
    rank = min(rank, 3)
    others = [draw.choice((1, 2, 3)) for _ in range(rank - 1)]
    long = lane_size(draw) if kind == "lanes" else PARALLEL // prod(others) + draw.integer(1, 65)
    others.insert(min(place, rank - 1), long)
    return tuple(others)


def broadcastable(draw: Draw, target: Shape) -> Shape:
    """A shape that broadcasts to `target`: leading dimensions dropped, sizes replaced by 1."""
    dropped = draw.integer(0, len(target))
    ones = draw.integer(0, 2 ** len(target) - 1) if draw.boolean() else 0
    return tuple(1 if ones >> place & 1 else size for place, size in enumerate(target))[dropped:]


def expansion(draw: Draw) -> tuple[Shape, Shape]:
    """A shape, and the sizes that it expands to, some of them -1, which keeps its own; shrinks to equal ones."""
    if draw.boolean():
        narrow = shape(draw, 0, 5, 0)
        wanted = _widened(draw, narrow)
    else:
        wanted = shape(draw, 0, 5, 0)
        narrow = broadcastable(draw, wanted)
    new = len(wanted) - len(narrow)
    keep = draw.integer(0, 2 ** len(narrow) - 1) if draw.boolean() else 0
    kept = {new + place for place in range(len(narrow)) if keep >> place & 1}
    return narrow, tuple(-1 if place in kept else size for place, size in enumerate(wanted))


def _widened(draw: Draw, narrow: Shape) -> Shape:
    """A shape that `narrow` broadcasts to: dimensions come in front, sizes of 1 grow."""
    in_front = tuple(draw.choice((1, 2, 3, 0)) for _ in range(draw.integer(0, 2)))
    return in_front + tuple(draw.choice((1, 2, 3, 0)) if size == 1 else size for size in narrow)


def factors(draw: Draw, total: int, max_rank: int = 5) -> Shape:
    """A shape of exactly `total` elements; shrinks to one dimension."""
    if total == 0:
        sizes = [draw.choice((0, 1, 2, 3)) for _ in range(draw.integer(1, max_rank))]
        return tuple(sizes) if 0 in sizes else (0, *sizes[1:])
    sizes = []
    for _ in range(draw.integer(0, max_rank - 1)):
        size = draw.choice(_divisors(total))
        sizes.append(size)
        total //= size
    return (*sizes, total) if sizes or total != 1 or draw.boolean() else ()


def _divisors(total: int) -> tuple[int, ...]:
    return tuple(n for n in range(1, min(total, 64) + 1) if total % n == 0)


def partition(draw: Draw, total: int, max_parts: int = 5) -> tuple[int, ...]:
    """Whole numbers that add up to `total`, zeros among them."""
    parts = []
    for _ in range(draw.integer(0, max_parts - 1)):
        part = draw.integer(0, total)
        parts.append(part)
        total -= part
    return (*parts, total)
