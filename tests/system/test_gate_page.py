"""The gate's page in a browser: its first screen, its links, on a phone, on paper, and without a script."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from conformance.gate import changes
from conformance.gate.decision import Comparison
from conformance.gate.output import as_page
from tests.fake_results import side
from tests.system.windows import bottom, open_everything, opened, overflow
from tests.unit.test_gate_output import MOVED, NARROWED, RAISED, change

LONG = "values[0]: 1 of 1 wrong; worst at (0,): got " + "np.float32(0.30000001192092896) " * 20
HOSTILE = "<img src=x onerror=alert(1)>" + "w" * 300


def comparison() -> Comparison:
    """Changes of several kinds, with long and hostile texts."""
    subjects = ("float16", "float32", "float64")
    ones = [
        *(change("torch.add", subject, **RAISED, before="kept", after=LONG, sample=HOSTILE) for subject in subjects),
        *(change(f"torch.op{number}", **NARROWED, before="a", after="b") for number in range(60)),
        *(change("torch.sub", one, **MOVED, ulp_before=0.5, ulp_after=1e16, ulp_bound=2e16) for one in subjects),
        change("torch.sub", "bool", **MOVED, before="[1, 2] int8", after="[1, 3] int8"),
        change("torch.cat", kind=changes.CELL_NEW, what=""),
    ]
    names = tuple(one.cell for one in ones)
    return Comparison(
        baseline=side("2.13.0"),
        candidate=side("2.14.1"),
        planned=(*names, "specs/x.py::values[cpu-int8]"),
        compared=names,
        outcomes=len(names),
        equal=3,
        nans_differ=1,
        changes=tuple(ones),
    )


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    path: Path = tmp_path_factory.mktemp("gate") / "gate.html"
    path.write_text(as_page(comparison()), encoding="utf-8")
    return path.as_uri()


def test_the_first_screen_says_the_decision_what_is_unsafe_and_how_far_to_trust_it(
    chromium: Browser, address: str
) -> None:
    page = opened(chromium, address)
    assert page.locator("h1").inner_text() == "UNSAFE: torch 2.13.0 → 2.14.1"
    assert max(bottom(page, one) for one in (".verdict", "#unsafe", "#trust", "nav")) <= 900
    assert "torch.add broke: raised RuntimeError" in page.locator("#unsafe").inner_text().replace("\n", " ")
    assert "of 69 cells compared" in page.locator("#trust").inner_text()
    assert page.locator("details.change[open]").count() == 1 and page.locator("img").count() == 0


def test_links_lead_to_a_cause_and_open_it(chromium: Browser, address: str) -> None:
    page = opened(chromium, address)
    page.get_by_role("link", name="refusal narrowed (60)").click()
    expect(page).to_have_url(f"{address}#refusal-narrowed")
    narrowed = page.locator("[id='refusal-narrowed/torch.op0/support/cpu']")
    assert narrowed.get_attribute("open") is None
    page.goto(f"{address}#refusal-narrowed/torch.op0/support/cpu")
    expect(narrowed).to_have_attribute("open", "")
    expect(narrowed).to_contain_text("In 60 cells of 60 operations")
    page.go_back()
    expect(page).to_have_url(f"{address}#refusal-narrowed")
    marks = page.locator("[id='moved/torch.sub/values/cpu'] mark")
    assert marks.all_text_contents() == ["2", "3"]


def test_the_keyboard_reaches_the_changes_first_and_opens_them(chromium: Browser, address: str) -> None:
    page = opened(chromium, address)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{address}#changes")
    page.locator("[id='cell-new/torch.cat/values/cpu'] > summary").focus()
    page.keyboard.press("Enter")
    expect(page.locator("[id='cell-new/torch.cat/values/cpu']")).to_have_attribute("open", "")


@pytest.mark.parametrize("width", [360, 390, 768])
def test_nothing_is_wider_than_the_window(chromium: Browser, address: str, width: int) -> None:
    page = opened(chromium, address, width, 780)
    assert overflow(page) <= 0
    open_everything(page)
    assert overflow(page) <= 0


def test_paper_has_everything_open_and_in_colour(chromium: Browser, address: str) -> None:
    page = opened(chromium, address)
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details:not([open])").count() == 0 and not page.locator("nav").is_visible()
    adjust = "getComputedStyle(document.querySelector('.verdict')).printColorAdjust"
    assert page.evaluate(adjust) == "exact"


def test_without_a_script_all_of_it_can_be_read(chromium: Browser, address: str) -> None:
    page = opened(chromium, address, java_script_enabled=False)
    assert page.locator("details.change.is-unsafe pre").first.is_visible()
    page.locator("[id='cell-new/torch.cat/values/cpu'] > summary").click()
    expect(page.get_by_text("values: float32").last).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(chromium: Browser, address: str, scheme: str) -> None:
    page = opened(chromium, address, color_scheme=scheme)
    open_everything(page)
    assert [(one["impact"], one["id"]) for one in Axe().run(page).response["violations"]] == []
