"""How long a child may take for one step, as a person writes it."""

from __future__ import annotations

import math


def parse(text: str) -> float:
    """The seconds that a text names; raises `ValueError` with one line."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < math.inf:
        raise ValueError(f"{text!r} is no number of seconds above 0")
    return seconds
