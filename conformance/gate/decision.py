"""The decision of a comparison: one word, one line, one exit status."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from conformance.gate.changes import CHANGE_KINDS, Change, WrongAlike
from conformance.gate.times.speed import UNDECIDED, Speed
from conformance.results.model import Environment
from conformance.results.status import Status
from conformance.results.visible import visible

SAFE, UNSAFE, NOT_COMPARABLE = Status.KEPT, Status.BROKEN, Status.WRONG_INPUT
INCOMPLETE, NOTHING = Status.INCOMPLETE, Status.NOTHING
"""Exit statuses, by the words of a gate: safe; unsafe; not comparable; incomplete or inconclusive; nothing compared."""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Two torches compared."""

    baseline: Environment
    candidate: Environment
    planned: tuple[str, ...] = ()
    """the ids of the planned cells"""
    compared: tuple[str, ...] = ()
    """the ids of the cells that were compared"""
    outcomes: int = 0
    """the number of pairs of outcomes"""
    equal: int = 0
    """the number of pairs of outcomes that were the same bit for bit, all NaNs being alike"""
    nans_differ: int = 0
    """how many of these have NaNs of other bits"""
    changes: tuple[Change, ...] = ()
    confirmed: bool = True
    """whether each change with a sample was asked again; results files cannot be"""
    unsteady: tuple[Change, ...] = ()
    """the changes that a side did not repeat"""
    wrong_alike: tuple[WrongAlike, ...] = ()
    terms: tuple[str, ...] = ()
    """the terms that differ, if a comparison on unequal terms was asked for"""
    gaps: tuple[str, ...] = ()
    """why the comparison is incomplete"""
    entries: tuple[str, ...] = ()
    """the problems of the file of accepted changes"""
    timed: bool = False
    """whether times were asked for"""
    speeds: tuple[Speed, ...] = ()
    """the workloads that were timed"""
    seconds: float = 0.0
    """how long the comparison took"""

    @property
    def counts(self) -> dict[str, int]:
        """The number of changes of each kind that are not accepted, most severe first."""
        found = Counter(change.kind for change in self.changes if not change.accepted)
        return {kind: found[kind] for kind in CHANGE_KINDS if found[kind]}

    @property
    def accepted(self) -> int:
        return sum(bool(change.accepted) for change in self.changes)

    @property
    def missing(self) -> tuple[str, ...]:
        """The ids of the cells that were planned and not compared."""
        compared = set(self.compared)
        return tuple(name for name in self.planned if name not in compared)

    @property
    def inconclusive(self) -> tuple[str, ...]:
        """The reasons why the comparison is not SAFE although no unsafe change is known."""
        varying = [change for change in self.unsteady if change.unsafe]
        undecided = [speed for speed in self.speeds if speed.verdict == UNDECIDED]
        found = list(self.gaps)
        if undecided:
            count, first = len(undecided), undecided[0]
            found.append(f"{count} workloads inconclusive, such as {first.cell}: {first.summary}")
        if self.missing:
            found.append(f"{len(self.missing):,} of {len(self.planned):,} cells were not compared")
        if self.terms:
            found.append(f"on unequal terms ({'; '.join(self.terms)})")
        if varying:
            found.append(f"{len(varying)} grave changes did not repeat, such as {varying[0].cell}")
        return tuple(found)

    @property
    def status(self) -> Status:
        """The exit status. A known unsafe change outweighs what is missing."""
        if any(change.unsafe for change in self.changes) or self.entries:
            return UNSAFE
        if self.outcomes == 0:
            return INCOMPLETE if self.planned else NOTHING
        return INCOMPLETE if self.inconclusive else SAFE

    @property
    def decision(self) -> str:
        """The decision in one word."""
        if self.status == INCOMPLETE:
            return "INCOMPLETE" if self.gaps or self.missing else "INCONCLUSIVE"
        return {SAFE: "SAFE", UNSAFE: "UNSAFE", NOTHING: "NOTHING COMPARED"}[self.status]

    def line(self) -> str:
        """The decision in one line, fit to be shown."""
        parts = [f"{count:,} {kind}" for kind, count in self.counts.items()] or ["no change"]
        parts += [f"{self.accepted:,} accepted"] if self.accepted else []
        text = f"{self.decision}: torch {self.baseline.torch} to {self.candidate.torch}: "
        text += ", ".join(parts)
        text += f"; {len(self.compared):,} of {len(self.planned):,} cells compared"
        text += f", {self.equal:,} of {self.outcomes:,} outcomes equal"
        text += f", {self.nans_differ:,} of them but for the bits of NaNs" if self.nans_differ else ""
        text += f"; {len(self.speeds):,} workloads timed" if self.timed else ""
        text += (
            f"; {len(self.wrong_alike):,} wrong on both sides alike, such as {self.wrong_alike[0]}"
            if self.wrong_alike
            else ""
        )
        text += f"; {len(self.unsteady):,} vary from call to call" if self.unsteady else ""
        return visible("; ".join([text, *self.inconclusive, *self.entries]))
