"""The client of a child process: it starts the child, asks it, and survives its death. Needs no torch."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import astuple, dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from execnet import RemoteError

from conformance.processes.hanging import StepWatch, processor_seconds
from conformance.processes.interpreter import Interpreter
from conformance.processes.journal import LastStep, Reader, create
from conformance.processes.requests import JournaledRequest, Reply, Request
from conformance.processes.scratch import VARIABLE, ScratchFolder
from conformance.results.codec import DataError, from_json, from_plain, to_json
from conformance.results.model import FailureKind
from conformance.results.visible import visible

T = TypeVar("T")

LARGEST = 1 << 29
"""The bytes of the largest message. The answers of a whole spec have some MiB."""

MOST_TOLD = 1 << 16
"""The bytes that are told of what a child writes to its standard error: the last ones."""

MOST_GROWN = 1 << 30
"""The bytes by which the memory of a child may grow in one request, if it is to answer further ones."""

PATIENCE = 120.0
"""The default of `patience`: the seconds that a child may take for one step before it counts as hung. A child always
has at least this time to start."""


LEAST_PATIENCE = 10.0
"""The seconds that an interpreter may always take to begin to answer."""


class ChildDied(Exception):
    """The child process ended or hung. The message says how, and `kind` which. `last` is its last step, if it kept a
    journal."""

    def __init__(self, message: str, last: LastStep | None = None, hung: bool = False) -> None:
        super().__init__(message)
        self.last = last or LastStep(0, 0, None)
        self.kind = FailureKind.HUNG if hung else FailureKind.CRASHED


class ChildFailed(Exception):
    """An error in the suite itself, not in torch. The message is the child's traceback."""


def reason_of(problem: BaseException) -> str:
    """The last line of the message of an exception. That of `ChildFailed` is a whole traceback."""
    return (str(problem).strip().splitlines() or ["no reason given"])[-1]


@dataclass(frozen=True)
class Spent:
    """What requests took: seconds by the clock, seconds of processor time, and the bytes by which the memory grew."""

    seconds: float = 0.0
    cpu_seconds: float = 0.0
    grown: int = 0

    def __add__(self, other: Spent) -> Spent:
        return Spent(*(one + another for one, another in zip(astuple(self), astuple(other))))

    def __sub__(self, other: Spent) -> Spent:
        return Spent(*(one - another for one, another in zip(astuple(self), astuple(other))))


