"""Results of which each element is allowed by itself, and no single one is promised."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from conformance.numeric.accuracy import Difference
from conformance.numeric.dtypes import Array


@dataclass(frozen=True)
class Allowed:
    """What an oracle returns where more than one result is right: any of `shape` of whose elements `allows(array)` is
    true. `what` says in words what is allowed.

    Random numbers are so, and memory that nothing was written to. Equal calls give equal elements, unless it `varies`.
    """

    shape: tuple[int, ...]
    allows: Callable[[Array], Array]
    what: str
    varies: bool = False


def compare_allowed(array: Array, promise: Allowed) -> Difference | None:
    """How a result differs from what is allowed: in its shape, or by elements."""
    if array.shape != promise.shape:
        return Difference(f"shape is {array.shape}, promised {promise.shape}", kind="shape")
    with np.errstate(all="ignore"):
        wrong = ~np.broadcast_to(np.asarray(promise.allows(array), bool), array.shape)
    if not wrong.any():
        return None
    got = array[wrong]
    message = f"{got.size} of {array.size} not allowed, the first is {got[0]!r}; promised {promise.what}"
    return Difference(message, got=got, symptom=f"not {promise.what}")
