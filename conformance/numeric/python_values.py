"""Results that are Python values: numbers, strings, and lists and tuples of them."""

from __future__ import annotations

import math
from typing import Any

from conformance.numeric.accuracy import Difference

SEQUENCES = (list, tuple)


def values_differ(got: Any, promised: Any) -> Difference | None:
    """How a Python value differs from the promised one: in type, length or value. Floats must have the same bits,
    except that any NaN equals any other."""
    if type(got) is not type(promised):
        names = type(got).__name__, type(promised).__name__
        return Difference(f"is a {names[0]}, promised a {names[1]}", symptom=f"{names[0]} for {names[1]}")
    if isinstance(promised, SEQUENCES):
        if len(got) != len(promised):
            return Difference(f"has {len(got)} entries, promised {len(promised)}", kind="shape")
        found = (values_differ(one, other) for one, other in zip(got, promised))
        return next((difference for difference in found if difference is not None), None)
    return None if _same(got, promised) else Difference(f"is {got!r}, promised {promised!r}")


def _same(got: Any, promised: Any) -> bool:
    if isinstance(promised, complex):
        return _same(got.real, promised.real) and _same(got.imag, promised.imag)
    if isinstance(promised, float):
        if math.isnan(promised):
            return math.isnan(got)
        return bool(got == promised) and math.copysign(1, got) == math.copysign(1, promised)
    return bool(got == promised)
