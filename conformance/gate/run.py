"""The gate's run: the same samples, drawn once, put to two interpreters, and every difference pinned down."""

from __future__ import annotations

import os
import queue
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from conformance import deviations, loader
from conformance.cells import CHECKS, Cell, cell_name, cells_on
from conformance.child import TrialTask
from conformance.deviations import Deviation
from conformance.dtypes import DTYPES
from conformance.gate.changes import Change
from conformance.gate.decision import Comparison
from conformance.gate.match import CellMatch, match_cells
from conformance.gate.pinpoint import Pinpoint, confirmed
from conformance.gate.sides import Pair, Side, SideDied
from conformance.gate.terms import differing
from conformance.interpreter import Interpreter
from conformance.sample import Sample
from conformance.search import CannotDraw, draw_samples
from conformance.spec import MODES, Spec
from conformance.worker import ChildFailed


@dataclass(frozen=True)
class Order:
    """What a gate is to do: two interpreters, spec files, devices, samples a sweep and their seed."""

    baseline: Interpreter
    candidate: Interpreter
    files: tuple[Path, ...]
    devices: tuple[str, ...]
    examples: int
    seed: int
    patience: float
    pairs: int = 0
    """pairs of processes; 0 means one for every two cores"""
    unequal_terms: bool = False


class NotComparable(Exception):
    """The two sides are not on equal terms; the message says which differ."""


@dataclass(frozen=True)
class Unit:
    """One spec on one device: what is put to both sides in one go."""

    file: Path
    spec: Spec
    device: str
    deviations: tuple[Deviation, ...]
    common: tuple[Cell, ...]
    gone: tuple[Cell, ...]
    new: tuple[Cell, ...]

    @property
    def cells(self) -> tuple[Cell, ...]:
        return (*self.common, *self.gone, *self.new)

    def name(self, cell: Cell) -> str:
        return f"{name_of(self.file)}::{cell_name(cell, self.device)}"


