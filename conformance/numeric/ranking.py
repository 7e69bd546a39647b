"""Results chosen by rank: values and positions compared so that ties may be resolved in any way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from conformance.numeric.accuracy import Difference, compare_exact
from conformance.numeric.dtypes import Array, ascending


@dataclass(frozen=True)
class Ranked:
    """What an oracle returns for entries chosen along `dim` by rank: zeros of either sign tie, and so may stand for
    each other. With `ordered` false the order along `dim` is left open."""

    array: Any
    dim: int
    ordered: bool = True


@dataclass(frozen=True)
class Positions:
    """What an oracle returns for a result that holds positions: along `dim` of `source` no position is named twice and
    those named hold, bit for bit, what the output number `of` holds. Ties may be resolved in any way."""

    source: Any
    dim: int
    of: int = 0
    keepdim: bool = True


def in_rank_order(array: Array, rank: Ranked) -> Array:
    """The array with every zero positive, and sorted where the order is left open."""
    plain = array if array.dtype.kind in "biu" else np.where(array == 0, np.zeros_like(array), array)
    return plain if rank.ordered or plain.ndim == 0 else ascending(plain, rank.dim)


def compare_positions(positions: Array, values: Array, promise: Positions) -> Difference | None:
    """Positions in range, none twice along `dim`, and naming what the values hold."""
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
    return difference and Difference(f"positions do not name the values: {difference.message}")
