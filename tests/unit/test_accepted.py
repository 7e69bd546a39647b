"""Accepted changes: they cover what they say, and an entry that is incomplete, expired or idle is told."""

from __future__ import annotations

import datetime
from dataclasses import replace

import pytest

from conformance.engine.outcome import Outcome
from conformance.files.entries import EntriesError
from conformance.gate import accepted, changes
from conformance.gate.changes import Change, difference, essence
from conformance.gate.decision import INCOMPLETE, NOTHING, SAFE, UNSAFE, Comparison

BECOMES = "refused: RuntimeError becomes NotImplementedError"
CHANGE = Change(
    "specs/indexing/take.py::support[cpu-uint16]",
    "torch.take",
    "support",
    "cpu",
    "uint16",
    changes.REFUSAL_CHANGED,
    BECOMES,
)


def entry(**fields):
    return accepted.Accepted(
        **{
            "id": "take-refuses-otherwise",
            "operation": "torch.take",
            "kind": changes.REFUSAL_CHANGED,
            "reason": "nobody catches it",
            "link": "https://example.org/1",
            "owner": "the base image team",
            "expires": datetime.date(2999, 1, 1),
            **fields,
        }
    )


@pytest.mark.parametrize(
    ("fields", "covers"),
    [
        ({}, True),
        ({"operation": "*"}, True),
        ({"change": "RuntimeError becomes NotImplementedError"}, True),
        ({"subjects": ("uint16", "uint32"), "checks": ("support",), "devices": ("cpu",)}, True),
        ({"operation": "torch.cat"}, False),
        ({"kind": changes.BROKE}, False),
        ({"change": "TypeError"}, False),
        ({"subjects": ("bool",)}, False),
        ({"checks": ("values",)}, False),
        ({"devices": ("cuda",)}, False),
    ],
)
def test_an_entry_covers_its_scope_and_words_alone(fields, covers):
    marked, wrong = accepted.accept([entry(**fields)], [CHANGE])
    assert bool(marked[0].accepted) is covers and marked[0].unsafe is not covers
    assert bool(wrong) is not covers


def compared(*found, entries=()):
    """What the gate says of one change and some entries."""
    marked, wrong = accepted.accept(entries, found)
    side = {"torch": "2.13.0"}
    return Comparison(side, side, (CHANGE.cell,), (CHANGE.cell,), outcomes=1, changes=marked, entries=wrong)


SLOWER = replace(CHANGE, check="perf", subject="small", kind=changes.SLOWER, what="", times=1.3)


@pytest.mark.parametrize(("fields", "covers"), [({}, True), ({"at_most": 1.4}, True), ({"at_most": 1.2}, False)])
def test_slowness_is_accepted_as_far_as_the_entry_says_and_is_never_stale(fields, covers):
    slower = entry(kind=changes.SLOWER, **fields)
    assert bool(accepted.accept([slower], [SLOWER])[0][0].accepted) is covers
    assert accepted.accept([slower], []) == ((), ())


def test_an_entry_of_slowness_must_say_how_slow(tmp_path):
    path = tmp_path / "accepted.toml"
    accepted.draft([SLOWER, replace(SLOWER, subject="large", times=2.02)], path)
    text = path.read_text().replace('"?"', '"a"')
    assert "at_most = 2.05" in text
    for changed in (text.replace("at_most = 2.05", ""), text.replace('"slower"', '"broke"')):
        path.write_text(changed)
        with pytest.raises(EntriesError, match="belongs to 'slower' alone"):
            accepted.load(path)


def test_the_gate_is_safe_once_all_is_accepted_and_unsafe_with_a_stale_entry():
    assert compared(CHANGE).status == UNSAFE
    assert compared(CHANGE, entries=[entry()]).status == SAFE
    assert "1 accepted" in compared(CHANGE, entries=[entry()]).line()
    expired = compared(CHANGE, entries=[entry(expires=datetime.date(2001, 1, 1))])
    assert expired.status == UNSAFE and "expired on 2001-01-01" in expired.line()
    idle = compared(entries=[entry()])
    assert idle.status == UNSAFE and "'take-refuses-otherwise' matches nothing" in idle.line()


