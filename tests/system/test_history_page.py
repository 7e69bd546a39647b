"""The history in a browser: its first screen, its links, on a phone, on paper, and without a script."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from conformance.report.history import write_history
from conformance.results import read
from tests import fake_results as fake
from tests.system.windows import bottom, open_everything, opened, overflow
from tests.unit.test_history import cat, known, run


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The page of a whole run, of one without its failures and of a small one of another torch."""
    folder = tmp_path_factory.mktemp("history")
    long = known("a-deviation-with-quite-a-long-name-that-does-not-fit-on-a-phone", ">=2.9,<2.14", gave="w" * 300)
    whole = read(fake.write(folder / "a", fake.realistic()))
    small = run(folder, "2.14.1", [cat("int8", "deviates", deviations=[long]), cat("int16")], deselected=5)
    write_history({folder / "a": whole, folder / "b": small}, folder / "index.html")
    return Path(folder / "index.html").as_uri()


def test_a_square_leads_to_its_checks_and_dtypes_and_back(chromium: Browser, address: str) -> None:
    page = opened(chromium, address)
    assert page.locator("h1").inner_text() == "torch 2.13.0, 2.14.1 side by side"
    assert bottom(page, "#steps") <= 900 and bottom(page, "#runs") <= 900
    assert not page.get_by_text("deviates: int8").is_visible()
    page.get_by_label("torch 2.14.1 on cpu: deviates in the 2 of").click()
    expect(page).to_have_url(f"{address}#torch.cat")
    expect(page.get_by_text("deviates: int8")).to_be_visible()
    page.go_back()
    expect(page).to_have_url(address)
    assert page.locator("[title='torch 2.14.1 on cpu: not asked']").count() == len(fake.OPERATIONS) - 1


def test_the_keyboard_reaches_a_square_and_opens_it(chromium: Browser, address: str) -> None:
    page = opened(chromium, address)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{address}#table")
    for _ in range(3):
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('table') !== null")
    page.keyboard.press("Enter")
    expect(page.locator("details.op[open]")).to_have_count(1)


def test_it_fits_a_phone_and_paper(chromium: Browser, address: str) -> None:
    page = opened(chromium, address, 390, 800)
    assert overflow(page) <= 0
    open_everything(page)
    assert overflow(page) <= 0
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details:not([open])").count() == 0 and not page.locator("nav").is_visible()


def test_without_a_script_a_square_leads_to_its_checks_too(chromium: Browser, address: str) -> None:
    page = opened(chromium, address, java_script_enabled=False)
    page.get_by_label("torch 2.14.1 on cpu: deviates in the 2 of").click()
    expect(page.get_by_text("deviates: int8")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(chromium: Browser, address: str, scheme: str) -> None:
    page = opened(chromium, address, color_scheme=scheme)
    open_everything(page)
    assert [(one["impact"], one["id"]) for one in Axe().run(page).response["violations"]] == []
