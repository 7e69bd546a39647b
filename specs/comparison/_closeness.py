"""What isclose and allclose have in common: how close numbers are, and where that is decided."""

import numpy as np

from conformance.spec import (
    Draw,
    contents,
    wide,
)
from conformance.spec.families import binary, comparison

RELATIVE = (1e-5,) * 4 + (0.0, 0.5, 0.1, 1e-3, 1.3, 2)
ABSOLUTE = (1e-8,) * 4 + (0.0, 0.3, 1.7, 1e-3, 1e-30, 1)
DEFAULT = "rtol == 1e-5 and atol == 1e-8 and not equal_nan"


def arguments(draw: Draw):
    """The second tensor often holds the values of the first, or is near it throughout."""
    shapes = draw.mutually_broadcastable_shapes(2)
    first, second = (draw.tensor(shape) for shape in shapes)
    return {
        "input": first,
        "other": comparison.with_values_of(first, second) if draw.boolean() else second,
        "rtol": draw.choice(RELATIVE),
        "atol": draw.choice(ABSOLUTE),
        "equal_nan": draw.boolean(),
    }


def close(input, other, rtol, atol, equal_nan):
    """Equal numbers are close, infinite ones too; else the distance is at most atol + rtol * |other|, and finite."""
    first, second = (wide(array) for array in comparison.numbers(input, other))
    close = first == second
    if equal_nan:
        close = close | (np.isnan(first) & np.isnan(second))
    distance = np.abs(first - second)
    return close | (np.isfinite(distance) & (distance <= atol + rtol * np.abs(second)))


PRECISION = {"float16": 2.0**-10, "bfloat16": 2.0**-7, "float64": 2.0**-52, "complex128": 2.0**-52}
LARGEST = {"float16": 65504.0, "float64": 1.79e308, "complex128": 1.79e308}


def takes(dtype, input, other, rtol, atol, equal_nan):
    """Nothing is promised where the distance and the tolerance are the same within what their dtype rounds, nor where
    they leave its range. Whole numbers are compared in float32."""
    first, second = (wide(array) for array in comparison.numbers(contents(input, dtype), contents(other, dtype)))
    with np.errstate(all="ignore"):
        distance, size = np.abs(first - second), np.abs(first) + np.abs(second)
        tolerance = atol + rtol * np.abs(second)
        margin = np.abs(distance - tolerance) - 8 * PRECISION.get(dtype, 2.0**-23) * (size + tolerance)
    largest = LARGEST.get(dtype, 3.4e38)
    decided = (first == second) | ~np.isfinite(size) | (margin > 0)
    in_range = ~np.isfinite(size) | ((size < largest) & (tolerance < largest))
    return bool(np.all(decided & in_range))


def workload(size):
    return {**binary.workload(size), "rtol": 1e-5, "atol": 1e-8, "equal_nan": False}
