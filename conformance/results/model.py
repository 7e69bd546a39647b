"""The one definition of what a run finds: what a child answers, what pytest-xdist carries, what the results file
holds and what the pages read are these types.

Every type is plain data; `conformance.results.codec` writes and reads all of them. docs/results-file.md says what the
fields mean.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import Annotated, Any, Literal, NamedTuple

import msgspec
from msgspec import Meta

Name = Annotated[str, Meta(min_length=1, max_length=10_000)]
Count = Annotated[int, Meta(ge=0)]
Seconds = Annotated[float, Meta(ge=0)]
Growth = Annotated[int, Meta(ge=-(1 << 62), le=1 << 62)]
"""Bytes by which memory grew, or shrank."""


Ulps = Annotated[float, Meta(ge=0)] | Literal["inf", "nan"]
"""A number of ULPs, or a share of it."""


class Word(str, Enum):
    """A member of a closed set; it is written, printed and compared as its text."""

    def __str__(self) -> str:
        return str(self.value)


class Cell(NamedTuple):
    """What is asked of an operation on a device: a check, of a subject: a dtype, a mode, a claim's or workload's
    name."""

    check: str
    subject: str


class Verdict(Word):
    """What a run says of a cell; the gravest first."""

    CRASHED = "crashed"
    BROKEN = "broken"
    VACUOUS = "vacuous"
    NOT_RUN = "not run"
    DEVIATES = "deviates"
    UNSUPPORTED = "unsupported"
    HELD = "held"

    @property
    def failed(self) -> bool:
        """Whether it says that torch does not keep a contract."""
        return self in (Verdict.CRASHED, Verdict.BROKEN)

    @property
    def unanswered(self) -> bool:
        """Whether it says nothing of torch, though an answer was asked for."""
        return self in (Verdict.VACUOUS, Verdict.NOT_RUN)


class FailureKind(Word):
    """What was broken."""

    VALUES = "wrong values"
    SHAPE = "wrong shape"
    DTYPE = "wrong dtype"
    DEVICE = "wrong device"
    MOVED = "numbers are changed on the way to the device"
    CONTAINER = "wrong container"
    COUNT = "wrong number of results"
    RAISED = "raised"
    ARGUMENT_CHANGED = "argument changed"
    SHARING = "wrong sharing of memory"
    STORAGE = "wrong storage"
    STRIDES = "wrong strides"
    ALLOCATIONS = "wrong allocations"
    ACCEPTED = "misuse accepted"
    OTHER_CLASS = "refused with another class"
    NOT_TAKEN = "dtype not taken"
    GRADIENT_MISSING = "no gradient"
    TRACKING = "wrongly tracked"
    NOT_COMPILED = "not compiled"
    VARIES = "varies"
    STATE = "global state changed"
    CLAIM = "claim comes out otherwise"
    STALE_DEVIATION = "stale deviation"
    SLOW = "slow"
    UNDECIDED = "undecided"
    CRASHED = "process died"
    HUNG = "process hung"
    NOT_REACHED = "not reached"
    OUT_OF_MEMORY = "no memory left on the device"
    NOTHING_COMPARED = "nothing compared"
    CANNOT_DRAW = "samples cannot be drawn"
    CHECK_FAILED = "check could not be made"
    UNTOLD = "untold"
    """of results of the first schema, which did not say"""

    @property
    def ended_the_process(self) -> bool:
        return self in (FailureKind.CRASHED, FailureKind.HUNG)


class Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Plain data with named fields."""


class SampleText(Record, frozen=True, kw_only=True):
    """A sample as a person reads it, and as data that the engine can replay."""

    text: str
    data: Any = None


class Failure(Record, frozen=True, kw_only=True):
    """Why a cell is not as promised.

    `about` names the part that was broken where there are several: a law, a refusal, a result, an argument. `error` is
    the class that was raised, if one was. `symptom` is what tells causes apart beyond that: what the wrong numbers have
    in common, or the message of the exception without what varies. `failed` is how many samples failed so. `call` is
    the expression that showed it, `promised` what was promised, in words. `sample` is the smallest one found, asked in
    `dtype`; `repeats` is false if it did not break again. `script` shows the failure with torch and NumPy alone: it
    exits with 1 where the promise is broken and with 0 where it is kept. `repro` is the name of the file that holds it.
    """

    kind: FailureKind
    message: str
    about: str = ""
    error: str = ""
    symptom: str = ""
    failed: Count = 0
    call: str = ""
    promised: str = ""
    dtype: str = ""
    sample: SampleText | None = None
    repeats: bool = True
    script: str = ""
    repro: str = ""

    @property
    def summary(self) -> str:
        """The failure in words, without what varies though it means the same: an error's text, counts, numbers."""
        if self.kind is FailureKind.VALUES:
            words = str(self.kind)
        elif self.kind in (FailureKind.RAISED, FailureKind.OTHER_CLASS):
            words = f"raised {self.error}"
        else:
            return self.message
        return f"{self.about}: {words}" if self.about else words

    @property
    def cause(self) -> str:
        """What was broken: equal for failures of one cell that have the same cause."""
        return ": ".join(part for part in (str(self.kind), self.about, self.error, self.symptom) if part)


