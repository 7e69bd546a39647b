"""Whether numbers are distributed as promised, at a stated risk of a false alarm.

For n independent numbers the empirical distribution function is nowhere further than e from the true one, but with a
probability of at most 2 exp(-2 n e^2) (Dvoretzky, Kiefer & Wolfowitz, 1956, with the constant of Massart, 1990). That
holds for every distribution, continuous or not, and for every n.
"""

from __future__ import annotations

import math

import numpy as np

from conformance.numeric.accuracy import Difference
from conformance.numeric.dtypes import Array

COUNT = 1 << 17
"""The number of numbers that are drawn."""

FALSE_ALARM = 1e-14
"""The largest probability of a false alarm of one comparison. A run makes fewer than 10,000: less than 1e-10 in all."""

FINE = 1e-5
"""The largest probability of a single value up to which numbers count as continuous."""


def farthest(count: int, false_alarm: float = FALSE_ALARM) -> float:
    """How far the empirical distribution function of so many numbers may be from the true one."""
    return math.sqrt(math.log(2 / false_alarm) / (2 * count))


def misfit(values: Array, at_most: Array, below: Array) -> Difference | None:
    """How ascending `values` differ from a distribution by more than chance: `at_most` is the probability of a number
    at most as large as each of them, and `below` that of one less than it."""
    count, most = values.size, farthest(values.size)
    so_far = np.searchsorted(values, values, side="right") / count
    before = np.searchsorted(values, values, side="left") / count
    distance = np.maximum(np.abs(so_far - at_most), np.abs(before - below))
    distance = np.where(np.isnan(distance) | np.isnan(values), 1.0, distance)
    place = int(np.argmax(distance))
    if distance[place] <= most:
        return None
    message = (
        f"{so_far[place]:.4f} of {count} numbers are at most {values[place]!r}, promised {at_most[place]:.4f} "
        f"give or take {most:.4f}"
    )
    return Difference(message, symptom="another distribution")


def dependence(uniform: Array) -> Difference | None:
    """How numbers between 0 and 1, in the order in which they were drawn, depend on each other by more than chance:
    each on its neighbour, and the first half on the second. The sum and the difference of two independent ones, modulo
    1, are distributed as they are."""
    half = uniform.size // 2
    for how, first, second in (
        ("on their neighbours", uniform[0 : 2 * half : 2], uniform[1 : 2 * half : 2]),
        ("of the first half on those of the second", uniform[:half], uniform[half : 2 * half]),
    ):
        for mixed in (np.sort((first + second) % 1), np.sort((first - second) % 1)):
            if misfit(mixed, mixed, mixed) is not None:
                return Difference(f"the numbers depend {how}", symptom=f"dependent {how}")
    return None
