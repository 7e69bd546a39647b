"""The report in a browser: its script, links and filters, on a phone, on paper, by keyboard, and without a script.

What a page does after a click, a key or a new address, it does a moment later: `expect` waits for that.
"""

from __future__ import annotations

import importlib
import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from conformance.report import write_report
from tests import fake_results as fake
from tests.unit.test_report import hostile_records, part_of, run_of

SCRIPT = "import torch\n\nassert torch.topk(torch.tensor([1.0]), 1).values.item() == 1.0\n"


@dataclass(frozen=True)
class Pages:
    """The addresses of some reports."""

    broken: str
    green: str
    part: str
    hostile: str
    small: str
    """the broken run of a few operations: axe looks at each element, and takes long"""


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Pages:
    folder = tmp_path_factory.mktemp("pages")
    broken = fake.realistic(devices=("cpu", "cuda"))
    for record in broken:
        if record["type"] == "cell" and record["operation"] == "torch.topk" and record["verdict"] == "broken":
            record["failure"]["script"] = SCRIPT
    green = fake.realistic(failures=False)
    part = part_of([fake.cell("torch.stack", "support", "float32")])
    small = of_operations(fake.realistic(claims=3), ("torch.topk", "torch.take", "torch.norm"))
    every = {"broken": broken, "green": green, "part": part, "hostile": hostile_records(), "small": small}
    return Pages(**{name: written(folder / name, records) for name, records in every.items()})


def of_operations(records: list[fake.Record], operations: tuple[str, ...]) -> list[fake.Record]:
    """The records of a run of some operations."""
    kept = [record for record in records if record.get("operation", operations[0]) in operations]
    files = {record["file"] for record in kept if record["type"] == "spec"}
    plan = next(record for record in kept if record["type"] == "plan")
    plan["cells"] = [name for name in plan["cells"] if name.split("::")[0] in files]
    return kept


def written(folder: Path, records: list[fake.Record]) -> str:
    """The address of the report of a run."""
    folder.mkdir()
    (folder / "mutation.json").write_bytes(fake.MUTATION_JSON)
    write_report(run_of(folder, records), folder / "report.html", folder / "mutation.json")
    return (folder / "report.html").as_uri()


@dataclass
class Seen:
    """A page in a window of its own, what it said on the console, and what it asked for."""

    page: Page
    said: list[str]
    asked: list[str]

    def expect_hash(self, text: str) -> None:
        """Wait until the address ends so."""
        expect(self.page).to_have_url(re.compile(f"^[^#]*{re.escape(text)}$"))


@pytest.fixture
def opened(chromium: Browser):
    """Opens an address; at the end of the test no page may have said anything, or asked for anything but itself."""
    contexts: list[BrowserContext] = []
    everything: list[Seen] = []

    def open_page(address: str, width: int = 1280, height: int = 900, script: bool = True, **options: object) -> Seen:
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            java_script_enabled=script,
            permissions=["clipboard-read", "clipboard-write"],
            **options,  # type: ignore[arg-type]
        )
        contexts.append(context)
        seen = Seen(context.new_page(), [], [])
        everything.append(seen)
        seen.page.on("console", lambda message: seen.said.append(message.text))
        seen.page.on("pageerror", lambda error: seen.said.append(str(error)))
        seen.page.on("request", lambda request: seen.asked.append(request.url))
        seen.page.goto(address)
        if script:
            seen.page.wait_for_selector("html.ready")
        return seen

    yield open_page
    for context in contexts:
        context.close()
    for seen in everything:
        assert seen.said == []
        assert {one.split("#")[0] for one in seen.asked if not one.startswith("data:")} <= {seen.asked[0].split("#")[0]}


def shown_squares(page: Page) -> Locator:
    """The squares of the overview that are seen."""
    return page.locator(".overview td a:not(.off):visible")


def expect_squares(page: Page, *names: str) -> None:
    """Wait until the squares of the overview that are seen are these, in the order of the page."""
    squares = shown_squares(page)
    expect(squares).to_have_count(len(names))
    for number, name in enumerate(names):
        expect(squares.nth(number)).to_have_attribute("href", f"#{name}")


def is_open(page: Page, operation: str) -> None:
    """Wait until the section of an operation is open."""
    expect(page.locator(f"[id='{operation}']")).to_have_attribute("open", "")


def bottom(page: Page, selector: str) -> float:
    box = page.locator(selector).bounding_box()
    assert box is not None
    return box["y"] + box["height"]


# --- the first screen ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["broken", "green", "part"])
def test_verdict_what_is_broken_and_how_far_to_trust_it_stand_on_the_first_screen(
    opened, pages: Pages, name: str
) -> None:
    page = opened(getattr(pages, name)).page
    for selector in ("h1", ".verdict p", "#broken", "#trust", ".tiles"):
        assert bottom(page, selector) <= 900
    assert page.locator("#trust dt").count() == 4


