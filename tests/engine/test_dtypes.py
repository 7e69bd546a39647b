"""The tables written by hand agree with torch: not how the suite uses them, but how they are kept right."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch

from conformance.numeric.dtypes import DTYPES, promote, promote_operands


@pytest.mark.parametrize(("first", "second"), list(itertools.product(DTYPES, DTYPES)))
def test_promotion_is_torchs(first, second):
    try:
        expected = str(torch.promote_types(getattr(torch, first), getattr(torch, second))).removeprefix("torch.")
    except RuntimeError:
        expected = None
    try:
        found = promote(first, second)
    except KeyError:
        found = None
    assert found == expected


# A tensor of halves and a complex number make complex32, which has no NumPy dtype.
KNOWN = [
    (first, second)
    for first, second in itertools.product(DTYPES, DTYPES)
    if first != "float16" or DTYPES[second].kind != "complex"
]


@pytest.mark.parametrize(("first", "second"), KNOWN)
def test_operands_without_dimensions_count_by_category_as_in_torch(first, second):
    ranked = torch.zeros(1, dtype=getattr(torch, first))
    scalar = torch.zeros((), dtype=getattr(torch, second))
    try:
        expected = str(torch.result_type(ranked, scalar)).removeprefix("torch.")
    except RuntimeError:
        return
    assert promote_operands(((first, 1), (second, 0))) == expected


@pytest.mark.parametrize("name", [name for name, dtype in DTYPES.items() if dtype.kind == "float"])
def test_limits_are_torchs(name):
    limits = torch.finfo(getattr(torch, name))
    dtype = DTYPES[name]
    assert 2.0 ** (1 - dtype.precision) == limits.eps
    assert 2.0**dtype.lowest_exponent == limits.tiny
    assert np.dtype(dtype.numpy).itemsize * 8 == limits.bits
