"""The two interpreters of a gate: each a child process with a torch of its own, asked the same at the same time."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from conformance import journal
from conformance.cells import Cell
from conformance.child import Ask, DeviceQuestion, EnvironmentQuestion, TrialTask
from conformance.gate.changes import CRASHED
from conformance.interpreter import Interpreter
from conformance.outcome import Answers, Outcome
from conformance.sample import Sample
from conformance.worker import MOST_CRASHES, ChildDied, Worker

T = TypeVar("T")


class SideDied(Exception):
    """A side that cannot answer; the message says which, and why."""


class Side:
    """One interpreter: `name` is baseline or candidate. A call that kills or hangs it is an outcome like another."""

    def __init__(self, name: str, interpreter: Interpreter, patience: float) -> None:
        self.name, self.interpreter = name, interpreter
        self._worker = Worker(patience, interpreter)
        self._folder = tempfile.TemporaryDirectory(prefix="conformance-")
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

    def trial(self, task: TrialTask) -> Answers:
        """Its answers. A call that kills it twice is an outcome, and its cell is left; raises `SideDied` where it dies
        too often, or before the first question."""
        file = Path(self._folder.name) / "journal"
        crashed: dict[Cell, dict[int, Outcome]] = {}
        times: Counter[tuple[Cell, Sample | None]] = Counter()
        while sum(times.values()) < 2 * MOST_CRASHES:
            cells = tuple(cell for cell in task.cells if cell not in crashed)
            journal.Journal.create(file)
            try:
                answers: Answers = self._worker.ask(replace(task, cells=cells, journal=str(file)), file)
            except ChildDied as death:
                steps, number, sample = journal.read(file)
                if not steps:
                    raise self._died(str(death)) from None
                times[cells[number], sample] += 1
                if times[cells[number], sample] > 1:
                    place = task.samples.index(sample) if sample in task.samples else -1
                    crashed[cells[number]] = {place: Outcome(message=f"{CRASHED}: {death}")}
                continue
            self.deaths += [f"{cell[0]}[{cell[1]}]" for (cell, _), count in times.items() if count == 1]
            return replace(answers, outcomes={**answers.outcomes, **crashed})
        raise self._died(f"it died {sum(times.values())} times, last in {cells[number][0]}[{cells[number][1]}]")

    def ask(self, request: Ask) -> list[Outcome]:
        """One cell and sample, some times over; a call that kills it is an outcome."""
        try:
            return list(self._worker.ask(request, times=request.times))
        except ChildDied as death:
            return [Outcome(request.dtype, message=f"{CRASHED}: {death}")]

    def restart(self) -> None:
        """Go on in a fresh process."""
        self._worker.end()

    def close(self) -> None:
        self._worker.close()
        self._folder.cleanup()

    def _died(self, reason: str) -> SideDied:
        return SideDied(f"the {self.name} ({self.interpreter.name}): {reason}")


class Pair:
    """A baseline and a candidate that are asked at the same time."""

    def __init__(self, baseline: Side, candidate: Side) -> None:
        self.sides = (baseline, candidate)
        self._threads = ThreadPoolExecutor(2)

    def both(self, ask: Callable[[Side], T]) -> tuple[T, T]:
        """What each side answers; raises what one of them raised."""
        before, after = (self._threads.submit(ask, side) for side in self.sides)
        return before.result(), after.result()

    def ask(self, request: Ask) -> tuple[list[Outcome], list[Outcome]]:
        def one(side: Side) -> list[Outcome]:
            return side.ask(request)

        return self.both(one)

    def close(self) -> None:
        self._threads.shutdown()
        for side in self.sides:
            side.close()
