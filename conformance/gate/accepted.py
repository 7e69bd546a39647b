"""Changes that a team accepts, in a file that it owns. Each entry has an owner, a link and a date of expiry."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta

from conformance.files.atomic import write_text
from conformance.files.entries import read_entries, toml_entry
from conformance.files.toml import TomlError
from conformance.gate.changes import CHANGE_KINDS, FASTER, SLOWER, UNSAFE_KINDS, Change
from conformance.results.model import Name, Record
from conformance.spec.gaps import EVERY

DRAFT_DAYS = 90
"""The number of days until a drafted entry expires."""


class Accepted(Record, frozen=True, kw_only=True):
    """One accepted change. It covers the changes of its kind in its scope."""

    id: Annotated[str, Meta(pattern="^[a-z0-9-]+$")]
    operation: Name
    kind: Literal[tuple(CHANGE_KINDS)]  # type: ignore[valid-type]
    reason: Name
    link: Name
    owner: Name
    expires: datetime.date
    checks: tuple[Name, ...] = ()
    """the checks in the scope; empty means all"""
    devices: tuple[Name, ...] = ()
    """the devices in the scope; empty means all"""
    subjects: tuple[Name, ...] = ()
    """the subjects in the scope; empty means all"""
    change: str = ""
    """a part of `Change.what`"""
    at_most: Annotated[float, Meta(gt=1)] | None = None
    """of kind `slower` alone: the largest ratio of times that is accepted"""

    def covers(self, change: Change) -> bool:
        """Whether the entry accepts a change, if it has not expired."""
        scopes = ((self.checks, change.check), (self.devices, change.device), (self.subjects, change.subject))
        return (
            self.kind == change.kind
            and self.operation in (EVERY, change.operation)
            and all(not names or name in names for names, name in scopes)
            and self.change in change.what
            and (self.at_most is None or change.time_ratio <= self.at_most)
        )

    @property
    def may_be_idle(self) -> bool:
        """Whether the entry may match nothing without being stale. This holds for entries of times: not every gate
        takes times, and one gate can decide what another leaves undecided."""
        return self.kind in (SLOWER, FASTER)

    @property
    def expired(self) -> bool:
        return datetime.date.today() > self.expires


def load(path: Path) -> tuple[Accepted, ...]:
    """The entries of a file. Raises `TomlError`."""
    entries = read_entries(path, "accepted", Accepted)
    for entry in entries:
        _require_complete(path, entry)
    return entries


def _require_complete(path: Path, entry: Accepted) -> None:
    """Raise `TomlError` if a person has not filled in a field, or if `at_most` and `kind` do not fit together."""
    for name, text in (("owner", entry.owner), ("link", entry.link), ("reason", entry.reason)):
        if not text.strip() or text == TO_FILL_IN:
            raise TomlError(f"{path}: accepted {entry.id!r}: {name} is not filled in; a person must do that")
    if (entry.at_most is not None) != (entry.kind == SLOWER):
        raise TomlError(
            f"{path}: accepted {entry.id!r}: at_most (how many times as long) belongs to 'slower' alone, "
            "and must be there"
        )


def accept(entries: Iterable[Accepted], changes: Iterable[Change]) -> tuple[tuple[Change, ...], tuple[str, ...]]:
    """The changes, marked if an entry covers them, and the problems of stale entries: expired, or matching nothing."""
    entries, changes = tuple(entries), tuple(changes)
    lasting = [entry for entry in entries if not entry.expired]
    expired = [entry for entry in entries if entry.expired]
    wrong = [f"accepted change {entry.id!r} expired on {entry.expires}: renew or remove it" for entry in expired]
    for entry in lasting:
        if not entry.may_be_idle and not any(entry.covers(change) for change in changes):
            wrong.append(f"accepted change {entry.id!r} matches nothing: remove it")
    return tuple(marked(entries, change) for change in changes), tuple(wrong)


def marked(entries: Iterable[Accepted], change: Change) -> Change:
    """The change with the id of the first entry that covers it and has not expired."""
    covering = (entry.id for entry in entries if not entry.expired and entry.covers(change))
    return replace(change, accepted=next(covering, ""))


TO_FILL_IN = "?"
"""The text of a drafted field that a person must fill in."""


def draft(changes: Iterable[Change], path: Path) -> int:
    """Write entries for the unsafe changes that are not accepted. A person must complete them. Returns their number.

    Changes with the same operation, check, kind and description share one entry.
    """
    groups: dict[tuple[str, str, str, str], list[Change]] = {}
    for change in changes:
        if change.kind in UNSAFE_KINDS and not change.accepted:
            groups.setdefault((change.operation, change.check, change.kind, change.what), []).append(change)
    expires = datetime.date.today() + datetime.timedelta(days=DRAFT_DAYS)
    texts = [_entry(number, members, expires) for number, members in enumerate(groups.values(), 1)]
    write_text(path, "\n".join(["# Changes that we accept. Complete owner, link and reason of each entry.\n", *texts]))
    return len(texts)


def _entry(number: int, members: list[Change], expires: datetime.date) -> str:
    first = members[0]
    name = "-".join([*re.findall("[a-z0-9]+", first.operation.lower()), str(number)])
    fields = {
        "id": name,
        "operation": first.operation,
        "checks": [first.check],
        "devices": sorted({change.device for change in members}),
        "subjects": list(dict.fromkeys(change.subject for change in members)),
        "kind": first.kind,
        "change": _part(first.what),
        "at_most": math.ceil(20 * max(change.time_ratio for change in members)) / 20 if first.kind == SLOWER else 0,
        "reason": TO_FILL_IN,
        "link": TO_FILL_IN,
        "owner": TO_FILL_IN,
    }
    return toml_entry("accepted", {key: value for key, value in fields.items() if value}) + f"expires = {expires}\n"


def _part(text: str) -> str:
    """The longest part of a text without halves of surrogate pairs, which TOML cannot hold."""
    return max(re.split("[\ud800-\udfff]", text), key=len)
