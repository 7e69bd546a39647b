"""Mutation scores: how many of the faults planted in torch each spec catches."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from conformance.engine import profiles
from conformance.engine.deviations import Deviation
from conformance.engine.schedule import Plan
from conformance.engine.search import draw_samples
from conformance.engine.sweep import Budget, Sweep
from conformance.files.atomic import write_text
from conformance.results.model import Cell
from conformance.spec.cells import CHECKS, cells_of, is_compiled
from conformance.spec.contract import Spec
from conformance.spec.devices import on_device

BUDGET = Budget(profiles.examples(profiles.DEFAULT), 0)
"""A fault must be caught within this budget: the samples of the gate profile."""

FIRST_CONTROL = 24
"""The number of samples on which all cells are controlled at first. Most faults are caught within as many."""

FEWEST = 6
"""The number of faults that every spec must be tried with."""

PLAIN = tuple(check for check in CHECKS if check not in ("gradients", "modes", "determinism"))
"""The checks of plain calls. They must catch every fault that shows in one."""


@dataclass(frozen=True)
class Planted:
    """A fault."""

    name: str
    plant: Callable[[], AbstractContextManager[None]]
    """makes a context inside which torch is wrong"""
    checks: tuple[str, ...] = PLAIN
    """the checks that may catch the fault"""


@dataclass(frozen=True)
class Score:
    """The score of one spec."""

    operation: str
    caught: dict[str, Cell]
    """for each fault that was caught the cell that broke first"""
    survivors: tuple[str, ...]
    """the names of the faults that were not caught"""
    broken_before: tuple[Cell, ...] = ()
    """the cells that broke without any fault, and so could not catch one"""

    @property
    def planted(self) -> int:
        return len(self.caught) + len(self.survivors)

    @property
    def is_clean(self) -> bool:
        """Whether all faults that were planted were caught, and the spec is sound without them."""
        return not self.survivors and not self.broken_before

    @property
    def complete(self) -> bool:
        """Whether it is clean, and enough faults were planted."""
        return self.planted >= FEWEST and self.is_clean

    def describe(self) -> str:
        """The score as lines for a terminal."""
        lines = [f"{self.operation}: {len(self.caught)} of {self.planted} faults caught"]
        lines += [f"  survived: {name}" for name in self.survivors]
        if self.broken_before:
            cells = ", ".join(f"{check}[{subject}]" for check, subject in self.broken_before)
            lines.append(f"  broken without a fault, so left out: {cells}")
        return "\n".join(lines)


def score(
    spec: Spec,
    faults: Iterable[Planted],
    deviations: tuple[Deviation, ...] = (),
    first_control: int = FIRST_CONTROL,
    known_to_catch: Mapping[str, Cell] | None = None,
) -> Score:
    """Plant each fault in turn and sweep. Only a cell that holds without a fault, on as many samples, can catch one.

    Without a first control a cell that breaks without a fault is found once it caught one, which then survives.
    `known_to_catch` has for names of faults the cell that caught it before. It is asked first, and alone, which takes a
    fraction of the time.
    """
    spec = on_device(spec, "cpu", str(torch.__version__))
    control = _Control(spec, deviations, first_control)
    plan = Plan(spec, draw_samples(spec, BUDGET.examples, BUDGET.seed), BUDGET.thorough)
    caught: dict[str, Cell] = {}
    survivors = []
    for fault in faults:
        cells = [cell for cell in control.sound if cell.check in fault.checks]
        before = (known_to_catch or {}).get(fault.name)
        found = catch(spec, fault.plant(), [before], deviations, plan) if before in cells else None
        found = found or catch(spec, fault.plant(), cells, deviations, plan)
        if found is None or not control.holds(found):
            survivors.append(fault.name)
        else:
            caught[fault.name] = found.cell
    return Score(spec.operation, caught, tuple(survivors), control.broken)


@dataclass(frozen=True)
class Catch:
    """The cell that broke first with a fault planted, and the number of samples until then."""

    cell: Cell
    samples: int


class _Control:
    """Sweeps without any fault: of all cells on few samples, and of a single cell on as many as it took to break it."""

    def __init__(self, spec: Spec, deviations: tuple[Deviation, ...], first: int) -> None:
        self._spec, self._deviations = spec, deviations
        # torch.compile would compile the code of the planted function, which no user has.
        cells = [cell for cell in cells_of(spec) if not is_compiled(cell)]
        self.broken = self._broken(cells, first) if first else ()
        self.sound = [cell for cell in cells if cell not in self.broken]
        self._held = dict.fromkeys(self.sound, first)

    def holds(self, found: Catch) -> bool:
        """Whether the cell that broke holds without a fault, on as many samples."""
        if found.cell in self.broken:
            return False
        if found.samples > self._held[found.cell]:
            self.broken += self._broken([found.cell], found.samples)
            self._held[found.cell] = found.samples
        return found.cell not in self.broken

    def _broken(self, cells: list[Cell], samples: int) -> tuple[Cell, ...]:
        states = Sweep(self._spec, "cpu", cells, replace(BUDGET, examples=samples), self._deviations).run()
        return tuple(cell for cell, state in states.items() if state.finding is not None)


def catch(
    spec: Spec,
    planted: AbstractContextManager[None],
    cells: list[Cell],
    deviations: tuple[Deviation, ...] = (),
    plan: Plan | None = None,
) -> Catch | None:
    """The first of `cells` that breaks while a fault is planted, or None. A vacuous cell does not catch a fault."""
    sweep = Sweep(spec, "cpu", cells, BUDGET, deviations, until_broken=True, plan=plan)
    with planted:
        states = sweep.run()
    cell = next((cell for cell, state in states.items() if state.finding is not None), None)
    return None if cell is None else Catch(cell, sweep.samples)


def write(path: Path, scores: Iterable[Score], engine: str = "", digests: Mapping[str, str] | None = None) -> None:
    """Write the scores as JSON, atomically, with a digest of what judges every spec, and one of each spec."""
    specs = [
        {
            "operation": score.operation,
            "planted": score.planted,
            "caught": len(score.caught),
            "survivors": list(score.survivors),
            "digest": (digests or {}).get(score.operation, ""),
            "caught_by": score.caught,
        }
        for score in scores
    ]
    whole = {"torch": str(torch.__version__), "engine": engine, "specs": specs}
    write_text(path, json.dumps(whole, indent=1) + "\n")
