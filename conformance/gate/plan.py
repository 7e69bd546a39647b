"""What a gate is to do: its order, and the units of work that come of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from conformance.engine.deviations import Deviation
from conformance.processes.interpreter import Interpreter
from conformance.results.model import Cell
from conformance.spec.catalogue import spec_file
from conformance.spec.cells import cell_name
from conformance.spec.contract import Spec


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
    process_pairs: int = 0
    """0 means one for every two cores"""
    unequal_terms: bool = False
    times: bool = False
    """whether workloads are timed too, once everything else is done"""
    instructions: bool = False
    """whether the instructions of those that are slower or faster are counted, too"""
    deviations: tuple[Path, ...] = ()
    """files of known deviations beside the built-in one"""
    whole: bool = True
    """whether the files are all specs that the deviations may be of"""


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
        return f"{spec_file(self.file).name}::{cell_name(cell, self.device)}"
