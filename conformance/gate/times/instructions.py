"""Instructions that a call takes on both sides, counted by valgrind's callgrind: evidence beside times, no verdict.

Two torches that take as many instructions may still differ in time, by their use of memory, and the other way round.
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
SLOWDOWN = 20
"""Times as long as usual that a process may take under callgrind before it counts as hung."""


class NotCounted(Exception):
    """callgrind left no count; the message says why."""


def missing_commands() -> list[str]:
    """The commands that counting needs and that are not there."""
    return [command for command in COMMANDS if shutil.which(command) is None]


@dataclass(frozen=True)
class _Side:
    """A process of one interpreter under callgrind, and the folder to which callgrind writes its counts."""

    child: ChildProcess
    folder: Path

    def begin(self, request: CountRequest) -> None:
        for old in self._counts():
            old.unlink()
        self.child.begin(request)

    def finish(self, request: CountRequest) -> int:
        """Instructions of one call. Raises `NotCounted`, `ChildDied` or `ChildFailed`."""
        calls = self.child.finish(request)
        found = [re.search(r"^totals: (\d+)$", file.read_text(), re.MULTILINE) for file in self._counts()]
        if len(found) != 1 or found[0] is None:
            raise NotCounted("callgrind left no count")
        return int(found[0][1]) // calls

    def _counts(self) -> list[Path]:
        """What callgrind wrote when it was asked to; the file without a number is of the end of a process."""
        return list(self.folder.glob(f"{COUNTS}.*"))


def with_instructions(
    speeds: Iterable[Speed], timed: Iterable[TimedCell], interpreters: tuple[Interpreter, Interpreter], patience: float
) -> tuple[Speed, ...]:
    """The speeds; those of the CPU that are slower or faster with the instructions that both interpreters take."""
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
    """Of both sides at the same time: counts do not mind the other's company."""
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
