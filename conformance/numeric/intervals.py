"""What measured times say, and how surely. Needs neither torch nor NumPy."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median

CONFIDENCE = 0.999
"""Of the interval of one median."""


@dataclass(frozen=True)
class Interval:
    """A median and the bounds between which it lies with a given confidence."""

    low: float
    middle: float
    high: float


def median_interval(values: Sequence[float], confidence: float) -> Interval:
    """The median of what the values were drawn from, whatever its distribution; (-inf, inf) where they are too few.

    The bounds are order statistics: the number of values below the median is binomial.
    Source: Hahn and Meeker, Statistical Intervals, section 5.3.1.
    """
    ordered = sorted(values)
    outside = _most_outside(len(ordered), (1 - confidence) / 2)
    if outside < 0:
        return Interval(-math.inf, median(ordered) if ordered else math.nan, math.inf)
    return Interval(ordered[outside], median(ordered), ordered[-1 - outside])


def _most_outside(count: int, chance: float) -> int:
    """How many values may lie beyond a bound: at most so many do with less than this chance. -1: not even none."""
    total, below = 0.0, -1
    while below < count:
        total += math.comb(count, below + 1) / 2**count
        if total > chance:
            return below
        below += 1
    return below


def exponent(sizes: Sequence[float], seconds: Sequence[float]) -> float:
    """The power of the size with which time grows: the least-squares slope on logarithmic axes."""
    across, up = [math.log(size) for size in sizes], [math.log(time) for time in seconds]
    middle, level = fmean(across), fmean(up)
    return sum((x - middle) * (y - level) for x, y in zip(across, up)) / sum((x - middle) ** 2 for x in across)


def told(seconds: float) -> str:
    """A time with the unit that fits."""
    for unit, size in (("ns", 1e-9), ("µs", 1e-6), ("ms", 1e-3)):
        if seconds < 1000 * size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds:.3g} s"
