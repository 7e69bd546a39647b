"""Statistics of measured times: medians with intervals, and growth. Needs neither torch nor NumPy."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median

CONFIDENCE = 0.999
"""The confidence of the interval of one median."""


@dataclass(frozen=True)
class Interval:
    """The median of a sample, and the bounds of a confidence interval for the median of its distribution."""

    low: float
    middle: float
    high: float


def median_interval(values: Sequence[float], confidence: float) -> Interval:
    """A confidence interval for the median of the distribution of the values. The distribution may be any; with too few
    values the bounds are -inf and inf.

    The bounds are order statistics: the number of values below the median is binomial.
    Source: Hahn and Meeker, Statistical Intervals, section 5.3.1.
    """
    ordered = sorted(values)
    outside = _largest_tail(len(ordered), (1 - confidence) / 2)
    if outside < 0:
        return Interval(-math.inf, median(ordered) if ordered else math.nan, math.inf)
    return Interval(ordered[outside], median(ordered), ordered[-1 - outside])


def _largest_tail(count: int, chance: float) -> int:
    """The largest k with P(Binomial(count, 1/2) <= k) <= chance; -1 if there is none."""
    total, below = 0.0, -1
    while below < count:
        total += math.comb(count, below + 1) / 2**count
        if total > chance:
            return below
        below += 1
    return below


def exponent(sizes: Sequence[float], seconds: Sequence[float]) -> float:
    """The exponent of the power of the size by which time grows: the least-squares slope on logarithmic axes."""
    across, up = [math.log(size) for size in sizes], [math.log(time) for time in seconds]
    middle, level = fmean(across), fmean(up)
    return sum((x - middle) * (y - level) for x, y in zip(across, up)) / sum((x - middle) ** 2 for x in across)


def format_seconds(seconds: float) -> str:
    """A time as text, in the unit that fits."""
    for unit, size in (("ns", 1e-9), ("µs", 1e-6), ("ms", 1e-3)):
        if seconds < 1000 * size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds:.3g} s"