def test_a_draft_becomes_a_file_that_a_person_must_complete(tmp_path):
    path = tmp_path / "accepted.toml"
    again = replace(CHANGE, cell="x", subject="uint32")
    safe = replace(CHANGE, kind=changes.MOVED)
    assert accepted.draft([CHANGE, again, safe], path) == 1
    with pytest.raises(EntriesError, match="owner is not filled in"):
        accepted.load(path)
    path.write_text(path.read_text().replace('"?"', '"somebody"'))
    (loaded,) = accepted.load(path)
    assert loaded.covers(CHANGE) and loaded.covers(again) and not loaded.covers(safe) and not loaded.expired


COMPLETE = 'id = "a"\noperation = "*"\nreason = "a"\nlink = "a"\nowner = "a"\nexpires = 2999-01-01\n'


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("[[accepted]\n", "not valid TOML"),
        ('[[accepted]]\nid = "a"\n', "'operation' is a required property"),
        ('[[accepted]]\nkind = "worse"\n' + COMPLETE, "is not one of"),
        ("[[rejected]]\n", "'rejected' was unexpected"),
    ],
)
def test_a_wrong_file_is_one_clear_line(tmp_path, wrong, told):
    path = tmp_path / "accepted.toml"
    path.write_text(wrong)
    with pytest.raises(EntriesError) as caught:
        accepted.load(path)
    assert str(caught.value).startswith(f"{path}: ") and "\n" not in str(caught.value)
    assert told in str(caught.value)


# --- what is a difference -----------------------------------------------------------------------------------------

KEPT = Outcome("float32", "aa")


@pytest.mark.parametrize(
    ("check", "before", "after", "kind"),
    [
        ("values", KEPT, KEPT, None),
        ("values", KEPT, replace(KEPT, bits="bb"), changes.MOVED),
        ("values", KEPT, replace(KEPT, message="wrong"), changes.BROKE),
        ("values", replace(KEPT, message="wrong"), KEPT, changes.FIXED),
        ("values", replace(KEPT, message="wrong"), replace(KEPT, message="wrong"), None),
        ("values", replace(KEPT, message="wrong"), replace(KEPT, message="wrong", bits="bb"), changes.WRONG_OTHERWISE),
        ("values", replace(KEPT, message="wrong"), replace(KEPT, message="lost"), changes.WRONG_OTHERWISE),
        ("memory", KEPT, replace(KEPT, bits="bb"), changes.MEMORY_CHANGED),
        ("memory", KEPT, replace(KEPT, message="strides are (1,)"), changes.MEMORY_CHANGED),
        ("memory", KEPT, replace(KEPT, message="raised RuntimeError: no"), changes.BROKE),
        ("refusals", KEPT, replace(KEPT, notes=("a: KeyError",)), changes.REFUSAL_CHANGED),
        ("refusals", KEPT, replace(KEPT, message="a: accepted"), changes.REFUSAL_CHANGED),
        ("support", KEPT, replace(KEPT, notes=("refused: RuntimeError",)), changes.SUPPORT_LOST),
        ("support", replace(KEPT, notes=("refused: RuntimeError",)), KEPT, changes.SUPPORT_GAINED),
        ("modes", replace(KEPT, notes=("refused: A",)), replace(KEPT, notes=("refused: B",)), changes.REFUSAL_CHANGED),
    ],
)
def test_two_outcomes_differ_in_one_kind(check, before, after, kind):
    found = difference(check, before, after)
    assert (found and found.kind) == kind


def test_of_an_error_the_class_counts_and_not_its_message():
    one, other = (replace(KEPT, message=f"raised RuntimeError: {text}") for text in ("expected 3", "wanted three"))
    assert difference("values", one, other) is None
    assert essence("values: 3 of 9 wrong; worst at (0,): got 1") == "values: wrong values"


def test_a_comparison_says_safe_of_nothing_that_is_not():
    side = {"torch": "2.13.0"}
    whole = Comparison(side, side, ("a",), ("a",), outcomes=3, equal=3)
    assert whole.status == SAFE
    assert Comparison(side, side).status == NOTHING
    assert Comparison(side, side, ("a",)).status == INCOMPLETE
    for broken in (
        replace(whole, planned=("a", "b")),
        replace(whole, gaps=("the candidate died",)),
        replace(whole, terms=("NumPy: 1 and 2",)),
        replace(whole, unsteady=(replace(CHANGE, steady=False),)),
    ):
        assert broken.status == INCOMPLETE
        assert replace(broken, changes=(CHANGE,)).status == UNSAFE
