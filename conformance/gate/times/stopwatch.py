"""Workloads timed on both sides, by three processes that take turns on one core."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from conformance.gate.changes import Change
from conformance.gate.times.speed import (
    ATTEMPTS,
    CONFIRMATIONS,
    LOOKS,
    UNDECIDED,
    Judgement,
    PairedRatios,
    Speed,
    judge,
)
from conformance.processes.client import ChildDied, ChildFailed, ChildProcess, reason_of
from conformance.processes.interpreter import Interpreter
from conformance.processes.requests import Lap, LapRequest
from conformance.results.model import Cell
from conformance.spec.cells import PERF, cell_id
from conformance.spec.contract import Spec
from conformance.timing.workloads import Workload, call_of, workloads_of

MUCH_SLOWER = 8
"""A side that is more than this factor slower than the baseline has smaller batches."""


@dataclass(frozen=True)
class TimedCell:
    """One workload to time."""

    cell: str
    """the id of its cell"""
    file: Path
    spec: Spec
    device: str
    workload: Workload

    @property
    def call(self) -> str:
        return call_of(self.spec, self.workload)


class NotTimed(Exception):
    """A workload could not be timed. The message says where and why."""


def timed_cells(name: str, file: Path, spec: Spec, device: str) -> list[TimedCell]:
    """The workloads of a spec on a device. `name` is the name of the spec file in the results."""
    return [
        TimedCell(cell_id(name, Cell(PERF, workload.name), device), file, spec, device, workload)
        for workload in workloads_of(spec)
    ]


class Stopwatch:
    """The three processes: the baseline, the candidate, and a second process of the baseline as the control."""

    def __init__(self, baseline: Interpreter, candidate: Interpreter, patience: float) -> None:
        sides = {"baseline": baseline, "candidate": candidate, "control": baseline}
        self._children = {name: ChildProcess(patience, interpreter.to_be_timed) for name, interpreter in sides.items()}

    def judged(self, timed: TimedCell, workloads: int) -> tuple[Judgement, PairedRatios]:
        """The judgement on one workload of `workloads`, and its pairs. Raises `NotTimed`."""
        loops = self._warm_up(timed)
        pairs = PairedRatios()
        for look in LOOKS:
            while len(pairs.candidate) < look:
                pairs += self._block(timed, loops)
            judgement = judge(pairs, workloads)
            if judgement.verdict != UNDECIDED:
                break
        return judgement, pairs

    def _block(self, timed: TimedCell, loops: dict[str, int]) -> PairedRatios:
        """Two pairs. The second is taken in reverse order, so that a steady drift cancels out."""
        order = ("baseline", "candidate", "control")
        first, second, third = (self._lap(name, timed, loops[name]).seconds for name in order)
        last, back, again = (self._lap(name, timed, loops[name]).seconds for name in reversed(order))
        return PairedRatios((second / first, back / again), (third / first, last / again))

    def _warm_up(self, timed: TimedCell) -> dict[str, int]:
        """The number of calls in a batch, by side. It is that of the baseline, except for a side that is much slower.

        The processes start at the same time, and warm up one after another.
        """
        for child in self._children.values():
            child.start()
        own = {name: self._lap(name, timed, 0).loops for name in self._children}
        common = own["baseline"]
        return {name: loops if loops * MUCH_SLOWER < common else common for name, loops in own.items()}

    def _lap(self, name: str, timed: TimedCell, loops: int) -> Lap:
        """The seconds of one call on a side, and the number of calls in a batch. Raises `NotTimed`."""
        request = LapRequest(file=str(timed.file), device=timed.device, workload=timed.workload.name, loops=loops)
        try:
            return self._children[name].ask(request)
        except (ChildDied, ChildFailed) as problem:
            self.restart()
            raise NotTimed(f"{timed.cell} could not be timed on the {name}: {reason_of(problem)}") from None

    def restart(self) -> None:
        """Continue in new processes."""
        for child in self._children.values():
            child.end()

    def close(self) -> None:
        for child in self._children.values():
            child.close()


def time_all(
    stopwatch: Stopwatch, timed: list[TimedCell], on_progress: Callable[[TimedCell, str], Any], workloads: int = 0
) -> tuple[list[Speed], list[str]]:
    """The speeds of the workloads that could be timed, and why the others could not.

    `on_progress` is called with the summary of each judgement. The workloads are judged as some of `workloads`; 0 means
    that they are all. An undecided workload is timed again in new processes. One that is slower or faster must be so in
    new processes too.
    """
    session = _TimingSession(stopwatch, timed, on_progress, workloads or len(timed))
    for attempt in range(1, ATTEMPTS + 1):
        session.attempt(attempt)
    for _ in range(CONFIRMATIONS + ATTEMPTS - 1):
        session.confirm()
    return list(session.speeds.values()), list(session.gaps.values())


class _TimingSession:
    """The speeds of workloads so far, and the reasons why some could not be timed, by the id of the cell."""

    def __init__(
        self, stopwatch: Stopwatch, timed: list[TimedCell], on_progress: Callable[[TimedCell, str], Any], workloads: int
    ) -> None:
        self._stopwatch, self._timed, self._on_progress, self._workloads = stopwatch, timed, on_progress, workloads
        self.speeds: dict[str, Speed] = {}
        self.gaps: dict[str, str] = {}

    def attempt(self, number: int) -> None:
        """Time all workloads in the first attempt, and those that are undecided in later ones."""
        some = self._timed if number == 1 else self._chosen(_is_undecided)
        for timed, judgement, pairs in self._judged(some):
            self.speeds[timed.cell] = Speed(
                cell=timed.cell,
                operation=timed.spec.operation,
                device=timed.device,
                workload=timed.workload.name,
                call=timed.call,
                first=judgement,
                pairs=pairs,
                attempt=number,
            )

    def confirm(self) -> None:
        """Time the workloads once more whose difference is neither confirmed nor denied yet."""
        for timed, judgement, _ in self._judged(self._chosen(_is_suspected)):
            known = self.speeds[timed.cell]
            self.speeds[timed.cell] = replace(known, fresh=(*known.fresh, judgement))

    def _chosen(self, condition: Callable[[Speed], bool]) -> list[TimedCell]:
        """The workloads to time again, in new processes."""
        some = [one for one in self._timed if one.cell not in self.gaps and condition(self.speeds[one.cell])]
        if some:
            self._stopwatch.restart()
        return some

    def _judged(self, some: list[TimedCell]) -> Iterator[tuple[TimedCell, Judgement, PairedRatios]]:
        for timed in some:
            try:
                judgement, pairs = self._stopwatch.judged(timed, self._workloads)
            except NotTimed as problem:
                self.gaps[timed.cell] = str(problem)
                self._on_progress(timed, str(problem))
            else:
                self._on_progress(timed, judgement.summary)
                yield timed, judgement, pairs


def _is_undecided(speed: Speed) -> bool:
    return speed.first.verdict == UNDECIDED


def _is_suspected(speed: Speed) -> bool:
    return speed.suspected


def changes_of(speeds: Iterable[Speed]) -> list[Change]:
    """The changes of the workloads that are slower or faster."""
    return [
        Change(
            cell=speed.cell,
            operation=speed.operation,
            check=PERF,
            device=speed.device,
            subject=speed.workload,
            kind=speed.verdict,
            what="",
            before="timed in turns with it",
            after=speed.summary,
            call=speed.call,
            time_ratio=speed.first.ratio.middle,
        )
        for speed in speeds
        if speed.differs
    ]
