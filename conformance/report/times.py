"""Times: workloads compared with reference calls of the same torch, and the growth of time with the size."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.html.pictures import Curve, Strip, curve, span_of, strip
from conformance.numeric.intervals import Interval
from conformance.results.model import CellResult, Timing
from conformance.results.verdict import Results


@dataclass(frozen=True)
class TimedRow:
    """One workload."""

    place: int
    """the number of the cell in the run"""
    cell: CellResult
    summary: str
    """what was measured, for a reader"""
    strip: Strip | None = None
    """the picture of the ratios to the reference, if there is a bound"""
    curve: Curve | None = None
    """the picture of growth, if this is the measurement of growth"""


@dataclass(frozen=True)
class TimedOperation:
    """The workloads of one operation on one device."""

    operation: str
    device: str
    rows: tuple[TimedRow, ...]


def times_of(results: Results) -> tuple[TimedOperation, ...]:
    """The measurements of the perf cells of a run, by operation and device."""
    found: dict[tuple[str, str], list[TimedRow]] = {}
    for place, cell in enumerate(results.cells):
        if cell.timing is not None:
            found.setdefault((cell.operation, cell.device), []).append(_row(place, cell))
    return tuple(TimedOperation(*about, tuple(rows)) for about, rows in found.items())


def _row(place: int, cell: CellResult) -> TimedRow:
    timing = cell.timing
    assert timing is not None
    summary = "; ".join(cell.evidence.notes)
    try:
        if timing.kind == "growth":
            return TimedRow(place, cell, summary, curve=curve(timing.seconds, timing.bound, summary))
        return TimedRow(place, cell, summary, strip=_strip(timing, summary))
    except (ValueError, LookupError, ArithmeticError):  # times that nobody measured cannot be drawn
        return TimedRow(place, cell, summary)


def _strip(timing: Timing, summary: str) -> Strip | None:
    """The picture of ratios, if there are any and a bound."""
    ratios = timing.ratios
    if not ratios or not timing.bound:
        return None
    interval, limits = Interval(timing.low, timing.middle, timing.high), (timing.bound,)
    return strip(ratios, interval, limits, summary, span_of(interval, limits, ratios))
