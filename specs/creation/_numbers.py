"""Numbers that fill a tensor, and which of them a dtype takes."""

import numpy as np

from conformance.spec import BOOL, COMPLEXES, FLOATS, category

WHOLE = (0, 1, -1, 2, 7, 127, -128, 255, 300, -32768, 65504, 2**31 - 1, -(2**31), 2**53 + 1, 2**63 - 1, -(2**63))
WHOLE += (-(2**53) - 1, 2**62 + 1, 2**53 + 1)
FRACTIONS = (0.0, -0.0, 0.5, -2.75, 0.1, 1e-3, 3.14159265358979, -1e30, 1e-42, 1e300, float("inf"), -float("inf"))
COMPLEX_NUMBERS = (1j, 0.1 - 2.5j, complex(-0.0, 3), complex(float("inf"), 1))
NUMBERS = (1, 2.5, True, False, *WHOLE, *FRACTIONS, float("nan"), *COMPLEX_NUMBERS)

LARGEST = {"float16": 65504.0, "bfloat16": 3.38e38, "float32": 3.4e38, "complex64": 3.4e38}


def takes_number(dtype, number):
    """Whether a number can be converted to a dtype: within its range, and complex only to a complex one."""
    if isinstance(number, bool) or dtype in BOOL:
        return not isinstance(number, complex) and number == number
    if isinstance(number, complex):
        return dtype in COMPLEXES
    if dtype in FLOATS + COMPLEXES:
        return not np.isfinite(number) or abs(number) <= LARGEST.get(dtype, 1.7e308)
    return bool(np.isfinite(number)) and _in_range(dtype, number)


def is_negative_zero(number):
    """Whether a number is the float -0.0."""
    return isinstance(number, float) and number == 0 and bool(np.signbit(number))


def _in_range(dtype, number):
    """Whether a whole dtype has the whole part of a number."""
    limits = np.iinfo(dtype)
    return category(dtype) == 1 and limits.min <= int(number) <= limits.max
