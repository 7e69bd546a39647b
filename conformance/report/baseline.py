"""What is new against an earlier run: causes that it did not show, and cells that it showed broken."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from conformance.results.causes import Cause, CellGroup, cause_key, grouped
from conformance.results.model import CellResult, Failure
from conformance.results.verdict import Results

NEW, STILL, UNASKED = "newly broken", "still broken", "not asked before"


@dataclass(frozen=True)
class Changes:
    """How a run differs from its baseline in what is broken."""

    torch: str
    """that of the baseline"""
    status: tuple[str, ...]
    """what each cause is: newly broken, still broken, or in cells that the baseline was not asked"""
    mended: tuple[CellGroup, ...]
    """cells that were broken and are not any more"""
    mended_count: int
    lost: int
    """cells that were broken and have no answer now"""

    def count(self, status: str) -> int:
        return self.status.count(status)

    @property
    def line(self) -> str:
        """All of it in words."""
        told = [f"{self.count(status)} {status}" for status in (NEW, STILL, UNASKED) if self.count(status)]
        causes = f"{', '.join(told)} (by cause)" if told else "nothing is broken"
        lost = f"; {self.lost:,} broken there were not asked here" if self.lost else ""
        mended = f"{self.mended_count:,} {'cell is' if self.mended_count == 1 else 'cells are'} mended"
        return f"Against torch {self.torch}: {causes}; {mended}{lost}."


def changes_of(results: Results, causes: Iterable[Cause], baseline: Results) -> Changes:
    """How the causes and cells of a run differ from those of a baseline."""
    before = {cell.id: cell for cell in baseline.cells}
    known = {cause_key(cell, failure) for cell in baseline.cells for failure in _failures(cell)}
    now = {cell.id: cell for cell in results.cells}
    was_broken = [cell for cell in baseline.cells if cell.verdict.failed]
    here = [now[cell.id] for cell in was_broken if cell.id in now and not now[cell.id].verdict.unanswered]
    mended = [cell for cell in here if not cell.verdict.failed]
    return Changes(
        torch=baseline.environment.torch,
        status=tuple(_status(cause, known, before) for cause in causes),
        mended=grouped(mended),
        mended_count=len(mended),
        lost=len(was_broken) - len(here),
    )


def _failures(cell: CellResult) -> Iterable[Failure]:
    return cell.failures if cell.verdict.failed or cell.verdict.unanswered else ()


def _status(cause: Cause, known: set[tuple[str, ...]], before: dict[str, CellResult]) -> str:
    if any(cause_key(one.cell, one.failure) in known for one in cause.failures):
        return STILL
    return NEW if any(one.cell.id in before for one in cause.failures) else UNASKED