class Effect(Word):
    """What a known deviation does to who meets it; the gravest first."""

    CRASH = "crash"
    VALUE = "wrong value"
    ACCEPTED = "misuse accepted"
    REFUSED = "refused"
    ERROR_CLASS = "wrong class of error"
    MEMORY = "memory"
    UNKNOWN = ""
    """of results before schema 4, which did not say"""


class KnownDeviation(Record, frozen=True, kw_only=True):
    """A known deviation that concerns a cell: the range of versions of torch that it is known of, what its witness gave
    in this run, and what it does."""

    id: Name
    reason: str
    link: str
    witness: str
    torch: str = ""
    gave: str = ""
    effect: Effect = Effect.UNKNOWN


class Evidence(Record, frozen=True, kw_only=True):
    """What was really compared in one cell.

    `counts` says how often samples of each layout were compared, and each form, law or refusal, by its call or title.
    `refusals` says of each misuse, dtype or mode that was refused with which class, by its title. `gain` is whether
    torch takes more than the spec asks for. `set_aside` counts the samples that failed as a known deviation says, or
    were not asked because of one, `failed` those that broke the cell, and `asked` both and the samples that were
    compared.

    `worst_ulp` is the greatest error in ULP, `worst_bound` what the contract allows there (0 where that was not
    recorded), and `closest` the greatest share of its bound that any result had. With `of_terms` a ULP is that of the
    sum of the absolute values of the terms, which is larger than the result where terms cancel. What is not finite is
    in words, as JSON has no such numbers.
    """

    comparisons: Count = 0
    samples: Count = 0
    rejected: Count = 0
    set_aside: Count = 0
    failed: Count = 0
    asked: Count = 0
    layouts: tuple[str, ...] = ()
    counts: dict[str, Count] = {}
    worst_ulp: Ulps = 0.0
    worst_bound: Ulps = 0.0
    closest: Ulps = 0.0
    of_terms: bool = False
    worst_sample: SampleText | None = None
    fingerprint: str = ""
    refusals: dict[str, str] = {}
    gain: bool = False
    notes: tuple[str, ...] = ()

    @property
    def worst(self) -> float:
        """The worst error in ULP as a number."""
        return float(self.worst_ulp)

    @property
    def remarks(self) -> tuple[str, ...]:
        """What there is to say of the cell, for a reader."""
        gains = ("gain: it is taken, though the spec does not ask for it",) if self.gain else ()
        return (*gains, *(f"{title}: {name}" for title, name in self.refusals.items()), *self.notes)


class Timing(Record, frozen=True, kw_only=True):
    """The times of a perf cell: `seconds` by series (torch and its reference; or sizes, less the overhead of a call).
    The `bound` is that of the ratio, 0 if there is none, or the promised exponent.

    The ratio is to the sum of the series `against`; `low`, `middle` and `high` are the interval of its median, or of
    the exponent's.
    """

    kind: Literal["ratios", "growth"]
    seconds: dict[str, tuple[Annotated[float, Meta(gt=0)], ...]]
    bound: float
    margin: float = 0.0
    against: tuple[str, ...] = ()
    low: float = 0.0
    middle: float = 0.0
    high: float = 0.0

    @property
    def ratios(self) -> list[float]:
        """Torch's times divided by those they were held against; none where there was nothing."""
        references = zip(*(self.seconds[name] for name in self.against if name in self.seconds))
        return [torch / sum(times) for torch, times in zip(self.seconds.get("torch", ()), references)]


