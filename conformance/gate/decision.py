"""What a comparison amounts to: one word, one line, one exit status."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from conformance.gate.changes import KINDS, Change
from conformance.gate.times.speed import OPEN, Speed
from conformance.results.model import Environment

SAFE, UNSAFE, USAGE, NOT_COMPARABLE, INCOMPLETE, NOTHING = range(6)
"""Exit statuses: safe; unsafe; wrong usage or a wrong spec; not comparable; incomplete or inconclusive; nothing
compared."""


@dataclass(frozen=True)
class Comparison:
    """Two torches compared. `baseline` and `candidate` are their environments.

    `planned` and `compared` are ids of cells; `outcomes` counts pairs of outcomes, of which `equal` were the same bit
    for bit. `wrong_alike` are cells that break their contract on both sides in the same way. `unsteady` are changes
    that a side did not repeat. `terms` are those that differ, where a comparison was asked for all the same; `gaps`
    says what keeps it from being complete; `entries` what is wrong with the accepted changes; `times` whether times
    were asked for, and `speeds` are the workloads that were timed.
    """

    baseline: Environment
    candidate: Environment
    planned: tuple[str, ...] = ()
    compared: tuple[str, ...] = ()
    outcomes: int = 0
    equal: int = 0
    changes: tuple[Change, ...] = ()
    unsteady: tuple[Change, ...] = ()
    wrong_alike: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()
    entries: tuple[str, ...] = ()
    times: bool = False
    speeds: tuple[Speed, ...] = ()
    seconds: float = 0.0

    @property
    def counts(self) -> dict[str, int]:
        """How many changes there are of each kind, accepted ones apart; the gravest first."""
        found = Counter(change.kind for change in self.changes if not change.accepted)
        return {kind: found[kind] for kind in KINDS if found[kind]}

    @property
    def accepted(self) -> int:
        return sum(bool(change.accepted) for change in self.changes)

    @property
    def missing(self) -> tuple[str, ...]:
        """The cells that were planned and not compared."""
        compared = set(self.compared)
        return tuple(name for name in self.planned if name not in compared)

    @property
    def inconclusive(self) -> tuple[str, ...]:
        """Everything that keeps the comparison from saying SAFE though nothing is known to be unsafe."""
        varying = [change for change in self.unsteady if change.unsafe]
        undecided = [speed for speed in self.speeds if speed.word == OPEN]
        found = list(self.gaps)
        if undecided:
            count, first = len(undecided), undecided[0]
            found.append(f"{count} workloads inconclusive, such as {first.cell}: {first.words}")
        if self.missing:
            found.append(f"{len(self.missing):,} of {len(self.planned):,} cells were not compared")
        if self.terms:
            found.append(f"on unequal terms ({'; '.join(self.terms)})")
        if varying:
            found.append(f"{len(varying)} grave changes did not repeat, such as {varying[0].cell}")
        return tuple(found)

    @property
    def status(self) -> int:
        """The exit status. What is known to be unsafe outweighs what is not known."""
        if any(change.unsafe for change in self.changes) or self.entries:
            return UNSAFE
        if self.outcomes == 0:
            return INCOMPLETE if self.planned else NOTHING
        return INCOMPLETE if self.inconclusive else SAFE

    @property
    def word(self) -> str:
        if self.status == INCOMPLETE:
            return "INCOMPLETE" if self.gaps or self.missing else "INCONCLUSIVE"
        return {SAFE: "SAFE", UNSAFE: "UNSAFE", NOTHING: "NOTHING COMPARED"}[self.status]

    def line(self) -> str:
        """The decision in one line."""
        parts = [f"{count:,} {kind}" for kind, count in self.counts.items()] or ["no change"]
        parts += [f"{self.accepted:,} accepted"] if self.accepted else []
        text = f"{self.word}: torch {self.baseline.torch} to {self.candidate.torch}: "
        text += ", ".join(parts)
        text += f"; {len(self.compared):,} of {len(self.planned):,} cells compared"
        text += f", {self.equal:,} of {self.outcomes:,} outcomes equal"
        text += f"; {len(self.speeds):,} workloads timed" if self.times else ""
        text += f"; {len(self.wrong_alike):,} cells wrong on both sides alike" if self.wrong_alike else ""
        text += f"; {len(self.unsteady):,} vary from call to call" if self.unsteady else ""
        return "; ".join([text, *self.inconclusive, *self.entries])
