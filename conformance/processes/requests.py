"""The requests to a child process, as plain data. Each names the type of its answer. Needs no torch."""

from __future__ import annotations

from typing import Any, ClassVar, Generic, NamedTuple, TypeVar

from msgspec.structs import replace

from conformance.engine.deviations import Deviation
from conformance.engine.outcome import Answers, Outcome
from conformance.results.model import Cell, CellResult, Environment, Failure, Growth, Record
from conformance.spec.devices import DeviceProfile
from conformance.spec.draft import FoundOperation

T = TypeVar("T")
Data = Any
"""A sample as `conformance.samples.serial.to_data` writes it."""


class Request(Record, Generic[T], tag=True, frozen=True, kw_only=True):
    """A request to a child. `answer` is the type of its answer."""

    answer: ClassVar[Any]


class Reply(NamedTuple):
    """What a child sends back: the number of the request, the answer as JSON, the traceback if there was an error in
    the suite itself, what the request took (see `conformance.processes.client.Spent`), and whether the child is to be
    replaced before it is asked again."""

    number: int
    answer: str
    error: str
    seconds: float
    cpu_seconds: float
    grown: Growth
    to_be_replaced: bool


class EnvironmentRequest(Request[Environment], frozen=True, kw_only=True):
    """Asks for the environment. `devices` are those that the user named; none means all that there are."""

    answer: ClassVar[Any] = Environment
    devices: tuple[str, ...] = ()


class DeviceRequest(Request[str], frozen=True, kw_only=True):
    """Asks why a device cannot be used. The answer is empty if it can."""

    answer: ClassVar[Any] = str
    device: str


class ProfileRequest(Request[DeviceProfile], frozen=True, kw_only=True):
    """Asks for the profile of a device as it is found."""

    answer: ClassVar[Any] = DeviceProfile
    device: str


class SurveyRequest(Request[FoundOperation], frozen=True, kw_only=True):
    """Asks what a few calls show of an operation."""

    answer: ClassVar[Any] = FoundOperation
    operation: str


class IsolatedRefusal(Record, frozen=True, kw_only=True):
    """What came of a refusal that was tried in a process of its own."""

    tried: bool
    """false if no sample fits the refusal"""
    failure: Failure | None = None


class IsolatedRefusalRequest(Request[IsolatedRefusal], frozen=True, kw_only=True):
    """Tries a refusal in a process that ends afterwards."""

    answer: ClassVar[Any] = IsolatedRefusal
    file: str
    device: str
    title: str
    dtype: str
    seed: int
    deviations: tuple[Deviation, ...] = ()


class JournaledRequest(Request[T], Generic[T], frozen=True, kw_only=True):
    """A request during which the child keeps a journal of its steps."""

    journal: str = ""

    def with_journal(self, journal: str) -> JournaledRequest[T]:
        return replace(self, journal=journal)


class CellsRequest(JournaledRequest[T], Generic[T], frozen=True, kw_only=True):
    """A request about several cells, of which one that ends the process can be left out.

    Compiled calls are asked many in one graph, for which the journal cannot say which call ended the process. With
    `one_by_one` each is asked in a graph of its own.
    """

    cells: tuple[Cell, ...]
    one_by_one: bool = False

    def without(self, left_out: set[Cell]) -> CellsRequest[T]:
        """The request without the cells `left_out`."""
        return replace(self, cells=tuple(cell for cell in self.cells if cell not in left_out))

    def asked_one_by_one(self) -> CellsRequest[T]:
        """The request with each compiled call in a graph of its own."""
        return replace(self, one_by_one=True)


class SweepRequest(CellsRequest["tuple[CellResult, ...]"], frozen=True, kw_only=True):
    """Runs a sweep: cells of a spec file on a device. `name` is the name of the file in the results."""

    answer: ClassVar[Any] = tuple[CellResult, ...]
    file: str
    name: str
    device: str
    examples: int
    seed: int
    thorough: bool = False
    deviations: tuple[Deviation, ...] = ()
    remembered: tuple[Data, ...] = ()


class CompiledRequest(JournaledRequest["tuple[tuple[CellResult, ...], ...]"], frozen=True, kw_only=True):
    """Runs the sweeps of compiled cells of several spec files on one device. Their calls share graphs. The answer has
    the records of each sweep. In the journal the cells of all sweeps are counted through."""

    answer: ClassVar[Any] = tuple[tuple[CellResult, ...], ...]
    sweeps: tuple[SweepRequest, ...]

    def at(self, number: int) -> tuple[int, Cell]:
        """The index of the sweep of cell `number`, and the cell; the first if there are not so many."""
        cells = [(place, cell) for place, sweep in enumerate(self.sweeps) for cell in sweep.cells]
        return cells[number if number < len(cells) else 0]


class ReplayRequest(CellsRequest[Answers], frozen=True, kw_only=True):
    """Runs a replay: cells of a spec file on a device are asked of given samples."""

    answer: ClassVar[Any] = Answers
    file: str
    device: str
    samples: tuple[Data, ...]
    deviations: tuple[Deviation, ...]
    thorough: bool = False


class ReplaysRequest(JournaledRequest["tuple[Answers, ...]"], frozen=True, kw_only=True):
    """Runs the replays of compiled cells of several spec files on one device. Their calls share graphs."""

    answer: ClassVar[Any] = tuple[Answers, ...]
    replays: tuple[ReplayRequest, ...]


class AskRequest(Request["tuple[Outcome, ...]"], frozen=True, kw_only=True):
    """Asks one cell of one sample in one dtype, `repeats` times. The outcomes show the results."""

    answer: ClassVar[Any] = tuple[Outcome, ...]
    file: str
    device: str
    cell: Cell
    dtype: str
    sample: Data
    repeats: int = 1


class TimingRequest(Request[CellResult], frozen=True, kw_only=True):
    """Times one workload, or the growth of several. `name` is the name of the file in the results."""

    answer: ClassVar[Any] = CellResult
    file: str
    name: str
    device: str
    workload: str


class Lap(Record, frozen=True, kw_only=True):
    """The seconds of one call, and the number of calls in a batch."""

    seconds: float
    loops: int


class LapRequest(Request[Lap], frozen=True, kw_only=True):
    """Takes one time of a workload, measured over batches of `loops` calls. With 0 the child chooses their number."""

    answer: ClassVar[Any] = Lap
    file: str
    device: str
    workload: str
    loops: int


class CountRequest(Request[int], frozen=True, kw_only=True):
    """Counts the instructions of a workload, in a child that runs under callgrind. The answer is the number of calls
    that were counted."""

    answer: ClassVar[Any] = int
    file: str
    device: str
    workload: str


AnyRequest = (
    EnvironmentRequest
    | DeviceRequest
    | ProfileRequest
    | SurveyRequest
    | IsolatedRefusalRequest
    | SweepRequest
    | CompiledRequest
    | ReplayRequest
    | ReplaysRequest
    | AskRequest
    | TimingRequest
    | LapRequest
    | CountRequest
)
"""All requests."""
