"""The choices behind a sample: the whole numbers that were drawn for it. Drawn again with other numbers, they give
other samples of the same spec."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any, NamedTuple

from conformance.drawing.draw import Draw
from conformance.drawing.source import Rejected
from conformance.samples.sample import Sample, as_sample

Arguments = Callable[[Draw], dict[str, Any]]
"""The function of a spec that draws the arguments of one sample."""

_MOST = 10_000
"""The number of choices after which a sample is given up. `arguments` may draw until a number suits it."""


class Choice(NamedTuple):
    """A whole number that was drawn from `low` to `high`, both included."""

    low: int
    high: int
    value: int

    @property
    def simplest(self) -> int:
        """The number of the range that is nearest 0."""
        return min(max(0, self.low), self.high)


@dataclass(frozen=True)
class Drawn:
    """A sample, and the choices that gave it."""

    sample: Sample
    choices: tuple[Choice, ...]


def drawn(arguments: Arguments, number: Callable[[int, int], int]) -> Drawn:
    """The sample that `arguments` draws by the function `number(low, high)`, with its choices. Raises `Rejected`, and
    what `arguments` raises."""
    choices: list[Choice] = []

    def noted(low: int, high: int) -> int:
        value = number(low, high)
        choices.append(Choice(low, high, value))
        return value

    return Drawn(as_sample(arguments(Draw(noted))), tuple(choices))


def redrawn(arguments: Arguments, choices: list[Choice], random: Random | None = None) -> Drawn | None:
    """The sample that `arguments` draws if it gets the numbers of `choices`, or None if there is no such sample.

    With other numbers `arguments` may ask for fewer or more of them. The next number therefore comes from the next
    choice with the same range. If there is none, it is the number whose turn it is, brought into the range; with
    `random` it is any number of the range every other time.
    """
    try:
        return drawn(arguments, _Given(choices, random))
    except Exception:  # it was rejected, or `arguments` cannot take these numbers
        return None


class _Given:
    """Gives the numbers of choices in order."""

    def __init__(self, choices: list[Choice], random: Random | None) -> None:
        self._choices, self._random = choices, random
        self._place = 0
        self._count = 0

    def __call__(self, low: int, high: int) -> int:
        self._count += 1
        if self._count > _MOST:
            raise Rejected
        for place in range(self._place, len(self._choices)):
            choice = self._choices[place]
            if choice.low == low and choice.high == high:
                self._place = place + 1
                return choice.value
        if self._random is not None and self._random.random() < 0.5:
            return self._random.randint(low, high)
        turn = self._choices[self._place].value if self._place < len(self._choices) else 0
        return min(max(turn, low), high)
