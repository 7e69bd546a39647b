"""The plan of a gate: the order of its user, and the units of work."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from conformance.engine.deviations import Deviation
from conformance.processes.interpreter import Interpreter
from conformance.results.model import Cell
from conformance.spec.catalogue import SpecFile
from conformance.spec.cells import cell_id
from conformance.spec.contract import Spec


@dataclass(frozen=True, kw_only=True)
class Order:
    """What a gate must do."""

    baseline: Interpreter
    candidate: Interpreter
    files: tuple[SpecFile, ...]
    """the spec files"""
    devices: tuple[str, ...]
    """the devices that the user named; none means all that there are"""
    examples: int
    """the number of samples for each spec and device"""
    seed: int
    patience: float
    """the seconds after which a call counts as hung"""
    thorough: bool = False
    """whether every sample is asked in every dtype"""
    process_pairs: int = 0
    """the number of pairs of processes; 0 means one for every two cores"""
    unequal_terms: bool = False
    """whether to compare even if the terms differ"""
    timed: bool = False
    """whether to time the workloads, after everything else"""
    instructions: bool = False
    """whether to count the instructions of the workloads that are slower or faster"""
    deviations: tuple[Path, ...] = ()
    """files of known deviations in addition to the built-in one"""
    whole: bool = True
    """whether the files are all specs that the deviations may be about"""


@dataclass(frozen=True)
class Unit:
    """One spec on one device, which both sides are asked by one request."""

    file: SpecFile
    spec: Spec
    device: str
    deviations: tuple[Deviation, ...]
    """the known deviations of either side"""
    common: tuple[Cell, ...]
    """the cells of both sides"""
    gone: tuple[Cell, ...]
    """the cells of the baseline alone"""
    new: tuple[Cell, ...]
    """the cells of the candidate alone"""

    @property
    def cells(self) -> tuple[Cell, ...]:
        return (*self.common, *self.gone, *self.new)

    @property
    def key(self) -> str:
        """What tells it from other units."""
        return f"{self.file.name} on {self.device}"

    def name(self, cell: Cell) -> str:
        return cell_id(self.file.name, cell, self.device)
