"""Accepted changes: they cover what they say, and an entry that is incomplete, expired or idle is told."""

from __future__ import annotations

import datetime
from dataclasses import replace

import pytest
from msgspec.structs import replace as replace_struct

from conformance.engine.outcome import Outcome
from conformance.files.toml import TomlError
from conformance.gate import accepted, changes
from conformance.gate.changes import Change, compare_outcomes
from conformance.gate.decision import INCOMPLETE, NOTHING, SAFE, UNSAFE, Comparison
from conformance.gate.output.groups import groups_of
from conformance.results.model import Environment, Failure, FailureKind
from conformance.spec.cells import CHECKS

SIDE = Environment(torch="2.13.0", devices=("cpu",))
BECOMES = "refused: RuntimeError becomes NotImplementedError"
CHANGE = Change(
    cell="specs/indexing/take.py::support[cpu-uint16]",
    operation="torch.take",
    check="support",
    device="cpu",
    subject="uint16",
    kind=changes.REFUSAL_CHANGED,
    what=BECOMES,
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
    return Comparison(
        baseline=SIDE,
        candidate=SIDE,
        planned=(CHANGE.cell,),
        compared=(CHANGE.cell,),
        outcomes=1,
        changes=marked,
        entries=wrong,
    )


SLOWER = replace(CHANGE, check="perf", subject="small", kind=changes.SLOWER, what="", time_ratio=1.3)


@pytest.mark.parametrize(("fields", "covers"), [({}, True), ({"at_most": 1.4}, True), ({"at_most": 1.2}, False)])
def test_slowness_is_accepted_as_far_as_the_entry_says_and_is_never_stale(fields, covers):
    slower = entry(kind=changes.SLOWER, **fields)
    assert bool(accepted.accept([slower], [SLOWER])[0][0].accepted) is covers
    assert accepted.accept([slower], []) == ((), ())


def test_an_entry_of_slowness_must_say_how_slow(tmp_path):
    path = tmp_path / "accepted.toml"
    accepted.draft([SLOWER, replace(SLOWER, subject="large", time_ratio=2.02)], path)
    text = path.read_text().replace('"?"', '"a"')
    assert "at_most = 2.05" in text
    for changed in (text.replace("at_most = 2.05", ""), text.replace('"slower"', '"broke"')):
        path.write_text(changed)
        with pytest.raises(TomlError, match="belongs to 'slower' alone"):
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
    with pytest.raises(TomlError, match="owner is not filled in"):
        accepted.load(path)
    path.write_text(path.read_text().replace('"?"', '"somebody"'))
    (loaded,) = accepted.load(path)
    assert loaded.covers(CHANGE) and loaded.covers(again) and not loaded.covers(safe) and not loaded.expired


COMPLETE = 'id = "a"\noperation = "*"\nreason = "a"\nlink = "a"\nowner = "a"\nexpires = 2999-01-01\n'


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("[[accepted]\n", "not valid TOML"),
        ('[[accepted]]\nid = "a"\n', "missing required field `operation`"),
        ('[[accepted]]\nkind = "worse"\n' + COMPLETE, "field 'kind'"),
        ("[[rejected]]\n", "'rejected'"),
    ],
)
def test_a_wrong_file_is_one_clear_line(tmp_path, wrong, told):
    path = tmp_path / "accepted.toml"
    path.write_text(wrong)
    with pytest.raises(TomlError) as caught:
        accepted.load(path)
    assert str(caught.value).startswith(f"{path}: ") and "\n" not in str(caught.value)
    assert told in str(caught.value)


# --- what is a difference -----------------------------------------------------------------------------------------

KEPT = Outcome(dtype="float32", bits="aa")


def with_failure(kind=FailureKind.VALUES, message="wrong", bits="aa", **fields):
    """An outcome that breaks the contract."""
    return Outcome(dtype="float32", bits=bits, failure=Failure(kind=kind, message=message, **fields))


def refusing(**refusals):
    """An outcome in which these were refused with these classes."""
    return Outcome(dtype="float32", bits="aa", refusals=refusals)


NARROWED = (refusing(refused="RuntimeError"), refusing(refused="NotImplementedError"))
BOTH = ({"a": "RuntimeError", "b": "KeyError"}, {"a": "NotImplementedError", "b": "IndexError"})
WRONG = with_failure()
DIED = with_failure(FailureKind.CRASHED, "the process was killed by SIGSEGV")
HUNG = with_failure(FailureKind.HUNG, "the process hung")


