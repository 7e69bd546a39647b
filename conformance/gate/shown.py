"""The results of two sides as text, cut so that what differs is to be seen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

MOST = 40
"""The words of a result that are kept. A shorter one is not cut."""

AROUND = 2
"""The words that are kept before and after one that differs, and at either end."""

CUT = "…"
"""Stands for words that were left out."""


def side_by_side(before: str, after: str) -> tuple[str, str]:
    """Two results without long stretches of what is equal in both. A text that is no array stays as it is."""
    was, now = before.split(), after.split()
    if len(was) != len(now):
        return _alone(before, was), _alone(after, now)
    if len(was) <= MOST or not (_is_array(before) and _is_array(after)):
        return before, after
    differing = [place for place, (one, other) in enumerate(zip(was, now)) if one != other]
    kept = _kept(len(was), differing)
    return _joined(was, kept), _joined(now, kept)


def _is_array(text: str) -> bool:
    return text.startswith("[")


def _alone(text: str, words: Sequence[str]) -> str:
    return _joined(words, _kept(len(words), range(MOST // 2))) if len(words) > MOST and _is_array(text) else text


def _kept(count: int, differing: Iterable[int]) -> list[int]:
    """The places of the words to keep: the first and the last ones, and as many around differing ones as there is room
    for."""
    ends = [*range(AROUND), *range(count - AROUND, count)]
    near = [place + step for place in differing for step in range(-AROUND, AROUND + 1) if 0 <= place + step < count]
    return sorted({*ends, *list(dict.fromkeys(near))[: MOST - len(ends)]})


def _joined(words: Sequence[str], kept: Sequence[int]) -> str:
    parts: list[str] = []
    for place, last in zip(kept, (-1, *kept)):
        if place > last + 1:
            parts.append(CUT)
        parts.append(words[place])
    return " ".join(parts)
