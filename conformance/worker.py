"""The parent's side of a child process: start it, give it sweeps, and go on when it dies or hangs."""

from __future__ import annotations

import multiprocessing
import signal
import tempfile
import time
from dataclasses import replace
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any

from conformance import journal
from conformance.child import Answer, Task, serve
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


class Worker:
    """A child process that runs sweeps, started when needed and again after a crash."""

    def __init__(self, patience: float = PATIENCE) -> None:
        self.patience = patience
        self._process: SpawnProcess | None = None
        self._connection: Connection | None = None
        self._folder = tempfile.TemporaryDirectory(prefix="conformance-")

    def ask(self, request: Any, journal_file: Path | None = None) -> Any:
        """Send a request and wait for the answer; raises `ChildDied` or `ChildFailed`."""
        connection = self._started()
        try:
            connection.send(request)
            self._wait(connection, journal_file)
            answer: Answer = connection.recv()
        except (EOFError, BrokenPipeError, ConnectionResetError):
            raise ChildDied(self._end()) from None
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
        self._end()
        try:
            return self.ask(request)
        finally:
            self._end()

    def close(self) -> None:
        """End the child."""
        self._end()
        self._folder.cleanup()

    def _started(self) -> Connection:
        if self._connection is None:
            context = multiprocessing.get_context("spawn")
            ours, theirs = context.Pipe()
            self._process = context.Process(target=serve, args=(theirs,), daemon=True)
            self._process.start()
            theirs.close()
            self._connection = ours
        return self._connection

    def _wait(self, connection: Connection, journal_file: Path | None) -> None:
        steps, since = -1, time.monotonic()
        while not connection.poll(1.0):
            now = journal.read(journal_file)[0] if journal_file else 0
            if now != steps:
                steps, since = now, time.monotonic()
                continue
            patience = self.patience if now else max(self.patience, PATIENCE)
            if time.monotonic() - since > patience:
                self._end()
                raise ChildDied(f"the process hung for more than {patience:g} s")

    def _end(self) -> str:
        """Stop the child and say how it ended."""
        process, connection = self._process, self._connection
        self._process = self._connection = None
        if process is None or connection is None:
            return "the process was not running"
        connection.close()
        process.join(1.0)
        if process.is_alive():
            process.kill()
            process.join()
        code = process.exitcode or 0
        if code >= 0:
            return f"the process ended with status {code}"
        return f"the process was killed by {signal.Signals(-code).name}"


def _crashed(task: Task, cell: tuple[str, str], message: str, sample: Sample | None = None) -> dict[str, Any]:
    return cell_record(task.device, cell, CRASHED, Evidence(), message, sample=sample)
