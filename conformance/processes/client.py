"""The parent's side of a child process: start it, give it sweeps, and go on when it dies or hangs."""

from __future__ import annotations

import pickle
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from conformance.execution.evidence import Evidence, cell_record
from conformance.processes.interpreter import Interpreter
from conformance.processes.journal import LastStep, Reader, create
from conformance.processes.requests import Answer, Task
from conformance.results.file import CRASHED
from conformance.samples.sample import Sample

PATIENCE = 120.0
"""Seconds that a child may take over one step before it counts as hung; to start it is always given as many."""

MOST_CRASHES = 6
"""Crashes after which the rest of a sweep is given up."""


class ChildDied(Exception):
    """The child process ended or hung; the message says how, and `last` what it was doing, where it kept a journal."""

    def __init__(self, message: str, last: LastStep | None = None) -> None:
        super().__init__(message)
        self.last = last or LastStep(0, 0, None)


class ChildFailed(Exception):
    """An error in the suite itself, not in torch; the message is the child's traceback."""


def reason_of(problem: Exception) -> str:
    """The last line of what a child's end or error says."""
    return (str(problem).strip().splitlines() or ["no reason given"])[-1]


class Worker:
    """A child process that runs sweeps, started when needed and again after a crash."""

    def __init__(self, patience: float = PATIENCE, interpreter: Interpreter | None = None) -> None:
        self.patience = patience
        self._interpreter = interpreter or Interpreter()
        self._gateway: Any = None
        self._channel: Any = None
        self._ready = False
        self._death: ChildDied | None = None
        self._folder = tempfile.TemporaryDirectory(prefix="conformance-")
        self._journal: Path | None = None
        self._reader: Reader | None = None
        self._number = 0

    def ask(self, request: Any, times: int = 1) -> Any:
        """Send a request, which takes so many steps, and wait for the answer; raises `ChildDied` or `ChildFailed`.

        Of a request that keeps a journal each step that is noted there may take as long as one.
        """
        self.begin(request)
        return self.finish(times)

    def begin(self, request: Any) -> None:
        """Send a request, for which a child starts where there is none; what goes wrong is told by `finish`."""
        self._death = None
        self._number += 1
        request = self._with_journal(request)
        try:
            self._launch()
            self._channel.send(pickle.dumps((self._number, request)))
        except (EOFError, OSError) as error:
            if self._ready:
                self._death = ChildDied(self.end())
            elif self._channel is None:
                self._death = ChildDied(f"the process could not start: {reason_of(error)}")

    def start(self) -> None:
        """Start a child where there is none, and do not wait for it; what goes wrong the next request tells."""
        with suppress(EOFError, OSError):
            self._launch()

    def finish(self, times: int = 1) -> Any:
        """The answer to the request that was begun; as `ask`. After any error the child is ended: what it may still
        answer would be taken for the answer to another request."""
        if self._death is not None:
            raise self._death
        try:
            self._wait_until_ready()
            number, answer = pickle.loads(self._received(self._channel, self.patience * times))
        except (EOFError, OSError):
            raise self._died(self.end()) from None
        except BaseException:
            self.end()
            raise
        if number != self._number:
            self.end()
            raise ChildFailed(f"request {self._number} was answered as number {number}")
        return self._result(answer)

    def _result(self, answer: Answer) -> Any:
        if answer.error:
            self.end()
            raise ChildFailed(answer.error)
        return answer.result

    def _with_journal(self, request: Any) -> Any:
        """The request with a journal of its own, where it keeps one."""
        self._forget_journal()
        if not hasattr(request, "journal"):
            return request
        self._journal = create(Path(self._folder.name))
        self._reader = Reader(self._journal)
        return replace(request, journal=str(self._journal))

    def _forget_journal(self) -> None:
        if self._reader is None or self._journal is None:
            return
        self._reader.close()
        with suppress(OSError):  # Windows keeps a file that a process has mapped
            self._journal.unlink()
        self._reader = self._journal = None

    def _died(self, how: str) -> ChildDied:
        """The death of a child that has ended, with what it was doing."""
        return ChildDied(how, self._reader.last() if self._reader else None)

    def sweep(self, task: Task) -> list[dict[str, Any]]:
        """The records of every cell of a task; a cell that kills the child is "crashed" and the rest goes on."""
        records: list[dict[str, Any]] = []
        while task.cells:
            try:
                return records + list(self.ask(task))
            except ChildDied as death:
                last = death.last
                crashed = task.cells[last.cell]
                doing = "while this cell was asked" if last.steps else "before the first cell was asked"
                records.append(_crashed(task, crashed, f"{death} {doing}", last.sample))
                rest = tuple(cell for cell in task.cells if cell != crashed)
                if len(records) >= MOST_CRASHES or not last.steps:
                    reason = f"not reached: the sweep was given up after {len(records)} crashes"
                    return records + [_crashed(task, cell, reason) for cell in rest]
                task = replace(task, cells=rest)
        return records

    def ask_alone(self, request: Any) -> Any:
        """Ask in a child of its own, which ends with the answer; raises `ChildDied` or `ChildFailed`."""
        self.end()
        try:
            return self.ask(request)
        finally:
            self.end()

    def close(self) -> None:
        """End the child."""
        self.end()
        self._forget_journal()
        self._folder.cleanup()

    def _launch(self) -> None:
        if self._channel is None:
            self._ready = False
            self._gateway, self._channel = self._interpreter.start()

    def _wait_until_ready(self) -> None:
        if self._ready:
            return
        try:
            self._received(self._channel, max(self.patience, PATIENCE))
            self._ready = True
        except self._channel.RemoteError as error:
            self.end()
            raise ChildDied(f"the process could not start: {reason_of(error)}") from None

    def _received(self, channel: Any, patience: float) -> bytes:
        """What the child sends, once it comes; a child that makes no step for too long is ended."""
        steps, since = -1, time.monotonic()
        while True:
            try:
                return bytes(channel.receive(min(1.0, patience)))
            except channel.TimeoutError:
                now = self._reader.steps if self._reader else 0
            if now != steps:
                steps, since = now, time.monotonic()
            elif time.monotonic() - since > patience:
                self.end()
                raise self._died(f"the process hung for more than {patience:g} s")

    def end(self) -> str:
        """Stop the child and say how it ended."""
        gateway = self._gateway
        self._gateway = self._channel = None
        if gateway is None:
            return "the process was not running"
        gateway.exit()
        process = gateway._io.popen  # execnet has no public name for the process that it started
        try:
            code = process.wait(1.0)
        except subprocess.TimeoutExpired:
            process.kill()
            code = process.wait()
        if code >= 0:
            return f"the process ended with status {code}"
        return f"the process was killed by {signal.Signals(-code).name}"


def _crashed(task: Task, cell: tuple[str, str], message: str, sample: Sample | None = None) -> dict[str, Any]:
    return cell_record(task.device, cell, CRASHED, Evidence(), message, sample=sample)
