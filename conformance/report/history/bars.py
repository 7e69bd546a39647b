"""Known deviations as bars: from the version of torch in which each came to the one in which it went."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from conformance.report.findings import web_address
from conformance.report.history.columns import Column, version_of
from conformance.results.model import KnownDeviation

SHOWN, GONE = "shown", "not shown any more"
"""What a torch that was asked says of a deviation."""

_MINOR = re.compile(r"(\d+)\.(\d+)")
_LATEST = 999
"""Stands for the last release of a minor version."""


@dataclass(frozen=True)
class Mark:
    """What one run says of a deviation."""

    column: Column
    seen: str
    gave: str = ""


@dataclass(frozen=True)
class Bar:
    """One known deviation: in which minor versions it is known, and what the runs saw."""

    known: KnownDeviation
    operations: tuple[str, ...]
    spans: tuple[bool, ...]
    marks: tuple[tuple[Mark, ...], ...]
    """by minor version"""
    words: str
    """when it came and went"""

    @property
    def link(self) -> str:
        return web_address(self.known.link)

    @property
    def seen(self) -> tuple[Mark, ...]:
        return tuple(mark for marks in self.marks for mark in marks)


@dataclass(frozen=True)
class Bars:
    """All bars on one axis of minor versions: those that came or went on it, and those that were there all along."""

    versions: tuple[str, ...]
    changing: tuple[Bar, ...]
    lasting: tuple[Bar, ...]


def bars_of(columns: tuple[Column, ...]) -> Bars:
    """The bars of all deviations that any run tells of. Of one that several tell of the newest counts."""
    known: dict[str, KnownDeviation] = {}
    operations: dict[str, set[str]] = {}
    marks: dict[str, list[Mark]] = {}
    for column in columns:
        for seen, one, operation in _told(column):
            known[one.id] = one
            operations.setdefault(one.id, set()).add(operation)
            found = marks.setdefault(one.id, [])
            if all(mark.column is not column for mark in found):
                found.append(Mark(column, seen, one.gave))
    versions = _axis([*(column.torch for column in columns), *(one.torch for one in known.values())])
    bars = [
        _bar(one, tuple(sorted(operations[one.id])), marks[one.id], versions)
        for one in sorted(known.values(), key=_name)
    ]
    changing = sorted((bar for bar in bars if len(set(bar.spans)) > 1), key=_came)
    return Bars(versions, tuple(changing), tuple(bar for bar in bars if len(set(bar.spans)) < 2))


def _told(column: Column) -> Iterable[tuple[str, KnownDeviation, str]]:
    for cells in column.cells.values():
        for cell in cells.values():
            yield from ((SHOWN, one, cell.operation) for one in cell.deviations)
            yield from ((GONE, one, cell.operation) for one in cell.fixed)


def _axis(texts: Iterable[str]) -> tuple[str, ...]:
    """The minor versions that texts speak of, without gaps in each major version."""
    found: dict[int, set[int]] = {}
    for text in texts:
        for major, minor in _MINOR.findall(text):
            found.setdefault(int(major), set()).add(int(minor))
    return tuple(
        f"{major}.{minor}" for major, minors in sorted(found.items()) for minor in range(min(minors), max(minors) + 1)
    )


def _bar(known: KnownDeviation, operations: tuple[str, ...], marks: list[Mark], versions: tuple[str, ...]) -> Bar:
    spans = tuple(_spans(known.torch, version) for version in versions)
    by_version = tuple(tuple(mark for mark in marks if _minor(mark.column.torch) == version) for version in versions)
    return Bar(known, operations, spans, by_version, _words(spans, versions))


def _spans(versions: str, minor: str) -> bool:
    """Whether any release of a minor version is in a range; a range that cannot be read has none."""
    try:
        allowed = SpecifierSet(versions)
    except InvalidSpecifier:
        return False
    return bool(versions) and any(f"{minor}.{patch}" in allowed for patch in (0, _LATEST))


def _minor(torch: str) -> str:
    version = version_of(torch)
    return f"{version.major}.{version.minor}"


def _words(spans: tuple[bool, ...], versions: tuple[str, ...]) -> str:
    if True not in spans:
        return "its versions are not told"
    first, last = spans.index(True), len(spans) - 1 - spans[::-1].index(True)
    came = f"came in {versions[first]}" if first else f"in {versions[0]} already"
    return f"{came}, gone in {versions[last + 1]}" if last + 1 < len(versions) else f"{came}, still there"


def _name(known: KnownDeviation) -> str:
    return known.id


def _came(bar: Bar) -> tuple[int, int, str]:
    """The newest first, then the one that went last."""
    first = bar.spans.index(True)
    return -first, bar.spans[::-1].index(True), bar.known.id
