"""A run inside an HTML page, written and read: its columns as JSON, compressed, in base64.

Each column of cells is a list of distinct values, and for each cell the place of its value in that list. A column that
is the same in every cell has no places.
"""

from __future__ import annotations

import base64
import gzip
import json
import zlib
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

LARGEST = 512 << 20
"""The most bytes of JSON that are taken out of a page."""

SHOWN = ("operation", "check", "device", "subject", "verdict")
"""The fields of a cell that the matrix shows."""

NESTED = ("evidence", "failure")
"""The parts of a cell whose fields are separate columns."""

ELEMENT = "conformance-results"
"""The id of the script element that holds the data."""
_OPENING = f'<script type="application/gzip" id="{escape(ELEMENT)}">'
_OPENING_OF_JSON = f'<script type="application/json" id="{escape(ELEMENT)}">'
"""Reports of older versions hold rows of JSON."""
_CLOSING = "</script>"

_AROUND = 4
"""The levels of lists and objects that the page may have around a part of a record."""

_BEGINNING = 1_000
"""The bytes of a file that are looked at to tell a page from a results file."""


def embed(results: Results) -> str:
    """The script element that holds the run."""
    text = _pack(results) if is_whole(results) else _pack_shown(results)
    packed = gzip.compress(text.encode(), 9, mtime=0)
    return f"{_OPENING}{base64.b64encode(packed).decode()}{_CLOSING}"


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
    opening = next((one for one in (_OPENING, _OPENING_OF_JSON) if one in page), "")
    if not opening:
        raise ResultsError(f"{path}: is no report of a run: the page holds no results")
    text, closed, _ = page.partition(opening)[2].partition(_CLOSING)
    if not closed:
        raise ResultsError(f"{path}: is cut off in the middle of its results; copy the report again, or make it again")
    return _results(path, text, packed=opening == _OPENING)


def _results(path: Path, text: str, packed: bool) -> Results:
    """The run that the element of a report holds. Raises `ResultsError`."""
    schema = SCHEMA
    try:
        data = read_json(_opened(text) if packed else text.encode(), DEEPEST + _AROUND)
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
    except (ValueError, LookupError, TypeError, AttributeError, zlib.error):
        if schema < SCHEMA:
            raise ResultsError(
                f"{path}: holds results of schema {schema} in a form of its time; make the report again from its "
                "results file"
            ) from None
        raise ResultsError(f"{path}: the results in this report are damaged; make the report again") from None


def _opened(text: str) -> bytes:
    """The JSON that is packed in a page. Raises `ValueError` or `zlib.error`."""
    opened = zlib.decompressobj(wbits=31)
    found = opened.decompress(base64.b64decode(text, validate=True), LARGEST)
    if not opened.eof:
        raise ValueError("it is cut off, or too large")
    return found


def _pack(results: Results) -> str:
    """The run as JSON."""
    head = {
        "whole": True,
        "environment": to_builtins(results.environment),
        "planned": len(results.planned),
        "deselected": results.deselected,
        "suite": results.suite,
        "left_out": results.left_out,
        "specs": to_builtins(results.specs),
        "end": to_builtins(results.end),
        "sweeps": to_builtins(results.sweeps),
        "torn": results.torn,
        "shard": to_builtins(results.shard),
    }
    rows = [_flat(to_builtins(cell)) for cell in results.cells]
    return f'{_json(head)[:-1]},"cells":{_columns(rows)}}}'


def _pack_shown(results: Results) -> str:
    """What the matrix shows of a run, as JSON."""
    rows = [{name: getattr(cell, name) for name in SHOWN} for cell in results.cells]
    return f'{{"whole":false,"cells":{_columns(rows)}}}'


def _columns(rows: list[dict[str, Any]]) -> str:
    fields = dict.fromkeys(name for row in rows for name in row)
    columns = (f"{_json(name)}:{_column([row.get(name) for row in rows])}" for name in fields)
    return f'{{"count":{len(rows)},"columns":{{{",".join(columns)}}}}}'


def _column(entries: list[Any]) -> str:
    places: dict[str, int] = {}
    at = [places.setdefault(_json(entry), len(places)) for entry in entries]
    told = f',"at":{_json(at)}' if len(places) > 1 else ""
    return f'{{"values":[{",".join(places)}]{told}}}'


def _flat(cell: dict[str, Any]) -> dict[str, Any]:
    """A cell as one flat dictionary, with the fields of its evidence and its failure. An id that its parts give is left
    out."""
    parts = {name: cell.pop(name) for name in NESTED}
    inner = {f"{owner}.{name}": value for owner, part in parts.items() if part for name, value in part.items()}
    for name in ("worst_ulp", "worst_bound", "closest"):
        number = inner[f"evidence.{name}"]
        if isinstance(number, float) and number < 1e9 and number.is_integer():
            inner[f"evidence.{name}"] = int(number)
    if cell["id"] == _usual_id(cell):
        cell["id"] = None
    return {**cell, **inner}


def _usual_id(cell: dict[str, Any]) -> str:
    return f"{cell['file']}::{cell['check']}[{cell['device']}-{cell['subject']}]"


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), allow_nan=False)


def _unpack(data: dict[str, Any]) -> Results:
    cells = tuple(from_plain(_nested(row), CellResult) for row in _rows(data["cells"]))
    return Results(
        environment=from_plain(data["environment"], Environment),
        planned=tuple(cell.id for cell in cells[: data["planned"]]),
        deselected=data["deselected"],
        suite=data.get("suite", 0),
        left_out=tuple(data.get("left_out", ())),
        specs=tuple(from_plain(spec, SpecEntry) for spec in data["specs"]),
        cells=cells,
        end=from_plain(data["end"], End | None),
        sweeps=tuple(from_plain(sweep, SweepTime) for sweep in data.get("sweeps", ())),
        torn=data["torn"],
        shard=from_plain(data.get("shard") or None, ShardPlan | None),
    )


def _rows(table: dict[str, Any]) -> list[dict[str, Any]]:
    """The cells of a page as flat dictionaries."""
    if "rows" in table:  # of a report that holds rows
        values = table["values"]
        return [
            {name: values[place] for name, place in zip(table["fields"], row, strict=True)} for row in table["rows"]
        ]
    count = table["count"]
    columns = {
        name: [column["values"][place] for place in column.get("at", (0,) * count)]
        for name, column in table["columns"].items()
    }
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _nested(row: dict[str, Any]) -> dict[str, Any]:
    """The record of a cell from its row. A part without any field is left out."""
    record: dict[str, Any] = {}
    for name, value in row.items():
        owner, _, inner = name.rpartition(".")
        if not owner:
            record[inner] = value
        elif value is not None or inner in ("sample", "worst_sample"):
            record.setdefault(owner, {})[inner] = value
    if record["id"] is None:
        record["id"] = _usual_id(record)
    if "kind" not in record.get("failure", {}):
        record.pop("failure", None)
    return record
