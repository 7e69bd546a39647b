"""The compiled cells of many specs are asked although calls end the process, and the calls of all specs share graphs.
The specs are halved until the one at fault stands alone. Then its calls are asked one by one."""

from __future__ import annotations

from conformance.processes.client import ChildDied, ChildFailed, ChildProcess
from conformance.processes.requests import CompiledRequest, SweepRequest
from conformance.processes.survivor import MOST_CRASHES, Crash, Survived, Survivor
from conformance.results.model import CellResult

Outcome = Survived[tuple[CellResult, ...]] | ChildFailed
"""What came of the sweep of one spec. An error of the suite, as in a spec's predicate, concerns that spec alone."""


class Halves:
    """Asks a child the sweeps of compiled cells of many specs, all at once as long as the process lives."""

    def __init__(self, child: ChildProcess) -> None:
        self._child = child
        self._crashes = 0
        self._given_up = False
        self._reason = ""

    def ask(self, sweeps: tuple[SweepRequest, ...]) -> list[Outcome]:
        """The outcome of each sweep."""
        if self._given_up or self._crashes >= MOST_CRASHES:
            return [Survived(None, (), one.cells, reason=self._reason) for one in sweeps]
        request = CompiledRequest(sweeps=sweeps)
        try:
            return [Survived(answer, ()) for answer in self._child.ask(request)]
        except ChildFailed as problem:
            return [problem] if len(sweeps) == 1 else self._halved(sweeps)
        except ChildDied as death:
            if death.last.words and not death.last.steps:  # the device does not work any more
                self._given_up, self._reason = True, death.last.words
                return self.ask(sweeps)
            self._given_up = not death.last.steps
            found = self._one_by_one(sweeps[0]) if len(sweeps) == 1 else self._halved(sweeps)
            return found if any(_has_crashed(one) for one in found) else _with_crash(found, request, death)

    def _halved(self, sweeps: tuple[SweepRequest, ...]) -> list[Outcome]:
        half = len(sweeps) // 2
        return [*self.ask(sweeps[:half]), *self.ask(sweeps[half:])]

    def _one_by_one(self, sweep: SweepRequest) -> list[Outcome]:
        if self._given_up:
            return self.ask((sweep,))
        survivor = Survivor(self._child, sweep.asked_one_by_one())
        survivor.begin()
        try:
            survived = survivor.finish()
        except ChildFailed as problem:
            return [problem]
        self._crashes += len(survived.crashes)
        return [survived]


def _has_crashed(outcome: Outcome) -> bool:
    return isinstance(outcome, ChildFailed) or bool(outcome.crashes)


def _with_crash(found: list[Outcome], request: CompiledRequest, death: ChildDied) -> list[Outcome]:
    """The outcomes with the cell that was asked when the process died, as no smaller part of the request ended it. Of
    the calls in one graph that is the first."""
    place, cell = request.at(death.last.cell)
    survived = found[place]
    if not isinstance(survived, ChildFailed):
        answer = tuple(result for result in survived.answer or () if result.cell != cell)
        not_reached = tuple(other for other in survived.not_reached if other != cell)
        found[place] = Survived(answer, (Crash(cell, None, death),), not_reached)
    return found
