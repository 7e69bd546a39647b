"""Mutation scores: how many of the wrong implementations planted in torch each spec catches."""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import torch

from conformance.cells import Cell, cells_of
from conformance.deviations import Deviation
from conformance.files import write_text
from conformance.spec import Spec
from conformance.sweep import Budget, Sweep

BUDGET = Budget(300, 0)
"""What a fault must be caught within: the samples of the gate profile."""

FEWEST = 6
"""Faults that every spec must have been tried with."""

Planted = tuple[str, AbstractContextManager[None]]
"""A fault: its name, and a context inside which torch is wrong."""


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
    """Plant each fault in turn and sweep. Only cells that hold without a fault can catch one."""
    sound = Sweep(spec, "cpu", cells_of(spec), BUDGET, deviations).run()
    broken = tuple(cell for cell, state in sound.items() if state.failure is not None)
    cells = [cell for cell in sound if cell not in broken]
    caught: dict[str, Cell] = {}
    survivors = []
    for name, planted in faults:
        cell = catch(spec, planted, cells, deviations)
        if cell is None:
            survivors.append(name)
        else:
            caught[name] = cell
    return Score(spec.operation, caught, tuple(survivors), broken)


def catch(
    spec: Spec,
    planted: AbstractContextManager[None],
    cells: list[Cell],
    deviations: tuple[Deviation, ...] = (),
) -> Cell | None:
    """The first of `cells` that breaks while a fault is planted, or None. A vacuous cell has caught nothing."""
    sweep = Sweep(spec, "cpu", cells, BUDGET, deviations, until_broken=True)
    with planted:
        states = sweep.run()
    return next((cell for cell, state in states.items() if state.failure is not None), None)


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
