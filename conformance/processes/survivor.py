"""A request about several cells that is completed although cells end the process: they are left out, and the others are
asked again."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Generic, TypeVar

from conformance.processes.client import ChildDied, ChildProcess
from conformance.processes.requests import CellsRequest
from conformance.results.model import Cell, Failure
from conformance.samples.sample import Sample
from conformance.spec.cells import is_compiled

T = TypeVar("T")

MOST_CRASHES = 6
"""The number of cells that may crash before the request is given up."""


@dataclass(frozen=True)
class Crash:
    """A cell that ended the process, its sample if it had one, and how the process ended."""

    cell: Cell
    sample: Sample | None
    death: ChildDied

    @property
    def failure(self) -> Failure:
        """The crash as a failure of the cell."""
        doing = "while this cell was asked" if self.death.last.steps else "before the first cell was asked"
        return Failure(kind=self.death.kind, message=f"{self.death} {doing}")


@dataclass(frozen=True)
class Survived(Generic[T]):
    """The outcome of a request."""

    answer: T | None
    """None if the request was given up, or if no cell was left"""
    crashes: tuple[Crash, ...]
    not_reached: tuple[Cell, ...] = ()
    """the cells without an answer, if the request was given up"""
    not_repeated: tuple[Cell, ...] = ()
    """the cells that ended the process, but not as often as a crash must"""
    deaths: int = 0
    """how often the process ended"""
    reason: str = ""
    """why a new process ended itself before it asked anything: its device does not work any more"""


class Survivor(Generic[T]):
    """Asks a child one request until it is answered. A cell counts as crashed if it has ended the process
    `deaths_of_a_crash` times on the same sample.

    A process that dies in a graph of several compiled calls does not say which of them it was. Then they are asked one
    by one.
    """

    def __init__(self, child: ChildProcess, request: CellsRequest[T], deaths_of_a_crash: int = 1) -> None:
        self._child, self._request, self._deaths_of_a_crash = child, request, deaths_of_a_crash
        self._rest = request
        self._crashes: dict[Cell, Crash] = {}
        self._deaths: Counter[tuple[Cell, Sample | None]] = Counter()
        self._reason = ""

    def begin(self) -> None:
        """Send the request, without the cells that crashed."""
        self._rest = self._request.without(set(self._crashes))
        self._child.begin(self._rest)

    def finish(self) -> Survived[T]:
        """Wait for the outcome of the request that was begun. Raises `ChildFailed`."""
        while True:
            try:
                return self._survived(self._child.finish(self._rest))
            except ChildDied as death:
                if death.last.words and not death.last.steps and not self._reason:
                    self._reason = death.last.words
                    self.begin()  # what it found may have lasted for that one process
                    continue
                self._note(death)
                most = MOST_CRASHES * self._deaths_of_a_crash
                given_up = not death.last.steps or sum(self._deaths.values()) >= most
                left = [cell for cell in self._request.cells if cell not in self._crashes]
                if given_up or not left:
                    return self._survived(None, tuple(left))
                self.begin()

    def _note(self, death: ChildDied) -> None:
        if death.last.words and not death.last.steps:
            return
        self._reason = ""
        cell, sample = death.last.of(self._rest.cells), death.last.sample
        self._deaths[cell, sample] += 1
        in_a_graph = bool(death.last.steps) and sample is None and is_compiled(cell)
        if in_a_graph and not self._request.one_by_one:
            self._request = self._request.asked_one_by_one()
        elif self._deaths[cell, sample] >= self._deaths_of_a_crash or not death.last.steps:
            self._crashes[cell] = Crash(cell, sample, death)

    def _survived(self, answer: T | None, not_reached: tuple[Cell, ...] = ()) -> Survived[T]:
        not_repeated = tuple(cell for cell, _ in self._deaths if cell not in self._crashes)
        deaths = sum(self._deaths.values())
        reason = self._reason if not_reached else ""
        return Survived(answer, tuple(self._crashes.values()), not_reached, not_repeated, deaths, reason)
