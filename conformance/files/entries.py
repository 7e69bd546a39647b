"""TOML files that hold a list of entries, such as known deviations. Each entry is checked against its type."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from conformance.files.toml import TomlError, problem_of, read_toml

T = TypeVar("T")


def read_entries(path: Path, table: str, kind: type[T]) -> tuple[T, ...]:
    """The entries of a table. Each has the type `kind` and a unique `id`. Raises `TomlError`."""
    return entries_of(path, read_toml(path), table, kind)


def entries_of(path: Path, data: dict[str, Any], table: str, kind: type[T], key: str = "id") -> tuple[T, ...]:
    """The entries of a table, which is all that the `data` of a file holds. Each has its own `key`. Raises
    `TomlError`."""
    entries = data.get(table, [])
    unknown = [name for name in data if name != table]
    if unknown or not isinstance(entries, list):
        raise TomlError(f"{path}: the file holds {(unknown or [table])[0]!r}; it must be a list of [[{table}]]")
    found = tuple(_entry(path, table, number, data, kind, key) for number, data in enumerate(entries, 1))
    names = [entry[key] for entry in entries]
    if twins := [name for name, count in Counter(names).items() if count > 1]:
        raise TomlError(f"{path}: {table} {twins[0]!r} is there twice; give each its own {key}")
    return found


def _entry(path: Path, table: str, number: int, data: Any, kind: type[T], key: str) -> T:
    try:
        return msgspec.convert(data, kind)
    except msgspec.ValidationError as error:
        name = repr(data[key]) if isinstance(data, dict) and key in data else f"number {number}"
        raise TomlError(f"{path}: {table} {name}{problem_of(error)}") from None


def toml_entry(table: str, fields: dict[str, Any]) -> str:
    """An entry of a table as TOML. Its values are texts, numbers, and lists of them."""
    return "".join([f"[[{table}]]\n", *(f"{key} = {toml_value(value)}\n" for key, value in fields.items())])


def toml_value(value: Any) -> str:
    """A value as TOML. JSON is TOML, but for characters that TOML escapes otherwise or not at all."""
    text = re.sub("[\ud800-\udfff]", "\N{REPLACEMENT CHARACTER}", json.dumps(value, ensure_ascii=False))
    return "".join(one if one.isprintable() else f"\\U{ord(one):08x}" for one in text)
