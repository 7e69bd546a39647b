"""Failures grouped by their cause: what a person has to look into, each once, whatever cells show it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from conformance.numeric.symptoms import FLUSHED
from conformance.results.model import CellResult, Failure, FailureKind, Verdict

_RAISED = (FailureKind.RAISED, FailureKind.CHECK_FAILED)
"""Kinds of failures that have one cause if the same exception is at the bottom of them, in whatever operation."""


@dataclass(frozen=True)
class CellFailure:
    """One failure of a cell. `place` is the number of the cell in the run."""

    place: int
    cell: CellResult
    failure: Failure

    @property
    def is_first(self) -> bool:
        """Whether it is the first failure of its cell."""
        return self.cell.failure is None or self.failure == self.cell.failure

    @property
    def share(self) -> str:
        """How many of the samples of the cell held, in words; empty if they were not counted."""
        evidence = self.cell.evidence
        if not evidence.asked or not evidence.failed:
            return ""
        return f"{evidence.asked - evidence.failed - evidence.set_aside} of {evidence.asked} samples held"


@dataclass(frozen=True)
class CellGroup:
    """Cells that differ in their subject alone."""

    operation: str
    check: str
    device: str
    subjects: tuple[str, ...]


@dataclass(frozen=True)
class Cause:
    """Failures that have one cause on one device; the first is the plainest one."""

    failures: tuple[CellFailure, ...]

    @property
    def first(self) -> CellFailure:
        return self.failures[0]

    @property
    def title(self) -> str:
        """What was broken, in a few words."""
        failure, words = self.first.failure, str(self.first.failure.kind)
        if failure.kind is FailureKind.OTHER_CLASS:
            words = f"raised {failure.error} where {failure.promised} is promised"
        elif failure.error:
            words = f"raised {failure.error}"
        elif failure.kind is FailureKind.ACCEPTED:
            words = f"accepted: {failure.about}" if failure.about else failure.message
        elif failure.kind not in (FailureKind.VALUES, FailureKind.RAISED, FailureKind.DTYPE):
            words = failure.message
        return f"{words}: {failure.symptom}" if failure.symptom else words

    @property
    def operations(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(one.cell.operation for one in self.failures))

    @property
    def cell_count(self) -> int:
        """The number of cells that show it."""
        return len({one.place for one in self.failures})

    @property
    def cells(self) -> tuple[CellGroup, ...]:
        """The cells that show it."""
        found = {one.place: one.cell for one in self.failures}
        return grouped(found[place] for place in sorted(found))


def causes_of(cells: Iterable[CellResult]) -> tuple[Cause, ...]:
    """The causes of the cells that failed or compared nothing: the gravest first, then those that most cells show."""
    found: dict[tuple[str, ...], list[CellFailure]] = {}
    for place, cell in enumerate(cells):
        for failure in _failures(cell):
            found.setdefault(cause_key(cell, failure), []).append(CellFailure(place, cell, failure))
    causes = [Cause(tuple(sorted(failures, key=_plainness))) for failures in _with_dtypes_joined(found)]
    return tuple(sorted(causes, key=_gravity))


def _with_dtypes_joined(found: dict[tuple[str, ...], list[CellFailure]]) -> Iterable[list[CellFailure]]:
    """The failures of each cause. Wrong dtypes that one operation alone shows are one cause, whatever they are: it
    promotes wrongly."""
    joined: dict[tuple[str, ...], list[CellFailure]] = {}
    for key, failures in found.items():
        operations = {one.cell.operation for one in failures}
        of_one = failures[0].failure.kind is FailureKind.DTYPE and len(operations) == 1
        joined.setdefault((failures[0].cell.device, *operations) if of_one else key, []).extend(failures)
    return joined.values()


def _failures(cell: CellResult) -> tuple[Failure, ...]:
    """The failures of a cell that is not as promised. A results file need not say why it is not."""
    if not cell.verdict.failed and cell.verdict is not Verdict.VACUOUS:
        return ()
    return cell.failures or (Failure(kind=FailureKind.UNTOLD, message=""),)


def cause_key(cell: CellResult, failure: Failure) -> tuple[str, ...]:
    """What is equal for failures that are likely to have one cause. In whatever operation and check an exception is
    known by its class and message, a wrong dtype by the two dtypes, wrong sharing by what was seen, a misuse by what it
    is; wrong values of one operation are taken for one cause if they are wrong alike."""
    kind, symptom = str(failure.kind), failure.symptom
    if failure.kind in _RAISED and symptom:
        return cell.device, str(FailureKind.RAISED), failure.error, symptom
    if failure.kind is FailureKind.OTHER_CLASS and symptom:
        return cell.device, kind, failure.error, symptom, failure.promised
    if symptom == FLUSHED or failure.kind in (FailureKind.DTYPE, FailureKind.MOVED):
        return cell.device, kind, symptom or failure.about
    if failure.kind is FailureKind.ACCEPTED:
        return cell.device, kind, failure.about or failure.message
    if failure.kind in (FailureKind.SHARING, FailureKind.NOTHING_COMPARED):
        return cell.device, kind, failure.message
    if failure.kind is FailureKind.VALUES:
        return cell.device, cell.operation, kind, symptom
    check = cell.check if failure.kind is FailureKind.UNTOLD else ""
    return cell.device, cell.operation, kind, failure.about, failure.error, check


def _gravity(cause: Cause) -> tuple[int, int]:
    order = list(Verdict)
    return min(order.index(one.cell.verdict) for one in cause.failures), -len(cause.failures)


def _plainness(one: CellFailure) -> tuple[bool, bool, int]:
    """Failures that repeat before others, those with a sample before others, small ones first."""
    sample = one.failure.sample
    return not one.failure.repeats, sample is None, len(sample.text) if sample else 0


def grouped(cells: Iterable[CellResult]) -> tuple[CellGroup, ...]:
    """Consecutive cells that differ in their subject alone, grouped."""
    return tuple(CellGroup(*kind, tuple(cell.subject for cell in group)) for kind, group in groupby(cells, _kind))


def _kind(cell: CellResult) -> tuple[str, str, str]:
    return cell.operation, cell.check, cell.device
