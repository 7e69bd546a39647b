"""What a child process is asked, as data. Needs no torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from conformance.engine.deviations import Deviation
from conformance.samples.sample import Sample
from conformance.spec.cells import Cell

READY = b"ready"
"""What the child sends first: torch is there."""


@dataclass(frozen=True)
class Answer:
    """What the child sends back: the result, or the traceback of an error in the suite itself."""

    result: Any = None
    error: str = ""


@dataclass(frozen=True)
class EnvironmentQuestion:
    """What does the child run on? `devices` are those named, none meaning those there are."""

    devices: tuple[str, ...] = ()


@dataclass(frozen=True)
class DeviceQuestion:
    """Why can a device not be used? Answered by None if it can."""

    device: str


@dataclass(frozen=True)
class Script:
    """A script to write: the reproduction of one cell's failing sample."""

    file: str
    cell: dict[str, Any]


@dataclass(frozen=True)
class Alone:
    """A refusal to try in a process that ends after it. Answered by how it was broken, "" if it was not, or None where
    no sample fits it."""

    file: str
    device: str
    title: str
    dtype: str
    seed: int


@dataclass(frozen=True)
class Task:
    """One sweep to run: the cells of a spec file on a device."""

    file: str
    device: str
    cells: tuple[Cell, ...]
    examples: int
    seed: int
    remembered: tuple[Sample, ...] = ()
    journal: str = ""


@dataclass(frozen=True)
class TrialTask:
    """One trial to make: given samples put to the cells of a spec file on a device. Answered by `Answers`."""

    file: str
    device: str
    cells: tuple[Cell, ...]
    samples: tuple[Sample, ...]
    deviations: tuple[Deviation, ...]
    journal: str = ""


@dataclass(frozen=True)
class Timing:
    """One workload to time, or the growth of several. Answered by the record of its perf cell."""

    file: str
    device: str
    name: str


@dataclass(frozen=True)
class Lap:
    """One time to take of a workload: the seconds of a call, measured over batches of so many `loops`; 0 leaves their
    number to the child. Answered by the seconds and the loops."""

    file: str
    device: str
    name: str
    loops: int


@dataclass(frozen=True)
class Count:
    """A workload whose instructions callgrind is to count: for a child that runs under it. Answered by how many calls
    were counted."""

    file: str
    device: str
    name: str


@dataclass(frozen=True)
class Ask:
    """One cell to ask of one sample in one dtype, some times over. Answered by a list of `Outcome`, results shown."""

    file: str
    device: str
    cell: Cell
    dtype: str
    sample: Sample
    times: int = 1
