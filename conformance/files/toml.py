"""TOML files as typed records."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, TypeVar

import msgspec

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

T = TypeVar("T")


class TomlError(ValueError):
    """A file that cannot be used. The message is one line that says where and what to do."""


def read_toml(path: Path) -> dict[str, Any]:
    """What a file holds. Raises `TomlError`."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise TomlError(f"{path}: not valid TOML: {error}") from None
    except OSError as error:
        raise TomlError(f"{path}: cannot be read: {error.strerror}") from None


def read_record(path: Path, kind: type[T]) -> T:
    """A file as a record. Raises `TomlError`."""
    try:
        return msgspec.convert(read_toml(path), kind)
    except msgspec.ValidationError as error:
        raise TomlError(f"{path}{problem_of(error)}") from None


def problem_of(error: msgspec.ValidationError) -> str:
    """What is wrong with a record, and in which field."""
    what, _, place = str(error).partition(" - at `$.")
    field = f", field {place.rstrip('`')!r}" if place else ""
    return f"{field}: {what}"
