"""Intervals of medians, and exponents of growth: as often right as they say."""

from __future__ import annotations

import math
import random

import pytest

from conformance.numeric.intervals import exponent, median_interval


@pytest.mark.parametrize("count", [31, 93])
def test_the_interval_of_a_median_holds_it_as_often_as_it_says(count):
    # 2,000 intervals at 95 %: fewer than 1,860 hold the median with a chance below 1e-4.
    draw = random.Random(0)
    intervals = [median_interval([draw.lognormvariate(0, 1) for _ in range(count)], 0.95) for _ in range(2000)]
    assert 1860 <= sum(one.low <= 1 <= one.high for one in intervals) < 2000
    assert all(one.low <= one.middle <= one.high for one in intervals)


def test_too_few_values_bound_nothing():
    assert median_interval([1.0, 2.0, 3.0], 0.999).high == math.inf


@pytest.mark.parametrize("power", [0, 0.5, 1, 2])
def test_exponents_are_slopes_on_logarithmic_axes(power):
    assert exponent([2, 8, 32], [3 * size**power for size in (2, 8, 32)]) == pytest.approx(power)