def test_the_overview_of_147_operations_fits_on_two_screens(opened, tmp_path: Path) -> None:
    checks = ("support", "values", "memory", "cost", "forms", "refusals", "laws", "gradients", "modes", "determinism")
    cells = [
        {**fake.cell(f"torch.operation_{number}", check, "float32"), "file": f"specs/folder{number % 20}/{number}.py"}
        for number in range(147)
        for check in (*checks, "distribution", "claims")
    ]
    page = opened(written(tmp_path / "many", fake.run_of(cells))).page
    box = page.locator("#overview").bounding_box()
    assert box is not None and box["height"] <= 2 * 900
    assert page.locator(".overview table").count() == 3
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280


# --- links --------------------------------------------------------------------------------------------------------


def test_a_filter_stands_in_the_address_and_survives_a_reload(opened, pages: Pages) -> None:
    seen = opened(pages.broken)
    page = seen.page
    everything = shown_squares(page).count()
    page.locator("#filter-verdict").select_option("broken")
    seen.expect_hash("#?verdict=broken")
    expect_squares(page, "torch.stack/claims", "torch.topk/values", "torch.topk/refusals")
    page.locator("#filter-subject").select_option("float32")
    page.locator("#filter-device").select_option("cpu")
    page.locator("#filter-text").fill("top")
    seen.expect_hash("#?words=top&dtype=float32&device=cpu&verdict=broken")
    expect_squares(page, "torch.topk/values")
    expect(page.locator("#filter-count")).to_have_text(re.compile(r"^1 of [\d,]+ cells, in 1 of 16 operations$"))
    page.reload()
    expect_squares(page, "torch.topk/values")
    expect(page.locator("#filter-text")).to_have_value("top")
    expect(page.locator("#filter-verdict")).to_have_value("broken")
    expect(page.locator(".op:not([hidden])")).to_have_count(1)
    page.get_by_text("Show all").click()
    expect(shown_squares(page)).to_have_count(everything)
    expect(page.locator("#filter-text")).to_have_value("")


def test_tiles_filter_and_back_takes_it_back(opened, pages: Pages) -> None:
    seen = opened(pages.broken)
    page = seen.page
    everything = shown_squares(page).count()
    page.locator(".tiles a", has_text="crashed").click()
    seen.expect_hash("#?verdict=crashed")
    expect_squares(page, "torch.take/refusals")
    page.locator(".overview a[href='#torch.take/refusals']").click()
    seen.expect_hash("#torch.take/refusals?verdict=crashed")  # a link keeps the filter
    is_open(page, "torch.take")
    page.go_back()
    seen.expect_hash("#?verdict=crashed")
    page.go_back()
    seen.expect_hash("")
    expect(shown_squares(page)).to_have_count(everything)


def test_a_name_is_an_address(opened, pages: Pages) -> None:
    seen = opened(f"{pages.broken}#torch.topk/values/cpu/float32")
    page = seen.page
    panel = page.locator("#evidence")
    for words in ("values · cpu · float32", "broken", "distinct samples", "How often each was compared", "promised"):
        expect(panel).to_contain_text(words)
    square = page.locator(".op a[aria-current]")
    expect(square).to_have_attribute("title", "torch.topk, values, cpu, float32: broken")
    expect(square).to_be_in_viewport()
    page.goto(f"{pages.broken}#torch.stack/claims/cpu/stack-copies")
    expect(panel).to_contain_text("stack-copies")
    expect(panel).to_be_visible()
    page.goto(f"{pages.broken}#torch.norm")
    expect(panel).not_to_be_visible()
    is_open(page, "torch.norm")
    page.goto(f"{pages.broken}#check-laws")
    expect(page.locator("#check-laws")).to_be_visible()
    page.goto(f"{pages.broken}#torch.topk/values/cpu/float32")
    expect(panel).to_be_visible()
    page.goto(f"{pages.broken}#torch.norm/nothing/of/that%")
    expect(panel).not_to_be_visible()


