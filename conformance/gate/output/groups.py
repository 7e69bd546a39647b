"""Changes grouped for a reader: those of one operation with the same cause, most severe first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from conformance.gate.changes import CHANGE_KINDS, Change


@dataclass(frozen=True)
class ChangeGroup:
    """Changes of one kind in one check of one operation on one device, with the same cause."""

    changes: tuple[Change, ...]

    @property
    def first(self) -> Change:
        """The change with the smallest sample."""
        return min(self.changes, key=_length)

    @property
    def subjects(self) -> str:
        return ", ".join(dict.fromkeys(change.subject for change in self.changes))

    @property
    def accepted(self) -> str:
        return next((change.accepted for change in self.changes if change.accepted), "")

    @property
    def samples(self) -> int:
        return sum(change.samples for change in self.changes)

    @property
    def ulps(self) -> str:
        """The worst errors before and after as text; empty if no error was measured."""
        before = max(change.ulp_before for change in self.changes)
        after = max(change.ulp_after for change in self.changes)
        return f"worst error {before:.3g} ULP before, {after:.3g} after" if before or after else ""


def groups_of(changes: Iterable[Change]) -> list[ChangeGroup]:
    """The groups of changes. Accepted changes come last."""
    found: dict[tuple[str, ...], list[Change]] = {}
    for change in changes:
        key = (change.operation, change.check, change.device, change.kind, change.cause or change.what, change.accepted)
        found.setdefault(key, []).append(change)
    order = list(CHANGE_KINDS)
    groups = [ChangeGroup(tuple(members)) for members in found.values()]
    return sorted(groups, key=lambda group: (bool(group.accepted), order.index(group.first.kind)))


def _length(change: Change) -> tuple[bool, int]:
    return not change.sample, len(change.sample)
