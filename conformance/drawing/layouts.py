"""Layouts: how a tensor of a given shape lies in memory."""

from __future__ import annotations

from math import factorial, prod

from conformance.drawing.source import Source
from conformance.samples.sample import Layout
from conformance.samples.strides import contiguous_strides
from conformance.samples.vocabulary import LAYOUTS, LayoutKind

EAGER = tuple(kind for kind in LAYOUTS if kind != "lazy")
"""Layouts without a conjugate or negative bit, which only complex and floating tensors have."""

WRITABLE: tuple[LayoutKind, ...] = ("contiguous", "permuted", "sliced", "head", "offset", "channels_last")
"""Layouts without two positions in one place."""

_WEIGHTS = {"contiguous": 5, "permuted": 3, "sliced": 3, "expanded": 2}


def layout(source: Source, shape: tuple[int, ...], kinds: tuple[LayoutKind, ...] = LAYOUTS) -> Layout:
    """A layout for `shape`; shrinks to contiguous."""
    weighted = tuple(kind for kind in kinds for _ in range(_WEIGHTS.get(kind, 1)))
    kind = source.choice(weighted)
    if kind == "contiguous" or (not shape and kind not in ("offset", "lazy")):
        return contiguous(shape)
    detail = source.integer(0, 63)
    return build(kind, shape, detail)


def contiguous(shape: tuple[int, ...]) -> Layout:
    return _strided("contiguous", shape, tuple(range(len(shape))))


def build(kind: str, shape: tuple[int, ...], detail: int) -> Layout:
    """The layout that (kind, detail) means for a shape; `detail` is any number from 0 to 63."""
    rank = len(shape)
    rows = tuple(range(rank))
    if kind == "permuted":
        return _strided(kind, shape, _permutation(rank, detail + 1))
    if kind == "sliced":
        steps = tuple(2 + (detail >> 5) if (detail + 1) >> place & 1 else 1 for place in range(rank))
        return _strided(kind, shape, rows, steps=steps, offset=detail % 3, tail=2)
    if kind == "expanded":
        still = frozenset(place for place in range(rank) if (detail + 1) >> place & 1)
        return _strided(kind, shape, rows, still=still)
    if kind == "head":
        table = tuple(size + 1 + (detail >> place & 1) for place, size in enumerate(shape))
        return Layout(kind, contiguous_strides(table), 0, prod(table))
    if kind == "channels_last" and rank == 4:
        return _strided(kind, shape, (0, 2, 3, 1))
    if kind == "overlapping" and rank:
        strides = tuple(1 for _ in shape)
        return Layout(kind, strides, 0, max(sum(max(size - 1, 0) for size in shape) + 1, 1))
    if kind == "lazy":
        return _strided(kind, shape, _permutation(rank, detail % 2), lazy=True)
    return _strided("offset", shape, rows, offset=1 + detail % 3, tail=3)


def _permutation(rank: int, number: int) -> tuple[int, ...]:
    number %= factorial(rank)
    left, order = list(range(rank)), []
    for place in range(rank, 0, -1):
        number, choice = divmod(number, place)
        order.append(left.pop(choice))
    return tuple(order)


def _strided(
    kind: str,
    shape: tuple[int, ...],
    order: tuple[int, ...],
    steps: tuple[int, ...] = (),
    still: frozenset[int] = frozenset(),
    offset: int = 0,
    tail: int = 0,
    lazy: bool = False,
) -> Layout:
    """Strides for dimensions laid out in `order`, outermost first; `still` ones repeat one place in memory."""
    if order == tuple(range(len(shape))) and not steps and not still:
        strides = contiguous_strides(shape)
        extent = strides[0] * max(shape[0], 1) if shape else 1
    else:
        placed, extent = [0] * len(shape), 1
        for place in reversed(order):
            if place in still:
                continue
            step = steps[place] if steps else 1
            placed[place] = extent * step
            extent *= max(shape[place], 1) * step
        strides = tuple(placed)
    empty = 0 in shape
    return Layout(kind, strides, offset, offset + (0 if empty and kind == "contiguous" else extent) + tail, lazy)
