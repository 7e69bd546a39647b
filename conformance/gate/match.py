"""The outcomes of two sides laid beside each other, cell by cell and sample by sample."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from conformance.engine.outcome import Answers, Outcome
from conformance.gate.changes import SUPPORT_GAINED, SUPPORT_LOST, Difference, difference
from conformance.results.model import Cell


@dataclass
class CellMatch:
    """One cell: how many samples both sides answered, how many gave equal bits, and by kind of change the samples that
    show it, each with both outcomes."""

    cell: Cell
    asked: int = 0
    equal: int = 0
    wrong_alike: bool = False
    ulp_before: float = 0.0
    ulp_after: float = 0.0
    differing: dict[str, list[tuple[int, Difference, Outcome, Outcome]]] = field(default_factory=dict)

    def add(self, number: int, before: Outcome, after: Outcome) -> None:
        """Lay two outcomes of one sample beside each other, where it said anything on either side."""
        if not (before.answers or after.answers):
            return
        self.asked += 1
        self.ulp_before, self.ulp_after = (
            max(self.ulp_before, before.worst_ulp),
            max(self.ulp_after, after.worst_ulp),
        )
        found = difference(self.cell.check, before, after)
        if found is None:
            self.equal += before.bits == after.bits
            self.wrong_alike |= before.failure is not None
        else:
            self.differing.setdefault(found.kind, []).append((number, found, before, after))


def match_cells(cells: Iterable[Cell], before: Answers, after: Answers) -> list[CellMatch]:
    """Every cell, with what both sides answered; a dtype that one side cannot hold is support lost or gained."""
    return [_matched(cell, before, after) for cell in cells]


def _matched(cell: Cell, before: Answers, after: Answers) -> CellMatch:
    match = CellMatch(cell)
    lacking = [cell in side.not_held for side in (before, after)]
    if any(lacking):
        match.asked = 1
        match.equal = int(all(lacking))
        if not all(lacking):
            kind = SUPPORT_GAINED if lacking[0] else SUPPORT_LOST
            match.differing[kind] = [(-1, Difference(kind, "this torch has no such dtype"), Outcome(), Outcome())]
        return match
    ones, others = before.of(cell), after.of(cell)
    for number in sorted(ones.keys() & others.keys()):
        match.add(number, ones[number], others[number])
    return match
