"""A run in parts: which sweeps belong to a shard, so that all shards together make the whole plan, each once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from conformance.results.codec import one_line

T = TypeVar("T")


@dataclass(frozen=True)
class Shard:
    """Part `number`, from 1 on, of so many."""

    number: int
    of: int

    def part(self, sweeps: Sequence[T]) -> list[T]:
        """The members of this shard, taken by turns."""
        return [sweep for place, sweep in enumerate(sweeps) if place % self.of == self.number - 1]


def parse(text: str) -> Shard:
    """The shard that a text such as 3/8 names; raises `ValueError` with one line."""
    match = re.fullmatch("([0-9]{1,9})/([0-9]{1,9})", text)
    if not match or not 1 <= int(match[1]) <= int(match[2]):
        raise ValueError(f"{one_line(text, 40)!r} is no shard: write 3/8 for the third of eight")
    return Shard(int(match[1]), int(match[2]))