class ChildProcess:
    """A child process that answers requests. It is started when it is needed, and again after a crash."""

    def __init__(self, patience: float = PATIENCE, interpreter: Interpreter | None = None) -> None:
        self.patience = patience
        self.spent = Spent()
        """what all requests took that were answered, the processes included that the child started and that ended"""
        self._interpreter = interpreter or Interpreter()
        self._gateway: Any = None
        self._group = 0
        """the process group of the child and of all that it starts; 0 if it is not known, or if there are no groups"""
        self._channel: Any = None
        self._ready = False
        self._death: ChildDied | None = None
        self._folder = ScratchFolder()
        self._errors = self._folder.path / "stderr"
        """what the child writes to its standard error"""
        self._journal: Path | None = None
        self._reader: Reader | None = None
        self._number = 0

    # --- asking ---------------------------------------------------------------------------------------------------

    def ask(self, request: Request[T], steps: int = 1) -> T:
        """Send a request and wait for the answer. Raises `ChildDied` or `ChildFailed`.

        The request may take `patience` seconds for each of `steps` steps, and for each step in its journal.
        """
        self.begin(request)
        return self.finish(request, steps)

    def begin(self, request: Request[Any]) -> None:
        """Send a request, and start a child first if there is none. `finish` raises what goes wrong."""
        self._death = None
        self._number += 1
        text = to_json(self._with_journal(request))
        try:
            self._launch()
            self._channel.send((self._number, text))
        except (EOFError, OSError) as error:
            if self._ready:
                self._death = self._died(self.end())
            elif self._channel is None:
                self._death = ChildDied(f"the process could not start: {reason_of(error)}")

    def finish(self, request: Request[T], steps: int = 1) -> T:
        """Wait for the answer to the request that was begun, as `ask` does.

        After any error the child is ended. Otherwise a late answer could be taken for the answer to the next request.
        """
        if self._death is not None:
            raise self._death
        try:
            self._wait_until_ready()
            return self._answer(request, self._received(self._channel, self.patience * steps))
        except (EOFError, OSError):
            raise self._died(self.end()) from None
        except RemoteError as error:
            self.end()
            raise ChildFailed(str(error)) from None
        except BaseException:
            self.end()
            raise

    def _answer(self, request: Request[T], message: Any) -> T:
        """The answer that a message holds, once it has proved to be what it should be. Raises `ChildFailed`."""
        try:
            reply: Reply = from_plain(message, Reply)
            if reply.number != self._number:
                raise ChildFailed(f"request {self._number} was answered as number {reply.number}")
            if reply.error:
                raise ChildFailed(reply.error)
            answer: T = from_json(reply.answer, request.answer)
        except DataError as problem:
            raise ChildFailed(f"the child's answer {problem}") from None
        self.spent += Spent(reply.seconds, reply.cpu_seconds, reply.grown)
        if reply.grown > MOST_GROWN or reply.to_be_replaced:
            self.end()  # the next request has a new child
        return answer

    def ask_in_isolation(self, request: Request[T]) -> T:
        """Ask in a new child that ends after the answer. Raises `ChildDied` or `ChildFailed`."""
        self.end()
        try:
            return self.ask(request)
        finally:
            self.end()

    # --- the process ----------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start a child if there is none, and do not wait for it. The next request raises what goes wrong."""
        with suppress(EOFError, OSError):
            self._launch()

    def end(self) -> str:
        """End the child. Returns how it ended, as text."""
        gateway = self._gateway
        self._gateway = self._channel = None
        if gateway is None:
            return "the process was not running"
        gateway.exit()
        process = gateway._io.popen  # execnet has no public name for the process
        try:
            code = process.wait(1.0)
        except subprocess.TimeoutExpired:
            process.kill()
            code = process.wait()
        self._end_group()
        self._tell_errors()
        if code >= 0:
            return f"the process ended with status {code}"
        return f"the process was killed by {signal.Signals(-code).name}"

    def _end_group(self) -> None:
        """End what the child has left: copies that calls forked, and compilers."""
        if self._group:
            with suppress(OSError):
                os.killpg(self._group, signal.SIGKILL)

    def _tell_errors(self) -> None:
        """Tell the end of what the child has written to its standard error, fit to be shown."""
        with suppress(OSError):
            text = self._errors.read_bytes()[-MOST_TOLD:].decode("utf-8", "replace")
            self._errors.unlink()
            print(visible(text, lines=True), end="", file=sys.stderr, flush=True)

    def close(self) -> None:
        """End the child, and remove its files."""
        self.end()
        self._forget_journal()
        self._folder.close()

    def _launch(self) -> None:
        if self._channel is None:
            self._ready = False
            patience = max(self.patience, LEAST_PATIENCE)
            interpreter = self._interpreter.known_by(VARIABLE, str(self._folder.path))
            try:
                self._gateway, self._channel = interpreter.start(patience, self._errors)
            except OSError:
                self._folder.end_processes()  # what is no Python may have started others
                raise
            io = self._gateway._io
            io.read = partial(_read, io.read)
            self._group = 0

    def _wait_until_ready(self) -> None:
        if self._ready:
            return
        try:
            group = self._received(self._channel, max(self.patience, PATIENCE))
            self._group = group if isinstance(group, int) and group > 1 and group != _own_group() else 0
            self._ready = True
        except RemoteError as error:
            self.end()
            raise ChildDied(f"the process could not start: {reason_of(error)}") from None

    def _received(self, channel: Any, patience: float) -> Any:
        """The next message of the child. A child of which a step hangs is ended."""
        steps, watch = -1, StepWatch(patience, self._processor_seconds)
        while True:
            try:
                return channel.receive(min(1.0, patience))
            except channel.TimeoutError:
                if self._has_ended():
                    raise EOFError("the process ended") from None
                now = self._reader.steps if self._reader else 0
            if now != steps:
                steps = now
                watch.begin()
            elif watch.hangs():
                self.end()
                raise self._died(f"the process hung for more than {patience:g} s", hung=True)

    def _processor_seconds(self) -> float | None:
        return processor_seconds(self._group)

    def _has_ended(self) -> bool:
        """Whether the child ended and left nothing to receive, though a copy of it may hold its end of the pipe."""
        return self._gateway is not None and self._gateway._io.popen.poll() is not None

    # --- the journal ----------------------------------------------------------------------------------------------

    def _with_journal(self, request: Request[Any]) -> Request[Any]:
        """The request with a new journal, if it needs one."""
        self._forget_journal()
        if not isinstance(request, JournaledRequest):
            return request
        self._journal = create(self._folder.path)
        self._reader = Reader(self._journal)
        return request.with_journal(str(self._journal))

    def _forget_journal(self) -> None:
        if self._reader is None or self._journal is None:
            return
        self._reader.close()
        with suppress(OSError):  # Windows does not remove a file that a process has mapped
            self._journal.unlink()
        self._reader = self._journal = None

    def _died(self, how: str, hung: bool = False) -> ChildDied:
        """The death of a child that has ended, with its last step."""
        last = self._reader.last() if self._reader else LastStep(0, 0, None)
        return ChildDied(last.words or how, last, hung)


def _read(read: Callable[[int], bytes], count: int) -> bytes:
    """Read a part of a message, unless it is too large to be one. Raises `EOFError`, with which execnet gives up."""
    if not 0 <= count <= LARGEST:
        raise EOFError(f"a message of {count:,} bytes")
    return read(count)


def _own_group() -> int:
    return os.getpgrp() if hasattr(os, "getpgrp") else 0