class CellResult(Record, tag_field="type", tag="cell", frozen=True, kw_only=True):
    """One cell: what it is about, its verdict, why, and the evidence."""

    id: Name
    file: Name
    operation: Name
    check: Name
    device: Name
    subject: Name
    verdict: Verdict
    failure: Failure | None = None
    further: tuple[Failure, ...] = ()
    """failures of other causes than the first one"""
    deviations: tuple[KnownDeviation, ...] = ()
    fixed: tuple[KnownDeviation, ...] = ()
    """deviations of certified versions of torch that do not show on this one"""
    evidence: Evidence = Evidence()
    timing: Timing | None = None

    @property
    def cell(self) -> Cell:
        return Cell(self.check, self.subject)

    @property
    def failures(self) -> tuple[Failure, ...]:
        """Its failures, each of another cause."""
        return () if self.failure is None else (self.failure, *self.further)

    def with_failures(self, failures: Iterable[Failure]) -> CellResult:
        """The same result with other failures."""
        first, *further = (*failures,) or (None,)
        return msgspec.structs.replace(self, failure=first, further=tuple(further))

    @property
    def message(self) -> str:
        """Why it is not as promised; empty where it is."""
        return self.failure.message if self.failure else ""


COMPILED = "compiled cells"
"""What the sweep of the compiled cells of all specs is called."""


class SweepTime(Record, tag_field="type", tag="sweep", frozen=True, kw_only=True):
    """What the sweep of a spec on a device took: seconds by the clock and of processor time, and the bytes by which
    memory grew. All are of the child process that answered; its processor time has that of the processes that it
    started and that ended meanwhile, such as compilers.

    The compiled cells of all specs are one sweep, since their calls are compiled together: `COMPILED` is then both its
    file and its operation.
    """

    file: Name
    operation: Name
    device: Name
    seconds: Seconds
    cpu_seconds: Seconds
    grown: Growth = 0


class ClaimEntry(Record, frozen=True, kw_only=True):
    """One statement of the source documents."""

    name: Name
    source: str
    statement: str
    verdict: Name
    note: str = ""
    contradicts: str = ""
    operations: tuple[str, ...] = ()
    """the operations that it is about"""


class SpecEntry(Record, tag_field="type", tag="spec", frozen=True, kw_only=True):
    """What a run says of one spec."""

    file: Name
    operation: Name
    dtypes: tuple[str, ...]
    summary: str = ""
    documentation: str = ""
    accuracy: str = ""
    claims: tuple[ClaimEntry, ...] = ()


class Environment(Record, tag_field="type", tag="environment", forbid_unknown_fields=False, frozen=True, kw_only=True):
    """What a run ran on, and with what budget. A child says what it finds; the run adds its budget and its start.

    `absent` says what cannot be asked here, `uncertified` on which devices this torch is not certified. Inductor's
    cells are not planned on the devices in `without_inductor`, nor those of allocations in `without_counts`.
    """

    torch: Name
    devices: Annotated[tuple[Name, ...], Meta(min_length=1)]
    schema: int = 0
    absent: tuple[str, ...] = ()
    uncertified: tuple[str, ...] = ()
    without_inductor: tuple[str, ...] = ()
    without_counts: tuple[str, ...] = ()
    torch_git: str = ""
    torch_build: str = ""
    cpu_capability: str = ""
    threads: Count = 0
    numpy: str = ""
    hypothesis: str = ""
    python: str = ""
    platform: str = ""
    profile: str = ""
    examples: Count = 0
    seed: int = 0
    spec_hash: str = ""
    started: str = ""


class ShardPlan(Record, frozen=True, kw_only=True):
    """Which part of a plan a run is, and the cells of all parts."""

    number: Count
    of: Count
    plan: tuple[Name, ...]

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"


class Plan(Record, tag_field="type", tag="plan", frozen=True, kw_only=True):
    """The cells that were to be run, by id, and how many others were left out by the user's choice.

    `suite` counts the cells that a run of everything would have: of all built-in specs, and of others that were named;
    0 where that is not known. `left_out` are the operations of it of which no cell is planned.
    """

    cells: tuple[Name, ...] = ()
    deselected: Count = 0
    suite: Count = 0
    left_out: tuple[str, ...] = ()
    shard: ShardPlan | None = None


class End(Record, tag_field="type", tag="end", frozen=True, kw_only=True):
    """How a run ended: its exit status, the seconds it took, and what went wrong beside the cells, each a line."""

    exit_status: int
    seconds: Seconds
    errors: tuple[str, ...] = ()


RunRecord = Environment | Plan | SpecEntry | CellResult | SweepTime | End
"""The records of a results file."""
