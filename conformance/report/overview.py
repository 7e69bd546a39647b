"""The overview: one square for each check of each operation, in tables side by side."""

from __future__ import annotations

from collections.abc import Iterable, Sized
from dataclasses import dataclass
from itertools import groupby
from typing import Protocol, TypeVar

from conformance.report.words import column_order, is_document, spec_order
from conformance.results.model import CellResult, Verdict
from conformance.results.verdict import Results

GRAVITY = (
    Verdict.CRASHED,
    Verdict.BROKEN,
    Verdict.VACUOUS,
    Verdict.NOT_RUN,
    Verdict.DEVIATES,
    Verdict.HELD,
    Verdict.UNSUPPORTED,
)
"""Of several cells the first of these verdicts is shown. Dtypes that are refused as promised say less than one that
held."""

MOST_ROWS = (12, 40)
"""The most rows that stand in one table, and in two side by side; more are shared out among three."""


@dataclass(frozen=True)
class OverviewRow:
    """One operation: the verdict of each check, None where it has no cells."""

    operation: str
    verdicts: tuple[Verdict | None, ...]

    @property
    def short(self) -> str:
        return short_name(self.operation)


@dataclass(frozen=True)
class OverviewGroup:
    """The operations of one folder of specs."""

    name: str
    rows: tuple[OverviewRow, ...]


@dataclass(frozen=True)
class Overview:
    """The columns, and the tables that stand side by side."""

    checks: tuple[str, ...]
    tables: tuple[tuple[OverviewGroup, ...], ...]


def overview_of(results: Results) -> Overview:
    """The overview of a run."""
    by_operation: dict[str, dict[str, list[CellResult]]] = {}
    for cell in results.cells:
        by_operation.setdefault(cell.operation, {}).setdefault(cell.check, []).append(cell)
    checks = column_order({cell.check for cell in results.cells})
    rows = [
        (next(iter(cells.values()))[0].file, OverviewRow(operation, _verdicts(cells, checks)))
        for operation, cells in by_operation.items()
    ]
    rows.sort(key=_place)
    groups = [OverviewGroup(folder, tuple(row for _, row in members)) for folder, members in groupby(rows, key=_group)]
    return Overview(checks, shared_out(groups))


def short_name(operation: str) -> str:
    """The name of an operation where room is short."""
    return operation.removeprefix("torch.").removeprefix("nn.functional.")


def _verdicts(cells: dict[str, list[CellResult]], checks: Iterable[str]) -> tuple[Verdict | None, ...]:
    return tuple(gravest(cell.verdict for cell in cells[check]) if check in cells else None for check in checks)


def gravest(verdicts: Iterable[Verdict]) -> Verdict:
    """The verdict that is shown for several cells."""
    return min(verdicts, key=GRAVITY.index)


def folder_of(file: str) -> str:
    """The folder of a spec file; the claims of documents that no operation has are one group."""
    if is_document(file):
        return "documents"
    parts = file.split("/")[:-1]
    return parts[-1].replace("_", " ") if parts else ""


def _place(row: tuple[str, OverviewRow]) -> tuple[bool, str]:
    return spec_order(row[0])


def _group(row: tuple[str, OverviewRow]) -> str:
    return folder_of(row[0])


class HasRows(Protocol):
    """A group of rows of a table."""

    @property
    def rows(self) -> Sized: ...


Group = TypeVar("Group", bound=HasRows)


def shared_out(groups: list[Group]) -> tuple[tuple[Group, ...], ...]:
    """The groups in one to three tables of about the same number of rows."""
    total = sum(len(group.rows) for group in groups)
    number = 1 + sum(total > most for most in MOST_ROWS)
    tables: list[list[Group]] = [[] for _ in range(number)]
    before = 0
    for group in groups:
        middle = before + len(group.rows) / 2
        tables[min(int(number * middle / total), number - 1)].append(group)
        before += len(group.rows)
    return tuple(tuple(table) for table in tables if table)
