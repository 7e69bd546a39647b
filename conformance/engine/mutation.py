"""Mutation scores: how many of the wrong implementations planted in torch each spec catches."""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from conformance.engine.deviations import Deviation
from conformance.engine.sweep import Budget, Sweep
from conformance.files.atomic import write_text
from conformance.results.model import Cell
from conformance.spec.cells import CHECKS, cells_of
from conformance.spec.contract import Spec

BUDGET = Budget(300, 0)
"""What a fault must be caught within: the samples of the gate profile."""

FIRST_CONTROL = 24
"""The samples that most faults are caught within."""

COMPILED = {("modes", "aot_eager"), ("modes", "inductor")}
"""Cells that are not asked: torch.compile reads the code of a stand-in, and so compiles what no user has."""

FEWEST = 6
"""Faults that every spec must have been tried with."""

PLAIN = tuple(check for check in CHECKS if check not in ("gradients", "modes", "determinism"))
"""The checks of plain calls, which must see every fault that shows in one."""


@dataclass(frozen=True)
class Planted:
    """A fault: its name, a context inside which torch is wrong, and the checks that must see it."""

    name: str
    context: AbstractContextManager[None]
    checks: tuple[str, ...] = PLAIN


@dataclass(frozen=True)
class Score:
    """How one spec did. `caught` says of each fault that was caught which cell broke first; `broken_before` are the
    cells that broke without any fault and so could not catch one."""

    operation: str
    caught: dict[str, Cell]
    survivors: tuple[str, ...]
    broken_before: tuple[Cell, ...] = ()

    @property
    def planted(self) -> int:
        return len(self.caught) + len(self.survivors)

    @property
    def complete(self) -> bool:
        """Whether enough faults were planted, all were caught, and the spec is sound without them."""
        return self.planted >= FEWEST and not self.survivors and not self.broken_before

    def describe(self) -> str:
        """The score as lines for a terminal."""
        lines = [f"{self.operation}: {len(self.caught)} of {self.planted} faults caught"]
        lines += [f"  survived: {name}" for name in self.survivors]
        if self.broken_before:
            cells = ", ".join(f"{check}[{subject}]" for check, subject in self.broken_before)
            lines.append(f"  broken without a fault, so left out: {cells}")
        return "\n".join(lines)


def score(spec: Spec, faults: Iterable[Planted], deviations: tuple[Deviation, ...] = ()) -> Score:
    """Plant each fault in turn and sweep. Only cells that hold without a fault, on as many samples, can catch one."""
    control = _Control(spec, deviations)
    caught: dict[str, Cell] = {}
    survivors = []
    for fault in faults:
        cells = [cell for cell in control.sound if cell[0] in fault.checks]
        found = catch(spec, fault.context, cells, deviations)
        if found is None or not control.holds(found):
            survivors.append(fault.name)
        else:
            caught[fault.name] = found.cell
    return Score(spec.operation, caught, tuple(survivors), control.broken)


@dataclass(frozen=True)
class Catch:
    """The cell that broke first under a fault, and the number of samples that it took."""

    cell: Cell
    samples: int


class _Control:
    """What sweeps without any fault say: of all cells on few samples, and of one on more where it took more."""

    def __init__(self, spec: Spec, deviations: tuple[Deviation, ...]) -> None:
        self._spec, self._deviations = spec, deviations
        cells = [cell for cell in cells_of(spec) if cell not in COMPILED]
        self.broken = self._broken(cells, FIRST_CONTROL)
        self.sound = [cell for cell in cells if cell not in self.broken]
        self._held = dict.fromkeys(self.sound, FIRST_CONTROL)

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
) -> Catch | None:
    """The first of `cells` that breaks while a fault is planted, or None. A vacuous cell has caught nothing."""
    sweep = Sweep(spec, "cpu", cells, BUDGET, deviations, until_broken=True)
    with planted:
        states = sweep.run()
    cell = next((cell for cell, state in states.items() if state.finding is not None), None)
    return None if cell is None else Catch(cell, sweep.samples)


def write(path: Path, scores: Iterable[Score]) -> None:
    """Write the scores as JSON, whole or not at all."""
    specs = [
        {
            "operation": score.operation,
            "planted": score.planted,
            "caught": len(score.caught),
            "survivors": list(score.survivors),
        }
        for score in scores
    ]
    write_text(path, json.dumps({"torch": str(torch.__version__), "specs": specs}, indent=1) + "\n")
