"""What randint and randint_like share: ranges of whole numbers, and how they are drawn."""

import numpy as np

from conformance.spec import Allowed

from ._streams import PRECISION

_LIMITS = {
    "bool": (0, 1),
    **{f"uint{bits}": (0, 2**bits - 1) for bits in (8, 16, 32, 64)},
    **{f"int{bits}": (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) for bits in (8, 16, 32, 64)},
    **{name: (-(2**digits), 2**digits) for name, digits in PRECISION.items()},
}
"""The whole numbers that a dtype has without a gap."""

UNEVEN = 2.0**-10
"""A distribution function that is off by less cannot be told from an even one."""


def bounds(draw):
    """The lowest number and one above the highest: few or many numbers, up to all that fit into 64 bits."""
    low = draw.choice((0, 0, draw.integer(-9, 9), draw.integer(-(2**31), 2**31), -(2**63)))
    widest = 2**63 - 1 - low
    count = draw.choice((1, 2, draw.integer(1, 100), draw.integer(1, 2**20), draw.integer(1, 2**40), widest, 3 * 2**61))
    return {"low": low, "high": low + min(count, widest)}


def takes(dtype, low, high, **rest):
    """The dtype has every number of the range."""
    least, most = _LIMITS[dtype]
    return least <= low and high - 1 <= most


def allowed(shape, low, high):
    def in_range(array):
        whole = array == np.floor(array.astype(np.float64)) if array.dtype.kind not in "biu" else True
        return (array >= low) & (array < high) & whole

    return Allowed(shape, in_range, f"whole numbers from {low} to {high - 1}")


def probability(values, dtype, low, high, **rest):
    """Each number of the range is as likely as every other."""
    place = (values.astype(np.int64) - np.int64(low)).view(np.uint64).astype(np.float64)
    return np.clip((place + 1) / (high - low), 0, 1), np.clip(place / (high - low), 0, 1)


def folds_unevenly(dtype, low, high, **rest):
    """A random number of 32 bits, of 64 for 2**28 numbers or more, has a remainder that is below some number clearly
    more often than a part of the range that large."""
    count = high - low
    numbers = 2**32 if count < 2**28 else 2**64
    left = numbers % count
    return left * (count - left) / (count * numbers) > UNEVEN
