"""The closed sets of words that describe a tensor, and the checks of such words.

A misspelt word would silently weaken a spec. So everything that takes such a word checks it, and raises `SpecError`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from typing import Any, Literal, get_args

from conformance.numeric.dtypes import DTYPES, NUMBER_KINDS, NumberKind

LayoutKind = Literal[
    "contiguous", "permuted", "sliced", "expanded", "offset", "head", "channels_last", "overlapping", "lazy"
]
ValueKind = Literal["counting", "few", "normal", "log_uniform", "landmarks", "constant"]
Landmark = Literal[
    "nan", "inf", "-inf", "-0.0", "0", "1", "-1", "max", "lowest", "subnormal", "tiny", "next_after_one"
]  # fmt: skip

LAYOUTS: tuple[LayoutKind, ...] = get_args(LayoutKind)
"""Layouts of a tensor in memory. "head" is the beginning of a larger table: offset 0, rows apart, a longer storage.
"lazy" sets the conjugate bit of a complex tensor and the negative bit of a real one."""
VALUES: tuple[ValueKind, ...] = get_args(ValueKind)
"""Kinds of values that fill a tensor: 0, 1, 2, …; few distinct values; normally distributed ones (integers: uniform
over the full range); log-uniform ones over the whole exponent range; landmarks among few values; one value
everywhere."""
LANDMARKS: tuple[Landmark, ...] = get_args(Landmark)
"""Special values that are placed among the others."""

FILLINGS = (*VALUES, "index", "distinct", "mask", "spaced", "nonzero", "fraction")
"""`VALUES`, and the kinds for indices, for indices without repeats along a dimension, for masks, for numbers that are
apart from each other, for divisors, and for numbers that must not be negative."""

CELL_DTYPE = "subject"
"""The dtype of a tensor that has the dtype of the cell."""


@dataclass(frozen=True)
class Partner:
    """The dtype of a tensor that stands beside one of the cell's dtype: another that promotes with that, of some
    `kinds` of numbers. Of those that there are, `place` says which; past the last one they start anew. In a cell whose
    dtype has no such partner it is that dtype."""

    place: int
    kinds: tuple[NumberKind, ...] = NUMBER_KINDS

    def __str__(self) -> str:
        among = "" if self.kinds == NUMBER_KINDS else f" of the kinds {'/'.join(self.kinds)}"
        return f"partner {self.place}{among}"


DtypeRole = str | Partner
"""`CELL_DTYPE`, a `Partner` or the name of a dtype."""


class SpecError(ValueError):
    """A spec that cannot be used. The message is one line that says what, where and what to do."""


def require_word(place: str, noun: str, word: Any, known: Iterable[str]) -> None:
    """Raise `SpecError` unless `word` is one of `known`. The message names the `place` of the word, and what it is."""
    known = tuple(known)
    if not isinstance(word, str) or word not in known:
        close = get_close_matches(word, known, 1) if isinstance(word, str) else []
        hint = f"; did you mean {close[0]!r}? Known are " if close else "; known are "
        raise SpecError(f"{place}: there is no {noun} {word!r}{hint}{', '.join(known)}")


def require_words(place: str, noun: str, words: Any, known: tuple[str, ...], *, may_be_empty: bool = False) -> None:
    """Raise `SpecError` unless `words` is a tuple of words that are all `known`."""
    if not isinstance(words, tuple):
        raise SpecError(f"{place}: needs a tuple such as ({known[0]!r},), and got {words!r}")
    if not words and not may_be_empty:
        raise SpecError(f"{place}: is empty; known are {', '.join(known)}")
    _require_each(place, noun, words, known)


@lru_cache(maxsize=4096)
def _require_each(place: str, noun: str, words: tuple[Any, ...], known: tuple[str, ...]) -> None:
    for word in words:
        require_word(place, noun, word, known)


@lru_cache(maxsize=1024)
def require_tensor_dtype(place: str, dtype: Any) -> None:
    """Raise `SpecError` unless `dtype` is `CELL_DTYPE`, a `Partner`, or the name of a dtype."""
    if not isinstance(dtype, Partner):
        require_word(place, "dtype", dtype, (CELL_DTYPE, *DTYPES))


def require_shape(place: str, shape: Any) -> None:
    """Raise `SpecError` unless `shape` is a tuple of integers of at least 0."""
    if not isinstance(shape, tuple) or not all(isinstance(size, int) and size >= 0 for size in shape):
        raise SpecError(f"{place}: needs a shape such as (2, 3), and got {shape!r}")
