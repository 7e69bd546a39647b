"""Which planted faults a run of the tests tries. `reports/mutation.json` has the last trial of all.

Of a spec that changed since then, or that is new, all its faults are tried. Of the others a share is drawn, larger if
what judges them changed: the engine, the general faults, or torch. Another commit draws others. However many specs
there are, the numbers tried are bounded, so that the tests keep their time.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from random import Random

from conformance.report.mutation import FaultScores
from tests.faults import digests, faults_of, load

OF_CHANGED = 1000
"""The most faults of specs that changed: where these have more, the same number is drawn of each."""

ANEW, AS_BEFORE = 400, 150
"""The faults of specs that did not change: if what judges them did, and if it did not. It is one of each at least."""


@dataclass(frozen=True)
class Choice:
    """The faults of one spec that are tried."""

    file: Path
    operation: str
    titles: tuple[str, ...]
    planted: int
    """the number of all its faults"""
    changed: bool
    """whether the spec, its faults or the deviations known of it changed since the last trial of all, or are new"""

    def describe(self) -> str:
        """One line that says how many are tried, and names what was drawn."""
        state = ", changed" if self.changed else ""
        if len(self.titles) == self.planted:
            return f"{self.operation}{state}: all {self.planted} planted faults"
        return f"{self.operation}{state}: {len(self.titles)} of {self.planted} planted faults: {'; '.join(self.titles)}"


def choose(files: list[Path], last: FaultScores, engine: str, seed: str) -> list[Choice]:
    """What is tried of each spec file, by the last trial of all, the digest of what judges, and a seed to draw by."""
    operations = {file: load(file).operation for file in files}
    changed = [file for file in files if _changed(last, operations[file], digests.of_spec(file))]
    others = [file for file in files if file not in changed]
    budget = AS_BEFORE if engine == last.engine else ANEW
    found = {**_drawn(changed, OF_CHANGED, seed, True), **_drawn(others, budget, seed, False)}
    return [found[file] for file in files]


def _changed(last: FaultScores, operation: str, digest: str) -> bool:
    score = last.by_operation.get(operation)
    return score is None or score.digest != digest


def _drawn(files: list[Path], budget: int, seed: str, changed: bool) -> dict[Path, Choice]:
    """All faults of the spec files if there are no more than the budget, and else as many of each."""
    titles = {file: [fault.title for fault in faults_of(load(file))] for file in files}
    whole = sum(map(len, titles.values())) <= budget
    found = {}
    for file, every in titles.items():
        operation = load(file).operation
        most = len(every) if whole else max(budget // len(files), 1)
        drawn = Random(f"{seed} {operation}").sample(every, min(most, len(every)))
        found[file] = Choice(file, operation, tuple(drawn), len(every), changed)
    return found
