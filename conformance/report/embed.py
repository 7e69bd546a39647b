"""A run as compact JSON inside an HTML page, and back again: the report is its own data."""

from __future__ import annotations

import json
from dataclasses import asdict
from html import escape
from pathlib import Path
from typing import Any

from conformance.results.file import End, Results, ResultsError, cell_from, spec_from

ELEMENT = "conformance-results"
"""The id of the script element that holds the data."""
_OPENING = f'<script type="application/json" id="{escape(ELEMENT)}">'
_CLOSING = "</script>"


def embed(results: Results) -> str:
    """The script element with the whole run; no text of the run can end the element early."""
    text = _pack(results).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return f"{_OPENING}{text}{_CLOSING}"


def read_report(path: Path) -> Results:
    """The run that a report shows, exactly as its results file had it; raises `ResultsError`."""
    try:
        page = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ResultsError(f"{path}: there is no such file") from None
    except (OSError, UnicodeDecodeError):
        raise ResultsError(f"{path}: cannot be read as a report") from None
    _, found, rest = page.partition(_OPENING)
    if not found:
        raise ResultsError(f"{path}: is no report: it holds no results")
    try:
        return _unpack(json.loads(rest.partition(_CLOSING)[0]))
    except (ValueError, KeyError, TypeError):
        raise ResultsError(f"{path}: the results in this report are damaged; make the report again") from None


def _pack(results: Results) -> str:
    """The run as JSON. Cells are rows of a table, in which every field is a number: its place in a list of distinct
    values. Cells share most of what they say, so this is a quarter of the size of the results file."""
    end = None if results.end is None else asdict(results.end)
    head = {
        "environment": dict(results.environment),
        "planned": len(results.planned),
        "deselected": results.deselected,
        "specs": [asdict(spec) for spec in results.specs],
        "end": end,
        "torn": results.torn,
    }
    rows = [_flat(asdict(cell)) for cell in results.cells]
    fields = list(rows[0]) if rows else []
    places: dict[str, int] = {}
    table = [[places.setdefault(_json(row[name]), len(places)) for name in fields] for row in rows]
    cells = f'{{"fields":{_json(fields)},"values":[{",".join(places)}],"rows":{_json(table)}}}'
    return f'{_json(head)[:-1]},"cells":{cells}}}'


def _flat(cell: dict[str, Any]) -> dict[str, Any]:
    """A cell with the fields of its evidence among its own."""
    evidence = cell.pop("evidence")
    evidence["worst_ulp"] = _number(evidence["worst_ulp"])
    return {**cell, **{f"evidence.{name}": value for name, value in evidence.items()}}


def _number(value: float) -> float | int | str:
    """A float that JSON can carry: whole ones without the point, and those that are not finite as words."""
    if value != value or value in (float("inf"), float("-inf")):
        return str(value)
    return int(value) if value == int(value) else value


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), allow_nan=False)


def _unpack(data: dict[str, Any]) -> Results:
    table = data["cells"]
    cells = tuple(
        cell_from(_nested(dict(zip(table["fields"], row, strict=True)), table["values"])) for row in table["rows"]
    )
    return Results(
        environment=data["environment"],
        planned=tuple(cell.id for cell in cells[: data["planned"]]),
        deselected=data["deselected"],
        specs=tuple(spec_from(spec) for spec in data["specs"]),
        cells=cells,
        end=None if data["end"] is None else End(**{**data["end"], "errors": tuple(data["end"]["errors"])}),
        torn=data["torn"],
    )


def _nested(row: dict[str, int], values: list[Any]) -> dict[str, Any]:
    """The record of a cell from its row."""
    record: dict[str, Any] = {"evidence": {}}
    for name, place in row.items():
        owner, _, inner = name.rpartition(".")
        (record["evidence"] if owner else record)[inner] = values[place]
    return record
