"""The two interpreters of a gate: each a child process with a torch of its own, asked the same at the same time."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

from conformance.engine.outcome import Answers, Outcome
from conformance.gate.changes import CRASHED
from conformance.processes.client import MOST_CRASHES, ChildDied, Worker
from conformance.processes.interpreter import Interpreter
from conformance.processes.requests import Ask, DeviceQuestion, EnvironmentQuestion, TrialTask
from conformance.samples.sample import Sample
from conformance.spec.cells import Cell


class SideDied(Exception):
    """A side that cannot answer; the message says which, and why."""


class Side:
    """One interpreter: `name` is baseline or candidate. A call that kills or hangs it is an outcome like another."""

    def __init__(self, name: str, interpreter: Interpreter, patience: float) -> None:
        self.name, self.interpreter = name, interpreter
        self._worker = Worker(patience, interpreter)
        self.deaths: list[str] = []
        """deaths that did not repeat"""

    def environment(self, devices: tuple[str, ...]) -> dict[str, Any]:
        """What it runs on; raises `SideDied`."""
        try:
            problems = [self._worker.ask(DeviceQuestion(device)) for device in devices]
            found: dict[str, Any] = self._worker.ask(EnvironmentQuestion(devices))
        except ChildDied as death:
            raise self._died(str(death)) from None
        if any(problems):
            raise self._died(next(problem for problem in problems if problem))
        return found

    def begin_trial(self, task: TrialTask) -> None:
        """Set it to work on a trial."""
        self._worker.begin(task)

    def finish_trial(self, task: TrialTask) -> Answers:
        """Its answers. A call that kills it twice is an outcome, and its cell is left; raises `SideDied` where it dies
        too often, or before the first question."""
        crashed: dict[Cell, dict[int, Outcome]] = {}
        times: Counter[tuple[Cell, Sample | None]] = Counter()
        cells = task.cells
        while True:
            try:
                answers: Answers = self._worker.finish()
            except ChildDied as death:
                cell, sample = self._last_asked(cells, death)
                times[cell, sample] += 1
                if times[cell, sample] > 1:
                    place = task.samples.index(sample) if sample in task.samples else -1
                    crashed[cell] = {place: Outcome(message=f"{CRASHED}: {death}")}
                if sum(times.values()) >= 2 * MOST_CRASHES:
                    raise self._died(f"it died {sum(times.values())} times, last in {cell[0]}[{cell[1]}]") from None
                cells = tuple(one for one in task.cells if one not in crashed)
                self.begin_trial(replace(task, cells=cells))
                continue
            self.deaths += [f"{cell[0]}[{cell[1]}]" for (cell, _), count in times.items() if count == 1]
            return replace(answers, outcomes={**answers.outcomes, **crashed})

    def _last_asked(self, cells: tuple[Cell, ...], death: ChildDied) -> tuple[Cell, Sample | None]:
        if not death.last.steps:
            raise self._died(str(death)) from None
        return cells[death.last.cell], death.last.sample

    def begin(self, request: Ask) -> None:
        """Set it to work on one cell and sample."""
        self._worker.begin(request)

    def finish(self, request: Ask) -> list[Outcome]:
        """What came of it; a call that kills it is an outcome."""
        try:
            return list(self._worker.finish(times=request.times))
        except ChildDied as death:
            return [Outcome(request.dtype, message=f"{CRASHED}: {death}")]

    def restart(self) -> None:
        """Go on in a fresh process."""
        self._worker.end()

    def close(self) -> None:
        self._worker.close()

    def _died(self, reason: str) -> SideDied:
        return SideDied(f"the {self.name} ({self.interpreter.name}): {reason}")


class Pair:
    """A baseline and a candidate that work at the same time.

    They are waited for one after the other, without threads: with several of those, collecting garbage while
    Hypothesis had been drawing in another one has killed the interpreter.
    """

    def __init__(self, baseline: Side, candidate: Side) -> None:
        self.sides = (baseline, candidate)

    def begin_trial(self, task: TrialTask) -> None:
        """Set both to work on a trial."""
        for side in self.sides:
            side.begin_trial(task)

    def finish_trial(self, task: TrialTask) -> tuple[Answers, Answers]:
        """What both answer; raises `SideDied`."""
        before, after = (side.finish_trial(task) for side in self.sides)
        return before, after

    def ask(self, request: Ask) -> tuple[list[Outcome], list[Outcome]]:
        """What both make of one cell and sample."""
        for side in self.sides:
            side.begin(request)
        before, after = (side.finish(request) for side in self.sides)
        return before, after

    def restart(self) -> None:
        """Go on in fresh processes."""
        for side in self.sides:
            side.restart()

    def close(self) -> None:
        for side in self.sides:
            side.close()
