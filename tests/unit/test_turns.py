"""Turns are taken evenly and independently of each other."""

from __future__ import annotations

from collections import Counter

import pytest

from conformance.samples.sample import as_sample, dense

SAMPLES = [as_sample({"input": dense((size,)), "dim": dim}) for size in range(600) for dim in range(5)]


def chi_squared(counts: Counter[tuple[int, int]], cells: int) -> float:
    expected = len(SAMPLES) / cells
    return sum((counts[cell] - expected) ** 2 / expected for cell in counts) + expected * (cells - len(counts))


@pytest.mark.parametrize(("one", "other"), [("hidden leaves", "inference mode"), ("a", "b"), ("operand", "operands")])
def test_two_questions_pick_independently_of_each_other(one: str, other: str) -> None:
    """Of 2 x 4 equally likely pairs; chi-squared with 7 degrees of freedom exceeds 60 with a chance below 1e-9."""
    counts = Counter((sample.pick(one, 2), sample.pick(other, 4)) for sample in SAMPLES)
    assert chi_squared(counts, 8) < 60


def test_a_question_picks_the_same_of_equal_samples() -> None:
    first, again = (as_sample({"input": dense((3, 2)), "dim": 1}) for _ in range(2))
    assert [first.pick("kind of out", 4) for _ in range(3)] == [again.pick("kind of out", 4)] * 3


def test_what_is_in_place_of_tensors_keeps_the_order_and_the_rest() -> None:
    sample = as_sample({"tensors": [dense((2,)), dense((3,))], "dim": 0, "other": dense((4,))})
    assert sample.replace_tensors("abc") == {"tensors": ("a", "b"), "dim": 0, "other": "c"}
    assert sample.with_tensors(lambda tensor: tensor) == sample
