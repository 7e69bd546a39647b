"""The run of a gate: two interpreters are asked the same samples, and each change is minimized and confirmed."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from msgspec.structs import replace as msgspec_replace

from conformance.drawing.choices import Drawn
from conformance.engine.deviations import Deviation
from conformance.engine.known_deviations import known_deviations
from conformance.engine.search import CannotDraw, draw_all
from conformance.gate.changes import Change, WrongAlike
from conformance.gate.decision import Comparison
from conformance.gate.match import CellMatch, match_cells
from conformance.gate.minimize import Minimizer, confirmed
from conformance.gate.plan import Order, Unit
from conformance.gate.sides import Pair, Side, SideDied
from conformance.gate.times.instructions import with_instructions
from conformance.gate.times.stopwatch import Stopwatch, TimedCell, changes_of, time_all, timed_cells
from conformance.gate.together import Together
from conformance.processes.client import ChildFailed
from conformance.processes.requests import ReplayRequest
from conformance.results.comparability import differing
from conformance.results.model import Environment
from conformance.samples.serial import to_data
from conformance.spec import catalogue
from conformance.spec.catalogue import SpecFile
from conformance.spec.cells import cells_on
from conformance.spec.contract import Spec


class NotComparable(Exception):
    """The two sides are not on equal terms. The message says which terms differ."""


@dataclass(frozen=True)
class UnitResult:
    """The result of one unit."""

    unit: Unit
    matches: tuple[CellMatch, ...] = ()
    changes: tuple[Change, ...] = ()
    problems: tuple[str, ...] = ()
    """why the unit could not be compared"""

    @property
    def compared(self) -> tuple[str, ...]:
        """The ids of the cells that were compared, or that only one side has."""
        if self.problems:
            return ()
        answered = [match.cell for match in self.matches if match.asked]
        return tuple(self.unit.name(cell) for cell in (*answered, *self.unit.gone, *self.unit.new))


class Listener(Protocol):
    """Is called with the progress of a gate."""

    def planned(
        self, baseline: Environment, candidate: Environment, units: list[Unit], timed: list[TimedCell]
    ) -> None: ...

    def found(self, result: UnitResult) -> None: ...

    def timed(self, workload: TimedCell, summary: str) -> None: ...


class Gate:
    """Carries out an order. It reports the plan and each result to a listener at once."""

    def __init__(self, order: Order, listener: Listener) -> None:
        self.order, self._listener = order, listener
        count = order.process_pairs or max(1, (os.cpu_count() or 1) // 2)
        self._pairs = [
            Pair(
                Side("baseline", order.baseline, order.patience),
                Side("candidate", order.candidate, order.patience),
            )
            for _ in range(count)
        ]

    def environments(self) -> tuple[Environment, Environment]:
        """The environments of the sides. Raises `SideDied`, or `NotComparable` if the terms are not equal."""
        order = self.order
        digest = catalogue.digest(order.files, order.deviations)
        baseline, candidate = (
            msgspec_replace(found, hypothesis="", examples=order.examples, seed=order.seed, spec_hash=digest)
            for found in [side.environment(order.devices) for side in self._pairs[0].sides]
        )
        found = differing(baseline, candidate)
        if found and not order.unequal_terms:
            raise NotComparable("; ".join(found))
        return baseline, candidate

    def units(self, baseline: Environment, candidate: Environment) -> list[Unit]:
        """The plan. Raises `SpecError` or `DeviationError`."""
        specs = {file: catalogue.load(file) for file in self.order.files}
        known = _known(self.order, specs, (baseline.torch, candidate.torch))
        devices = [device for device in baseline.devices if device in candidate.devices]
        return [
            _unit(file, spec, device, known[file], baseline, candidate)
            for device in devices
            for file, spec in specs.items()
        ]

    def run(self, units: list[Unit]) -> list[UnitResult]:
        """Ask both sides every unit, and confirm each change in new processes. The pairs of processes work at the same
        time. The pair that began first is waited for first."""
        found: list[UnitResult] = []
        drawn = {unit.key: samples for unit in units if (samples := self._drawn(unit, found))}
        works = [(unit, _request(unit, drawn[unit.key], self.order.thorough)) for unit in units if unit.key in drawn]
        together = Together(self._pairs, works)
        waiting, free = deque(works), deque(self._pairs)
        working: deque[tuple[Pair, Unit, ReplayRequest]] = deque()
        while waiting or working:
            while waiting and free:
                unit, request = waiting.popleft()
                request = together.left(unit, request)
                free[0].begin_replay(request)
                working.append((free.popleft(), unit, request))
            if working:
                pair, unit, request = working.popleft()
                self._keep(self._finished(pair, unit, drawn[unit.key], request, together), found)
                free.append(pair)
        return found

    def _drawn(self, unit: Unit, found: list[UnitResult]) -> list[Drawn]:
        """The samples of a unit; none if they cannot be drawn, which is kept as its result."""
        examples = self.order.examples if unit.spec.has_calls else 1  # a section of claims needs none
        try:
            return draw_all(unit.spec, examples, self.order.seed)
        except CannotDraw as problem:
            self._keep(UnitResult(unit, problems=(f"{unit.spec.operation}: {problem}",)), found)
            return []

    def _keep(self, result: UnitResult, found: list[UnitResult]) -> None:
        found.append(result)
        self._listener.found(result)

    def _finished(
        self, pair: Pair, unit: Unit, samples: list[Drawn], request: ReplayRequest, together: Together
    ) -> UnitResult:
        try:
            before, after = together.joined(unit, *pair.finish_replay(request))
            matches = match_cells(unit.common, before, after)
            minimizer = Minimizer(pair, unit, samples)
            changes = [
                *minimizer.changes(matches),
                *minimizer.of_witnesses(before.witnesses, after.witnesses),
                *minimizer.of_plan(),
            ]
            return UnitResult(unit, tuple(matches), tuple(confirmed(pair, unit, changes)))
        except (SideDied, ChildFailed) as problem:
            pair.restart()  # the other side may still be working, and its answer is not needed
            return UnitResult(unit, problems=(f"{unit.spec.operation}: {problem}",))

    def close(self) -> list[str]:
        """End all sides. Returns the deaths that did not repeat."""
        sides = [side for pair in self._pairs for side in pair.sides]
        deaths = [f"{side.name}: {death}" for side in sides for death in (*side.deaths, side.unexplained) if death]
        for pair in self._pairs:
            pair.close()
        return deaths


def _request(unit: Unit, samples: list[Drawn], thorough: bool) -> ReplayRequest:
    return ReplayRequest(
        file=str(unit.file.path),
        device=unit.device,
        cells=unit.common,
        samples=tuple(to_data(one.sample) for one in samples),
        deviations=unit.deviations,
        thorough=thorough,
    )


def compare(order: Order, listener: Listener) -> Comparison:
    """Carry out an order. Raises `SideDied`, `NotComparable`, `SpecError` or `DeviationError`."""
    started = time.monotonic()
    gate = Gate(order, listener)
    deaths: list[str] = []
    try:
        baseline, candidate = gate.environments()
        units = gate.units(baseline, candidate)
        timed = _timed(units) if order.timed else []
        listener.planned(baseline, candidate, units, timed)
        found = gate.run(units)
    finally:
        deaths = gate.close()
    comparison = summed_up(found, baseline, candidate)
    if order.timed:
        comparison = _with_times(comparison, order, units, timed, listener)
    return replace(
        comparison,
        terms=differing(baseline, candidate),
        gaps=(*comparison.gaps, *(f"died once, and not again: {death}" for death in deaths)),
        seconds=round(time.monotonic() - started, 1),
    )


def summed_up(found: list[UnitResult], baseline: Environment, candidate: Environment) -> Comparison:
    """The results of all units as one comparison."""
    changes = [change for one in found for change in one.changes]
    matches = [(one.unit, match) for one in found for match in one.matches]
    return Comparison(
        baseline=baseline,
        candidate=candidate,
        planned=tuple(one.unit.name(cell) for one in found for cell in one.unit.cells),
        compared=tuple(name for one in found for name in one.compared),
        outcomes=sum(match.asked for _, match in matches),
        equal=sum(match.equal for _, match in matches),
        nans_differ=sum(match.nans_differ for _, match in matches),
        changes=tuple(change for change in changes if change.steady),
        unsteady=tuple(change for change in changes if not change.steady),
        wrong_alike=tuple(
            WrongAlike(unit.name(match.cell), match.wrong_alike.message)
            for unit, match in matches
            if match.wrong_alike is not None
        ),
        gaps=tuple(problem for one in found for problem in one.problems),
    )


def _timed(units: list[Unit]) -> list[TimedCell]:
    """The workloads of all units."""
    return [one for unit in units for one in timed_cells(unit.file.name, unit.file.path, unit.spec, unit.device)]


def _with_times(
    comparison: Comparison, order: Order, units: list[Unit], timed: list[TimedCell], listener: Listener
) -> Comparison:
    """The comparison, with the times of the units' workloads on both sides."""
    calls = [unit for unit in units if unit.spec.has_calls]
    without = [unit.spec.operation for unit in calls if all(one.file != unit.file.path for one in timed)]
    stopwatch = Stopwatch(order.baseline, order.candidate, order.patience)
    try:
        found, gaps = time_all(stopwatch, timed, listener.timed)
    finally:
        stopwatch.close()
    speeds = tuple(found)
    if order.instructions:
        speeds = with_instructions(speeds, timed, (order.baseline, order.candidate), order.patience)
    return replace(
        comparison,
        planned=(*comparison.planned, *(one.cell for one in timed)),
        compared=(*comparison.compared, *(speed.cell for speed in speeds)),
        changes=(*comparison.changes, *changes_of(speeds)),
        timed=True,
        speeds=speeds,
        gaps=(*comparison.gaps, *gaps, *(f"{name} has no workloads to time" for name in dict.fromkeys(without))),
    )


def _known(
    order: Order, specs: Mapping[SpecFile, Spec], versions: tuple[str, str]
) -> dict[SpecFile, tuple[Deviation, ...]]:
    """The known deviations of either torch, by spec file. Samples in their regions are left out on both sides."""
    known = known_deviations(order.deviations, specs, order.whole)
    return {
        file: tuple(entry for entry in known.of(file, spec) if any(entry.lasts_on(version) for version in versions))
        for file, spec in specs.items()
    }


def _unit(
    file: SpecFile,
    spec: Spec,
    device: str,
    known: tuple[Deviation, ...],
    baseline: Environment,
    candidate: Environment,
) -> Unit:
    before, after = (cells_on(spec, device, side) for side in (baseline, candidate))
    common = tuple(cell for cell in before if cell in after)
    gone, new = (tuple(cell for cell in ones if cell not in common) for ones in (before, after))
    return Unit(file, spec, device, known, common, gone, new)
