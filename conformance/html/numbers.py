"""Numbers as a page writes them."""

from __future__ import annotations

import math


def counted(number: int) -> str:
    """A whole number with commas: 1,234."""
    return f"{number:,}"


def three_digits(number: float) -> str:
    """A number with three significant digits: 0.502, 1,230, 1.12e+16."""
    if not math.isfinite(number):
        return {math.inf: "infinite", -math.inf: "-infinite"}.get(number, "NaN")
    if 1000 <= abs(number) < 1e6:
        return f"{float(f'{number:.3g}'):,.0f}"
    return f"{number:.3g}"


def percent(part: float, whole: float) -> str:
    """A share in per cent with at most two digits behind the point; what is not nothing is not told as 0 %."""
    if not whole:
        return "0 %"
    share = 100 * part / whole
    if 0 < share < 0.01:
        return "below 0.01 %"
    if 99.99 < share < 100:
        return "above 99.99 %"
    return f"{share:.2f}".rstrip("0").rstrip(".") + " %"
