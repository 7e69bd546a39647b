"""TOML files that hold a list of entries, such as known deviations: read, and held to a schema."""

from __future__ import annotations

import datetime
import json
import sys
from pathlib import Path
from typing import Any

import jsonschema

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


class EntriesError(ValueError):
    """A file that cannot be used; the message is one line that says where and what to do."""


def read_entries(path: Path, table: str, schema: dict[str, Any]) -> list[dict[str, Any]]:
    """The entries of a table, each an object of this `schema` with an `id` of its own and a date `expires`.

    Raises `EntriesError`.
    """
    whole = {
        "type": "object",
        "additionalProperties": False,
        "properties": {table: {"type": "array", "items": schema}},
    }
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        jsonschema.validate(data, whole)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise EntriesError(f"{path}: not valid TOML: {error}") from None
    except OSError as error:
        raise EntriesError(f"{path}: cannot be read: {error.strerror}") from None
    except jsonschema.ValidationError as error:
        raise EntriesError(f"{path}: {_where(data, table, error)}: {error.message}") from None
    entries: list[dict[str, Any]] = data.get(table, [])
    names = [entry["id"] for entry in entries]
    for entry in entries:
        if names.count(entry["id"]) > 1:
            raise EntriesError(f"{path}: {table} {entry['id']!r} is there twice; give each its own id")
        if not isinstance(entry["expires"], datetime.date):
            given = json.dumps(str(entry["expires"]))
            raise EntriesError(f"{path}: {table} {entry['id']!r}: expires = {given} is no TOML date such as 2027-06-30")
    return entries


def _where(data: Any, table: str, error: jsonschema.ValidationError) -> str:
    path = list(error.absolute_path)
    if len(path) >= 2 and isinstance(path[1], int):
        entry = data[table][path[1]]
        name = entry.get("id", f"number {path[1] + 1}")
        field = f", field {path[2]!r}" if len(path) > 2 else ""
        return f"{table} {name!r}{field}"
    return "the file"
