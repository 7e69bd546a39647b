"""Pictures of times as inline SVG: where the marks lie. `pictures.j2` draws them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from conformance.numeric.intervals import Interval, told

WIDTH, TALL = 300, 170
EDGE, SIDE = 14, 36
"""Pixels: what is left free on every side of a curve, and beside a strip, whose outer labels stand there."""


@dataclass(frozen=True)
class Tick:
    """A place on an axis and the number that stands there; `anchor` is the part of it that stands at the place."""

    place: float
    label: str
    anchor: str = "middle"


@dataclass(frozen=True)
class Strip:
    """Ratios on a logarithmic axis: one mark for each pair, the interval of their median, and the limits beside which
    they are judged."""

    marks: tuple[tuple[float, float], ...]
    low: float
    middle: float
    high: float
    limits: tuple[float, ...]
    ticks: tuple[Tick, ...]
    words: str


@dataclass(frozen=True)
class Curve:
    """Times against sizes, both axes logarithmic: a mark for each time, and the promised slope through the smallest."""

    marks: tuple[tuple[float, float], ...]
    promised: tuple[tuple[float, float], tuple[float, float]]
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]
    words: str


class _Axis:
    """Numbers above 0 on a logarithmic axis, between two places."""

    def __init__(self, numbers: Iterable[float], start: float, end: float) -> None:
        logs = [math.log(number) for number in numbers]
        room = max(0.05, (max(logs) - min(logs)) * 0.04)
        self._low, self._high = min(logs) - room, max(logs) + room
        self._start, self._end = start, end

    def __call__(self, number: float) -> float:
        share = (math.log(number) - self._low) / (self._high - self._low)
        return round(self._start + min(max(share, 0.0), 1.0) * (self._end - self._start), 1)


def strip(
    ratios: Sequence[float], interval: Interval, limits: Sequence[float], words: str, span: Sequence[float]
) -> Strip:
    """The picture of paired ratios, the interval of their median and the limits, all above 0, on an axis that holds the
    numbers of the span; what lies beyond is drawn at its end."""
    axis = _Axis(span, SIDE, WIDTH - SIDE)
    bounds = (interval.low, interval.middle, interval.high)
    low, middle, high = (axis(number if 0 < number < math.inf else middle_of(ratios)) for number in bounds)
    rows = (9.0, 12.0, 15.0)
    marks = tuple((axis(ratio), rows[place % len(rows)]) for place, ratio in enumerate(ratios))
    limited = tuple(axis(limit) for limit in limits)
    return Strip(marks, low, middle, high, limited, _ticks(axis, limits), words)


def span_of(interval: Interval, limits: Sequence[float], ratios: Sequence[float] = ()) -> list[float]:
    """Numbers that an axis should hold: 1, the interval, the limits, and nine tenths of the ratios."""
    ordered = sorted(ratios)
    outer = len(ordered) // 20
    inner = ordered[outer : len(ordered) - outer]
    known = [number for number in (interval.low, interval.middle, interval.high) if 0 < number < math.inf]
    return [1.0, *known, *limits, *inner[:1], *inner[-1:]]


def _ticks(axis: _Axis, limits: Sequence[float]) -> tuple[Tick, ...]:
    """The limits and 1, the outer two written outwards; what has no room between them is left out."""
    numbers = sorted({1.0, *limits})
    if len(numbers) == 1:
        return (Tick(axis(numbers[0]), "1"),)
    first, *between, last = (Tick(axis(number), f"{number:.3g}") for number in numbers)
    roomy = [tick for tick in between if tick.place - first.place > SIDE / 2 and last.place - tick.place > SIDE / 2]
    return (replace(first, anchor="end"), *roomy, replace(last, anchor="start"))


def curve(seconds: Mapping[str, Sequence[float]], promised: float, words: str) -> Curve:
    """The picture of times by size; `promised` is the exponent."""
    sizes = [int(size) for size in seconds]
    start = middle_of(seconds[str(sizes[0])])
    end = start * (sizes[-1] / sizes[0]) ** promised
    across = _Axis(sizes, EDGE + 34, WIDTH - EDGE)
    up = _Axis([start, end, *(time for times in seconds.values() for time in times)], TALL - EDGE - 10, EDGE)
    marks = tuple((across(size), up(time)) for size in sizes for time in seconds[str(size)])
    line = ((across(sizes[0]), up(start)), (across(sizes[-1]), up(end)))
    middles = (middle_of(seconds[str(size)]) for size in (sizes[0], sizes[-1]))
    labels = tuple(Tick(up(time), told(time)) for time in middles)
    return Curve(marks, line, tuple(Tick(across(size), f"{size:,}") for size in sizes), labels, words)


def middle_of(numbers: Sequence[float]) -> float:
    """The median, as one of the numbers."""
    return sorted(numbers)[len(numbers) // 2]
