"""Each change pinned down: the smallest sample found that shows it, and what both sides give for it, asked again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from conformance.engine.deviations import in_region
from conformance.engine.outcome import Outcome
from conformance.engine.search import smallest
from conformance.gate.changes import (
    BROKE,
    CELL_GONE,
    CELL_NEW,
    CRASHED,
    NO_DEVIATION,
    Change,
    Difference,
    difference,
    essence,
    said,
)
from conformance.gate.match import CellMatch
from conformance.gate.sides import Pair
from conformance.processes.requests import Ask
from conformance.samples.sample import Sample
from conformance.samples.serial import describe, from_data, to_data
from conformance.spec.cells import SETTLED, Cell

if TYPE_CHECKING:
    from conformance.gate.plan import Unit

TIMES = 5
"""How often each side is asked again: one that varies is taken at its word no more."""

COMPILED = ("aot_eager", "inductor")
"""Modes that cost seconds a question; their samples are not made smaller. Nor are those that kill or hang a side."""


@dataclass(frozen=True)
class Seen:
    """A sample that shows a change, and what both sides gave for it."""

    sample: Sample | None
    difference: Difference
    before: Outcome
    after: Outcome


class Pinpoint:
    """The changes of one unit."""

    def __init__(self, pair: Pair, unit: Unit, samples: tuple[Sample, ...], examples: int, seed: int) -> None:
        self._pair, self._unit, self._samples = pair, unit, samples
        self._examples, self._seed = examples, seed
        self._small: dict[tuple[str, str], Sample] = {}

    def changes(self, matches: Iterable[CellMatch]) -> Iterator[Change]:
        """One change for each kind that a cell shows."""
        for match in matches:
            for kind, shown in match.differing.items():
                seen = self._smallest(match, kind)
                yield replace(
                    self._change(match.cell, seen),
                    samples=len(shown),
                    asked=match.asked,
                    ulp_before=match.ulp_before,
                    ulp_after=match.ulp_after,
                )

    def of_witnesses(
        self, before: Mapping[str, tuple[bool, str]], after: Mapping[str, tuple[bool, str]]
    ) -> Iterator[Change]:
        """Known deviations that one side shows and the other does not."""
        for known in self._unit.deviations:
            if known.id not in before or known.id not in after:
                continue
            (was, gave), (now, gives) = before[known.id], after[known.id]
            if was == now:
                continue
            operation, device = self._unit.spec.operation, self._unit.device
            cell = next(cell for cell in self._unit.common if known.covers(operation, cell[0], device, cell[1]))
            difference = Difference(BROKE if now else NO_DEVIATION, f"known deviation {known.id}: {known.reason}")
            seen = Seen(None, difference, Outcome(shown=gave), Outcome(shown=gives))
            change = self._change(cell, seen)
            name = f"{self._unit.name(cell).split('::')[0]}::deviation[{known.id}]"
            yield replace(change, cell=name, call=known.witness, samples=1, asked=1)

    def of_plan(self) -> Iterator[Change]:
        """Cells that only one side can be asked."""
        for kind, cells in ((CELL_GONE, self._unit.gone), (CELL_NEW, self._unit.new)):
            for cell in cells:
                yield self._change(cell, Seen(None, Difference(kind, ""), Outcome(), Outcome()))

    def _change(self, cell: Cell, seen: Seen) -> Change:
        return Change(
            cell=self._unit.name(cell),
            operation=self._unit.spec.operation,
            check=cell[0],
            device=self._unit.device,
            subject=cell[1],
            kind=seen.difference.kind,
            what=seen.difference.what,
            before=_gave(seen.before),
            after=_gave(seen.after),
            call=seen.after.call or seen.before.call or self._unit.spec.forms[0].call,
            dtype=seen.after.dtype or seen.before.dtype,
            sample="" if seen.sample is None else describe(seen.sample),
            data=None if seen.sample is None else to_data(seen.sample),
        )

    def _smallest(self, match: CellMatch, kind: str) -> Seen:
        """The smallest sample found; where no search is made, the smallest of those that were asked."""
        number, found, before, after = min(match.differing[kind], key=self._size)
        first = Seen(self._samples[number] if number >= 0 else None, found, before, after)
        if first.sample is None or match.cell[0] in SETTLED:
            return first
        group = (match.cell[0], kind)
        candidates = [self._small[group]] if group in self._small else []
        dies = CRASHED in before.message or CRASHED in after.message
        if not candidates and match.cell[1] not in COMPILED and not dies:
            small = self._search(match, kind, before.dtype)
            candidates += [small] if small else []
        for sample in (*candidates, first.sample):
            seen = self._seen(match.cell, before.dtype, sample)
            if seen is not None and seen.difference.kind == kind:
                self._small.setdefault(group, sample)
                return seen
        return first

    def _size(self, shown: tuple[int, Difference, Outcome, Outcome]) -> tuple[int, int]:
        number = shown[0]
        sample = self._samples[number] if number >= 0 else None
        return (0, 0) if sample is None else (sum(tensor.numel for tensor in sample.tensors), len(describe(sample)))

    def _search(self, match: CellMatch, kind: str, dtype: str) -> Sample | None:
        asked = {sample.digest for sample in self._samples}
        shown = {self._samples[number].digest for number, *_ in match.differing[kind]}

        def shows(sample: Sample) -> bool:
            if sample.digest in asked and sample.digest not in shown:
                return False
            seen = self._seen(match.cell, dtype, sample)
            return seen is not None and seen.difference.kind == kind

        return smallest(self._unit.spec, self._examples, self._seed, shows)

    def _seen(self, cell: Cell, dtype: str, sample: Sample) -> Seen | None:
        """Both sides asked once, where no known deviation covers the sample; None where they agree."""
        spec, device = self._unit.spec, self._unit.device
        known = [one for one in self._unit.deviations if one.covers(spec.operation, cell[0], device, cell[1])]
        if in_region(spec, known, sample, dtype):
            return None
        (before,), (after,) = self._pair.ask(Ask(str(self._unit.file), device, cell, dtype, sample))
        found = difference(cell[0], before, after)
        return None if found is None else Seen(sample, found, before, after)


def confirmed(pair: Pair, unit: Unit, changes: list[Change]) -> Iterator[Change]:
    """The changes, those that showed in a sample asked again in fresh processes: `steady` if each side repeats itself
    and the change shows again."""
    if any(change.data is not None for change in changes):
        pair.restart()
    for change in changes:
        if change.data is None or change.check in SETTLED:
            yield change
            continue
        cell = (change.check, change.subject)
        times = 1 if CRASHED in change.before + change.after else TIMES
        request = Ask(str(unit.file), change.device, cell, change.dtype, from_data(change.data), times)
        before, after = pair.ask(request)
        repeat = all(len({_told(one) for one in side}) == 1 for side in (before, after))
        again = difference(change.check, before[0], after[0])
        steady = repeat and again is not None and again.kind == change.kind
        given = ((change.before, _gave(before[0])), (change.after, _gave(after[0])))
        same = all(essence(first) == essence(now) for first, now in given)
        yield replace(change, steady=steady and same)


def _told(outcome: Outcome) -> tuple[str, str, tuple[str, ...]]:
    return outcome.bits, essence(outcome.message), outcome.notes


def _gave(outcome: Outcome) -> str:
    refused = "; ".join(f"{title}: {name}" for title, name in said(outcome.notes).items())
    return outcome.message or outcome.shown or refused or "kept"
