"""`Source`: whole numbers drawn by Hypothesis, and the choices that are made with them."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from hypothesis import strategies as st

T = TypeVar("T")


@lru_cache(maxsize=4096)
def _integers(low: int, high: int) -> st.SearchStrategy[int]:
    from hypothesis import strategies as st  # where samples are only asked, and not drawn, it need not be there

    return st.integers(low, high)


class Source:
    """Draws whole numbers and choices; all else that a sample needs is made of them."""

    def __init__(self, draw: Callable[[st.SearchStrategy[Any]], Any]) -> None:
        self._draw = draw

    def integer(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included; shrinks to the one nearest 0."""
        if low == high:
            return low
        return int(self._draw(_integers(low, high)))

    def boolean(self) -> bool:
        """Shrinks to False."""
        return bool(self.integer(0, 1))

    def choice(self, options: tuple[T, ...]) -> T:
        """One of `options`; shrinks to the first. An option given twice comes twice as often."""
        chosen: T = options[self.integer(0, len(options) - 1)]
        return chosen

    def require(self, condition: bool) -> None:
        """Throw the sample away unless `condition` holds; the ledger counts it as rejected."""
        if not condition:
            from hypothesis import reject

            reject()
