"""The bits of results. IEEE 754 leaves open which NaN an operation gives, so that those of NaNs are told apart."""

from __future__ import annotations

import numpy as np

from conformance.numeric.dtypes import Array

_EXACT = "biu"
"""The kinds of NumPy's dtypes that have no NaN."""


def bits_of(array: Array) -> bytes:
    """The bytes of an array, with each NaN written as the same one (IEEE 754-2019, section 6.2.3: its payload and its
    sign are not specified)."""
    if array.dtype.kind in _EXACT:
        return array.tobytes()
    if not np.count_nonzero(np.isnan(array)):
        return array.tobytes()
    parts, nans = _nans(array)
    return np.where(nans, np.array(np.nan, parts.dtype), parts).tobytes()


def nan_bits_of(array: Array) -> bytes:
    """The bytes of the NaNs of an array, in their order."""
    if array.dtype.kind in _EXACT:
        return b""
    parts, nans = _nans(array)
    return parts[nans].tobytes()


def _nans(array: Array) -> tuple[Array, Array]:
    """The numbers of an array, those of complex ones one after the other, and which of them are NaN."""
    parts = np.ascontiguousarray(array)
    parts = parts.view(parts.real.dtype) if parts.dtype.kind == "c" else parts
    return parts, np.isnan(parts)
