"""Plain data to JSON and back, by the types that define it."""

from __future__ import annotations

import json
import math
from typing import Any

import msgspec

from conformance.results.visible import visible


class DataError(ValueError):
    """Data that does not fit its type; the message is one line that says where and what."""


def to_json(value: Any, infinities: bool = False) -> str:
    """A value as one line of ASCII. Lone surrogates are kept; raises `DataError` for what JSON cannot carry, numbers
    that are not finite among it unless `infinities` are allowed."""
    try:
        return json.dumps(msgspec.to_builtins(value), separators=(",", ":"), allow_nan=infinities)
    except (TypeError, ValueError, OverflowError) as error:
        raise DataError(one_line(f"is not JSON: {error}")) from None


DEEPEST = 64
"""The levels of lists and objects that `read_json` takes unless told otherwise."""

DIGITS = 100
"""The digits of a whole number that `read_json` takes."""


def read_json(text: bytes, deepest: int = DEEPEST) -> Any:
    """What JSON of unknown origin holds. Raises `DataError`, also for what readers of JSON take each in its own way or
    cannot hold: a key that is there twice, numbers without an end, numbers that are not finite, deep nesting."""
    try:
        data = _DECODER.decode(text.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise DataError(one_line(f"is not JSON: {error}")) from None
    if text.count(b"[") + text.count(b"{") > deepest:
        _require_shallow(data, deepest)
    return data


def _refused(constant: str) -> Any:
    raise ValueError(f"{constant} is not a number")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"{one_line(text, 40)} is too large a number")
    return number


def _whole(text: str) -> int:
    if len(text) > DIGITS:
        raise ValueError(f"a number has {len(text):,} digits")
    return int(text)


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twin = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {one_line(twin, 40)!r} is there twice")
    return found


_DECODER = json.JSONDecoder(
    parse_constant=_refused, parse_float=_finite, parse_int=_whole, object_pairs_hook=_without_twins
)


def _require_shallow(data: Any, deepest: int) -> None:
    level = [data]
    for _ in range(deepest):
        inner = (one.values() if isinstance(one, dict) else one for one in level)
        level = [part for parts in inner for part in parts if isinstance(part, (dict, list))]
    if level:
        raise DataError(f"is nested deeper than {deepest} levels")


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
    """The text without line breaks and as `visible` shows it, cut where it is longer than `limit`."""
    flat = visible(" ".join(text.split()))
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"
