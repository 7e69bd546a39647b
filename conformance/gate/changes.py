"""What can differ between two torches, and which of it makes a move unsafe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from conformance.engine.outcome import Outcome
from conformance.results.model import Failure, FailureKind

CRASHED = "crashed"
BROKE = "broke"
WRONG_OTHERWISE = "wrong in another way"
CELL_GONE = "cell gone"
SUPPORT_LOST = "support lost"
REFUSAL_CHANGED = "refusal changed"
MEMORY_CHANGED = "memory changed"
SLOWER = "slower"
MOVED = "moved"
FIXED = "fixed"
FASTER = "faster"
SUPPORT_GAINED = "support gained"
NO_DEVIATION = "deviation no longer needed"
CELL_NEW = "cell new"

KINDS = {
    CRASHED: "the candidate's process dies or hangs where the baseline answers",
    BROKE: "the baseline keeps the contract, the candidate does not",
    WRONG_OTHERWISE: "neither keeps the contract, and they differ",
    CELL_GONE: "the candidate cannot be asked what the baseline can",
    SUPPORT_LOST: "the baseline takes the dtype or mode, the candidate refuses it",
    REFUSAL_CHANGED: "a misuse is refused with another class, or no longer",
    MEMORY_CHANGED: "results lie otherwise in memory, or share memory otherwise",
    SLOWER: "a workload takes longer, by more than the margin, and in fresh processes too",
    MOVED: "both keep the contract, and the bits differ",
    FIXED: "the candidate keeps the contract, the baseline does not",
    FASTER: "a workload takes less time, by more than the margin, and in fresh processes too",
    SUPPORT_GAINED: "the candidate takes the dtype or mode, the baseline refuses it",
    NO_DEVIATION: "a known deviation of the baseline is gone",
    CELL_NEW: "the candidate can be asked what the baseline cannot",
}
"""Every kind of change and what it means, the gravest first."""

UNSAFE = (CRASHED, BROKE, WRONG_OTHERWISE, CELL_GONE, SUPPORT_LOST, REFUSAL_CHANGED, MEMORY_CHANGED, SLOWER)
"""The kinds that make a move unsafe unless a team accepts them."""

_BROKEN_AS = {"memory": MEMORY_CHANGED, "refusals": REFUSAL_CHANGED, "support": SUPPORT_LOST}
_MENDED_AS = {"refusals": REFUSAL_CHANGED, "support": SUPPORT_GAINED}
_CLASSES_COUNT = ("refusals", "support", "modes")
"""The checks that say what was refused, and with which class."""

_REFUSED = "refused"
"""What the refusal of a whole dtype or mode is called among the refusals of a cell."""


@dataclass(frozen=True)
class Change:
    """One kind of change in one cell.

    `what` says it in words; `before` and `after` what the smallest `sample` found gives on either side. `samples` of
    the `asked` show it. `data` is the sample for a replay. `steady` is false where a side does not repeat itself.
    `summaries` are what either side gave without what varies though it means the same, and `dies` is whether a side's
    process ended. `times` is how many times as long a workload takes. `accepted` names the entry of the accepted
    changes that covers it.
    """

    cell: str
    operation: str
    check: str
    device: str
    subject: str
    kind: str
    what: str
    before: str = ""
    after: str = ""
    call: str = ""
    dtype: str = ""
    sample: str = ""
    data: Any = None
    samples: int = 0
    asked: int = 0
    ulp_before: float = 0.0
    ulp_after: float = 0.0
    times: float = 0.0
    summaries: tuple[str, str] = ("", "")
    dies: bool = False
    steady: bool = True
    accepted: str = ""

    @property
    def unsafe(self) -> bool:
        return self.kind in UNSAFE and not self.accepted


@dataclass(frozen=True)
class Difference:
    """How two outcomes of one cell and sample differ: the kind of change, and in words what became of what."""

    kind: str
    what: str


def difference(check: str, before: Outcome, after: Outcome) -> Difference | None:
    """How two outcomes differ, or None. Equal bits are equal; of an error the class counts, not its message."""
    was, now = before.failure, after.failure
    if now is not None and after.died and not before.died:
        return Difference(CRASHED, now.summary)
    if was and now:
        return _both_broken(was, now, before.bits == after.bits)
    if now:
        raised_in_memory = check == "memory" and now.kind is FailureKind.RAISED
        return Difference(BROKE if raised_in_memory else _BROKEN_AS.get(check, BROKE), now.summary)
    if was:
        kind = FIXED if before.died else _MENDED_AS.get(check, FIXED)
        return Difference(kind, f"no longer: {was.summary}")
    if check in _CLASSES_COUNT and (found := _classes(before.refusals, after.refusals)):
        return found
    if before.bits != after.bits:
        return Difference(MEMORY_CHANGED if check == "memory" else MOVED, "")
    return None


def _both_broken(was: Failure, now: Failure, same_bits: bool) -> Difference | None:
    if was.summary == now.summary and same_bits:
        return None
    becomes = f"{was.summary} becomes {now.summary}" if was.summary != now.summary else ""
    return Difference(WRONG_OTHERWISE, becomes or f"{now.summary}, with other results")


def _classes(was: Mapping[str, str], now: Mapping[str, str]) -> Difference | None:
    if was == now:
        return None
    if _REFUSED in now and _REFUSED not in was:
        return Difference(SUPPORT_LOST, f"refused with {now[_REFUSED]}")
    if _REFUSED in was and _REFUSED not in now:
        return Difference(SUPPORT_GAINED, f"no longer refused with {was[_REFUSED]}")
    changed = [title for title in {**was, **now} if was.get(title) != now.get(title)]
    what = (f"{title}: {was.get(title, 'not asked')} becomes {now.get(title, 'not asked')}" for title in changed)
    return Difference(REFUSAL_CHANGED, "; ".join(what))
