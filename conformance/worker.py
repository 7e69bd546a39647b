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

from conformance import journal
from conformance.child import Answer, Task
from conformance.interpreter import Interpreter
from conformance.ledger import Evidence, cell_record
from conformance.results import CRASHED
from conformance.sample import Sample

PATIENCE = 120.0
"""Seconds that a child may take over one step before it counts as hung; to start it is always given as many."""

MOST_CRASHES = 6
"""Crashes after which the rest of a sweep is given up."""


class ChildDied(Exception):
    """The child process ended or hung; the message says how."""


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

    def ask(self, request: Any, journal_file: Path | None = None, times: int = 1) -> Any:
        """Send a request, which takes so many steps, and wait for the answer; raises `ChildDied` or `ChildFailed`.

        With a journal each step that is noted there may take as long as one.
        """
        self.begin(request)
        return self.finish(journal_file, times)

    def begin(self, request: Any) -> None:
        """Send a request, for which a child starts where there is none; what goes wrong is told by `finish`."""
        self._death = None
        try:
            self._launch()
            self._channel.send(pickle.dumps(request))
        except (EOFError, OSError) as error:
            if self._ready:
                self._death = ChildDied(self.end())
            elif self._channel is None:
                self._death = ChildDied(f"the process could not start: {reason_of(error)}")

    def start(self) -> None:
        """Start a child where there is none, and do not wait for it; what goes wrong the next request tells."""
        with suppress(EOFError, OSError):
            self._launch()

    def finish(self, journal_file: Path | None = None, times: int = 1) -> Any:
        """The answer to the request that was begun; as `ask`."""
        if self._death is not None:
            raise self._death
        try:
            self._wait_until_ready()
            answer: Answer = pickle.loads(self._received(self._channel, self.patience * times, journal_file))
        except (EOFError, OSError):
            raise ChildDied(self.end()) from None
        if answer.error:
            raise ChildFailed(answer.error)
        return answer.result

    def sweep(self, task: Task) -> list[dict[str, Any]]:
        """The records of every cell of a task; a cell that kills the child is "crashed" and the rest goes on."""
        file = Path(self._folder.name) / "journal"
        records: list[dict[str, Any]] = []
        while task.cells:
            journal.Journal.create(file)
            try:
                return records + list(self.ask(replace(task, journal=str(file)), file))
            except ChildDied as death:
                steps, number, sample = journal.read(file)
                crashed = task.cells[number]
                doing = "while this cell was asked" if steps else "before the first cell was asked"
                records.append(_crashed(task, crashed, f"{death} {doing}", sample))
                rest = tuple(cell for cell in task.cells if cell != crashed)
                if len(records) >= MOST_CRASHES or not steps:
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
        self._folder.cleanup()

    def _launch(self) -> None:
        if self._channel is None:
            self._ready = False
            self._gateway, self._channel = self._interpreter.start()

    def _wait_until_ready(self) -> None:
        if self._ready:
            return
        try:
            self._received(self._channel, max(self.patience, PATIENCE), None)
            self._ready = True
        except self._channel.RemoteError as error:
            self.end()
            raise ChildDied(f"the process could not start: {reason_of(error)}") from None

    def _received(self, channel: Any, patience: float, journal_file: Path | None) -> bytes:
        """What the child sends, once it comes; a child that makes no step for too long is ended."""
        steps, since = -1, time.monotonic()
        while True:
            try:
                return bytes(channel.receive(min(1.0, patience)))
            except channel.TimeoutError:
                now = journal.read(journal_file)[0] if journal_file else 0
            if now != steps:
                steps, since = now, time.monotonic()
            elif time.monotonic() - since > patience:
                self.end()
                raise ChildDied(f"the process hung for more than {patience:g} s")

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
