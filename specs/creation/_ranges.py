"""What arange, linspace and logspace have in common: evenly spaced numbers."""

import numpy as np

from conformance.spec import FLOATS

EXACT_UP_TO = {"float16": 2**11, "bfloat16": 2**8, "float32": 2**24, "float64": 2**53}
"""Up to which size a floating dtype has every whole number."""
EXACT_UP_TO |= {"complex64": 2**24, "complex128": 2**53}

STEPS = (1, 1, 1, 2, 3, 7, -1, -2, -5)
FRACTIONS = (0.5, 0.1, 0.3, 1 / 3, 2.5, -0.1, -0.75, -1.7)


def holds_whole_numbers(dtype, low, high):
    """Whether a dtype has every whole number from `low` to `high`."""
    if dtype in EXACT_UP_TO:
        return max(abs(low), abs(high), abs(high - low)) <= EXACT_UP_TO[dtype]
    limits = np.iinfo(dtype)
    return limits.min <= low and high <= limits.max


def takes_fractions(dtype):
    return dtype in FLOATS
