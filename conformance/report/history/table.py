"""Operations × torches: a square for each, and what stands behind it by check and dtype."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from conformance.report.history.columns import Column
from conformance.report.overview import GRAVITY, folder_of, gravest, shared_out, short_name
from conformance.report.words import column_order, subject_order
from conformance.results.model import CellResult, Verdict

NAMED = 15
"""The most subjects of a verdict that are named. More are counted."""


@dataclass(frozen=True)
class Share:
    """The subjects of a check that have one verdict, in words."""

    verdict: Verdict
    words: str


@dataclass(frozen=True)
class Square:
    """What one torch says of an operation, or of one of its checks: the gravest verdict of the cells that were asked.
    `asked` is their number, `of` that of the cells that any torch was asked."""

    verdict: Verdict
    asked: int
    of: int
    in_part: bool
    """whether the run left out cells by choice, some of these among them"""
    shares: tuple[Share, ...] = ()


@dataclass(frozen=True)
class CheckHistory:
    """One check of an operation. A square is None where the check was not asked."""

    check: str
    squares: tuple[Square | None, ...]


@dataclass(frozen=True)
class OperationHistory:
    """One operation. A square is None where nothing of it was asked."""

    operation: str
    folder: str
    summary: str
    squares: tuple[Square | None, ...]
    checks: tuple[CheckHistory, ...]

    @property
    def short(self) -> str:
        return short_name(self.operation)

    @property
    def differs(self) -> bool:
        """Whether the torches that were asked differ."""
        return len({square.verdict for square in self.squares if square}) > 1


@dataclass(frozen=True)
class HistoryGroup:
    """The operations of one folder of specs."""

    name: str
    rows: tuple[OperationHistory, ...]


def histories_of(columns: tuple[Column, ...]) -> tuple[OperationHistory, ...]:
    """The history of each operation that any torch was asked, by folder and name."""
    checks: dict[str, set[str]] = {}
    for operation, check in (key for column in columns for key in column.cells):
        checks.setdefault(operation, set()).add(check)
    order = column_order({check for found in checks.values() for check in found})
    histories = [
        _history(operation, [check for check in order if check in found], columns)
        for operation, found in checks.items()
    ]
    return tuple(sorted(histories, key=_place))


def tables_of(histories: Iterable[OperationHistory]) -> tuple[tuple[HistoryGroup, ...], ...]:
    """The operations by folder, in tables that stand side by side."""
    folders: dict[str, list[OperationHistory]] = {}
    for one in histories:
        folders.setdefault(one.folder, []).append(one)
    return shared_out([HistoryGroup(name, tuple(rows)) for name, rows in folders.items()])


def _place(history: OperationHistory) -> tuple[bool, str, str]:
    return history.folder == "documents", history.folder, history.operation


def _history(operation: str, checks: list[str], columns: tuple[Column, ...]) -> OperationHistory:
    found = [[column.cells.get((operation, check), {}) for column in columns] for check in checks]
    every = [{subject for cells in row for subject in cells} for row in found]
    file = next(cell.file for row in found for cells in row for cell in cells.values())
    whole = sum(len(subjects) for subjects in every)
    squares = []
    for place, column in enumerate(columns):
        asked = [cell for row in found for cell in row[place].values()]
        squares.append(_square(asked, whole, column))
    return OperationHistory(
        operation,
        folder_of(file),
        next((spec.summary for column in columns for spec in column.run.specs if spec.operation == operation), ""),
        tuple(squares),
        tuple(
            CheckHistory(
                check,
                tuple(_square(cells.values(), len(subjects), column, True) for cells, column in zip(row, columns)),
            )
            for check, row, subjects in zip(checks, found, every)
        ),
    )


def _square(cells: Iterable[CellResult], of: int, column: Column, named: bool = False) -> Square | None:
    """The square of some cells; None if there are none."""
    cells = list(cells)
    if not cells:
        return None
    verdict = gravest(cell.verdict for cell in cells)
    shares = tuple(_shares(cells)) if named else ()
    return Square(verdict, len(cells), of, column.run.is_part and len(cells) < of, shares)


def _shares(cells: list[CellResult]) -> Iterator[Share]:
    """The subjects of each verdict, the gravest first. What held, and what is the same for all, is counted."""
    for verdict in GRAVITY:
        names = sorted((cell.subject for cell in cells if cell.verdict is verdict), key=subject_order)
        if len(names) == len(cells) > 1:
            yield Share(verdict, f"all {len(names):,}")
        elif verdict is Verdict.HELD or len(names) > NAMED:
            yield from [Share(verdict, f"{len(names):,}")] if names else []
        elif names:
            yield Share(verdict, ", ".join(names))
