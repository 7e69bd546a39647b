"""A run as compact JSON inside an HTML page, written and read."""

from __future__ import annotations

import json
from html import escape
from pathlib import Path
from typing import Any

from msgspec import to_builtins

from conformance.results.codec import DEEPEST, from_plain, read_json
from conformance.results.file import SCHEMA, ResultsError, newer_schema, read
from conformance.results.model import CellResult, End, Environment, ShardPlan, SpecEntry, SweepTime
from conformance.results.verdict import Results

MOST = 20_000
"""The cells of a run that a page holds with their evidence. Of a larger run it holds what its matrix shows."""

SHOWN = ("operation", "check", "device", "subject", "verdict")
"""The fields of a cell that the matrix shows."""

NESTED = ("evidence", "failure")
"""The parts of a cell whose fields are separate columns."""

ELEMENT = "conformance-results"
"""The id of the script element that holds the data."""
_OPENING = f'<script type="application/json" id="{escape(ELEMENT)}">'
_CLOSING = "</script>"

_AROUND = 4
"""The levels of lists and objects that the page may have around a part of a record."""

_BEGINNING = 1_000
"""The bytes of a file that are looked at to tell a page from a results file."""


def embed(results: Results) -> str:
    """The script element that holds the run. No text of the run can end the element early."""
    text = _pack(results) if is_whole(results) else _pack_shown(results)
    text = text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return f"{_OPENING}{text}{_CLOSING}"


def is_whole(results: Results) -> bool:
    """Whether the page of a run holds all of it."""
    return len(results.cells) <= MOST


def read_run(path: Path) -> Results:
    """The run that a file holds, be it a results file or a report. Raises `ResultsError`."""
    return read_report(path) if _is_page(path) else read(path)


def _is_page(path: Path) -> bool:
    """Whether a file is an HTML page: its first character opens an element. A results file begins with a record."""
    try:
        with path.open("rb") as file:
            return file.read(_BEGINNING).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
    except OSError:
        return False


def read_report(path: Path) -> Results:
    """The run that a report shows, exactly as in its results file. Raises `ResultsError`, also if the report holds not
    all of it."""
    try:
        page = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ResultsError(f"{path}: there is no such file") from None
    except (OSError, UnicodeDecodeError):
        raise ResultsError(f"{path}: cannot be read as a report") from None
    _, found, rest = page.partition(_OPENING)
    if not found:
        raise ResultsError(f"{path}: is no report of a run: the page holds no results")
    text, closed, _ = rest.partition(_CLOSING)
    if not closed:
        raise ResultsError(f"{path}: is cut off in the middle of its results; copy the report again, or make it again")
    return _results(path, text)


def _results(path: Path, text: str) -> Results:
    """The run that the element of a report holds. Raises `ResultsError`."""
    schema = SCHEMA
    try:
        data = read_json(text.encode(), DEEPEST + _AROUND)
        if not data.get("whole", True):
            raise ResultsError(
                f"{path}: holds no evidence, as its run has more than {MOST:,} cells; read its results file"
            )
        schema = int(data["environment"]["schema"])
        if schema > SCHEMA:
            raise ResultsError(newer_schema(path, schema))
        return _unpack(data)
    except ResultsError:
        raise
    except (ValueError, LookupError, TypeError, AttributeError):
        if schema < SCHEMA:
            raise ResultsError(
                f"{path}: holds results of schema {schema} in a form of its time; make the report again from its "
                "results file"
            ) from None
        raise ResultsError(f"{path}: the results in this report are damaged; make the report again") from None


def _pack(results: Results) -> str:
    """The run as JSON. Each cell is a row of a table, and each entry of the table is an index into a list of distinct
    values. Cells share most of their values, so this is a quarter of the size of the results file."""
    head = {
        "whole": True,
        "environment": to_builtins(results.environment),
        "planned": len(results.planned),
        "deselected": results.deselected,
        "specs": to_builtins(results.specs),
        "end": to_builtins(results.end),
        "sweeps": to_builtins(results.sweeps),
        "torn": results.torn,
        "shard": to_builtins(results.shard),
    }
    rows = [_flat(to_builtins(cell)) for cell in results.cells]
    return f'{_json(head)[:-1]},"cells":{_table(rows)}}}'


def _pack_shown(results: Results) -> str:
    """What the matrix shows of a run, as JSON."""
    rows = [{name: getattr(cell, name) for name in SHOWN} for cell in results.cells]
    return f'{{"whole":false,"cells":{_table(rows)}}}'


def _table(rows: list[dict[str, Any]]) -> str:
    fields = list(dict.fromkeys(name for row in rows for name in row))
    places: dict[str, int] = {}
    table = [[places.setdefault(_json(row.get(name)), len(places)) for name in fields] for row in rows]
    return f'{{"fields":{_json(fields)},"values":[{",".join(places)}],"rows":{_json(table)}}}'


def _flat(cell: dict[str, Any]) -> dict[str, Any]:
    """A cell as one flat dictionary, with the fields of its evidence and its failure."""
    parts = {name: cell.pop(name) for name in NESTED}
    inner = {f"{owner}.{name}": value for owner, part in parts.items() if part for name, value in part.items()}
    worst = inner["evidence.worst_ulp"]
    if isinstance(worst, float) and worst < 1e9 and worst.is_integer():
        inner["evidence.worst_ulp"] = int(worst)
    return {**cell, **inner}


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), allow_nan=False)


def _unpack(data: dict[str, Any]) -> Results:
    table = data["cells"]
    rows = (_nested(dict(zip(table["fields"], row, strict=True)), table["values"]) for row in table["rows"])
    cells = tuple(from_plain(row, CellResult) for row in rows)
    return Results(
        environment=from_plain(data["environment"], Environment),
        planned=tuple(cell.id for cell in cells[: data["planned"]]),
        deselected=data["deselected"],
        specs=tuple(from_plain(spec, SpecEntry) for spec in data["specs"]),
        cells=cells,
        end=from_plain(data["end"], End | None),
        sweeps=tuple(from_plain(sweep, SweepTime) for sweep in data.get("sweeps", ())),
        torn=data["torn"],
        shard=from_plain(data.get("shard") or None, ShardPlan | None),
    )


def _nested(row: dict[str, int], values: list[Any]) -> dict[str, Any]:
    """The record of a cell from its row. A part without any field is left out."""
    record: dict[str, Any] = {}
    for name, place in row.items():
        owner, _, inner = name.rpartition(".")
        if not owner:
            record[inner] = values[place]
        elif values[place] is not None or inner in ("sample", "worst_sample"):
            record.setdefault(owner, {})[inner] = values[place]
    if "kind" not in record.get("failure", {}):
        record.pop("failure", None)
    return record
