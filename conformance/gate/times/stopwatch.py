"""Workloads timed on both sides: three processes on one core that take turns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from conformance.gate.changes import Change
from conformance.gate.times.speed import ATTEMPTS, CONFIRMATIONS, LOOKS, OPEN, Judgement, Pairs, Speed, judge
from conformance.processes.client import ChildDied, ChildFailed, ChildProcess, reason_of
from conformance.processes.interpreter import Interpreter
from conformance.processes.requests import Lap, LapRequest
from conformance.results.model import Cell
from conformance.spec.cells import PERF, cell_name
from conformance.spec.contract import Spec
from conformance.timing.workloads import Workload, call_of, workloads_of

MANY = 8
"""A side that takes so many times as long makes batches of its own size: nothing finer is to be told of it."""


@dataclass(frozen=True)
class TimedCell:
    """One workload to time: the name of its cell, and where it comes from."""

    cell: str
    file: Path
    spec: Spec
    device: str
    workload: Workload

    @property
    def call(self) -> str:
        return call_of(self.spec, self.workload)


class NotTimed(Exception):
    """A workload that could not be timed; the message says where and why."""


def timed_cells(name: str, file: Path, spec: Spec, device: str) -> list[TimedCell]:
    """Every workload of a spec on a device; `name` is how results call its file."""
    return [
        TimedCell(f"{name}::{cell_name(Cell(PERF, workload.name), device)}", file, spec, device, workload)
        for workload in workloads_of(spec)
    ]


class Stopwatch:
    """The baseline, a second process of it as the control, and the candidate."""

    def __init__(self, baseline: Interpreter, candidate: Interpreter, patience: float) -> None:
        sides = {"baseline": baseline, "candidate": candidate, "control": baseline}
        self._children = {name: ChildProcess(patience, interpreter.to_be_timed) for name, interpreter in sides.items()}

    def judged(self, timed: TimedCell, workloads: int) -> tuple[Judgement, Pairs]:
        """What is to be said of one of so many workloads, and the pairs that say so. Raises `NotTimed`."""
        loops = self._warm_up(timed)
        pairs = Pairs()
        for look in LOOKS:
            while len(pairs.candidate) < look:
                pairs += self._block(timed, loops)
            judgement = judge(pairs, workloads)
            if judgement.word != OPEN:
                break
        return judgement, pairs

    def _block(self, timed: TimedCell, loops: dict[str, int]) -> Pairs:
        """There and back again, so that what changes steadily meanwhile cancels out."""
        there = ("baseline", "candidate", "control")
        first, second, third = (self._lap(name, timed, loops[name]).seconds for name in there)
        last, back, again = (self._lap(name, timed, loops[name]).seconds for name in reversed(there))
        return Pairs((second / first, back / again), (third / first, last / again))

    def _warm_up(self, timed: TimedCell) -> dict[str, int]:
        """How many calls make up a batch: those of the baseline everywhere, but for a side that takes many times as
        long. The processes start at the same time, and warm up one after another."""
        for child in self._children.values():
            child.start()
        own = {name: self._lap(name, timed, 0).loops for name in self._children}
        most = own["baseline"]
        return {name: loops if loops * MANY < most else most for name, loops in own.items()}

    def _lap(self, name: str, timed: TimedCell, loops: int) -> Lap:
        """The seconds of one call, and how many made up a batch."""
        request = LapRequest(file=str(timed.file), device=timed.device, workload=timed.workload.name, loops=loops)
        try:
            return self._children[name].ask(request)
        except (ChildDied, ChildFailed) as problem:
            self.restart()
            raise NotTimed(f"{timed.cell} could not be timed on the {name}: {reason_of(problem)}") from None

    def restart(self) -> None:
        """Go on in fresh processes."""
        for child in self._children.values():
            child.end()

    def close(self) -> None:
        for child in self._children.values():
            child.close()


def time_all(
    stopwatch: Stopwatch, timed: list[TimedCell], told: Callable[[TimedCell, str], Any], workloads: int = 0
) -> tuple[list[Speed], list[str]]:
    """The speeds of all that could be timed, and what could not be; `told` hears of each as it comes.

    They are judged as some of so many `workloads`; 0 means that they are all. What is not decided is timed again in
    fresh processes; what is slower or faster must be so in fresh processes, too.
    """
    workloads = workloads or len(timed)
    speeds: dict[str, Speed] = {}
    gaps: dict[str, str] = {}

    def judged(some: list[TimedCell]) -> Iterator[tuple[TimedCell, Judgement, Pairs]]:
        for one in some:
            try:
                judgement, pairs = stopwatch.judged(one, workloads)
            except NotTimed as problem:
                gaps[one.cell] = str(problem)
                told(one, str(problem))
            else:
                told(one, judgement.words)
                yield one, judgement, pairs

    def again(which: Callable[[Speed], bool]) -> list[TimedCell]:
        some = [one for one in timed if one.cell not in gaps and which(speeds[one.cell])]
        if some:
            stopwatch.restart()
        return some

    for attempt in range(1, ATTEMPTS + 1):
        for one, judgement, pairs in judged(timed if attempt == 1 else again(_is_open)):
            about = (one.cell, one.spec.operation, one.device, one.workload.name, one.call)
            speeds[one.cell] = Speed(*about, judgement, pairs, attempt)
    for _ in range(CONFIRMATIONS + ATTEMPTS - 1):
        for one, judgement, _ in judged(again(_is_suspected)):
            known = speeds[one.cell]
            speeds[one.cell] = replace(known, fresh=(*known.fresh, judgement))
    return list(speeds.values()), list(gaps.values())


def _is_open(speed: Speed) -> bool:
    return speed.first.word == OPEN


def _is_suspected(speed: Speed) -> bool:
    return speed.suspected


def changes_of(speeds: Iterable[Speed]) -> list[Change]:
    """The workloads that are slower or faster by now."""
    return [
        Change(
            cell=speed.cell,
            operation=speed.operation,
            check=PERF,
            device=speed.device,
            subject=speed.workload,
            kind=speed.word,
            what="",
            before="timed in turns with it",
            after=speed.words,
            call=speed.call,
            times=speed.first.ratio.middle,
        )
        for speed in speeds
        if speed.differs
    ]
