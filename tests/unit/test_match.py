"""The outcomes of two sides matched: what a side cannot hold, and what neither said anything of."""

from __future__ import annotations

import pytest

from conformance.engine.outcome import Answers, CellOutcomes, Outcome
from conformance.gate import changes
from conformance.gate.match import match_cells
from conformance.results.model import Cell, Failure, FailureKind

CELL = Cell("values", "float64")
HELD = Answers(cells=(CellOutcomes(cell=CELL, outcomes={0: Outcome(bits="aa", comparisons=1)}),))
NOT_HELD = Answers(not_held=(CELL,))


@pytest.mark.parametrize(
    ("before", "after", "kinds", "equal"),
    [
        (HELD, HELD, [], 1),
        (HELD, NOT_HELD, [changes.SUPPORT_LOST], 0),
        (NOT_HELD, HELD, [changes.SUPPORT_GAINED], 0),
        (NOT_HELD, NOT_HELD, [], 1),
    ],
)
def test_a_dtype_that_one_side_alone_can_hold_is_a_change(
    before: Answers, after: Answers, kinds: list[str], equal: int
) -> None:
    (match,) = match_cells([CELL], before, after)
    assert list(match.differing) == kinds
    assert (match.asked, match.equal) == (1, equal)


def test_results_that_differ_in_the_bits_of_nans_are_equal_and_are_counted() -> None:
    sides = [
        Answers(cells=(CellOutcomes(cell=CELL, outcomes={0: Outcome(bits="aa", nan_bits=nans, comparisons=1)}),))
        for nans in ("11", "22")
    ]
    (match,) = match_cells([CELL], *sides)
    assert (match.asked, match.equal, match.nans_differ, match.differing) == (1, 1, 1, {})
    (match,) = match_cells([CELL], sides[0], sides[0])
    assert (match.equal, match.nans_differ) == (1, 0)


def test_the_bound_is_that_of_the_worst_error_of_either_side() -> None:
    errors = [((1.0, 4.0), (3.0, 8.0)), ((5.0, 9.0), (2.0, 6.0))]
    sides = [
        Answers(
            cells=(
                CellOutcomes(
                    cell=CELL,
                    outcomes={
                        number: Outcome(bits="aa", comparisons=1, worst_ulp=pair[side][0], worst_bound=pair[side][1])
                        for number, pair in enumerate(errors)
                    },
                ),
            )
        )
        for side in (0, 1)
    ]
    (match,) = match_cells([CELL], *sides)
    assert (match.ulp_before, match.ulp_after, match.bound) == (5.0, 3.0, 9.0)


def test_a_sample_that_says_nothing_on_either_side_does_not_count() -> None:
    silent = Answers(cells=(CellOutcomes(cell=CELL, outcomes={0: Outcome()}),))
    (match,) = match_cells([CELL], silent, silent)
    assert (match.asked, match.equal, match.differing) == (0, 0, {})


def test_the_first_failure_that_both_sides_show_alike_is_kept() -> None:
    wrong = [Outcome(bits="aa", failure=Failure(kind=FailureKind.VALUES, message=text)) for text in ("first", "second")]
    both = Answers(cells=(CellOutcomes(cell=CELL, outcomes=dict(enumerate(wrong))),))
    (match,) = match_cells([CELL], both, both)
    assert match.wrong_alike == wrong[0].failure and not match.differing
