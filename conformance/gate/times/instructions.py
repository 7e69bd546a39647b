"""The instructions of a call on both sides, counted by valgrind's callgrind. They are evidence beside times, and do not
change a verdict.

The same number of instructions can take different times, because of memory, and different numbers the same time.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from conformance.gate.times.speed import Instructions, Speed
from conformance.gate.times.stopwatch import TimedCell
from conformance.processes.client import ChildDied, ChildFailed, ChildProcess, reason_of
from conformance.processes.interpreter import Interpreter
from conformance.processes.requests import CountRequest

COMMANDS = ("valgrind", "callgrind_control")
COUNTS = "counts"
"""The name of callgrind's output files, without their numbers."""

SLOWDOWN = 20
"""The factor by which a process under callgrind may be slower before it counts as hung."""


class NotCounted(Exception):
    """callgrind left no count. The message says why."""


def missing_commands() -> list[str]:
    """The commands that counting needs and that are not installed."""
    return [command for command in COMMANDS if shutil.which(command) is None]


@dataclass(frozen=True)
class _Side:
    """A process of one side under callgrind, and the folder to which callgrind writes."""

    child: ChildProcess
    folder: Path

    def begin(self, request: CountRequest) -> None:
        for old in self._counts():
            old.unlink()
        self.child.begin(request)

    def finish(self, request: CountRequest) -> int:
        """The number of instructions of one call. Raises `NotCounted`, `ChildDied` or `ChildFailed`."""
        calls = self.child.finish(request)
        found = [re.search(r"^totals: (\d+)$", file.read_text(), re.MULTILINE) for file in self._counts()]
        if len(found) != 1 or found[0] is None:
            raise NotCounted("callgrind left no count")
        return int(found[0][1]) // calls

    def _counts(self) -> list[Path]:
        """The files that callgrind wrote on request. It writes a file without a number when a process ends."""
        return list(self.folder.glob(f"{COUNTS}.*"))


def with_instructions(
    speeds: Iterable[Speed], timed: Iterable[TimedCell], interpreters: tuple[Interpreter, Interpreter], patience: float
) -> tuple[Speed, ...]:
    """The speeds. Those on the CPU that are slower or faster have the instructions of both sides."""
    cells = {one.cell: one for one in timed}
    with tempfile.TemporaryDirectory(prefix="conformance-") as folder:
        sides = [_side(one, Path(folder, name), patience) for name, one in zip(("before", "after"), interpreters)]
        try:
            return tuple(
                replace(speed, instructions=_counted(cells[speed.cell], sides)) if _is_counted(speed) else speed
                for speed in speeds
            )
        finally:
            for side in sides:
                side.child.close()


def _is_counted(speed: Speed) -> bool:
    return speed.differs and speed.device == "cpu"


def _side(interpreter: Interpreter, folder: Path, patience: float) -> _Side:
    folder.mkdir()
    callgrind = ("valgrind", "-q", "--tool=callgrind", f"--callgrind-out-file={folder / COUNTS}")
    under = (*callgrind, "--instr-atstart=no", "--collect-atstart=no")
    return _Side(ChildProcess(patience * SLOWDOWN, replace(interpreter, under=under)), folder)


def _counted(timed: TimedCell, sides: list[_Side]) -> Instructions:
    """The instructions of both sides, counted at the same time: counts do not depend on load."""
    request = CountRequest(file=str(timed.file), device=timed.device, workload=timed.workload.name)
    for side in sides:
        side.begin(request)
    try:
        before, after = (side.finish(request) for side in sides)
        return Instructions(before, after)
    except (NotCounted, ChildDied, ChildFailed) as problem:
        for side in sides:
            side.child.end()
        return Instructions(problem=reason_of(problem))
