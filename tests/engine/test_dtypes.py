"""The tables written by hand agree with torch: not how the suite uses them, but how they are kept right."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from conformance.numeric.dtypes import DTYPES, promote, promote_operands


def torchs(function: Any, *arguments: Any) -> str | None:
    """The name of the dtype that a function of torch returns, or None where it refuses."""
    try:
        return str(function(*arguments)).removeprefix("torch.")
    except RuntimeError:
        return None


def ours(first: str, second: str) -> str | None:
    try:
        return promote(first, second)
    except KeyError:
        return None


@pytest.mark.parametrize("first", DTYPES)
def test_promotion_is_torchs(first):
    expected = {second: torchs(torch.promote_types, getattr(torch, first), getattr(torch, second)) for second in DTYPES}
    assert {second: ours(first, second) for second in DTYPES} == expected


@pytest.mark.parametrize("first", DTYPES)
def test_operands_without_dimensions_count_by_category_as_in_torch(first):
    ranked = torch.zeros(1, dtype=getattr(torch, first))
    # A tensor of halves and a complex number make complex32, which has no NumPy dtype.
    known = [name for name, dtype in DTYPES.items() if first != "float16" or dtype.kind != "complex"]
    scalars = {name: torch.zeros((), dtype=getattr(torch, name)) for name in known}
    expected = {name: torchs(torch.result_type, ranked, scalar) for name, scalar in scalars.items()}
    found = {name: promote_operands(((first, 1), (name, 0))) for name, dtype in expected.items() if dtype}
    assert found == {name: dtype for name, dtype in expected.items() if dtype} and len(found) > 6


@pytest.mark.parametrize("name", [name for name, dtype in DTYPES.items() if dtype.kind == "float"])
def test_limits_are_torchs(name):
    limits = torch.finfo(getattr(torch, name))
    dtype = DTYPES[name]
    assert 2.0 ** (1 - dtype.precision) == limits.eps
    assert 2.0**dtype.lowest_exponent == limits.tiny
    assert np.dtype(dtype.numpy).itemsize * 8 == limits.bits
