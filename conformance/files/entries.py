"""TOML files that hold a list of entries, such as known deviations. Each entry is checked against its type."""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from pathlib import Path
from typing import Any, TypeVar

import msgspec

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

T = TypeVar("T")


class EntriesError(ValueError):
    """A file that cannot be used. The message is one line that says where and what to do."""


def read_entries(path: Path, table: str, kind: type[T]) -> tuple[T, ...]:
    """The entries of a table. Each has the type `kind` and a unique `id`. Raises `EntriesError`."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise EntriesError(f"{path}: not valid TOML: {error}") from None
    except OSError as error:
        raise EntriesError(f"{path}: cannot be read: {error.strerror}") from None
    entries = data.get(table, [])
    unknown = [name for name in data if name != table]
    if unknown or not isinstance(entries, list):
        raise EntriesError(f"{path}: the file holds {(unknown or [table])[0]!r}; it must be a list of [[{table}]]")
    found = tuple(_entry(path, table, number, data, kind) for number, data in enumerate(entries, 1))
    names = [entry["id"] for entry in entries]
    if twins := [name for name, count in Counter(names).items() if count > 1]:
        raise EntriesError(f"{path}: {table} {twins[0]!r} is there twice; give each its own id")
    return found


def _entry(path: Path, table: str, number: int, data: Any, kind: type[T]) -> T:
    try:
        return msgspec.convert(data, kind)
    except msgspec.ValidationError as error:
        name = repr(data["id"]) if isinstance(data, dict) and "id" in data else f"number {number}"
        what, _, place = str(error).partition(" - at `$.")
        field = f", field {place.rstrip('`')!r}" if place else ""
        raise EntriesError(f"{path}: {table} {name}{field}: {what}") from None


def toml_entry(table: str, fields: dict[str, Any]) -> str:
    """An entry of a table as TOML. Its values are texts, numbers, and lists of them."""
    return "".join([f"[[{table}]]\n", *(f"{key} = {_toml(value)}\n" for key, value in fields.items())])


def _toml(value: Any) -> str:
    """JSON is TOML, but for characters that TOML escapes otherwise or not at all."""
    text = re.sub("[\ud800-\udfff]", "\N{REPLACEMENT CHARACTER}", json.dumps(value, ensure_ascii=False))
    return "".join(one if one.isprintable() else f"\\U{ord(one):08x}" for one in text)