def test_a_script_can_be_copied(opened, pages: Pages) -> None:
    page = opened(pages.broken).page
    script = page.locator(".finding .script").first
    script.locator("summary").click()
    script.locator("button.copy").click()
    script.get_by_text("Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == SCRIPT


def test_evidence_of_a_cell_names_the_bound_of_its_worst_error(opened, pages: Pages) -> None:
    page = opened(f"{pages.green}#torch.norm/values/cpu/float32").page
    words = re.compile(r"\d\.\d+ of 4 ULP; at most [\d.]+ % of what is allowed")
    expect(page.locator("#evidence")).to_contain_text(words)


# --- readers of all kinds -----------------------------------------------------------------------------------------


def test_the_page_can_be_used_by_keyboard_alone(opened, pages: Pages) -> None:
    seen = opened(pages.broken)
    page, press = seen.page, seen.page.keyboard.press
    press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    press("Enter")
    seen.expect_hash("#overview")
    for _ in range(30):
        press("Tab")
        if page.evaluate("Boolean(document.activeElement.closest('.overview td'))"):
            break
    first = page.evaluate("document.activeElement.getAttribute('href')")
    press("ArrowDown")
    press("ArrowRight")
    second = page.evaluate("document.activeElement.getAttribute('href')")
    assert second.split("/")[0] != first.split("/")[0] and second.split("/")[1] != first.split("/")[1]
    press("Enter")
    seen.expect_hash(second)
    section = page.locator(".op[open]")
    expect(section).to_have_count(1)
    section.locator(".squares td a[tabindex='0']").first.focus()
    press("ArrowDown")
    press("Enter")
    expect(page.locator("#evidence")).to_be_visible()
    expect(page).to_have_url(re.compile(r"#[^/]+(/[^/]+){3}$"))
    press("Escape")
    expect(page.locator("#evidence")).not_to_be_visible()


@pytest.mark.parametrize("width", [360, 390])
def test_a_phone_shows_all_of_it(opened, pages: Pages, width: int) -> None:
    page = opened(f"{pages.broken}#torch.topk/values/cpu/float32", width, 800).page
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("#evidence").is_visible()
    square = page.locator(".overview td a").first.bounding_box()
    assert square is not None and square["width"] >= 24 and square["height"] >= 24
    page.evaluate("for (const part of document.querySelectorAll('details')) part.open = true")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_links_and_buttons_are_large_enough_to_hit(opened, pages: Pages) -> None:
    page = opened(pages.broken).page
    small = page.eval_on_selector_all(
        ".overview a, .tiles a, nav a, summary, select, input, button",
        "found => found.filter(one => one.offsetParent).map(one => [one.getBoundingClientRect(), one.outerHTML])"
        ".filter(([box]) => box.width && (box.width < 23.9 || box.height < 23.9)).map(([, html]) => html.slice(0, 90))",
    )
    assert small == []


def test_paper_shows_what_is_closed_and_the_colours(opened, pages: Pages) -> None:
    page = opened(pages.broken).page
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details:not([open])").count() == 0
    assert page.locator("[id='torch.topk'] .squares").first.is_visible()
    assert not page.locator(".filter").is_visible()
    assert page.evaluate("getComputedStyle(document.querySelector('.verdict')).printColorAdjust") == "exact"
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator(".op[open]").count() == 0


def test_without_a_script_everything_but_evidence_is_readable(opened, pages: Pages) -> None:
    page = opened(f"{pages.broken}#torch.topk", script=False).page
    text = page.locator("body").inner_text()
    for words in ("does not keep its contracts", "torch.topk wrong values", "How far to trust it", "results.ndjson"):
        assert words in text
    assert not page.locator(".filter").is_visible()
    page.locator("[id='torch.topk'] > summary").click()
    section = page.locator("[id='torch.topk']").inner_text()
    assert "on cuda" in section and "values" in section and "✗" in section and "planted faults caught" in section


@pytest.mark.parametrize(
    ("name", "place", "scheme"),
    [("small", "#torch.topk/values/cpu/float32", "light"), ("small", "#torch.norm", "dark"), ("part", "", "light")],
)
def test_axe_finds_nothing_serious_or_moderate(opened, pages: Pages, name: str, place: str, scheme: str) -> None:
    page = opened(getattr(pages, name) + place, color_scheme=scheme).page
    page.evaluate("for (const part of document.querySelectorAll('.op .claims-of, .script')) part.open = true")
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]})
    grave = [
        (one["id"], one["impact"], [node["html"][:120] for node in one["nodes"][:3]])
        for one in found.response["violations"]
        if one["impact"] in ("moderate", "serious", "critical")
    ]
    assert grave == []


def test_dark_is_dark(opened, pages: Pages) -> None:
    light, dark = (opened(pages.green, color_scheme=scheme).page for scheme in ("light", "dark"))
    shade = "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)[0]"
    assert light.evaluate(shade) > 200 and dark.evaluate(shade) < 60


# --- what a run may say -------------------------------------------------------------------------------------------


def test_hostile_text_stays_text(opened, pages: Pages) -> None:
    page = opened(pages.hostile).page
    page.evaluate("for (const part of document.querySelectorAll('details')) part.open = true")
    assert page.locator("img").count() == 0 and page.locator("script").count() == 2
    square = page.locator(".op .squares a").first
    square.click()
    panel = page.locator("#evidence")
    expect(panel).to_contain_text("alert(2)")
    assert panel.locator("img").count() == 0
    page.reload()
    expect(panel).to_contain_text("alert(2)")  # a hostile name is an address as well


def test_a_very_large_run_is_shown_without_its_evidence(
    opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.import_module("conformance.report.embed"), "MOST", 2)
    page = opened(f"{written(tmp_path / 'large', fake.realistic())}#torch.cat/values/cpu/float32").page
    panel = page.locator("#evidence").inner_text()
    assert "Its evidence is in the results file." in panel and "distinct samples" not in panel
