"""Plain data to JSON and back, by the types that define it."""

from __future__ import annotations

import json
from typing import Any

import msgspec


class DataError(ValueError):
    """Data that does not fit its type; the message is one line that says where and what."""


def to_json(value: Any, infinities: bool = False) -> str:
    """A value as one line of ASCII. Lone surrogates are kept; raises `DataError` for what JSON cannot carry, numbers
    that are not finite among it unless `infinities` are allowed."""
    try:
        return json.dumps(msgspec.to_builtins(value), separators=(",", ":"), allow_nan=infinities)
    except (TypeError, ValueError, OverflowError) as error:
        raise DataError(one_line(f"is not JSON: {error}")) from None


def from_json(text: str | bytes, kind: Any) -> Any:
    """The value of a type that JSON holds; raises `DataError`."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DataError(one_line(f"is not JSON: {error}")) from None
    return from_plain(data, kind)


def from_plain(data: Any, kind: Any) -> Any:
    """The value of a type that lists, dicts, texts and numbers hold; raises `DataError`."""
    try:
        return msgspec.convert(data, kind, str_keys=True)
    except msgspec.ValidationError as error:
        raise DataError(one_line(_in_words(str(error)))) from None


def _in_words(text: str) -> str:
    """A complaint with the place in front: `field evidence.comparisons: expected int >= 0`."""
    what, found, path = text.rpartition(" - at `$")
    if not found:
        return text
    field = path.rstrip("`").replace("[...]", "").removeprefix(".")
    return f"field {field}: {what}" if field else what


def one_line(text: str, limit: int = 300) -> str:
    """The text without line breaks, cut where it is longer than `limit`."""
    flat = " ".join(text.split())
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"