@pytest.mark.parametrize(
    ("check", "before", "after", "kind"),
    [
        ("values", KEPT, KEPT, None),
        ("values", KEPT, Outcome(dtype="float32", bits="bb"), changes.MOVED),
        ("values", KEPT, WRONG, changes.BROKE),
        ("values", WRONG, KEPT, changes.FIXED),
        ("values", WRONG, WRONG, None),
        ("values", WRONG, with_failure(bits="bb"), changes.WRONG_OTHERWISE),
        ("values", WRONG, with_failure(FailureKind.SHAPE, "shape is ()"), changes.WRONG_OTHERWISE),
        ("memory", KEPT, Outcome(dtype="float32", bits="bb"), changes.MEMORY_CHANGED),
        ("memory", KEPT, with_failure(FailureKind.STRIDES, "strides are (1,)"), changes.MEMORY_CHANGED),
        ("memory", KEPT, with_failure(FailureKind.RAISED, "raised RuntimeError: no"), changes.BROKE),
        ("refusals", KEPT, refusing(a="KeyError"), changes.REFUSAL_CHANGED),
        ("refusals", KEPT, with_failure(FailureKind.ACCEPTED, "a: accepted", about="a"), changes.REFUSAL_CHANGED),
        ("support", KEPT, refusing(refused="RuntimeError"), changes.SUPPORT_LOST),
        ("support", refusing(refused="RuntimeError"), KEPT, changes.SUPPORT_GAINED),
        ("modes", refusing(refused="A"), refusing(refused="B"), changes.REFUSAL_CHANGED),
        *((check, *NARROWED, changes.REFUSAL_NARROWED) for check in ("refusals", "support", "modes")),
        *((check, *NARROWED[::-1], changes.REFUSAL_CHANGED) for check in ("refusals", "support", "modes")),
        ("refusals", refusing(a="RuntimeError"), refusing(a="OutOfMemoryError"), changes.REFUSAL_NARROWED),
        ("refusals", refusing(a="RuntimeError"), refusing(a="IndexError"), changes.REFUSAL_CHANGED),
        ("refusals", refusing(a="LookupError"), refusing(a="IndexError"), changes.REFUSAL_NARROWED),
        ("refusals", refusing(a="OutOfMemoryError"), refusing(a="RuntimeError"), changes.REFUSAL_CHANGED),
        ("refusals", refusing(a="OutOfMemoryError"), refusing(a="AcceleratorError"), changes.REFUSAL_CHANGED),
        ("refusals", refusing(a="Exception"), refusing(a="NoSuchError"), changes.REFUSAL_CHANGED),
        ("refusals", refusing(**BOTH[0]), refusing(**BOTH[1]), changes.REFUSAL_CHANGED),
        ("refusals", refusing(a="RuntimeError"), refusing(b="NotImplementedError"), changes.REFUSAL_CHANGED),
        ("values", KEPT, replace_struct(KEPT, nan_bits="bb"), None),
        ("values", KEPT, replace_struct(KEPT, bits=""), None),
        ("forms", replace_struct(KEPT, bits=""), KEPT, None),
        *((check, KEPT, died, changes.CRASHED) for check in CHECKS for died in (DIED, HUNG)),
        ("refusals", WRONG, DIED, changes.CRASHED),
        ("values", DIED, KEPT, changes.FIXED),
        ("support", DIED, KEPT, changes.FIXED),
        ("values", DIED, DIED, None),
    ],
)
def test_two_outcomes_differ_in_one_kind(check, before, after, kind):
    found = compare_outcomes(check, before, after)
    assert (found and found.kind) == kind


def test_a_refusal_by_a_wider_class_is_told_as_such():
    found = compare_outcomes("support", *NARROWED[::-1])
    assert found is not None and found.what == "refused: NotImplementedError becomes RuntimeError, a wider class"
    found = compare_outcomes("refusals", *(refusing(**classes) for classes in BOTH))
    assert found is not None
    assert found.what == "a: RuntimeError becomes NotImplementedError; b: KeyError becomes IndexError"


def test_of_an_error_the_class_counts_and_not_its_message():
    one, other = (
        with_failure(FailureKind.RAISED, f"raised RuntimeError: {text}", error="RuntimeError")
        for text in ("expected 3", "wanted three")
    )
    assert compare_outcomes("values", one, other) is None
    third = with_failure(FailureKind.RAISED, "raised IndexError: expected 3", error="IndexError")
    found = compare_outcomes("values", one, third)
    assert found is not None and found.what == "raised RuntimeError becomes raised IndexError"


def test_a_crash_is_never_covered_by_an_entry_of_another_kind():
    crash = replace(CHANGE, check="refusals", kind=changes.CRASHED, what="the process was killed by SIGSEGV")
    for kind in changes.CHANGE_KINDS:
        if kind == changes.SLOWER:
            continue
        covering = entry(kind=kind, operation="*")
        assert bool(accepted.accept([covering], [crash])[0][0].accepted) is (kind == changes.CRASHED)


def test_a_comparison_says_safe_of_nothing_that_is_not():
    whole = Comparison(baseline=SIDE, candidate=SIDE, planned=("a",), compared=("a",), outcomes=3, equal=3)
    assert whole.status == SAFE
    assert Comparison(baseline=SIDE, candidate=SIDE).status == NOTHING
    assert Comparison(baseline=SIDE, candidate=SIDE, planned=("a",)).status == INCOMPLETE
    for broken in (
        replace(whole, planned=("a", "b")),
        replace(whole, gaps=("the candidate died",)),
        replace(whole, terms=("NumPy: 1 and 2",)),
        replace(whole, unsteady=(replace(CHANGE, steady=False),)),
    ):
        assert broken.status == INCOMPLETE
        assert replace(broken, changes=(CHANGE,)).status == UNSAFE


def test_changes_of_one_cause_are_one_group_and_of_two_causes_two():
    def broke(message, kind=FailureKind.STRIDES, **about):
        found = compare_outcomes("forms", KEPT, with_failure(kind, message, **about))
        assert found is not None
        return replace(CHANGE, check="forms", kind=found.kind, what=found.what, cause=found.cause)

    same = [broke("strides are (3, 1)"), broke("strides are (1, 3)")]
    other = [broke("shape is ()", FailureKind.SHAPE), broke("a: accepted", FailureKind.ACCEPTED, about="a")]
    assert [len(group.changes) for group in groups_of([*same, *other])] == [2, 1, 1]
