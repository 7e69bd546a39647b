"""Pictures of times and errors: the positions of their marks. `pictures.j2` draws them as inline SVG."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from conformance.numeric.intervals import Interval, format_seconds

WIDTH, TALL = 300, 170
EDGE, SIDE = 14, 36
"""Pixels left free around a curve, and on the left and right of a strip for its outer labels."""


@dataclass(frozen=True)
class Tick:
    """A labelled position on an axis."""

    place: float
    label: str
    anchor: str = "middle"
    """the part of the label that lies at the position: start, middle or end"""


@dataclass(frozen=True)
class Strip:
    """Ratios on a logarithmic axis, with the interval of their median."""

    marks: tuple[tuple[float, float], ...]
    """one mark for each pair of times"""
    low: float
    middle: float
    high: float
    limits: tuple[float, ...]
    """the limits that the ratios are compared with"""
    ticks: tuple[Tick, ...]
    description: str


@dataclass(frozen=True)
class Curve:
    """Times over sizes, on logarithmic axes."""

    marks: tuple[tuple[float, float], ...]
    """one mark for each time"""
    promised: tuple[tuple[float, float], tuple[float, float]]
    """the line of promised growth, which begins at the median time of the smallest size"""
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]
    description: str


@dataclass(frozen=True)
class Error:
    """An error and the bound that it is held to, in ULP, with a label and in words. A bound of 0 is not known. `before`
    is the error of another torch, 0 if there is none."""

    label: str
    worst: float
    bound: float
    words: str
    before: float = 0.0


@dataclass(frozen=True)
class ErrorRow:
    """One error in the picture: its place from the top, and the places of its marks; None is no mark."""

    top: int
    error: Error
    worst: float
    bound: float | None
    before: float | None
    exceeds: bool
    """whether the error is beyond its bound"""


@dataclass(frozen=True)
class Errors:
    """Errors on a logarithmic axis, a row for each."""

    rows: tuple[ErrorRow, ...]
    ticks: tuple[Tick, ...]
    tall: int
    description: str


class _Axis:
    """A logarithmic axis for numbers above 0, between two positions."""

    def __init__(self, numbers: Iterable[float], start: float, end: float) -> None:
        logs = [math.log(number) for number in numbers]
        room = max(0.05, (max(logs) - min(logs)) * 0.04)
        self._low, self._high = min(logs) - room, max(logs) + room
        self._start, self._end = start, end

    def __call__(self, number: float) -> float:
        share = (math.log(number) - self._low) / (self._high - self._low)
        return round(self._start + min(max(share, 0.0), 1.0) * (self._end - self._start), 1)


def strip(
    ratios: Sequence[float], interval: Interval, limits: Sequence[float], description: str, span: Sequence[float]
) -> Strip:
    """The picture of paired ratios, of the interval of their median, and of limits; all are above 0. The axis covers
    the numbers of the span. A mark beyond it is drawn at its end."""
    axis = _Axis(span, SIDE, WIDTH - SIDE)
    bounds = (interval.low, interval.middle, interval.high)
    low, middle, high = (axis(number if 0 < number < math.inf else middle_of(ratios)) for number in bounds)
    rows = (9.0, 12.0, 15.0)
    marks = tuple((axis(ratio), rows[place % len(rows)]) for place, ratio in enumerate(ratios))
    limited = tuple(axis(limit) for limit in limits)
    return Strip(marks, low, middle, high, limited, _ticks(axis, limits), description)


def span_of(interval: Interval, limits: Sequence[float], ratios: Sequence[float] = ()) -> list[float]:
    """The numbers that an axis should cover: 1, the interval, the limits, and nine tenths of the ratios."""
    ordered = sorted(ratios)
    outer = len(ordered) // 20
    inner = ordered[outer : len(ordered) - outer]
    known = [number for number in (interval.low, interval.middle, interval.high) if 0 < number < math.inf]
    return [1.0, *known, *limits, *inner[:1], *inner[-1:]]


def _ticks(axis: _Axis, limits: Sequence[float]) -> tuple[Tick, ...]:
    """Ticks at the limits and at 1. The outer two are written outwards; inner ones that have no room are left out."""
    numbers = sorted({1.0, *limits})
    if len(numbers) == 1:
        return (Tick(axis(numbers[0]), "1"),)
    first, *between, last = (Tick(axis(number), f"{number:.3g}") for number in numbers)
    roomy = [tick for tick in between if tick.place - first.place > SIDE / 2 and last.place - tick.place > SIDE / 2]
    return (replace(first, anchor="end"), *roomy, replace(last, anchor="start"))


def curve(seconds: Mapping[str, Sequence[float]], promised: float, description: str) -> Curve:
    """The picture of times by size. `promised` is the exponent of the promised growth."""
    sizes = [int(size) for size in seconds]
    start = middle_of(seconds[str(sizes[0])])
    end = start * (sizes[-1] / sizes[0]) ** promised
    across = _Axis(sizes, EDGE + 34, WIDTH - EDGE)
    up = _Axis([start, end, *(time for times in seconds.values() for time in times)], TALL - EDGE - 10, EDGE)
    marks = tuple((across(size), up(time)) for size in sizes for time in seconds[str(size)])
    line = ((across(sizes[0]), up(start)), (across(sizes[-1]), up(end)))
    middles = (middle_of(seconds[str(size)]) for size in (sizes[0], sizes[-1]))
    labels = tuple(Tick(up(time), format_seconds(time)) for time in middles)
    return Curve(marks, line, tuple(Tick(across(size), f"{size:,}") for size in sizes), labels, description)


def middle_of(numbers: Sequence[float]) -> float:
    """The upper median, which is one of the numbers."""
    return sorted(numbers)[len(numbers) // 2]


LABELS, AXIS, ROW = 190, 300, 18
"""Pixels for the labels of a picture of errors, for its axis, and for a row."""

LEAST, MOST = 1e-3, 1e6
"""The ULPs at the ends of the axis of errors, at most. What is beyond is drawn there: where terms cancel bounds have no
end."""


def errors(found: Sequence[Error]) -> Errors:
    """The picture of some errors, at least one. All are above 0; one that is not finite stands at the end."""
    numbers = [number for one in found for number in (one.worst, one.bound, one.before) if 0 < number < math.inf]
    span = [1.0, *(min(max(number, LEAST), MOST) for number in numbers)]
    axis = _Axis(span, LABELS, LABELS + AXIS)
    rows = tuple(_error_row(axis, place, one, max(span)) for place, one in enumerate(found))
    description = "; ".join(f"{one.label}: {one.words}" for one in found)
    return Errors(rows, _powers(axis, span), ROW * len(rows) + 22, description)


def _error_row(axis: _Axis, place: int, one: Error, most: float) -> ErrorRow:
    def at(number: float) -> float | None:
        return axis(min(number, most)) if number > 0 else None

    worst = at(one.worst if one.worst == one.worst else most)
    exceeds = bool(one.bound) and not one.worst <= one.bound
    return ErrorRow(ROW * place + 13, one, worst or LABELS, at(one.bound), at(one.before), exceeds)


def _powers(axis: _Axis, span: Sequence[float]) -> tuple[Tick, ...]:
    """Ticks at powers of ten, at most seven; one at 1 is always there."""
    low, high = (math.floor(math.log10(number)) for number in (min(span), max(span)))
    step = max(1, math.ceil((high - low) / 6))
    powers = sorted({0, *range(low - low % step, high + 1, step)})
    places = [(axis(10.0**power), power) for power in powers if min(span) <= 10.0**power <= max(span)]
    return tuple(Tick(place, _power(power)) for place, power in places)


def _power(power: int) -> str:
    return f"{10.0**power:g}" if -4 < power < 6 else f"1e{power}"
