"""Results of which the oracle promises less than every bit: what is allowed of elements, or what is left open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

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


@dataclass(frozen=True)
class Open:
    """What an oracle returns where a part of a result is left open: anything is right where `elements` is true, and a
    zero of either sign where `zeros` is true. Both are arrays that broadcast to the result, or one boolean.

    Equal calls give equal elements there too, unless it `varies`.
    """

    array: Any
    elements: Any = False
    zeros: Any = False
    varies: bool = False

    def settled(self, array: Array, got: Array) -> Array:
        """`array` with what is left open as it is in `got`."""
        if array.shape != got.shape:
            return array
        either = (array == 0) & (got == 0) & self.zeros
        open_there = np.broadcast_to(either | self.elements, array.shape)
        return np.where(open_there, got.astype(array.dtype), array)


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
