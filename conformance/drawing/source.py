"""`Source`: whole numbers, and the choices that are made with them; others say where the numbers come from."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from conformance.samples.vocabulary import SpecError

T = TypeVar("T")


class Rejected(Exception):
    """The sample that is being drawn is thrown away."""


class Source:
    """Draws whole numbers and choices; all else that a sample needs is made of them.

    `number(low, high)` gives a whole number from `low` to `high`, both included.
    """

    def __init__(self, number: Callable[[int, int], int]) -> None:
        self._number = number

    def integer(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included; shrinks to the one nearest 0."""
        if low >= high:
            if low > high:
                raise SpecError(f"draw.integer: there is no whole number from {low} to {high}")
            return low
        return self._number(low, high)

    def boolean(self) -> bool:
        """Shrinks to False."""
        return bool(self.integer(0, 1))

    def choice(self, options: tuple[T, ...]) -> T:
        """One of `options`; shrinks to the first. An option given twice comes twice as often."""
        if not options or not isinstance(options, (tuple, list)):
            raise SpecError(f"draw.choice: needs a tuple of options, and got {options!r}")
        chosen: T = options[self.integer(0, len(options) - 1)]
        return chosen

    def require(self, condition: bool) -> None:
        """Throw the sample away unless `condition` holds; the ledger counts it as rejected."""
        if not condition:
            raise Rejected
