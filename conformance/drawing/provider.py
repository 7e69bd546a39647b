"""A Hypothesis backend whose samples are drawn one by one, none made from another.

Hypothesis's own backend follows each new sample with up to five mutations of it, so that of 300 samples some 45 owe
nothing to each other, and takes some of its integers from the constants of whatever modules are loaded, so that the
same seed gives other samples in another process.
"""

from __future__ import annotations

from typing import Any

from hypothesis.internal.conjecture.providers import AVAILABLE_PROVIDERS, HypothesisProvider

BACKEND = "conformance"


class Independent(HypothesisProvider):
    """Draws whole numbers evenly; `Draw` draws nothing else."""

    def draw_integer(self, min_value: int | None = None, max_value: int | None = None, **_hints: Any) -> int:
        """A whole number from `min_value` to `max_value`, both included."""
        assert self._cd is not None and self._cd._random is not None
        assert min_value is not None and max_value is not None
        return int(self._cd._random.randint(min_value, max_value))


AVAILABLE_PROVIDERS[BACKEND] = Independent
