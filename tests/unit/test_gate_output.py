"""What the gate tells: bounded in size, and without the markup of what it tells."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

from conformance.gate import changes
from conformance.gate.changes import Change, WrongAlike
from conformance.gate.decision import Comparison
from conformance.gate.output import as_junit, as_markdown, as_page
from conformance.gate.output.markdown import LIMIT
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
