"""Two texts beside each other, with the words marked that differ."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

_WORD = re.compile(r"\s+|[\w.+-]+|.", re.DOTALL)
"""A stretch of white space, a word or a number with its sign and point, or any other character."""

MOST = 1_000
"""The words of a text that are compared. Of longer texts nothing is marked."""

ALIKE = 0.3
"""The share of words that two texts must have in common: where nearly all words differ, marks say nothing."""


@dataclass(frozen=True)
class Piece:
    """A part of a text, and whether the other text has it not."""

    text: str
    differs: bool = False


def marked(before: str, after: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Both texts in pieces. Put together they are the texts."""
    was, now = _WORD.findall(before), _WORD.findall(after)
    if max(len(was), len(now)) > MOST:
        return (Piece(before),), (Piece(after),)
    if SequenceMatcher(None, _without_space(was), _without_space(now), autojunk=False).ratio() < ALIKE:
        return (Piece(before),), (Piece(after),)
    steps = SequenceMatcher(None, was, now, autojunk=False).get_opcodes()
    return (
        _pieces(was, [(start, end, tag != "equal") for tag, start, end, _, _ in steps]),
        _pieces(now, [(start, end, tag != "equal") for tag, _, _, start, end in steps]),
    )


def _without_space(words: Sequence[str]) -> list[str]:
    return [word for word in words if not word.isspace()]


def _pieces(words: Sequence[str], steps: Sequence[tuple[int, int, bool]]) -> tuple[Piece, ...]:
    return tuple(Piece("".join(words[start:end]), differs) for start, end, differs in steps if end > start)
