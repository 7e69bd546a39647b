"""The matrix of operation × check × dtype, one for each device."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from conformance.report.findings import web_address
from conformance.report.mutation import FaultScore
from conformance.results.model import CellResult, SpecEntry
from conformance.results.verdict import Results

COLUMNS = 100
"""The most dtypes that have a column. Other subjects stand in rows of their own."""

Places = list[tuple[int, CellResult]]
"""Cells with their numbers in the run."""


@dataclass(frozen=True)
class Square:
    """One cell. `place` is its number in the run."""

    place: int
    verdict: str


@dataclass(frozen=True)
class Row:
    """One check of one operation. `squares` has a square or None for each dtype; `named` has the squares of other
    subjects."""

    check: str
    squares: tuple[Square | None, ...]
    named: tuple[Square, ...]


@dataclass(frozen=True)
class OperationRows:
    """The rows of one operation on one device."""

    operation: str
    summary: str
    documentation: str
    accuracy: str
    worst: str
    score: FaultScore | None
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class DeviceMatrix:
    """The matrix of one device. The dtypes are its columns."""

    device: str
    dtypes: tuple[str, ...]
    operations: tuple[OperationRows, ...]


def matrices_of(results: Results, scores: Mapping[str, FaultScore]) -> tuple[DeviceMatrix, ...]:
    """A matrix for each device on which a cell was planned or run."""
    specs = {spec.operation: spec for spec in results.specs}
    devices: dict[str, dict[str, Places]] = {}
    for place, cell in enumerate(results.cells):
        devices.setdefault(cell.device, {}).setdefault(cell.operation, []).append((place, cell))
    dtypes = _dtypes(results)
    return tuple(
        DeviceMatrix(
            device,
            dtypes,
            tuple(
                _operation(operation, cells, dtypes, specs.get(operation), scores.get(operation))
                for operation, cells in operations.items()
            ),
        )
        for device, operations in devices.items()
    )


def _dtypes(results: Results) -> tuple[str, ...]:
    """The dtypes of the run: first the subjects of the check of support, in order, then others that specs name."""
    asked = [cell.subject for cell in results.cells if cell.check == "support"]
    return tuple(dict.fromkeys([*asked, *(dtype for spec in results.specs for dtype in spec.dtypes)]))[:COLUMNS]


def _operation(
    operation: str, cells: Places, dtypes: tuple[str, ...], spec: SpecEntry | None, score: FaultScore | None
) -> OperationRows:
    by_check: dict[str, Places] = {}
    for place, cell in cells:
        by_check.setdefault(cell.check, []).append((place, cell))
    return OperationRows(
        operation=operation,
        summary=spec.summary if spec else "",
        documentation=web_address(spec.documentation) if spec else "",
        accuracy=spec.accuracy if spec else "",
        worst=_worst(by_check.get("values", [])),
        score=score,
        rows=tuple(_row(check, asked, dtypes) for check, asked in by_check.items()),
    )


def _row(check: str, cells: Places, dtypes: tuple[str, ...]) -> Row:
    columns: dict[str, Square] = {}
    named, known = [], set(dtypes)
    for place, cell in cells:
        square = Square(place, cell.verdict)
        if cell.subject in known and cell.subject not in columns:
            columns[cell.subject] = square
        else:
            named.append(square)
    return Row(check, tuple(columns.get(dtype) for dtype in dtypes) if columns else (), tuple(named))


def _worst(cells: Places) -> str:
    """The greatest error of the results of these cells as text; empty if none was measured."""
    if not cells:
        return ""
    worst = max((cell for _, cell in cells), key=_worst_ulp)
    return f"{worst.evidence.worst:.3g} ULP in {worst.subject}" if worst.evidence.worst > 0 else ""


def _worst_ulp(cell: CellResult) -> float:
    return cell.evidence.worst
