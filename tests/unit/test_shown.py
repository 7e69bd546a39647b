"""Two results beside each other: what differs is to be seen, however long they are."""

from __future__ import annotations

from conformance.gate.shown import MOST, side_by_side


def array(*numbers: float) -> str:
    return f"[{', '.join(map(str, numbers))}] float32"


def test_short_results_and_messages_stay_as_they_are() -> None:
    message = "values: 1 of 1 wrong; " * 50
    for pair in ((array(1, 2), array(1, 3)), (message, message + "so"), (message, array(1)), ("", "kept")):
        assert side_by_side(*pair) == pair


def test_of_long_results_what_differs_is_kept() -> None:
    numbers = list(range(300))
    before, after = side_by_side(array(*numbers), array(*numbers[:150], -1, *numbers[151:]))
    assert before == "[0, 1, … 148, 149, 150, 151, 152, … 299] float32"
    assert after == "[0, 1, … 148, 149, -1, 151, 152, … 299] float32"


def test_of_results_that_differ_everywhere_some_are_kept() -> None:
    before, after = side_by_side(array(*range(300)), array(*range(300, 600)))
    assert max(len(text.split()) for text in (before, after)) <= MOST + 2
    assert before.startswith("[0, 1, 2") and after.endswith("… 599] float32")


def test_results_of_other_sizes_are_cut_each_by_itself() -> None:
    before, after = side_by_side(array(*range(300)), array(1.5))
    assert len(before.split()) <= MOST + 2 and "…" in before and after == array(1.5)
