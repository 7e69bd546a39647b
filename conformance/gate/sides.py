"""The two sides of a gate: child processes with different torches, which are asked the same at the same time."""

from __future__ import annotations

from msgspec.structs import replace

from conformance.engine.outcome import Answers, CellOutcomes, Outcome
from conformance.processes.client import ChildDied, ChildFailed, ChildProcess, reason_of
from conformance.processes.interpreter import Interpreter
from conformance.processes.requests import AskRequest, DeviceRequest, EnvironmentRequest, ReplayRequest, ReplaysRequest
from conformance.processes.survivor import Crash, Survivor
from conformance.results.model import Environment
from conformance.samples.serial import to_data
from conformance.spec.cells import cell_name


class SideDied(Exception):
    """A side cannot answer. The message says which side, and why."""


class Side:
    """One interpreter. `name` is baseline or candidate. A call that kills or hangs its process gives an outcome too."""

    def __init__(self, name: str, interpreter: Interpreter, patience: float) -> None:
        self.name, self.interpreter = name, interpreter
        self._child = ChildProcess(patience, interpreter)
        self.deaths: list[str] = []
        """deaths that did not repeat"""
        self.unexplained = ""
        """how the process died while it was asked the compiled cells of several specs, as long as none of them has
        shown to be the cause"""

    def environment(self, devices: tuple[str, ...]) -> Environment:
        """The environment of the side. Raises `SideDied`."""
        try:
            for device in devices:
                problem = self._child.ask(DeviceRequest(device=device))
                if problem:
                    raise self._died(problem)
            return self._child.ask(EnvironmentRequest(devices=devices))
        except ChildDied as death:
            raise self._died(str(death)) from None
        except ChildFailed as failed:
            raise self._died(reason_of(failed)) from None

    def begin_replay(self, request: ReplayRequest) -> None:
        """Send a replay. A cell counts as crashed if it has ended the process twice on one sample."""
        self._survivor = Survivor(self._child, request, deaths_of_a_crash=2)
        self._survivor.begin()

    def finish_replay(self, request: ReplayRequest) -> Answers:
        """Wait for the answers to the replay. Raises `SideDied` if the process dies too often, or before the first
        step."""
        survived = self._survivor.finish()
        if survived.answer is None and survived.not_reached:
            raise self._died(survived.reason or f"it died {survived.deaths} times{_last(survived.crashes)}")
        if survived.crashes:
            self.unexplained = ""
        self.deaths += [cell_name(cell, request.device) for cell in survived.not_repeated]
        crashed = tuple(_crashed(crash, request) for crash in survived.crashes)
        answers = survived.answer or Answers()
        return replace(answers, cells=(*answers.cells, *crashed))

    def finish_together(self, request: ReplaysRequest) -> tuple[Answers, ...] | None:
        """Wait for the answers to replays of compiled cells; None if the process died, or if an error of the suite
        concerns one of them. Then each is to be asked by itself."""
        try:
            return self._child.finish(request)
        except ChildDied as death:
            self.unexplained = str(death)
        except ChildFailed:
            pass
        return None

    def begin(self, request: AskRequest | ReplaysRequest) -> None:
        """Send a request about one cell and sample, or replays of compiled cells."""
        self._child.begin(request)

    def finish(self, request: AskRequest) -> tuple[Outcome, ...]:
        """Wait for the outcomes. A call that kills the process gives an outcome too."""
        try:
            return self._child.finish(request, steps=request.repeats)
        except ChildDied as death:
            return (Outcome(dtype=request.dtype, failure=Crash(request.cell, None, death).failure),)

    def restart(self) -> None:
        """Continue in a new process."""
        self._child.end()

    def close(self) -> None:
        self._child.close()

    def _died(self, reason: str) -> SideDied:
        return SideDied(f"the {self.name} ({self.interpreter.name}): {reason}")


def _crashed(crash: Crash, request: ReplayRequest) -> CellOutcomes:
    """A crash as the outcome of its sample."""
    data = None if crash.sample is None else to_data(crash.sample)
    place = request.samples.index(data) if data in request.samples else -1
    return CellOutcomes(cell=crash.cell, outcomes={place: Outcome(failure=crash.failure)})


def _last(crashes: tuple[Crash, ...]) -> str:
    if not crashes:
        return ""
    cell, death = crashes[-1].cell, crashes[-1].death
    return f", last in {cell.check}[{cell.subject}]: {death}"


class Pair:
    """A baseline and a candidate that work at the same time.

    This process waits for one after the other, without threads. With threads, a garbage collection while Hypothesis was
    drawing in another thread has killed the interpreter.
    """

    def __init__(self, baseline: Side, candidate: Side) -> None:
        self.sides = (baseline, candidate)

    def begin_replay(self, request: ReplayRequest) -> None:
        """Send a replay to both."""
        for side in self.sides:
            side.begin_replay(request)

    def finish_replay(self, request: ReplayRequest) -> tuple[Answers, Answers]:
        """Wait for the answers of both. Raises `SideDied`."""
        before, after = (side.finish_replay(request) for side in self.sides)
        return before, after

    def begin_together(self, request: ReplaysRequest) -> None:
        """Send replays of compiled cells to both."""
        for side in self.sides:
            side.begin(request)

    def finish_together(self, request: ReplaysRequest) -> tuple[tuple[Answers, ...], tuple[Answers, ...]] | None:
        """Wait for the answers of both; None if a side has none. Then both have new processes."""
        before, after = (side.finish_together(request) for side in self.sides)
        if before is None or after is None:
            self.restart()
            return None
        return before, after

    def ask(self, request: AskRequest) -> tuple[tuple[Outcome, ...], tuple[Outcome, ...]]:
        """The outcomes of both for one cell and sample."""
        for side in self.sides:
            side.begin(request)
        before, after = (side.finish(request) for side in self.sides)
        return before, after

    def restart(self) -> None:
        """Continue in new processes."""
        for side in self.sides:
            side.restart()

    def close(self) -> None:
        for side in self.sides:
            side.close()