@dataclass(frozen=True)
class Found:
    """What became of one unit."""

    unit: Unit
    matches: tuple[CellMatch, ...] = ()
    changes: tuple[Change, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def compared(self) -> tuple[str, ...]:
        """The ids of the cells that were compared, or are on one side alone."""
        if self.problems:
            return ()
        answered = [match.cell for match in self.matches if match.asked]
        return tuple(self.unit.name(cell) for cell in (*answered, *self.unit.gone, *self.unit.new))


def name_of(file: Path) -> str:
    """A spec file as it is called in results: from the folder named specs on."""
    parts = file.parts
    return "/".join(parts[len(parts) - 1 - parts[::-1].index("specs") :])


class Listener(Protocol):
    """Whom a gate tells what goes on."""

    def planned(self, baseline: dict[str, Any], candidate: dict[str, Any], units: list[Unit]) -> None: ...

    def found(self, one: Found) -> None: ...


class Gate:
    """Carries out an order, and tells a listener what is planned and what is found as it is found."""

    def __init__(self, order: Order, listener: Listener) -> None:
        self.order, self._listener = order, listener
        count = order.pairs or max(1, (os.cpu_count() or 1) // 2)
        self._pairs: queue.SimpleQueue[Pair] = queue.SimpleQueue()
        self._all = [
            Pair(
                Side("baseline", order.baseline, order.patience),
                Side("candidate", order.candidate, order.patience),
            )
            for _ in range(count)
        ]
        for pair in self._all:
            self._pairs.put(pair)

    def environments(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """What the sides run on; raises `SideDied`, or `NotComparable` where they are not on equal terms."""
        order = self.order

        def ask(side: Side) -> dict[str, Any]:
            return side.environment(order.devices)

        terms = {"examples": order.examples, "seed": order.seed, "spec_hash": loader.digest(list(order.files))}
        baseline, candidate = ({**found, "hypothesis": "", **terms} for found in self._all[0].both(ask))
        found = differing(baseline, candidate)
        if found and not order.unequal_terms:
            raise NotComparable("; ".join(found))
        return baseline, candidate

    def units(self, baseline: Mapping[str, Any], candidate: Mapping[str, Any]) -> list[Unit]:
        """The plan. Raises `SpecError` or `DeviationError`."""
        specs = {file: loader.load(file) for file in self.order.files}
        known = _known(specs, (baseline["torch"], candidate["torch"]))
        devices = [device for device in baseline["devices"] if device in candidate["devices"]]
        return [
            _unit(file, spec, device, known[file], baseline, candidate)
            for device in devices
            for file, spec in specs.items()
        ]

    def run(self, units: list[Unit]) -> list[Found]:
        """Put every unit to both sides, and confirm in fresh processes what differs."""
        found = []
        with ThreadPoolExecutor(len(self._all)) as threads:
            begun = [threads.submit(self._one, unit) for unit in units]
            for done in as_completed(begun):
                found.append(done.result())
                self._listener.found(found[-1])
        return sorted(found, key=lambda one: units.index(one.unit))

    def _one(self, unit: Unit) -> Found:
        pair = self._pairs.get()
        try:
            samples = tuple(draw_samples(unit.spec, self.order.examples, self.order.seed))
            return self._compared(pair, unit, samples)
        except (SideDied, CannotDraw, ChildFailed) as problem:
            return Found(unit, problems=(f"{unit.spec.operation}: {problem}",))
        finally:
            self._pairs.put(pair)

    def _compared(self, pair: Pair, unit: Unit, samples: tuple[Sample, ...]) -> Found:
        def ask(side: Side) -> Any:
            return side.trial(TrialTask(str(unit.file), unit.device, unit.common, samples, unit.deviations))

        before, after = pair.both(ask)
        matches = match_cells(unit.common, before, after)
        pinpoint = Pinpoint(pair, unit, samples, self.order.examples, self.order.seed)
        changes = [
            *pinpoint.changes(matches),
            *pinpoint.of_witnesses(before.witnesses or {}, after.witnesses or {}),
            *pinpoint.of_plan(),
        ]
        return Found(unit, tuple(matches), tuple(confirmed(pair, unit, changes)))

    def close(self) -> list[str]:
        """End both sides; what died once and did not do so again."""
        deaths = [f"{side.name}: {death}" for pair in self._all for side in pair.sides for death in side.deaths]
        for pair in self._all:
            pair.close()
        return deaths


def compare(order: Order, listener: Listener) -> Comparison:
    """Carry out an order. Raises `SideDied`, `NotComparable`, `SpecError` or `DeviationError`."""
    started = time.monotonic()
    gate = Gate(order, listener)
    deaths: list[str] = []
    try:
        baseline, candidate = gate.environments()
        units = gate.units(baseline, candidate)
        listener.planned(baseline, candidate, units)
        found = gate.run(units)
    finally:
        deaths = gate.close()
    comparison = summed_up(found, baseline, candidate)
    return replace(
        comparison,
        terms=differing(baseline, candidate),
        gaps=(*comparison.gaps, *(f"died once, and not again: {death}" for death in deaths)),
        seconds=round(time.monotonic() - started, 1),
    )


def summed_up(found: list[Found], baseline: Mapping[str, Any], candidate: Mapping[str, Any]) -> Comparison:
    """Everything that was found, as one comparison."""
    changes = [change for one in found for change in one.changes]
    matches = [(one.unit, match) for one in found for match in one.matches]
    return Comparison(
        baseline=baseline,
        candidate=candidate,
        planned=tuple(one.unit.name(cell) for one in found for cell in one.unit.cells),
        compared=tuple(name for one in found for name in one.compared),
        outcomes=sum(match.asked for _, match in matches),
        equal=sum(match.equal for _, match in matches),
        changes=tuple(change for change in changes if change.steady),
        unsteady=tuple(change for change in changes if not change.steady),
        wrong_alike=tuple(unit.name(match.cell) for unit, match in matches if match.wrong_alike),
        gaps=tuple(problem for one in found for problem in one.problems),
    )


def _known(specs: Mapping[Path, Spec], versions: tuple[str, str]) -> dict[Path, tuple[Deviation, ...]]:
    """The deviations of either torch by spec file; those of one region are left out on both sides."""
    files = {file: loader.deviations_file(file) for file in specs}
    loaded = {path: deviations.load(path) for path in set(files.values())}
    for path, entries in loaded.items():
        every = [loader.load(file) for file in loader.spec_files(path.parent)]
        claims = {claim.name for spec in every for claim in spec.claims}
        deviations.validate(entries, every, set(CHECKS), set(DTYPES) | set(MODES) | claims)
    return {
        file: tuple(known for known in loaded[path] if any(known.lasts_on(version) for version in versions))
        for file, path in files.items()
    }


def _unit(
    file: Path,
    spec: Spec,
    device: str,
    known: tuple[Deviation, ...],
    baseline: Mapping[str, Any],
    candidate: Mapping[str, Any],
) -> Unit:
    before, after = (cells_on(spec, device, side) for side in (baseline, candidate))
    common = tuple(cell for cell in before if cell in after)
    gone, new = (tuple(cell for cell in ones if cell not in common) for ones in (before, after))
    return Unit(file, spec, device, known, common, gone, new)
