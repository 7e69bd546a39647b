"""ULPs and comparisons, held against mpmath and against breaks planted one by one."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

from conformance.numeric.accuracy import Sums, compare_exact, compare_sums, compare_ulps, ulp
from conformance.numeric.dtypes import DTYPES, FLOATS


def test_booleans_are_equal_whatever_the_byte_that_means_true():
    several, ones = np.array([[0, 2], [1, 255]], np.uint8).view(bool), np.array([[False, True], [True, True]])
    assert compare_exact(several, ones) is None and compare_exact(several.T, ones.T) is None
    assert compare_exact(several, ~ones) is not None


@pytest.mark.parametrize("name", FLOATS)
def test_a_ulp_is_the_distance_to_the_next_number(name):
    dtype = DTYPES[name]
    if name == "bfloat16":
        bits = np.arange(1, 0x7F7F, 97, dtype=np.uint16)
        numbers, following = bits.view(dtype.numpy), (bits + 1).astype(np.uint16).view(dtype.numpy)
    else:
        numbers = np.abs(np.random.RandomState(0).standard_normal(500) * 10.0 ** np.arange(-4, 1).repeat(100)).astype(
            name
        )
        following = np.nextafter(numbers, np.array(np.inf, dtype.numpy))
    gap = following.astype(np.longdouble) - numbers.astype(np.longdouble)
    assert (ulp(numbers.astype(np.longdouble), dtype) == gap).all()


def test_the_smallest_ulp_is_the_smallest_subnormal_number():
    assert ulp(np.array([0.0, 1e-45]), DTYPES["float32"]).tolist() == [2.0**-149] * 2


def test_an_error_in_ulp_is_what_mpmath_says():
    exact = mpmath.mpf(1) / 3
    off_by_two = np.array([np.nextafter(np.nextafter(np.float32(1 / 3), np.float32(1)), np.float32(1))])
    expected = float((mpmath.mpf(float(off_by_two[0])) - exact) / mpmath.mpf(2) ** -25)
    _, worst = compare_ulps(off_by_two, np.array([np.longdouble(1) / 3]), DTYPES["float32"], 10)
    assert worst.ulp == pytest.approx(expected, rel=1e-6)
    assert worst.allowed == 10 and worst.share == pytest.approx(expected / 10, rel=1e-6)


@pytest.mark.parametrize(
    ("actual", "exact", "bound", "good"),
    [
        (1.0, 1.0, 0, True),
        (np.nextafter(np.float32(1), np.float32(2)), 1.0, 1, True),
        (np.nextafter(np.float32(1), np.float32(2)), 1.0, 0.5, False),
        (np.nan, np.nan, 0, True),
        (np.nan, 1.0, 1e9, False),
        (1.0, np.nan, 1e9, False),
        (np.inf, np.inf, 0, True),
        (-np.inf, np.inf, 9, False),
        (np.inf, 1.0, 1e9, False),
        (np.inf, 1e39, 1, True),
        (np.inf, 3.4028235e38, 1, True),
        (np.inf, 3.0e38, 4, False),
        (0.0, 1e-50, 1, True),
        (0.0, 1e-38, 1, False),
    ],
)
def test_special_values_count(actual, exact, bound, good):
    difference, _ = compare_ulps(np.array([actual], np.float32), np.array([exact]), DTYPES["float32"], bound)
    assert (difference is None) == good


def test_the_message_counts_and_names_the_worst_place():
    actual = np.array([[1.0, 2.0], [3.5, 9.0]], np.float32)
    difference, _ = compare_ulps(actual, np.array([[1.0, 2.0], [3.0, 4.0]]), DTYPES["float32"], 1)
    assert difference is not None
    assert "2 of 4 wrong; worst at (1, 1)" in difference.message


@pytest.mark.parametrize(
    ("actual", "promised"),
    [
        (np.array([0.0], np.float32), np.array([-0.0], np.float32)),
        (np.array([1.0], np.float32), np.array([np.nan], np.float32)),
        (np.array([complex(0, -0.0)], np.complex64), np.array([0], np.complex64)),
        (np.array([1], np.int32), np.array([1], np.int64)),
        (np.array([1], np.int32), np.array([[1]], np.int32)),
        (np.array([True]), np.array([False])),
    ],
)
def test_exact_means_bit_for_bit(actual, promised):
    assert compare_exact(actual, promised) is not None
    assert compare_exact(actual, actual.copy()) is None


def test_any_nan_stands_for_any_other():
    quiet, signed = np.array([0x7FC00000, 0xFFC00001], np.uint32).view(np.float32)
    assert compare_exact(np.array([quiet]), np.array([signed])) is None


def test_complex_errors_are_measured_as_vectors():
    """A part may be far off in its own ULPs where the other part is large, and no further."""
    exact = np.array([complex(1e8, 1e-8)])
    assert compare_ulps(np.array([1e8], np.complex64), exact, DTYPES["complex64"], 1)[0] is None
    assert compare_ulps(np.array([complex(1e8, 100)], np.complex64), exact, DTYPES["complex64"], 1)[0] is not None


@pytest.mark.parametrize(
    "got, good",
    [
        (1.0, True),
        (1.0 + 2**-10, True),
        (1.0 - 2**-11, False),
        (1.0 + 2**-9, False),
        (np.inf, False),
    ],
)
def test_a_sum_of_halves_is_added_up_in_float32_and_rounded_once(got, good):
    exact, magnitude = np.array([1.0 + 2**-11], np.longdouble), np.array([2.0], np.longdouble)
    sums = Sums(exact, magnitude, np.array([100]), accumulator="float32")
    actual = np.array([got], np.float16)
    assert (compare_sums(actual, sums, [DTYPES["float16"]], 0.0)[0] is None) is good


@pytest.mark.parametrize("got, good", [(np.inf, True), (65504, False), (-np.inf, False)])
def test_a_sum_may_overflow_as_it_is_rounded(got, good):
    sums = Sums(np.array([70000], np.longdouble), np.array([70000], np.longdouble), np.array([3]), 0.0, "float32")
    assert (compare_sums(np.array([got], np.float16), sums, [DTYPES["float16"]], 0.0)[0] is None) is good


@pytest.mark.parametrize("bound, good", [(0.0, False), (3.0, True)])
def test_the_terms_of_a_sum_may_be_off(bound, good):
    sums = Sums(np.array([0], np.longdouble), np.array([1], np.longdouble), np.array([2]), bound)
    actual = np.array([3 * 2**-23], np.float32)
    assert (compare_sums(actual, sums, [DTYPES["float32"]], 0.0)[0] is None) is good


@pytest.mark.parametrize("terms", [(3e38, -3e38, 1.0), (3e38, 3e38, -5e38)])
@pytest.mark.parametrize("exact", [1.0, np.inf])
def test_a_sum_that_may_overflow_midway_is_held_to_no_other_that_did(terms, exact):
    """Either side of a law may, in its own order. An infinite term is infinite in each."""
    sums = Sums(np.array([exact], np.longdouble), np.sum(np.abs(terms))[None].astype(np.longdouble), np.array([3]))
    assert compare_sums(np.array([7.0], np.float32), sums, [DTYPES["float32"]], 0.0)[0] is None
    infinite = Sums(np.array([np.inf], np.longdouble), np.array([np.inf], np.longdouble), np.array([3]))
    assert compare_sums(np.array([7.0], np.float32), infinite, [DTYPES["float32"]], 0.0)[0] is not None
