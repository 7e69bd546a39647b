"""A request over several cells carried to its end: a cell that ends the process is left out, and the rest goes on."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Generic, TypeVar

from conformance.processes.client import ChildDied, ChildProcess
from conformance.processes.requests import JournaledRequest
from conformance.results.model import Cell, Failure, FailureKind
from conformance.samples.sample import Sample

T = TypeVar("T")

MOST_CRASHES = 6
"""Cells that may crash before the rest of a request is given up."""


@dataclass(frozen=True)
class Crash:
    """A cell that ended the process, the sample that it was asked, if any, and how the process ended."""

    cell: Cell
    sample: Sample | None
    death: ChildDied

    @property
    def failure(self) -> Failure:
        """The crash as a failure of the cell."""
        doing = "while this cell was asked" if self.death.last.steps else "before the first cell was asked"
        kind = FailureKind.HUNG if self.death.hung else FailureKind.CRASHED
        return Failure(kind=kind, message=f"{self.death} {doing}")


@dataclass(frozen=True)
class Survived(Generic[T]):
    """What came of a request. `answer` is None where it was given up, or no cell was left; `not_reached` are the cells
    of which nothing is known then. `once` are the cells that ended the process less often than makes a crash."""

    answer: T | None
    crashes: tuple[Crash, ...]
    not_reached: tuple[Cell, ...] = ()
    once: tuple[Cell, ...] = ()
    deaths: int = 0


class Survivor(Generic[T]):
    """Asks one request of a child until it is answered. A cell crashes once it has ended the process `times` times on
    the same sample."""

    def __init__(self, child: ChildProcess, request: JournaledRequest[T], times: int = 1) -> None:
        self._child, self._request, self._times = child, request, times
        self._rest = request
        self._crashes: dict[Cell, Crash] = {}
        self._deaths: Counter[tuple[Cell, Sample | None]] = Counter()

    def begin(self) -> None:
        """Send the request, without the cells that crashed."""
        self._rest = self._request.without(set(self._crashes))
        self._child.begin(self._rest)

    def finish(self) -> Survived[T]:
        """What comes of the request that was begun; raises `ChildFailed`."""
        while True:
            try:
                return self._survived(self._child.finish(self._rest))
            except ChildDied as death:
                self._note(death)
                given_up = not death.last.steps or sum(self._deaths.values()) >= MOST_CRASHES * self._times
                left = [cell for cell in self._request.cells if cell not in self._crashes]
                if given_up or not left:
                    return self._survived(None, tuple(left))
                self.begin()

    def _note(self, death: ChildDied) -> None:
        cell, sample = self._rest.cells[death.last.cell], death.last.sample
        self._deaths[cell, sample] += 1
        if self._deaths[cell, sample] >= self._times or not death.last.steps:
            self._crashes[cell] = Crash(cell, sample, death)

    def _survived(self, answer: T | None, not_reached: tuple[Cell, ...] = ()) -> Survived[T]:
        once = tuple(cell for cell, _ in self._deaths if cell not in self._crashes)
        return Survived(answer, tuple(self._crashes.values()), not_reached, once, sum(self._deaths.values()))
