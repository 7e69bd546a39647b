"""The outcomes of two sides compared, cell by cell and sample by sample."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from conformance.engine.outcome import Answers, Outcome
from conformance.gate.changes import SUPPORT_GAINED, SUPPORT_LOST, OutcomeDifference, compare_outcomes
from conformance.results.model import Cell, Failure


@dataclass
class CellMatch:
    """The outcomes of one cell on both sides."""

    cell: Cell
    asked: int = 0
    """the number of samples that both sides answered"""
    equal: int = 0
    """the number of samples with the same bits on both sides, all NaNs being alike"""
    nans_differ: int = 0
    """how many of these have NaNs of other bits"""
    wrong_alike: Failure | None = None
    """the first failure that a sample shows in the same way on both sides"""
    ulp_before: float = 0.0
    ulp_after: float = 0.0
    bound: float = 0.0
    """the error in ULP that the contract allows where the greater of the two is; 0 if it is not known"""
    differing: dict[str, list[tuple[int, OutcomeDifference, Outcome, Outcome]]] = field(default_factory=dict)
    """for each kind of change the samples that show it: number, difference, and both outcomes"""

    def add(self, number: int, before: Outcome, after: Outcome) -> None:
        """Compare two outcomes of one sample. It does not count if it said nothing on either side, or if the device of
        one had no memory for it."""
        if not (before.answers or after.answers) or before.without_memory or after.without_memory:
            return
        self.asked += 1
        self._measure(before, after)
        found = compare_outcomes(self.cell.check, before, after)
        if found is None:
            self.equal += before.bits == after.bits
            self.nans_differ += before.bits == after.bits and before.nan_bits != after.nan_bits
            self.wrong_alike = self.wrong_alike or before.failure
        else:
            self.differing.setdefault(found.kind, []).append((number, found, before, after))

    def _measure(self, before: Outcome, after: Outcome) -> None:
        worst = max(self.ulp_before, self.ulp_after)
        for side in (before, after):
            if side.worst_ulp > worst:
                worst, self.bound = side.worst_ulp, side.worst_bound
        self.ulp_before = max(self.ulp_before, before.worst_ulp)
        self.ulp_after = max(self.ulp_after, after.worst_ulp)


def match_cells(cells: Iterable[Cell], before: Answers, after: Answers) -> list[CellMatch]:
    """The outcomes of each cell on both sides. If one side cannot hold the dtype, support was lost or gained."""
    return [_matched(cell, before, after) for cell in cells]


def _matched(cell: Cell, before: Answers, after: Answers) -> CellMatch:
    match = CellMatch(cell)
    lacking = [cell in side.not_held for side in (before, after)]
    if any(lacking):
        match.asked = 1
        match.equal = int(all(lacking))
        if not all(lacking):
            kind = SUPPORT_GAINED if lacking[0] else SUPPORT_LOST
            match.differing[kind] = [
                (-1, OutcomeDifference(kind, "this torch has no such dtype"), Outcome(), Outcome())
            ]
        return match
    ones, others = before.of(cell), after.of(cell)
    for number in sorted(ones.keys() & others.keys()):
        match.add(number, ones[number], others[number])
    return match
