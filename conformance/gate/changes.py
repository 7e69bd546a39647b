"""What can differ between two torches, and which of it makes a move unsafe."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from conformance.engine.outcome import Outcome

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

UNSAFE = (BROKE, WRONG_OTHERWISE, CELL_GONE, SUPPORT_LOST, REFUSAL_CHANGED, MEMORY_CHANGED, SLOWER)
"""The kinds that make a move unsafe unless a team accepts them."""

_BROKEN_AS = {"memory": MEMORY_CHANGED, "refusals": REFUSAL_CHANGED, "support": SUPPORT_LOST}
_MENDED_AS = {"refusals": REFUSAL_CHANGED, "support": SUPPORT_GAINED}
CRASHED = "crashed"
"""Begins the message of an outcome that ended a side's process."""

_CLASSES_COUNT = ("refusals", "support", "modes")
"""The checks whose notes say what was refused, and with which class."""


@dataclass(frozen=True)
class Change:
    """One kind of change in one cell.

    `what` says it in words; `before` and `after` what the smallest `sample` found gives on either side. `samples` of
    the `asked` show it. `data` is the sample for a replay. `steady` is false where a side does not repeat itself.
    `times` is how many times as long a workload takes. `accepted` names the entry of the accepted changes that covers
    it.
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
    was, now = essence(before.message), essence(after.message)
    if was and now:
        return None if was == now and before.bits == after.bits else Difference(WRONG_OTHERWISE, _becomes(was, now))
    if now:
        kind = BROKE if check == "memory" and now.startswith(("raised", CRASHED)) else _BROKEN_AS.get(check, BROKE)
        return Difference(kind, now)
    if was:
        return Difference(_MENDED_AS.get(check, FIXED), f"no longer: {was}")
    if check in _CLASSES_COUNT and (found := _classes(before.notes, after.notes)):
        return found
    if before.bits != after.bits:
        return Difference(MEMORY_CHANGED if check == "memory" else MOVED, "")
    return None


def essence(message: str) -> str:
    """A failure without what varies though it means the same: the text of an error, how many elements were wrong."""
    message = re.sub(r"\d+ of \d+ wrong;.*", "wrong values", message, flags=re.DOTALL)
    return re.sub(r"(\b[A-Za-z]*(?:Error|Exception|Interrupt|Failed)\b): .*", r"\1", message, flags=re.DOTALL)


def _becomes(was: str, now: str) -> str:
    return f"{was} becomes {now}" if was != now else f"{now}, with other results"


def _classes(before: tuple[str, ...], after: tuple[str, ...]) -> Difference | None:
    was, now = said(before), said(after)
    if was == now:
        return None
    if "refused" in now and "refused" not in was:
        return Difference(SUPPORT_LOST, f"refused with {now['refused']}")
    if "refused" in was and "refused" not in now:
        return Difference(SUPPORT_GAINED, f"no longer refused with {was['refused']}")
    changed = [title for title in {**was, **now} if was.get(title) != now.get(title)]
    what = (f"{title}: {was.get(title, 'not asked')} becomes {now.get(title, 'not asked')}" for title in changed)
    return Difference(REFUSAL_CHANGED, "; ".join(what))


def said(notes: tuple[str, ...]) -> dict[str, str]:
    """What was refused with which class, of notes such as `dim past the end: IndexError`."""
    pairs = (note.rpartition(": ") for note in notes if not note.startswith(("known deviation", "gain:")))
    return {title: name for title, _, name in pairs if title and name.isidentifier()}
