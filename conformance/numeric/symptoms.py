"""How wrong numbers are wrong, in a few words: what tells one cause of wrong values from another."""

from __future__ import annotations

import numpy as np

from conformance.numeric.dtypes import Array

FLUSHED = "0 for a subnormal number"


def symptom(got: Array, promised: Array) -> str:
    """What all wrong elements have in common, `got` in place of `promised`; empty if nothing that has a name. The
    parts of complex numbers are taken one by one, and those that are right are left out."""
    if got.shape != promised.shape or got.dtype.kind not in "fcV" or promised.dtype.kind not in "fcV":
        return ""
    ones, others = _parts(got), _parts(promised)
    tiny = _smallest_normal(got)
    wrong = ~((ones == others) & (np.signbit(ones) == np.signbit(others)) | (np.isnan(ones) & np.isnan(others)))
    ones, others = ones[wrong], others[wrong]
    subnormal = (others != 0) & (np.abs(others) < tiny)
    for words, holds in (
        (FLUSHED, (ones == 0) & subnormal),
        ("the other sign of 0", (ones == 0) & (others == 0)),
        ("0 for a number", (ones == 0) & (others != 0)),
        ("NaN for a number", np.isnan(ones) & ~np.isnan(others)),
        ("a number for NaN", ~np.isnan(ones) & np.isnan(others)),
        ("infinity for a number", np.isinf(ones) & np.isfinite(others)),
    ):
        if holds.size and holds.all():
            return words
    return ""


def _parts(array: Array) -> Array:
    """The numbers of an array, of complex ones their parts, in the widest dtype."""
    if array.dtype.kind == "c":
        array = np.stack([array.real, array.imag])
    return np.asarray(array, np.longdouble)


def _smallest_normal(array: Array) -> float:
    """The smallest normal number of an array's dtype. bfloat16 has that of float32."""
    return float(np.finfo(array.real.dtype if array.dtype.kind in "fc" else np.float32).tiny)
