"""What a child process is asked, as plain data: each request names the type of its answer. Needs no torch."""

from __future__ import annotations

from typing import Any, ClassVar, Generic, TypeVar

from msgspec.structs import replace

from conformance.engine.deviations import Deviation
from conformance.engine.outcome import Answers, Outcome
from conformance.results.model import Cell, CellResult, Environment, Record

T = TypeVar("T")
Data = Any
"""A sample as `conformance.samples.serial.to_data` writes it."""

READY = "ready"
"""What the child sends first: torch is there."""


class Request(Record, Generic[T], tag=True, frozen=True, kw_only=True):
    """A question to a child; `answer` is the type of what it answers."""

    answer: ClassVar[Any]


class EnvironmentRequest(Request[Environment], frozen=True, kw_only=True):
    """What does the child run on? `devices` are those named, none meaning those there are."""

    answer: ClassVar[Any] = Environment
    devices: tuple[str, ...] = ()


class DeviceRequest(Request[str], frozen=True, kw_only=True):
    """Why can a device not be used? Answered by "" if it can."""

    answer: ClassVar[Any] = str
    device: str


class IsolatedRefusalRequest(Request["str | None"], frozen=True, kw_only=True):
    """A refusal to try in a process that ends after it. Answered by how it was broken, "" if it was not, or None where
    no sample fits it."""

    answer: ClassVar[Any] = str | None
    file: str
    device: str
    title: str
    dtype: str
    seed: int


class JournaledRequest(Request[T], Generic[T], frozen=True, kw_only=True):
    """A request over several cells, of which the child keeps a journal: a cell that ends the process can be left
    out."""

    cells: tuple[Cell, ...]
    journal: str = ""

    def with_journal(self, journal: str) -> JournaledRequest[T]:
        return replace(self, journal=journal)

    def without(self, left_out: set[Cell]) -> JournaledRequest[T]:
        """The request without some of its cells."""
        return replace(self, cells=tuple(cell for cell in self.cells if cell not in left_out))


class SweepRequest(JournaledRequest["tuple[CellResult, ...]"], frozen=True, kw_only=True):
    """One sweep to run: the cells of a spec file on a device. `name` is how the run calls the file."""

    answer: ClassVar[Any] = tuple[CellResult, ...]
    file: str
    name: str
    device: str
    examples: int
    seed: int
    deviations: tuple[Deviation, ...] = ()
    remembered: tuple[Data, ...] = ()


class ReplayRequest(JournaledRequest[Answers], frozen=True, kw_only=True):
    """One replay to make: given samples put to the cells of a spec file on a device."""

    answer: ClassVar[Any] = Answers
    file: str
    device: str
    samples: tuple[Data, ...]
    deviations: tuple[Deviation, ...]


class AskRequest(Request["tuple[Outcome, ...]"], frozen=True, kw_only=True):
    """One cell to ask of one sample in one dtype, several times over; results are shown."""

    answer: ClassVar[Any] = tuple[Outcome, ...]
    file: str
    device: str
    cell: Cell
    dtype: str
    sample: Data
    times: int = 1


class TimingRequest(Request[CellResult], frozen=True, kw_only=True):
    """One workload to time, or the growth of several. `name` is how the run calls the file."""

    answer: ClassVar[Any] = CellResult
    file: str
    name: str
    device: str
    workload: str


class Lap(Record, frozen=True, kw_only=True):
    """The seconds of one call, and how many calls made up a batch."""

    seconds: float
    loops: int


class LapRequest(Request[Lap], frozen=True, kw_only=True):
    """One time to take of a workload, measured over batches of `loops` calls; 0 leaves their number to the child."""

    answer: ClassVar[Any] = Lap
    file: str
    device: str
    workload: str
    loops: int


class CountRequest(Request[int], frozen=True, kw_only=True):
    """A workload whose instructions callgrind is to count, in a child that runs under it. Answered by how many calls
    were counted."""

    answer: ClassVar[Any] = int
    file: str
    device: str
    workload: str


AnyRequest = (
    EnvironmentRequest
    | DeviceRequest
    | IsolatedRefusalRequest
    | SweepRequest
    | ReplayRequest
    | AskRequest
    | TimingRequest
    | LapRequest
    | CountRequest
)
"""What a child can be asked."""
