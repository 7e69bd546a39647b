"""Copies in row-major order: where none is needed, and what one costs."""

from __future__ import annotations

from math import prod
from typing import Any

from conformance.numeric.dtypes import itemsize
from conformance.samples.strides import contiguous_strides, same_strides

_BLOCK = 60
"""The rows and columns of the block through which a matrix is transposed."""

_BLOCK_OF_BYTES = 120
"""Those of the block for single bytes."""

_LEAST = 3600
"""The number of elements from which on a matrix is transposed through a block."""


def in_row_major_order(input: Any) -> bool:
    """Whether the elements of a tensor lie in row-major order, one behind the other."""
    return same_strides(input.shape, input.strides, contiguous_strides(input.shape))


def scratch_of_copy(dtype: str, input: Any) -> tuple[int, ...]:
    """A matrix that lies column by column is copied through a square block of elements.

    Source: copy_transpose_valid and copy_same_type_transpose_ in aten/src/ATen/native/Copy.cpp.
    """
    rows = input.shape[0] if input.rank == 2 else 0
    if input.rank != 2 or input.strides != (1, rows) or prod(input.shape) < _LEAST:
        return ()
    block = _BLOCK_OF_BYTES if dtype == "uint8" else _BLOCK
    return (block * block * itemsize(dtype),)


def scratch_of_clone(dtype: str, input: Any) -> tuple[int, ...]:
    """A copy that lies as the tensor does is made through a block only where that is in row-major order as well, as a
    single column is."""
    return scratch_of_copy(dtype, input) if in_row_major_order(input) else ()
