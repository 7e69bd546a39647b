"""A section for each operation: what is promised, what was asked, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from conformance.html.numbers import percent
from conformance.html.pictures import Errors
from conformance.report.accuracy import errors_of
from conformance.report.claims import CHECK as CLAIMS
from conformance.report.claims import ClaimRow, ClaimsPage
from conformance.report.deviations import DeviationCard
from conformance.report.findings import web_address
from conformance.report.mutation import FaultScore
from conformance.report.words import column_order, spec_order, subject_order
from conformance.results.model import CellResult, SpecEntry, Verdict
from conformance.results.verdict import Results, count_verdicts

COLUMNS = 100
"""The most dtypes that have a column. Other subjects are named beside their square."""

Places = list[tuple[int, CellResult]]
"""Cells with their numbers in the run."""


@dataclass(frozen=True)
class Square:
    """One cell. `place` is its number in the run."""

    place: int
    verdict: str
    subject: str


@dataclass(frozen=True)
class Row:
    """One check. `squares` has a square or None for each dtype; `named` has the squares of other subjects."""

    check: str
    squares: tuple[Square | None, ...]
    named: tuple[Square, ...]

    @property
    def places(self) -> str:
        """The numbers of the cells of the squares, in order, as "3-7,9"."""
        return _runs([square.place for square in self.squares if square])


@dataclass(frozen=True)
class DeviceTable:
    """The cells of one operation on one device. The dtypes are the columns."""

    device: str
    dtypes: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class OperationPage:
    """All that a run says of one operation."""

    operation: str
    first: int
    """the number of its first cell"""
    spec: SpecEntry | None
    counts: Mapping[Verdict, int]
    comparisons: int
    aside: str
    """the share of samples that known deviations set aside; empty if there are none"""
    score: FaultScore | None
    seconds: float
    """processor time of its sweeps"""
    tables: tuple[DeviceTable, ...]
    errors: Errors | None
    deviations: tuple[DeviationCard, ...]
    claims: tuple[ClaimRow, ...]

    @property
    def documentation(self) -> str:
        return web_address(self.spec.documentation) if self.spec else ""

    @property
    def cells(self) -> int:
        return sum(self.counts.values())

    @property
    def told(self) -> tuple[tuple[Verdict, int], ...]:
        """The verdicts that there are, and how many cells have each."""
        return tuple((verdict, count) for verdict, count in self.counts.items() if count)


def operations_of(
    results: Results, scores: Mapping[str, FaultScore], deviations: Iterable[DeviationCard], claims: ClaimsPage
) -> tuple[OperationPage, ...]:
    """The sections of a run, in the order of the spec files."""
    by_operation: dict[str, Places] = {}
    for place, cell in enumerate(results.cells):
        by_operation.setdefault(cell.operation, []).append((place, cell))
    specs = {spec.operation: spec for spec in results.specs}
    seconds: dict[str, float] = {}
    for sweep in results.sweeps:
        seconds[sweep.operation] = seconds.get(sweep.operation, 0.0) + sweep.cpu_seconds
    known: dict[str, list[DeviationCard]] = {}
    for card in deviations:
        for operation in card.operations:
            known.setdefault(operation, []).append(card)
    stated = {entry.operation: (*entry.rows, *entry.elsewhere) for entry in claims.operations}
    dtypes = _dtypes(results)
    return tuple(
        OperationPage(
            operation=operation,
            first=cells[0][0],
            spec=specs.get(operation),
            counts=count_verdicts(cell for _, cell in cells),
            comparisons=sum(cell.evidence.comparisons for _, cell in cells),
            aside=_aside(cells),
            score=scores.get(operation),
            seconds=seconds.get(operation, 0.0),
            tables=_tables(cells, dtypes, stated.get(operation, ())),
            errors=errors_of([cell for _, cell in cells]),
            deviations=tuple(known.get(operation, ())),
            claims=stated.get(operation, ()),
        )
        for operation, cells in sorted(by_operation.items(), key=_spec)
    )


def _spec(asked: tuple[str, Places]) -> tuple[bool, str]:
    return spec_order(asked[1][0][1].file)


def _dtypes(results: Results) -> tuple[str, ...]:
    """The dtypes of the run: the subjects of the check of support, and others that specs name."""
    asked = {cell.subject for cell in results.cells if cell.check == "support"}
    named = {dtype for spec in results.specs for dtype in spec.dtypes}
    return tuple(sorted(asked | named, key=subject_order)[:COLUMNS])


def _aside(cells: Places) -> str:
    aside = sum(cell.evidence.set_aside for _, cell in cells)
    return percent(aside, sum(cell.evidence.asked for _, cell in cells)) if aside else ""


def _tables(cells: Places, dtypes: tuple[str, ...], claims: Iterable[ClaimRow]) -> tuple[DeviceTable, ...]:
    stated = {row.claim.name for row in claims}
    by_device: dict[str, Places] = {}
    for place, cell in cells:
        by_device.setdefault(cell.device, []).append((place, cell))
    return tuple(_table(device, asked, dtypes, stated) for device, asked in by_device.items())


def _table(device: str, cells: Places, dtypes: tuple[str, ...], stated: set[str]) -> DeviceTable:
    """The cells of a device. The claims that are `stated` have a table of their own."""
    subjects = {cell.subject for _, cell in cells}
    columns = tuple(dtype for dtype in dtypes if dtype in subjects)
    by_check: dict[str, Places] = {}
    for place, cell in cells:
        by_check.setdefault(cell.check, []).append((place, cell))
    checks = (check for check in column_order(set(by_check)) if check != CLAIMS)
    rows = [_row(check, by_check[check], columns) for check in checks]
    untold = [one for one in by_check.get(CLAIMS, []) if one[1].subject not in stated]
    if untold:
        rows.append(_row(CLAIMS, untold, ()))
    return DeviceTable(device, columns, tuple(rows))


def _row(check: str, cells: Places, dtypes: tuple[str, ...]) -> Row:
    columns: dict[str, Square] = {}
    named, known = [], set(dtypes)
    for place, cell in cells:
        square = Square(place, cell.verdict, cell.subject)
        if cell.subject in known and cell.subject not in columns:
            columns[cell.subject] = square
        else:
            named.append(square)
    named.sort(key=_subject)
    return Row(check, tuple(columns.get(dtype) for dtype in dtypes) if columns else (), tuple(named))


def _subject(square: Square) -> tuple[int, str]:
    return subject_order(square.subject)


def _runs(numbers: list[int]) -> str:
    """Numbers as "3-7,9": neighbours that follow each other are one run."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ",".join(f"{first}-{last}" if last > first else f"{first}" for first, last in runs)
