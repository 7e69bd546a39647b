"""Times: how workloads compare with NumPy and with a copy of memory, and how time grows with the size."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.html.pictures import Curve, Strip, curve, span_of, strip
from conformance.numeric.intervals import Interval
from conformance.results.model import CellResult
from conformance.results.verdict import Results


@dataclass(frozen=True)
class TimedRow:
    """One workload: its cell's number in the run, the cell, what was measured, and a picture where there is one: of the
    ratios to what it was held against, or of the growth."""

    place: int
    cell: CellResult
    words: str
    strip: Strip | None = None
    curve: Curve | None = None


@dataclass(frozen=True)
class TimedOperation:
    """The workloads of one operation on one device."""

    operation: str
    device: str
    rows: tuple[TimedRow, ...]


def times_of(results: Results) -> tuple[TimedOperation, ...]:
    """What the perf cells of a run measured, by operation."""
    found: dict[tuple[str, str], list[TimedRow]] = {}
    for place, cell in enumerate(results.cells):
        if cell.timing is not None:
            found.setdefault((cell.operation, cell.device), []).append(_row(place, cell))
    return tuple(TimedOperation(*about, tuple(rows)) for about, rows in found.items())


def _row(place: int, cell: CellResult) -> TimedRow:
    timing = cell.timing
    assert timing is not None
    words = "; ".join(cell.evidence.notes)
    if timing.kind == "growth":
        return TimedRow(place, cell, words, curve=curve(timing.seconds, timing.bound, words))
    ratios = timing.ratios
    if not ratios:
        return TimedRow(place, cell, words)
    interval, limits = Interval(timing.low, timing.middle, timing.high), (timing.bound,)
    picture = strip(ratios, interval, limits, words, span_of(interval, limits, ratios))
    return TimedRow(place, cell, words, picture)
