"""What the gate tells: bounded in size, and without the markup of what it tells."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

import pytest

from conformance.gate import changes
from conformance.gate.changes import Change, WrongAlike
from conformance.gate.decision import Comparison
from conformance.gate.output import as_junit, as_markdown, as_page
from conformance.gate.output.groups import groups_of
from conformance.gate.output.markdown import LIMIT
from conformance.gate.output.words import MOST, marked
from tests.fake_results import side

CHANGE = Change(
    cell="a",
    operation="torch.cat",
    check="values",
    device="cpu",
    subject="float32",
    kind=changes.BROKE,
    what="wrong",
)


def test_markdown_stays_below_what_a_ci_summary_takes():
    long = replace(CHANGE, cell="a::b[cpu-c]", sample="x" * 20_000)
    many = tuple(replace(long, what=f"wrong {number}") for number in range(100))
    text = as_markdown(Comparison(baseline=side("1"), candidate=side("2"), changes=many))
    assert len(text.encode()) < LIMIT + 200 and "more groups of changes" in text


def test_pages_carry_no_markup_of_what_they_tell():
    sly = replace(CHANGE, what="<script>alert(1)</script>", after="```\n<b>")
    comparison = Comparison(baseline=side("1"), candidate=side("2"), changes=(sly,))
    assert "<script>alert" not in as_page(comparison) and "<script>alert" not in as_markdown(comparison)
    assert ElementTree.fromstring(as_junit(replace(comparison, planned=("a\x00",)))) is not None


def test_what_is_wrong_on_both_sides_alike_is_named_everywhere():
    alike = (WrongAlike("a::values[cpu-int8]", "2 of 3 wrong"), WrongAlike("a::values[cpu-int16]", "all wrong"))
    comparison = Comparison(baseline=side("1"), candidate=side("2"), wrong_alike=alike)
    assert "2 wrong on both sides alike, such as a::values[cpu-int8]: 2 of 3 wrong" in comparison.line()
    assert "all wrong" in as_markdown(comparison) and "all wrong" in as_page(comparison)


# --- groups by cause ----------------------------------------------------------------------------------------------


def change(operation, subject="float32", **fields):
    """A change of one cell."""
    check = fields.pop("check", "values")
    cell = f"specs/{operation}.py::{check}[cpu-{subject}]"
    return replace(CHANGE, cell=cell, operation=operation, check=check, subject=subject, **fields)


NARROWED = {
    "check": "support",
    "kind": changes.REFUSAL_NARROWED,
    "cause": "RuntimeError becomes NotImplementedError",
    "what": "refused: RuntimeError becomes NotImplementedError",
    "anywhere": True,
}
RAISED = {"what": "raised RuntimeError", "cause": "RuntimeError: no kernel", "anywhere": True}
WRONG = {"what": "wrong values", "cause": "wrong values: 0 for a subnormal number"}
MOVED = {"kind": changes.MOVED, "what": ""}


@pytest.mark.parametrize(
    ("ones", "count"),
    [
        ([change("torch.add", **RAISED), change("torch.sub", check="laws", **RAISED)], 1),
        ([change("torch.add", **WRONG), change("torch.add", "float64", check="laws", **WRONG)], 1),
        ([change("torch.add", **WRONG), change("torch.sub", **WRONG)], 2),
        ([change("torch.add", **MOVED), change("torch.add", "float64", **MOVED)], 1),
        ([change("torch.add", **MOVED), change("torch.add", check="gradients", **MOVED)], 2),
        ([change("torch.add", **NARROWED), change("torch.sub", "int8", **NARROWED)], 1),
        ([change("torch.add", **NARROWED), change("torch.sub", **{**NARROWED, "accepted": "so"})], 2),
        ([change("torch.add", **RAISED), replace(change("torch.add", **RAISED), device="cuda")], 2),
        ([change("torch.add", kind=changes.CELL_NEW, what=""), change("torch.sub", kind=changes.CELL_NEW, what="")], 1),
    ],
)
def test_changes_with_one_cause_are_told_together(ones, count):
    assert len(groups_of(ones)) == count


def test_the_cells_of_a_cause_are_told_by_operation_with_checks_that_have_the_same_dtypes_together():
    ones = [
        change("torch.sub", subject, check=check, **RAISED)
        for check in ("values", "laws")
        for subject in ("float64", "float16")
    ]
    (group,) = groups_of([*ones, change("torch.add", "vmap", check="modes", **RAISED)])
    assert [(place.operation, place.words) for place in group.places] == [
        ("torch.add", "modes: vmap"),
        ("torch.sub", "laws, values: float16, float64"),
    ]


def test_a_narrowed_refusal_is_told_by_its_kind_and_is_safe_in_every_file():
    ones = tuple(
        change(name, subject, **NARROWED) for name in ("torch.add", "torch.sub") for subject in ("int8", "bool")
    )
    compared = tuple(one.cell for one in ones)
    found = Comparison(
        baseline=side("1"), candidate=side("2"), planned=compared, compared=compared, outcomes=4, changes=ones
    )
    assert found.decision == "SAFE" and "4 refusal narrowed" in found.line()
    page, markdown, junit = as_page(found), as_markdown(found), as_junit(found)
    assert page.count('<details class="card change') == 1 and "torch.add, torch.sub" in page
    assert "not unsafe" in page and "whoever catches that one catches it still" in page
    assert markdown.count("### ") == 1 and "| refusal narrowed | 4 |" in markdown
    assert "<failure" not in junit and junit.count("refusal narrowed: refused") == 4


def test_the_page_has_a_place_of_its_own_for_each_cause():
    ones = tuple(change("torch.add", what=f"wrong {number}", cause=f"{number}") for number in range(3))
    page = as_page(Comparison(baseline=side("1"), candidate=side("2"), changes=ones))
    for name in ("broke/torch.add/values/cpu", "broke/torch.add/values/cpu/2", "broke/torch.add/values/cpu/3"):
        assert page.count(f'id="{name}"') == 1 and page.count(f'href="#{name.replace("/", "%2F")}"') == 1


def test_the_errors_of_moved_results_are_drawn_beside_what_is_allowed():
    ones = (
        change("torch.add", **MOVED, ulp_before=0.5, ulp_after=2.0, ulp_bound=4.0),
        change("torch.add", "float64", **MOVED, ulp_before=0.5, ulp_after=0.5),
        change("torch.sub", **MOVED),
    )
    page = as_page(Comparison(baseline=side("1"), candidate=side("2"), changes=ones))
    drawn = page[page.index('id="accuracy"') : page.index('id="missing"')]
    assert drawn.count('class="dots before"') == 2 and drawn.count('class="limit"') == 1
    assert "0.5 → 2 of 4 ULP" in drawn and "sub" not in drawn
    assert drawn.index("add float32") < drawn.index("add float64")
    none = as_page(Comparison(baseline=side("1"), candidate=side("2"), changes=ones[2:]))
    assert 'id="accuracy"' not in none


def test_nans_of_other_bits_are_told_in_one_line():
    found = Comparison(baseline=side("1"), candidate=side("2"), outcomes=9, equal=9, nans_differ=3)
    assert "9 of 9 outcomes equal, 3 of them but for the bits of NaNs" in found.line()
    assert "3 of them but for the bits of NaNs, which IEEE 754 leaves open" in as_page(found)
    assert "NaN" not in replace(found, nans_differ=0).line()


# --- words --------------------------------------------------------------------------------------------------------


def told(pieces):
    return [piece.text for piece in pieces if piece.differs]


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("refused: RuntimeError", "refused: NotImplementedError", (["RuntimeError"], ["NotImplementedError"])),
        ("[1.0, -0.5] float32", "[1.0, 0.5] float32", (["-0.5"], ["0.5"])),
        ("[1, 2, 3] int8", "[1, 2, 3, 4] int8", ([], [", 4"])),
        ("[1] int8", "[1] int8", ([], [])),
        ("kept", "the process was killed by SIGSEGV", ([], [])),
        ("not known of this torch", "NotImplementedError: \"mul\" not implemented for 'Half'", ([], [])),
        ("a b " * MOST, "a c " * MOST, ([], [])),
    ],
)
def test_the_words_that_differ_are_marked(before, after, words):
    was, now = marked(before, after)
    assert ("".join(piece.text for piece in was), "".join(piece.text for piece in now)) == (before, after)
    assert (told(was), told(now)) == words
