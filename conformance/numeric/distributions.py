"""Whether numbers are distributed as promised, at a stated risk of a false alarm.

For n independent numbers the empirical distribution function is nowhere further than e from the true one, but with a
probability of at most 2 exp(-2 n e^2) (Dvoretzky, Kiefer & Wolfowitz, 1956, with the constant of Massart, 1990). That
holds for every distribution, continuous or not, and for every n.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from conformance.numeric.accuracy import Difference
from conformance.numeric.dtypes import Array

COUNT = 1 << 17
"""The number of numbers that are drawn."""

FALSE_ALARM = 1e-14
"""The largest probability of a false alarm of one comparison. A run makes fewer than 10,000: less than 1e-10 in all."""


def farthest(count: int, false_alarm: float = FALSE_ALARM) -> float:
    """How far the empirical distribution function of so many numbers may be from the true one."""
    return math.sqrt(math.log(2 / false_alarm) / (2 * count))


def misfit(values: Array, at_most: Array, below: Array) -> Difference | None:
    """How `values` differ from a distribution by more than chance: `at_most` is the probability of a number at most as
    large as each of them, and `below` that of one less than it."""
    values, at_most, below = np.sort(values), np.sort(at_most), np.sort(below)
    count, most = values.size, farthest(values.size)
    rises = np.flatnonzero(values[1:] != values[:-1]) + 1
    first, last = np.concatenate([[0], rises]), np.concatenate([rises - 1, [count - 1]])
    so_far, promised = (last + 1) / count, at_most[last]
    distance = np.maximum(np.abs(so_far - promised), np.abs(first / count - below[first]))
    distance = np.where(np.isnan(distance) | np.isnan(values[last]), 1.0, distance)
    place = int(np.argmax(distance))
    if distance[place] <= most:
        return None
    message = (
        f"{so_far[place]:.4f} of {count} numbers are at most {values[last[place]]!r}, promised {promised[place]:.4f} "
        f"give or take {most:.4f}"
    )
    return Difference(message, symptom="another distribution")


def as_uniform(at_most: Array, below: Array) -> Array:
    """Numbers as others between 0 and 1, which are uniform if the numbers are distributed as promised: each becomes a
    chance one of the probabilities that belong to it (Rueschendorf, 2009, proposition 2.1). A value that comes often
    so becomes many numbers."""
    numbers: Array = below + (at_most - below) * _chance(at_most.size)
    return numbers


@lru_cache(maxsize=4)
def _chance(count: int) -> Array:
    """Uniform numbers of a stream that no seed of torch gives."""
    made: Array = np.asarray(np.random.RandomState([2009, 2, 1]).random_sample(count))
    made.setflags(write=False)
    return made


def other_spread(uniform: Array) -> Difference | None:
    """How numbers between 0 and 1 lie nearer the middle, or further from it, by more than chance. What is wrong on both
    sides adds up here: numbers too far apart have twice the distance that `misfit` sees."""
    if _is_uniform(np.abs(2 * uniform - 1)):
        return None
    return Difference("the numbers are spread more, or less, than promised", symptom="another spread")


def dependence(uniform: Array) -> Difference | None:
    """How numbers between 0 and 1, in the order in which they were drawn, depend on each other by more than chance:
    each on its neighbour, and the first half on the second. The sum and the difference of two independent ones, modulo
    1, are distributed as they are."""
    half = uniform.size // 2
    for how, first, second in (
        ("on their neighbours", uniform[0 : 2 * half : 2], uniform[1 : 2 * half : 2]),
        ("of the first half on those of the second", uniform[:half], uniform[half : 2 * half]),
    ):
        if not _is_uniform((first + second) % 1) or not _is_uniform((first - second) % 1):
            return Difference(f"the numbers depend {how}", symptom=f"dependent {how}")
    return None


def _is_uniform(numbers: Array) -> bool:
    """Whether numbers from 0 to 1 are uniformly distributed, but for chance."""
    ordered, steps = np.sort(numbers), np.arange(numbers.size + 1) / numbers.size
    return bool(max(np.max(steps[1:] - ordered), np.max(ordered - steps[:-1])) <= farthest(numbers.size))
