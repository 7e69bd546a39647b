"""The bits of results: those of NaNs are told apart from all others."""

from __future__ import annotations

import numpy as np
import pytest

from conformance.numeric.bits import bits_of, nan_bits_of
from conformance.numeric.dtypes import DTYPES, Array

INEXACT = [name for name, dtype in DTYPES.items() if dtype.inexact]


def with_other_nans(array: Array) -> Array:
    """The array with the sign and the last bit of each of its NaNs changed."""
    parts = array.reshape(-1).view(array.real.dtype) if array.dtype.kind == "c" else array.reshape(-1)
    words = parts.copy().view(f"u{parts.dtype.itemsize}")
    words[np.isnan(parts)] ^= np.array(1 | 1 << (8 * parts.dtype.itemsize - 1), words.dtype)
    return words.view(array.dtype).reshape(array.shape)


@pytest.mark.parametrize("name", INEXACT)
def test_nans_are_alike_and_nothing_else_is(name: str) -> None:
    values = [np.nan, -0.0, np.inf, 1.5, np.nan, 0.0]
    array = np.array(values).astype(DTYPES[name].numpy).reshape(2, 3)
    other = with_other_nans(array)
    assert array.tobytes() != other.tobytes()
    assert bits_of(array) == bits_of(other) and nan_bits_of(array) != nan_bits_of(other)
    for place in range(len(values)):
        changed = array.copy()
        changed[divmod(place, 3)] = 2.5
        assert bits_of(changed) != bits_of(array)
    zeros = np.zeros((2, 3)).astype(array.dtype)
    assert bits_of(zeros) != bits_of(-zeros) and nan_bits_of(zeros) == b""


@pytest.mark.parametrize("name", DTYPES)
def test_without_nans_the_bits_are_those_of_the_array(name: str) -> None:
    for shape in ((), (0,), (2, 3)):
        array = np.ones(shape).astype(DTYPES[name].numpy)
        assert bits_of(array) == array.tobytes() and bits_of(array.T) == array.T.tobytes()


def test_one_part_of_a_complex_number_may_be_nan() -> None:
    one, other = np.array([complex(np.nan, 1)]), np.array([complex(np.nan, 2)])
    assert bits_of(one) == bits_of(with_other_nans(one)) != bits_of(other)
    assert nan_bits_of(one) == nan_bits_of(other)
