"""Changes minimized and confirmed: the smallest sample found that shows a change, and what both sides give for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from conformance.drawing.choices import Drawn
from conformance.engine.deviations import in_region
from conformance.engine.outcome import Outcome, WitnessAnswer
from conformance.engine.shrink import most_asks, size_of, smallest
from conformance.gate.changes import (
    BROKE,
    CELL_GONE,
    CELL_NEW,
    NO_DEVIATION,
    Change,
    OutcomeDifference,
    compare_outcomes,
    of_deviation,
)
from conformance.gate.match import CellMatch
from conformance.gate.plan import Unit
from conformance.gate.shown import side_by_side
from conformance.gate.sides import Pair
from conformance.processes.requests import AskRequest
from conformance.results.model import Cell
from conformance.samples.sample import Sample
from conformance.samples.serial import describe, to_data
from conformance.spec.cells import SETTLED

CONFIRMING_REPEATS = 5
"""The number of repetitions when confirming. A side that varies is reported as unsteady."""


@dataclass(frozen=True)
class Seen:
    """A sample that shows a change, and the outcomes of both sides."""

    sample: Sample | None
    difference: OutcomeDifference
    before: Outcome
    after: Outcome

    def shows_the_same_as(self, other: Seen) -> bool:
        """Whether the changes have the same kind and cause."""
        mine, others = self.difference, other.difference
        return (mine.kind, mine.cause) == (others.kind, others.cause)


class Minimizer:
    """Finds the changes of one unit, and minimizes them."""

    def __init__(self, pair: Pair, unit: Unit, samples: list[Drawn]) -> None:
        self._pair, self._unit = pair, unit
        self._samples = samples
        self._asked = {one.sample for one in samples}
        self._small: dict[tuple[str, str, str], Sample] = {}

    def changes(self, matches: Iterable[CellMatch]) -> Iterator[Change]:
        """One change for each cell and kind of change."""
        for match in matches:
            for kind, shown in match.differing.items():
                seen = self._smallest(match, kind)
                yield replace(
                    self._change(match.cell, seen),
                    samples=len(shown),
                    asked=match.asked,
                    ulp_before=match.ulp_before,
                    ulp_after=match.ulp_after,
                    ulp_bound=match.bound,
                )

    def of_witnesses(self, before: Mapping[str, WitnessAnswer], after: Mapping[str, WitnessAnswer]) -> Iterator[Change]:
        """One change for each known deviation that only one side shows."""
        for known in self._unit.deviations:
            if known.id not in before or known.id not in after:
                continue
            was, now = before[known.id], after[known.id]
            if was.deviates == now.deviates:
                continue
            operation, device = self._unit.spec.operation, self._unit.device
            cell = next(cell for cell in self._unit.common if known.covers(operation, cell.check, device, cell.subject))
            kind = BROKE if now.deviates else NO_DEVIATION
            seen = Seen(None, of_deviation(known, kind), Outcome(shown=was.gave), Outcome(shown=now.gave))
            change = self._change(cell, seen)
            name = f"{self._unit.name(cell).split('::')[0]}::deviation[{known.id}]"
            yield replace(change, cell=name, call=known.witness, samples=1, asked=1)

    def of_plan(self) -> Iterator[Change]:
        """One change for each cell that only one side can be asked."""
        for kind, cells in ((CELL_GONE, self._unit.gone), (CELL_NEW, self._unit.new)):
            for cell in cells:
                yield self._change(cell, Seen(None, OutcomeDifference(kind, ""), Outcome(), Outcome()))

    def _change(self, cell: Cell, seen: Seen) -> Change:
        before, after = side_by_side(_gave(seen.before), _gave(seen.after))
        return Change(
            cell=self._unit.name(cell),
            operation=self._unit.spec.operation,
            check=cell.check,
            device=self._unit.device,
            subject=cell.subject,
            kind=seen.difference.kind,
            what=seen.difference.what,
            cause=seen.difference.cause,
            anywhere=seen.difference.anywhere,
            before=before,
            after=after,
            summaries=(_summary(seen.before), _summary(seen.after)),
            dies=seen.before.died or seen.after.died,
            call=_call(seen.after) or _call(seen.before) or self._unit.spec.forms[0].call,
            dtype=seen.after.dtype or seen.before.dtype,
            sample="" if seen.sample is None else describe(seen.sample),
            data=None if seen.sample is None else to_data(seen.sample),
        )

    def _smallest(self, match: CellMatch, kind: str) -> Seen:
        """The smallest sample found that shows a kind of change by the same cause as the smallest of the samples that
        were asked."""
        number, found, before, after = min(match.differing[kind], key=self._size)
        first = Seen(self._samples[number].sample if number >= 0 else None, found, before, after)
        if first.sample is None or match.cell.check in SETTLED:
            return first
        for sample in self._candidates(match, self._samples[number], first):
            seen = self._seen(match.cell, before.dtype, sample)
            if seen is not None and seen.shows_the_same_as(first):
                self._small.setdefault((match.cell.check, kind, found.cause), sample)
                return seen
        return first

    def _candidates(self, match: CellMatch, drawn: Drawn, first: Seen) -> Iterator[Sample]:
        """Samples that may show the same as `first`: the one of another cell, the smallest, and the first itself. There
        is no search for samples that kill or hang a side."""
        known = self._small.get((match.cell.check, first.difference.kind, first.difference.cause))
        if known is not None:
            yield known
        if not (first.before.died or first.after.died):
            yield self._search(match, drawn, first)
        yield drawn.sample

    def _size(self, shown: tuple[int, OutcomeDifference, Outcome, Outcome]) -> tuple[int, ...]:
        return size_of(self._samples[shown[0]]) if shown[0] >= 0 else ()

    def _search(self, match: CellMatch, drawn: Drawn, first: Seen) -> Sample:
        shown = {self._samples[number].sample for number, *_ in match.differing[first.difference.kind]}

        def shows(sample: Sample) -> bool:
            if sample in self._asked and sample not in shown:
                return False
            seen = self._seen(match.cell, first.before.dtype, sample)
            return seen is not None and seen.shows_the_same_as(first)

        return smallest(self._unit.spec, drawn, shows, most_asks(match.cell))

    def _seen(self, cell: Cell, dtype: str, sample: Sample) -> Seen | None:
        """The outcomes of both sides for a sample; None if they agree, or if the sample is in the region of a known
        deviation."""
        spec, device = self._unit.spec, self._unit.device
        known = [one for one in self._unit.deviations if one.covers(spec.operation, cell.check, device, cell.subject)]
        if in_region(spec, known, sample, dtype):
            return None
        file, data = str(self._unit.file.path), to_data(sample)
        request = AskRequest(file=file, device=device, cell=cell, dtype=dtype, sample=data)
        (before,), (after,) = self._pair.ask(request)
        found = compare_outcomes(cell.check, before, after)
        return None if found is None else Seen(sample, found, before, after)


def confirmed(pair: Pair, unit: Unit, changes: list[Change]) -> Iterator[Change]:
    """The changes, with each sample asked again in new processes. A change is `steady` if each side repeats itself and
    the change shows again."""
    if any(change.data is not None for change in changes):
        pair.restart()
    for change in changes:
        if change.data is None or change.check in SETTLED:
            yield change
            continue
        request = AskRequest(
            file=str(unit.file.path),
            device=change.device,
            cell=Cell(change.check, change.subject),
            dtype=change.dtype,
            sample=change.data,
            repeats=1 if change.dies else CONFIRMING_REPEATS,
        )
        before, after = pair.ask(request)
        repeat = all(len({_signature(one) for one in side}) == 1 for side in (before, after))
        again = compare_outcomes(change.check, before[0], after[0])
        steady = repeat and again is not None and again.kind == change.kind
        same = (_summary(before[0]), _summary(after[0])) == change.summaries
        yield replace(change, steady=steady and same)


def _signature(outcome: Outcome) -> tuple[str, str, tuple[tuple[str, str], ...], tuple[str, ...]]:
    return outcome.bits, _summary(outcome), tuple(sorted(outcome.refusals.items())), outcome.notes


def _summary(outcome: Outcome) -> str:
    """The outcome of a side, without details that can vary between equivalent outcomes."""
    return outcome.failure.summary if outcome.failure else _gave(outcome)


def _call(outcome: Outcome) -> str:
    return outcome.failure.call if outcome.failure else ""


def _gave(outcome: Outcome) -> str:
    refused = "; ".join(f"{title}: {name}" for title, name in outcome.refusals.items())
    return (outcome.failure.message if outcome.failure else "") or outcome.shown or refused or "kept"
