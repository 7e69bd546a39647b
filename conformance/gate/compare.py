"""Two results files compared cell by cell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from conformance.engine.outcome import Outcome
from conformance.gate.changes import (
    BROKE,
    CELL_GONE,
    CELL_NEW,
    NO_DEVIATION,
    Change,
    OutcomeDifference,
    WrongAlike,
    compare_outcomes,
    of_deviation,
)
from conformance.gate.decision import Comparison
from conformance.results.comparability import differing
from conformance.results.model import CellResult, Failure, FailureKind
from conformance.results.verdict import Results
from conformance.spec.cells import PERF


def compare_results(baseline: Results, candidate: Results) -> Comparison:
    """The comparison of all cells but those of times. It names the terms that differ, and leaves the decision about
    them to the caller."""
    before, after = ({cell.id: cell for cell in run.cells if cell.check != PERF} for run in (baseline, candidate))
    both = [name for name in before if name in after]
    answered = [name for name in both if not (before[name].verdict.unanswered or after[name].verdict.unanswered)]
    changes = [change for name in answered for change in _changes(before[name], after[name])]
    changed = {change.cell for change in changes}
    one_sided = [
        _change(cell, cell, kind)
        for kind, cells, others in ((CELL_GONE, before, after), (CELL_NEW, after, before))
        for name, cell in cells.items()
        if name not in others and not cell.verdict.unanswered
    ]
    return Comparison(
        baseline=baseline.environment,
        candidate=candidate.environment,
        planned=tuple(dict.fromkeys((*before, *after))),
        compared=(*answered, *(change.cell for change in one_sided)),
        outcomes=len(answered),
        equal=sum(before[name].evidence.fingerprint == after[name].evidence.fingerprint for name in answered),
        changes=(*changes, *one_sided),
        confirmed=False,
        wrong_alike=tuple(
            WrongAlike(name, before[name].message)
            for name in answered
            if before[name].verdict.failed and name not in changed
        ),
        terms=differing(baseline.environment, candidate.environment),
        gaps=(*_gaps("baseline", baseline), *_gaps("candidate", candidate)),
    )


def _gaps(name: str, run: Results) -> Iterator[str]:
    yield from (f"{name}: {gap}" for gap in run.gaps)
    if any(cell.check == PERF for cell in run.cells):
        yield f"{name}: times say nothing of another run's; compare them with 'conformance gate --times'"
    if run.shard:
        yield f"{name}: is shard {run.shard} alone; put the shards together with 'conformance merge'"
    if run.deselected:
        yield f"{name}: {run.deselected:,} cells were deselected"


NOT_SHOWN = "not known of this torch"
"""What is told of a known deviation of the other side."""


def _changes(before: CellResult, after: CellResult) -> Iterator[Change]:
    """How a cell changed. If the known deviations of the sides differ, the results are of different samples. Then only
    the deviations are compared."""
    was, now = ({known.id for known in cell.deviations} for cell in (before, after))
    if was != now and not (before.verdict.failed or after.verdict.failed):
        for known in (*before.deviations, *after.deviations):
            if known.id in was ^ now:
                kind = BROKE if known.id in now else NO_DEVIATION
                change = _told(_change(before, after, kind), of_deviation(known, kind))
                shown = [known.gave if known.id in side else NOT_SHOWN for side in (was, now)]
                yield replace(change, before=shown[0], after=shown[1], call=known.witness)
        return
    found = compare_outcomes(before.check, _outcome(before), _outcome(after))
    if found is not None:
        yield _told(_change(before, after, found.kind), found)


def _told(change: Change, found: OutcomeDifference) -> Change:
    return replace(change, what=found.what, cause=found.cause, anywhere=found.anywhere)


def _outcome(cell: CellResult) -> Outcome:
    evidence = cell.evidence
    failure = cell.failure if cell.verdict.failed else None
    if cell.verdict.failed and failure is None:
        failure = Failure(kind=FailureKind.CHECK_FAILED, message=str(cell.verdict))
    return Outcome(
        dtype=failure.dtype if failure else "",
        bits=evidence.fingerprint,
        refusals=evidence.refusals,
        notes=evidence.notes,
        comparisons=evidence.comparisons,
        worst_ulp=evidence.worst,
        failure=failure,
    )


def _change(before: CellResult, after: CellResult, kind: str) -> Change:
    """A change between two cells. It shows the failure that has a sample."""
    failures = [cell.failure for cell in (after, before) if cell.failure]
    shown = next((failure for failure in failures if failure.sample), next(iter(failures), None))
    sample = shown.sample if shown else None
    return Change(
        cell=after.id,
        operation=after.operation,
        check=after.check,
        device=after.device,
        subject=after.subject,
        kind=kind,
        what="",
        before=_gave(before),
        after=_gave(after),
        call=shown.call if shown else "",
        dtype=shown.dtype if shown else "",
        sample=sample.text if sample else "",
        data=sample.data if sample else None,
        ulp_before=before.evidence.worst,
        ulp_after=after.evidence.worst,
        ulp_bound=float(max((before, after), key=_worst).evidence.worst_bound),
    )


def _worst(cell: CellResult) -> float:
    return cell.evidence.worst


def _gave(cell: CellResult) -> str:
    return cell.message or f"{cell.verdict}, fingerprint {cell.evidence.fingerprint}"
