"""What became better or worse from one torch to the next on the same device."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from conformance.report.history.columns import Column
from conformance.results.model import CellResult, Verdict

_RANK = {Verdict.CRASHED: 0, Verdict.BROKEN: 1, Verdict.DEVIATES: 2, Verdict.UNSUPPORTED: 3, Verdict.HELD: 3}
"""The verdicts that say something of torch; the lower, the graver."""


@dataclass(frozen=True)
class Move:
    """The operations of which cells became worse, or better, and have one verdict now, each with the number of these
    cells."""

    better: bool
    verdict: Verdict
    operations: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Step:
    """How two torches differ in the cells that both were asked, what became worse first."""

    before: Column
    after: Column
    both: int
    moves: tuple[Move, ...]


def steps_of(columns: tuple[Column, ...]) -> tuple[Step, ...]:
    """The steps from each torch to the next one that was asked on the same device. What only one was asked is no
    step."""
    return tuple(_steps(columns))


def _steps(columns: tuple[Column, ...]) -> Iterator[Step]:
    for device in dict.fromkeys(column.device for column in columns):
        for before, after in pairwise(column for column in columns if column.device == device):
            yield _step(before, after)


def _step(before: Column, after: Column) -> Step:
    was, now = _answered(before), _answered(after)
    both = [key for key in was if key in now]
    found: dict[tuple[bool, Verdict], list[str]] = {}
    for key in both:
        verdict, change = now[key].verdict, _RANK[now[key].verdict] - _RANK[was[key].verdict]
        if change:
            found.setdefault((change > 0, verdict), []).append(key[0])
    moves = [Move(better, verdict, _counted(names)) for (better, verdict), names in found.items()]
    return Step(before, after, len(both), tuple(sorted(moves, key=_gravity)))


def _answered(column: Column) -> dict[tuple[str, str, str], CellResult]:
    """The cells that were answered, by operation, check and subject."""
    return {
        (operation, check, subject): cell
        for (operation, check), cells in column.cells.items()
        for subject, cell in cells.items()
        if cell.verdict in _RANK
    }


def _counted(names: list[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(Counter(names).items()))


def _gravity(move: Move) -> tuple[bool, int]:
    return move.better, _RANK[move.verdict]
