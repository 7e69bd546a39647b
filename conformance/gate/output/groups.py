"""Changes grouped for a reader by their cause, most severe first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from conformance.gate.changes import CELL_GONE, CELL_NEW, CHANGE_KINDS, REFUSAL_CHANGED, REFUSAL_NARROWED, Change
from conformance.html.numbers import three_digits
from conformance.report.accuracy import CANCELS
from conformance.report.words import subject_order


@dataclass(frozen=True)
class Place:
    """The cells of one operation in some checks, each with the same subjects."""

    operation: str
    checks: tuple[str, ...]
    subjects: tuple[str, ...]

    @property
    def words(self) -> str:
        return f"{', '.join(self.checks)}: {', '.join(self.subjects)}"


@dataclass(frozen=True)
class ChangeGroup:
    """Changes of one kind on one device that have the same cause."""

    changes: tuple[Change, ...]

    @property
    def first(self) -> Change:
        """The change that shows most plainly what changed."""
        return min(self.changes, key=_plainness)

    @property
    def title(self) -> str:
        """What changed, in words; where the kind says it all, in which cells."""
        if len(self.changes) > 1 and self.first.kind in (REFUSAL_CHANGED, REFUSAL_NARROWED) and self.first.cause:
            return self.first.cause
        return self.first.what or "; ".join(place.words for place in self.places)

    @property
    def operations(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(change.operation for change in self.changes))

    @property
    def places(self) -> tuple[Place, ...]:
        """The cells by operation. Checks with the same subjects are told together."""
        by_check: dict[tuple[str, str], set[str]] = {}
        for change in self.changes:
            by_check.setdefault((change.operation, change.check), set()).add(change.subject)
        together: dict[tuple[str, tuple[str, ...]], list[str]] = {}
        for (operation, check), subjects in sorted(by_check.items()):
            together.setdefault((operation, tuple(sorted(subjects, key=subject_order))), []).append(check)
        return tuple(Place(operation, tuple(checks), subjects) for (operation, subjects), checks in together.items())

    @property
    def accepted(self) -> str:
        return next((change.accepted for change in self.changes if change.accepted), "")

    @property
    def samples(self) -> int:
        return sum(change.samples for change in self.changes)

    @property
    def ulps(self) -> str:
        """The worst errors before and after as text; empty if no error was measured."""
        worst = max(self.changes, key=_worst)
        return errors_in_words(worst) if _worst(worst) else ""


def errors_in_words(change: Change) -> str:
    """The worst errors of both sides, and what is allowed."""
    words = f"worst error {three_digits(change.ulp_before)} ULP before, {three_digits(change.ulp_after)} after"
    if not change.ulp_bound:
        return words
    cancels = ", since terms cancel" if change.ulp_bound > CANCELS else ""
    return f"{words}, {three_digits(change.ulp_bound)} allowed{cancels}"


def groups_of(changes: Iterable[Change]) -> list[ChangeGroup]:
    """The groups of changes. Accepted changes come last."""
    found: dict[tuple[str, ...], list[Change]] = {}
    for change in changes:
        found.setdefault(_key(change), []).append(change)
    order = list(CHANGE_KINDS)
    groups = [ChangeGroup(tuple(members)) for members in found.values()]
    return sorted(groups, key=lambda group: (bool(group.accepted), order.index(group.first.kind)))


def _key(change: Change) -> tuple[str, ...]:
    """What is equal for changes of one cause. Wrong values are one of an operation; moved ones, and others that have no
    cause of their own, are told by check."""
    if change.anywhere:
        where: tuple[str, ...] = ()
    elif change.kind in (CELL_GONE, CELL_NEW):
        where = (change.check,)
    else:
        where = (change.operation,) if change.cause else (change.operation, change.check)
    return change.kind, change.device, change.accepted, change.cause or change.what, *where


def _plainness(change: Change) -> tuple[bool, bool, int]:
    """Changes with a sample before others, those that show something before others, short samples first."""
    return not change.sample, not (change.before or change.after), len(change.sample)


def _worst(change: Change) -> float:
    return max(change.ulp_before, change.ulp_after)
