"""The compiled cells of many units, asked together: their calls share graphs, which takes a third of the time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from conformance.engine.outcome import Answers
from conformance.gate.plan import Unit
from conformance.gate.sides import Pair
from conformance.processes.requests import ReplayRequest, ReplaysRequest
from conformance.spec.cells import is_compiled

Work = tuple[Unit, ReplayRequest]
"""A unit, and the request for all its cells."""


class Together:
    """The answers of both sides to the compiled cells of all units, as far as the processes survive to be asked all of
    them at once."""

    def __init__(self, pairs: Sequence[Pair], works: Iterable[Work]) -> None:
        self._answers: dict[str, tuple[Answers, Answers]] = {}
        by_device: defaultdict[str, list[Work]] = defaultdict(list)
        for unit, request in works:
            if any(is_compiled(cell) for cell in request.cells):
                by_device[unit.device].append((unit, request))
        for alike in by_device.values():
            self._ask([(pair, alike[place :: len(pairs)]) for place, pair in enumerate(pairs)])

    def _ask(self, shares: list[tuple[Pair, list[Work]]]) -> None:
        """Ask each pair its share of the units of one device. All pairs work at the same time."""
        begun = []
        for pair, works in shares:
            if works:
                together = ReplaysRequest(replays=tuple(_only(request, compiled=True) for _, request in works))
                pair.begin_together(together)
                begun.append((pair, works, together))
        for pair, works, together in begun:
            found = pair.finish_together(together)
            for (unit, _), before, after in zip(works, *found) if found else ():
                self._answers[unit.key] = before, after

    def left(self, unit: Unit, request: ReplayRequest) -> ReplayRequest:
        """The request without the cells that are answered."""
        return _only(request, compiled=False) if unit.key in self._answers else request

    def joined(self, unit: Unit, before: Answers, after: Answers) -> tuple[Answers, Answers]:
        """The answers to the other cells of a unit, and those to the compiled ones."""
        known = self._answers.pop(unit.key, None)
        return (before, after) if known is None else (before.joined(known[0]), after.joined(known[1]))


def _only(request: ReplayRequest, compiled: bool) -> ReplayRequest:
    return replace(request, cells=tuple(cell for cell in request.cells if is_compiled(cell) is compiled))
