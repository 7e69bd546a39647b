"""Results chosen by rank. Values and positions are compared so that ties may be resolved in any way."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from conformance.numeric.accuracy import Difference, compare_exact
from conformance.numeric.dtypes import Array, ascending


@dataclass(frozen=True)
class Ranked:
    """What an oracle returns for entries chosen along `dim` by rank. Zeros of either sign tie, so either may be
    returned. With `ordered` false any order along `dim` is accepted."""

    array: Any
    dim: int
    ordered: bool = True


@dataclass(frozen=True)
class Positions:
    """What an oracle returns for a result that holds positions along `dim` of `source`. Each position must be named at
    most once, and `source` must hold there, bit for bit, what output number `of` holds. Ties may be resolved in any
    way."""

    source: Any
    dim: int
    of: int = 0
    keepdim: bool = True


def in_rank_order(array: Array, rank: Ranked) -> Array:
    """The array with every zero made positive, and sorted if any order is accepted."""
    plain = array if array.dtype.kind in "biu" else np.where(array == 0, np.zeros_like(array), array)
    return plain if rank.ordered or plain.ndim == 0 else ascending(plain, rank.dim)


def compare_positions(positions: Array, values: Array, promise: Positions) -> Difference | None:
    """Check that positions are in range, that none is named twice along `dim`, and that they name the values."""
    source, dim = np.asarray(promise.source), promise.dim
    if positions.shape != values.shape:
        return Difference(f"shape is {positions.shape}, promised {values.shape}", kind="shape")
    if positions.size == 0:
        return None
    if source.ndim == 0:
        return None if not positions.any() else Difference(f"positions are {positions!r}, promised 0")
    if not promise.keepdim:
        positions, values = np.expand_dims(positions, dim), np.expand_dims(values, dim)
    if positions.min() < 0 or positions.max() >= source.shape[dim]:
        return Difference(f"positions reach from {positions.min()} to {positions.max()}, size is {source.shape[dim]}")
    if positions.shape[dim] > 1 and (np.diff(np.sort(positions, axis=dim), axis=dim) == 0).any():
        return Difference("a position is named twice")
    difference = compare_exact(np.take_along_axis(source, positions, axis=dim), np.ascontiguousarray(values))
    return difference and replace(difference, message=f"positions do not name the values: {difference.message}")
