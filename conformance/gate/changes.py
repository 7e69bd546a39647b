"""The kinds of changes between two torches, and which of them make a move unsafe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from conformance.engine.deviations import Deviation
from conformance.engine.outcome import Outcome
from conformance.gate.exceptions import is_narrower
from conformance.results.model import Failure, FailureKind, KnownDeviation

CRASHED = "crashed"
BROKE = "broke"
WRONG_OTHERWISE = "wrong in another way"
CELL_GONE = "cell gone"
SUPPORT_LOST = "support lost"
REFUSAL_CHANGED = "refusal changed"
MEMORY_CHANGED = "memory changed"
SLOWER = "slower"
MOVED = "moved"
REFUSAL_NARROWED = "refusal narrowed"
FIXED = "fixed"
FASTER = "faster"
SUPPORT_GAINED = "support gained"
NO_DEVIATION = "deviation no longer needed"
CELL_NEW = "cell new"

CHANGE_KINDS = {
    CRASHED: "the candidate's process dies or hangs where the baseline answers",
    BROKE: "the baseline keeps the contract, the candidate does not",
    WRONG_OTHERWISE: "neither keeps the contract, and they differ",
    CELL_GONE: "the candidate cannot be asked what the baseline can",
    SUPPORT_LOST: "the baseline takes the dtype or mode, the candidate refuses it",
    REFUSAL_CHANGED: "a misuse is refused with another class that is no subclass, or no longer",
    MEMORY_CHANGED: "results lie otherwise in memory, or share memory otherwise",
    SLOWER: "a workload takes longer, by more than the margin, and in fresh processes too",
    MOVED: "both keep the contract, and the numbers differ",
    REFUSAL_NARROWED: "a misuse is refused with a subclass of its class: whoever catches that one catches it still",
    FIXED: "the candidate keeps the contract, the baseline does not",
    FASTER: "a workload takes less time, by more than the margin, and in fresh processes too",
    SUPPORT_GAINED: "the candidate takes the dtype or mode, the baseline refuses it",
    NO_DEVIATION: "a known deviation of the baseline is gone",
    CELL_NEW: "the candidate can be asked what the baseline cannot",
}
"""Every kind of change and its meaning, most severe first."""

UNSAFE_KINDS = (CRASHED, BROKE, WRONG_OTHERWISE, CELL_GONE, SUPPORT_LOST, REFUSAL_CHANGED, MEMORY_CHANGED, SLOWER)
"""The kinds that make a move unsafe unless a team accepts them."""

_KIND_IF_BROKEN = {"memory": MEMORY_CHANGED, "refusals": REFUSAL_CHANGED, "support": SUPPORT_LOST}
_KIND_IF_FIXED = {"refusals": REFUSAL_CHANGED, "support": SUPPORT_GAINED}
"""The kind of change of a cell that broke or was fixed, by check; BROKE and FIXED for the others."""

_COMPARES_REFUSALS = ("refusals", "support", "modes")
"""The checks that note what was refused, and with which class."""

_ANYWHERE = (REFUSAL_CHANGED, REFUSAL_NARROWED, SUPPORT_LOST, SUPPORT_GAINED)
"""The kinds of changes of which equal descriptions have one cause, whatever the operation."""

_RAISED = (FailureKind.RAISED, FailureKind.CHECK_FAILED)
"""The kinds of failures that have one cause if the same exception is at the bottom of them, in whatever operation."""

_REFUSED = "refused"
"""The title under which a cell notes that a whole dtype or mode was refused."""


@dataclass(frozen=True)
class WrongAlike:
    """A cell that breaks its contract in the same way on both sides."""

    cell: str
    """its id"""
    message: str
    """the first failure, in words"""

    def __str__(self) -> str:
        return f"{self.cell}: {self.message}"


@dataclass(frozen=True, kw_only=True)
class Change:
    """One kind of change in one cell."""

    cell: str
    """the id of the cell"""
    operation: str
    check: str
    device: str
    subject: str
    kind: str
    """one of `CHANGE_KINDS`"""
    what: str
    """what changed, for a reader; empty if the kind says it all"""
    cause: str = ""
    """what was broken or mended, without what varies from sample to sample; changes are grouped by it"""
    anywhere: bool = False
    """whether changes of other operations have the same cause if theirs is equal"""
    before: str = ""
    """what the baseline gives for the sample"""
    after: str = ""
    """what the candidate gives for the sample"""
    call: str = ""
    dtype: str = ""
    """the dtype in which the sample was asked"""
    sample: str = ""
    """the smallest sample found that shows the change, as text"""
    data: Any = None
    """the same sample as data, for a replay"""
    samples: int = 0
    """the number of samples that show the change"""
    asked: int = 0
    """the number of samples that were asked"""
    ulp_before: float = 0.0
    """the worst error of the baseline in ULP"""
    ulp_after: float = 0.0
    """the worst error of the candidate in ULP"""
    ulp_bound: float = 0.0
    """the error in ULP that the contract allows where the worse of the two is; 0 if it is not known"""
    time_ratio: float = 0.0
    """of a workload: the candidate's time divided by the baseline's"""
    summaries: tuple[str, str] = ("", "")
    """what each side gave, without details that can vary between equivalent outcomes"""
    dies: bool = False
    """whether the process of a side ended"""
    steady: bool = True
    """whether both sides gave the same again when asked again"""
    accepted: str = ""
    """the id of the accepted entry that covers the change; empty if none does"""

    @property
    def unsafe(self) -> bool:
        return self.kind in UNSAFE_KINDS and not self.accepted


@dataclass(frozen=True)
class OutcomeDifference:
    """How two outcomes of one cell and sample differ: the kind of change, a description for a reader, and the cause by
    which changes are grouped, those of other operations too if it is the same `anywhere`."""

    kind: str
    what: str
    cause: str = ""
    anywhere: bool = False


def of_deviation(known: KnownDeviation | Deviation, kind: str) -> OutcomeDifference:
    """The difference that a known deviation makes which one side alone has."""
    return OutcomeDifference(kind, f"known deviation {known.id}: {known.reason}", known.id, anywhere=True)


def compare_outcomes(check: str, before: Outcome, after: Outcome) -> OutcomeDifference | None:
    """How two outcomes of one check differ, or None. Results are compared bit for bit, all NaNs being alike, and errors
    by their class."""
    was, now = before.failure, after.failure
    if now is not None and after.died and not before.died:
        return OutcomeDifference(CRASHED, now.summary, now.cause)
    if was and now:
        return _both_broken(was, now, before.bits == after.bits)
    if now:
        raised_in_memory = check == "memory" and now.kind is FailureKind.RAISED
        kind = BROKE if raised_in_memory else _KIND_IF_BROKEN.get(check, BROKE)
        return _of_failure(kind, now.summary, now)
    if was:
        kind = FIXED if before.died else _KIND_IF_FIXED.get(check, FIXED)
        return _of_failure(kind, f"no longer: {was.summary}", was)
    if check in _COMPARES_REFUSALS and (found := _compare_refusals(before.refusals, after.refusals)):
        return found
    if before.bits and after.bits and before.bits != after.bits:  # a side that compared nothing has no bits
        return OutcomeDifference(MEMORY_CHANGED if check == "memory" else MOVED, "")
    return None


def _of_failure(kind: str, what: str, failure: Failure) -> OutcomeDifference:
    """The difference that the failure of one side makes. An exception is known by its class and its message."""
    raised = failure.kind in _RAISED and bool(failure.symptom)
    cause = f"{failure.error}: {failure.symptom}" if raised else failure.cause
    return OutcomeDifference(kind, what, cause, anywhere=raised or kind in _ANYWHERE)


def _both_broken(was: Failure, now: Failure, same_bits: bool) -> OutcomeDifference | None:
    if was.summary == now.summary and same_bits:
        return None
    becomes = f"{was.summary} becomes {now.summary}" if was.summary != now.summary else ""
    return OutcomeDifference(
        WRONG_OTHERWISE, becomes or f"{now.summary}, with other results", f"{was.cause}, then {now.cause}"
    )


def _compare_refusals(was: Mapping[str, str], now: Mapping[str, str]) -> OutcomeDifference | None:
    if was == now:
        return None
    if _REFUSED in now and _REFUSED not in was:
        return OutcomeDifference(SUPPORT_LOST, f"refused with {now[_REFUSED]}", anywhere=True)
    if _REFUSED in was and _REFUSED not in now:
        return OutcomeDifference(SUPPORT_GAINED, f"no longer refused with {was[_REFUSED]}", anywhere=True)
    changed = {
        title: (was.get(title, ""), now.get(title, "")) for title in {**was, **now} if was.get(title) != now.get(title)
    }
    narrowed = all(is_narrower(after, before) for before, after in changed.values())
    return OutcomeDifference(
        REFUSAL_NARROWED if narrowed else REFUSAL_CHANGED,
        "; ".join(f"{title}: {_becomes(*classes)}" for title, classes in changed.items()),
        "; ".join(dict.fromkeys(_becomes(*classes) for classes in changed.values())),
        anywhere=True,
    )


def _becomes(before: str, after: str) -> str:
    """How the class of a refusal changed, in words."""
    wider = ", a wider class" if is_narrower(before, after) else ""
    return f"{before or 'not asked'} becomes {after or 'not asked'}{wider}"
