"""The report: one file, complete, safe against what a run may say, and as readable as its data is true."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from conformance.report import read_report, write_report
from conformance.report.signs import SIGNS
from conformance.results import Results, ResultsError, Verdict, read, verdict_line
from tests import fake_results as fake
from tests.pages import changed, data_of, of_older_kind

HOSTILE = (
    "</script><script>alert('1')</script><img src=x onerror=alert(2)>\" onclick=\"alert(3) {{ 7 * 7 }} &amp; \u2028 "
)


class Page(HTMLParser):
    """The elements of a page with their attributes, and its text without scripts and styles."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.source = path.read_text(encoding="utf-8")
        self.elements: list[tuple[str, dict[str, str]]] = []
        self._words: list[str] = []
        self._skipping = False
        self.feed(self.source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        self._skipping = tag in ("script", "style")

    def handle_endtag(self, tag: str) -> None:
        self._skipping = False

    def handle_data(self, data: str) -> None:
        if not self._skipping:
            self._words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self._words).split())

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]


def run_of(folder: Path, records: list[fake.Record]) -> Results:
    return read(fake.write(folder / "run.jsonl", records))


def page_of(folder: Path, records: list[fake.Record], mutation: fake.Record | None = None) -> Page:
    scores = folder / "mutation.json"
    if mutation is not None:
        scores.write_text(json.dumps(mutation))
    write_report(run_of(folder, records), folder / "report.html", scores if mutation else None)
    return Page(folder / "report.html")


@pytest.fixture(scope="module")
def realistic(tmp_path_factory: pytest.TempPathFactory) -> Page:
    return page_of(tmp_path_factory.mktemp("realistic"), fake.realistic(), fake.MUTATION)


def section(page: Page, name: str) -> str:
    """The text of one section, without JavaScript."""
    start = page.source.index(f'<section id="{name}">')
    part = page.source[start : page.source.index("</section>", start)]
    return " ".join(re.sub(r"<[^>]*>", " ", part).split())


# --- the whole page -----------------------------------------------------------------------------------------------


def test_the_verdict_comes_first_and_the_sections_follow_in_order(tmp_path: Path) -> None:
    records = fake.realistic()
    page = page_of(tmp_path, records)
    assert verdict_line(run_of(tmp_path, records)) in page.text
    names = ["broken", "trust", "overview", "findings", "operations", "deviations", "claims", "support", "times"]
    names += ["durations", "faults", "words", "environment"]
    assert [attributes["id"] for attributes in page.all("section")] == names
    assert page.source.index('class="verdict broken"') < page.source.index('id="broken"')


@pytest.mark.parametrize(
    ("verdict", "standing"), [("held", "kept"), ("broken", "broken"), ("crashed", "broken"), ("vacuous", "incomplete")]
)
def test_the_title_and_the_verdict_agree(tmp_path: Path, verdict: str, standing: str) -> None:
    page = page_of(tmp_path, fake.run_of([fake.cell("torch.cat", "values", "int8", verdict)]))
    assert f"<title>{standing}: torch 2.13.0+cpu conformance</title>" in page.source
    assert f'class="verdict {standing}"' in page.source


def test_the_environment_tells_what_is_known_and_leaves_the_rest_out(tmp_path: Path) -> None:
    page = page_of(
        tmp_path, [fake.environment(seed=0, absent=[]), *fake.run_of([fake.cell("torch.cat", "values", "int8")])[1:]]
    )
    text = section(page, "environment")
    assert "torch 2." in text and "seed 0" in text
    environment = page.source[page.source.index('<section id="environment">') :]
    assert not re.search(r"<dd>\s*</dd>", environment) and "type" not in text and "absent" not in text


def test_nothing_is_asked_of_the_network(realistic: Page) -> None:
    """SECURITY.md: a report is one file that loads nothing."""
    for tag, attributes in realistic.elements:
        assert not attributes.get("src")
        if tag == "link":
            assert attributes["href"].startswith("data:")
    assert "@import" not in realistic.source and "url(" not in realistic.source
    policy = next(meta["content"] for meta in realistic.all("meta") if meta.get("http-equiv"))
    assert "default-src 'none'" in policy and "http" not in policy


def test_the_policy_admits_the_style_and_the_script_of_the_page_alone(realistic: Page) -> None:
    """SECURITY.md: the policy of a report allows the style and the script inside it by their hashes."""
    policy = next(meta["content"] for meta in realistic.all("meta") if meta.get("http-equiv"))
    for tag in ("style", "script"):
        text = re.findall(rf"<{tag}>(.*?)</{tag}>", realistic.source, re.DOTALL)
        assert len(text) == 1
        digest = base64.b64encode(hashlib.sha256(text[0].encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert not any(
        name.startswith("on") or name == "style" for _, attributes in realistic.elements for name in attributes
    )


def test_a_run_of_1500_cells_stays_under_a_mebibyte(tmp_path: Path) -> None:
    records = fake.realistic(claims=32)
    run = run_of(tmp_path, records)
    assert len(run.cells) >= 1500
    page = page_of(tmp_path, records, fake.MUTATION)
    assert len(page.source.encode()) < 1 << 20


def test_a_run_in_which_everything_broke_prints_the_first_and_counts_the_rest(tmp_path: Path) -> None:
    cells = [
        fake.cell(name, "laws", dtype, "broken", kind="raised", about=f"law of {dtype}")
        for name in fake.OPERATIONS
        for dtype in fake.DTYPES
    ]
    text = section(page_of(tmp_path, fake.run_of(cells)), "findings")
    assert f"{len(cells)} causes in {len(cells)} cells" in text
    assert f"{len(cells) - 120} more causes are not printed here" in text


def test_the_page_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = run_of(tmp_path, fake.run_of([fake.cell("torch.cat", "values", "int8")]))
    target = tmp_path / "report.html"
    target.write_text("the old report")

    def fail(source: object, destination: object) -> None:
        raise OSError("no")

    monkeypatch.setattr("os.replace", fail)
    with pytest.raises(OSError, match="no"):
        write_report(run, target)
    assert target.read_text() == "the old report"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["report.html", "run.jsonl"]


# --- the headline -------------------------------------------------------------------------------------------------


def first_screen(page: Page) -> str:
    """The text before the overview."""
    start = page.source.index("<body>")
    return " ".join(re.sub(r"<[^>]*>", " ", page.source[start : page.source.index("<main>")]).split())


def part_of(cells: list[fake.Record], suite: int = 15_695, deselected: int = 0) -> list[fake.Record]:
    """The records of a run that left out others."""
    records = fake.run_of(cells)
    records[1] |= {"suite": suite, "deselected": deselected, "left_out": [f"torch.op{number}" for number in range(15)]}
    return records


def test_a_run_of_a_part_never_reads_as_a_whole(tmp_path: Path) -> None:
    cells = [fake.cell("torch.stack", "support", dtype) for dtype in ("int8", "int16", "float32")]
    text = first_screen(page_of(tmp_path, part_of(cells)))
    assert "torch 2.13.0+cpu keeps the part of its contracts that was asked on cpu" in text
    assert "keeps its contracts" not in text
    assert "3 of 15,695 cells were asked (torch.stack: support in int8, int16, float32): all held." in text
    assert "15 operations: torch.op0, torch.op1" in text and "torch.op11 and 3 more" in text
    assert "15,692 cells not asked or not answered" in text
    text = first_screen(page_of(tmp_path, part_of([*cells, fake.cell("torch.cat", "values", "int8", "broken")], 0, 9)))
    assert (
        "4 of 13 cells were asked (torch.stack, torch.cat: support, values in int8, int16, float32): 1 broke, 3 held."
        in text
    )


def test_a_whole_run_says_so(tmp_path: Path) -> None:
    cells = [fake.cell("torch.cat", "values", dtype) for dtype in ("int8", "int16")]
    for suite, words in ((2, "All 2 cells of 1 operation were asked: all held."), (0, " 2 cells of 1 operation")):
        records = fake.run_of(cells, fake.spec("torch.cat"))
        records[1]["suite"] = suite
        text = first_screen(page_of(tmp_path, records))
        assert "torch 2.13.0+cpu keeps its contracts on cpu" in text and words in text
        assert ("All" in text) is bool(suite), "whether these are all is not always known"


def test_the_first_screen_names_what_is_broken_and_how_far_to_trust_it(realistic: Page) -> None:
    text = first_screen(realistic)
    for words in (
        "does not keep its contracts on cpu",
        "torch.topk wrong values",
        "torch.take the worker died (signal 11)",
        "comparisons on 300 samples of each operation, drawn from seed 0",
        "99.22 % of planted faults caught 127 of 128 wrong versions of these operations",
        "0 samples set aside which fail as 1 known deviation says; these older results do not tell of how many",
        "7 cells planned without an answer (torch.gather, torch.sigmoid)",
    ):
        assert words in text, words


# --- against a baseline -------------------------------------------------------------------------------------------


def test_a_baseline_tells_what_is_new_still_there_and_mended(tmp_path: Path) -> None:
    def cell(dtype: str, verdict: str = "held", check: str = "values", **changes: Any) -> fake.Record:
        return fake.cell("torch.cat", check, dtype, verdict, **changes)

    before = [cell("int8", "broken", symptom="zeros"), cell("int16", "broken", symptom="ones"), cell("int32")]
    before += [cell("bool", "broken", "laws"), cell("uint8", "broken", "laws")]
    now = [cell("int8", "broken", symptom="zeros"), cell("int16"), cell("int32", "broken", symptom="twos")]
    now += [cell("bool", check="laws"), cell("float64", "broken", "laws", kind="raised", error="OSError")]
    run, baseline = (run_of(tmp_path, fake.run_of(cells)) for cells in (now, before))
    write_report(run, tmp_path / "report.html", baseline=baseline)
    page = Page(tmp_path / "report.html")
    line = "Against torch 2.13.0+cpu: 1 newly broken, 1 still broken, 1 not asked before (by cause); 2 cells are mended"
    assert f"{line}; 1 broken there were not asked here." in first_screen(page)
    text = section(page, "findings")
    assert re.search(r"zeros still broken", text) and re.search(r"twos newly broken", text)
    assert "raised OSError not asked before" in text
    assert "Mended since torch 2.13.0+cpu: 2 torch.cat values on cpu: int16 torch.cat laws on cpu: bool" in text
    write_report(run, tmp_path / "report.html", baseline=run)
    assert "newly broken" not in Page(tmp_path / "report.html").text


# --- the report is the data ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("failures", [True, False])
def test_the_whole_run_comes_back_out_of_the_page(tmp_path: Path, failures: bool) -> None:
    run = run_of(tmp_path, fake.realistic(failures=failures, devices=("cpu", "cuda")))
    write_report(run, tmp_path / "report.html")
    assert read_report(tmp_path / "report.html") == run


def test_odd_runs_come_back_too(tmp_path: Path) -> None:
    infinite = fake.cell("torch.norm", "values", "float32", evidence={"comparisons": 1, "worst_ulp": "inf"})
    for records in ([fake.environment()], fake.run_of([infinite])[:-1], fake.run_of([])):
        run = run_of(tmp_path, records)
        write_report(run, tmp_path / "report.html")
        assert read_report(tmp_path / "report.html") == run


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("<html></html>", "is no report"),
        ('<script type="application/json" id="conformance-results">{"cells":', "cut off"),
        ('<script type="application/json" id="conformance-results">{}</script>', "damaged"),
    ],
)
def test_a_page_that_is_no_report_is_refused_in_one_line(tmp_path: Path, content: str, words: str) -> None:
    path = tmp_path / "page.html"
    path.write_text(content)
    with pytest.raises(ResultsError, match=words) as caught:
        read_report(path)
    assert "\n" not in str(caught.value)
    with pytest.raises(ResultsError, match="no such file"):
        read_report(tmp_path / "none.html")


# --- durations ----------------------------------------------------------------------------------------------------


def test_the_specs_that_took_longest_are_shown_and_all_are_counted(tmp_path: Path) -> None:
    sweeps = [fake.sweep(f"torch.op{number}", float(number), 0.5) for number in range(1, 31)]
    page = page_of(tmp_path, fake.run_of([fake.cell("torch.cat", "values", "int8")], *sweeps))
    text = section(page, "durations")
    assert (
        "The 30 sweeps, one for each spec" in text
        and "took 465.0 seconds one after the other, and 15.0 of processor time" in text
    )
    assert "These 20 took longest" in text and "torch.op30 cpu 30.00 0.50" in text
    shown = re.findall(r"torch\.op\d+", text)
    assert shown == [f"torch.op{number}" for number in range(30, 10, -1)]
    assert [meter["value"] for meter in page.all("meter")][:2] == ["30.0", "29.0"]


def test_a_run_without_durations_says_so(tmp_path: Path) -> None:
    page = page_of(tmp_path, fake.run_of([fake.cell("torch.cat", "values", "int8")]))
    assert "does not say how long" in section(page, "durations")


def test_reports_of_older_kinds_are_read(tmp_path: Path) -> None:
    run = run_of(tmp_path, fake.run_of([fake.cell("torch.cat", "values", "int8", "broken", message="</script>")]))
    path = tmp_path / "report.html"
    write_report(run, path)
    page = path.read_text()
    path.write_text(of_older_kind(page))
    assert read_report(path) == run
    assert data_of(page).count('"sweeps":[],') == 1
    path.write_text(changed(page, lambda text: text.replace('"sweeps":[],', "")))
    assert read_report(path) == run


# --- hostile text -------------------------------------------------------------------------------------------------


def hostile_records() -> list[fake.Record]:
    """A run that says something hostile wherever it can say anything."""
    known = {"id": HOSTILE, "reason": HOSTILE, "link": "javascript:alert(4)", "witness": HOSTILE}
    claims = [
        {
            "name": HOSTILE,
            "source": HOSTILE,
            "statement": HOSTILE,
            "verdict": HOSTILE,
            "note": HOSTILE,
            "contradicts": "b",
        },
        {"name": "b", "source": HOSTILE, "statement": HOSTILE, "verdict": "upheld", "note": "", "contradicts": HOSTILE},
    ]
    spec = fake.spec(
        HOSTILE,
        summary=HOSTILE,
        accuracy=HOSTILE,
        documentation="javascript:alert(5)",
        claims=claims,
    )
    cells = [
        fake.cell(
            HOSTILE,
            check,
            HOSTILE,
            verdict,
            message=HOSTILE,
            call=HOSTILE,
            promised=HOSTILE,
            sample={"text": HOSTILE, "data": HOSTILE},
            repro="javascript:alert(6).py",
            deviations=[known],
            evidence={
                "comparisons": 1,
                "notes": [HOSTILE],
                "layouts": [HOSTILE],
                "counts": {HOSTILE: 1},
                "fingerprint": HOSTILE,
            },
        )
        for check, verdict in [
            ("values", "broken"),
            ("memory", "deviates"),
            ("support", "unsupported"),
            ("claims", "held"),
        ]
    ]
    lost = f"{HOSTILE}::values[cpu-{HOSTILE}]"
    environment = fake.environment(torch=HOSTILE, platform=HOSTILE, torch_build=HOSTILE, other=HOSTILE)
    return [environment, fake.plan(cells, lost), spec, *cells, fake.sweep(HOSTILE, 1.0, 1.0, HOSTILE), fake.END]


def test_hostile_text_stays_text(tmp_path: Path) -> None:
    scores = {"torch": HOSTILE, "specs": [{"operation": HOSTILE, "planted": 1, "caught": 0, "survivors": [HOSTILE]}]}
    page = page_of(tmp_path, hostile_records(), scores)
    assert len(page.all("script")) == 2 and not page.all("img")
    assert not any(name.startswith("on") for _, attributes in page.elements for name in attributes)
    assert not any(attributes.get("href", "").startswith("javascript:") for _, attributes in page.elements)
    assert "alert(2)" in page.text and "{{ 7 * 7 }}" in page.text


def test_hostile_text_comes_back_out_of_the_data(tmp_path: Path) -> None:
    run = run_of(tmp_path, hostile_records())
    write_report(run, tmp_path / "report.html")
    assert read_report(tmp_path / "report.html") == run


def test_half_a_character_does_not_stop_the_report(tmp_path: Path) -> None:
    run = run_of(tmp_path, fake.run_of([fake.cell("torch.cat", "values", "int8", "broken", message="half \ud800")]))
    write_report(run, tmp_path / "report.html")
    assert "half \\ud800" in (tmp_path / "report.html").read_text(encoding="utf-8")
    assert read_report(tmp_path / "report.html") == run


def test_the_file_of_a_script_is_named_and_never_linked(tmp_path: Path) -> None:
    """SECURITY.md: the page links nothing beside it, which need not travel with it."""
    cell = fake.cell("torch.cat", "values", "int8", "broken", repro="repro_cat.py", script="assert torch.ones(1)\n")
    page = page_of(tmp_path, fake.run_of([cell]))
    assert "(repro_cat.py)" in page.text and "assert torch.ones(1)" in page.text
    assert all(link["href"].startswith(("#", "https://")) for link in page.all("a"))


# --- findings and deviations --------------------------------------------------------------------------------------


def test_a_broken_cell_is_told_in_full_without_javascript(realistic: Page) -> None:
    text = section(realistic, "findings")
    for words in (
        "got np.float16(0.0), promised np.float16(nan)",
        "torch.topk(input, k, dim, largest, ordered)",
        "input = &lt;tensor(2,), constant, with nan at 0&gt; k = 1",
        "In 5 cells torch.topk values on cpu: float16, bfloat16, float32, float64",
        "4 more of the same cause",
        "It did not break again when it was asked once more",
        "the worker died (signal 11)",
        "nothing was compared",
        "Planned but not run: 6",
        "torch.sigmoid laws on cpu: float16, bfloat16, float32, float64, complex64, complex128",
        "the run left it as repro_topk_values_cpu_float16.py",
    ):
        assert words in text


def test_crashes_stand_before_breaks_and_those_before_vacuous_cells(realistic: Page) -> None:
    text = section(realistic, "findings")
    assert text.index("torch.take · ") < text.index("torch.topk · ") < text.index("torch.gather · ")


def test_what_may_follow_from_a_wrong_plain_call_is_on_its_card(tmp_path: Path) -> None:
    def cell(check: str, operation: str = "torch.cat", **changes: Any) -> fake.Record:
        return fake.cell(operation, check, "int8", "broken", **{"kind": "wrong strides", "message": check, **changes})

    wrong = [cell("memory"), cell("forms", kind="raised", error="OSError"), cell("values", kind="wrong values")]
    page = page_of(tmp_path, fake.run_of([*wrong, cell("memory", "torch.stack"), cell("laws", "torch.stack")]))
    findings = page.source[page.source.index('<section id="findings">') :]
    cards = re.findall(r'<article class="card finding.*?(?=<article class="card|</section>)', findings, re.DOTALL)
    assert [len(re.findall(r'class="follows"', card)) for card in cards] == [0, 2], "cards of more cells come first"
    assert "torch.cat · wrong values" in cards[1] and "raised OSError" in cards[1]
    assert "and 2 more that may follow from it, 3 cells" in first_screen(page)
    numbers = re.findall(r'id="cause-(\d+)"', findings)
    assert sorted(numbers) == [str(number + 1) for number in range(len(numbers))]


def test_a_known_deviation_is_told_once_with_its_cells(realistic: Page) -> None:
    text = section(realistic, "deviations")
    assert text.count(fake.DEVIATION["reason"]) == 1
    assert "gave 400" in text
    assert "mse_loss memory on cpu: float16, bfloat16, float32, float64, complex64, complex128" in text
    assert fake.DEVIATION["link"] in [link["href"] for link in realistic.all("a")]


def test_deviations_are_graded_by_what_they_do(tmp_path: Path) -> None:
    effects = ["memory", "wrong class of error", "wrong value", "", "crash"]
    deviations = [
        {**fake.DEVIATION, "id": f"d{number}", "effect": effect, "torch": ">=2.2"}
        for number, effect in enumerate(effects)
    ]
    evidence = {"comparisons": 1, "set_aside": 3, "asked": 12}
    cells = [
        fake.cell("torch.cat", "values", dtype, "deviates", deviations=deviations, evidence=evidence)
        for dtype in ("int8", "int16")
    ]
    text = section(page_of(tmp_path, fake.run_of(cells)), "deviations")
    order = ["crash 1 ·", "wrong value 1 ·", "wrong class of error 1 ·", "memory 1 ·", "not said 1 ·"]
    assert sorted(order, key=text.index) == order
    assert "set aside 25 % of the samples of these cells, at most 25 % (values int8)" in text
    assert "torch &gt;=2.2" in text and "2 cells of torch.cat" in text


def test_older_results_do_not_tell_of_how_many_samples_some_were_set_aside(tmp_path: Path) -> None:
    evidence = {"comparisons": 1, "set_aside": 3}
    cells = [fake.cell("torch.cat", "values", "int8", "deviates", deviations=[fake.DEVIATION], evidence=evidence)]
    assert "these older results do not tell of how many" in page_of(tmp_path, fake.run_of(cells)).source


def test_a_clean_run_says_so(tmp_path: Path) -> None:
    page = page_of(tmp_path, fake.run_of([fake.cell("torch.cat", "values", "int8")]))
    assert "Nothing is broken, crashed or vacuous." in section(page, "findings")
    assert "No known deviation concerns a cell of this run." in section(page, "deviations")
    assert "No faults were planned" not in section(page, "faults") and "No faults were planted" in section(
        page, "faults"
    )


# --- the overview and the operations ------------------------------------------------------------------------------


def squares_of(page: Page) -> list[tuple[int, str, str]]:
    """The cells of the squares of operations: place, style and symbol."""
    found = [(int(place), style, symbol) for style, place, symbol in CHIP.findall(page.source)]
    for runs, row in re.findall(r'<tr data-at="([\d,-]+)">(.*)', page.source):
        ends = [(run.split("-")[0], run.split("-")[-1]) for run in runs.split(",")]
        places = [place for first, last in ends for place in range(int(first), int(last) + 1)]
        found += [
            (place, *square) for place, square in zip(places, re.findall(r"<td class=(\w)>(.)", row), strict=True)
        ]
    return found


CHIP = re.compile(r'<span class="chip (\w)" data-c=(\d+)>(.) ')


def test_every_cell_has_one_square_with_its_verdict(tmp_path: Path) -> None:
    records = fake.realistic(devices=("cpu", "cuda"))
    run = run_of(tmp_path, records)
    page = page_of(tmp_path, records)
    squares = squares_of(page)
    asked = [place for place, cell in enumerate(run.cells) if cell.check != "claims"]
    assert sorted(place for place, _, _ in squares) == asked
    for place, style, symbol in squares:
        sign = SIGNS[run.cells[place].verdict]
        assert (style, symbol) == (sign.style, sign.symbol)
    assert page.source.count('<table class="squares">') == 2 * len(fake.OPERATIONS)
    assert all(f'id="{name}"' in page.source for name in fake.OPERATIONS)


def test_the_overview_has_the_gravest_verdict_of_each_check(realistic: Page) -> None:
    def square(operation: str, check: str) -> str:
        found = re.search(rf'<a class=(\w) href="#{operation}/{check}">', realistic.source)
        assert found
        return found[1]

    assert square("torch.topk", "values") == "b" and square("torch.take", "refusals") == "c"
    assert square("torch.sigmoid", "laws") == "n" and square("torch.gather", "laws") == "v"
    assert square("torch.nn.functional.mse_loss", "memory") == "d"
    assert square("torch.topk", "support") == "h", "dtypes that are refused as promised do not hide those that held"
    assert all(f'href="#check-{check}"' in realistic.source for check in ("values", "claims"))


@pytest.mark.parametrize(("operations", "tables"), [(1, 1), (16, 2), (60, 3)])
def test_many_operations_stand_in_tables_side_by_side(tmp_path: Path, operations: int, tables: int) -> None:
    cells = [
        {**fake.cell(f"torch.op{number}", "values", "int8"), "file": f"specs/folder{number % 9}/op{number}.py"}
        for number in range(operations)
    ]
    page = page_of(tmp_path, fake.run_of(cells))
    start = page.source.index('<section id="overview">')
    overview = page.source[start : page.source.index("</section>", start)]
    rows = [table.count("<th scope=row>") for table in overview.split("<table>")[1:]]
    assert len(rows) == tables and sum(rows) == operations and max(rows) - min(rows) <= 7


def test_colour_is_never_the_only_sign() -> None:
    assert set(SIGNS) == set(Verdict)
    assert len({sign.symbol for sign in SIGNS.values()}) == len({sign.style for sign in SIGNS.values()}) == len(Verdict)
    assert all(sign.symbol.strip() for sign in SIGNS.values())


def test_squares_stand_under_their_dtype(tmp_path: Path) -> None:
    dtypes = ["bool", "int8", "float32"]
    cells = [fake.cell("torch.cat", "support", dtype) for dtype in dtypes]
    cells.append(fake.cell("torch.cat", "values", "float32", "broken"))
    page = page_of(tmp_path, fake.run_of(cells, fake.spec("torch.cat", dtypes=["float32"])))
    header = re.findall(r'<th scope="col"><span>(\w+)</span>', page.source)
    assert header == dtypes
    assert '<tr data-at="3"><th scope=row>values</th><td><td><td class=b>✗' in page.source


def test_modes_are_named(tmp_path: Path) -> None:
    cells = [fake.cell("torch.cat", "modes", mode) for mode in ("vmap", "inductor")]
    text = section(page_of(tmp_path, fake.run_of(cells)), "operations")
    assert "modes ✓ inductor ✓ vmap" in text


def test_cells_that_differ_in_their_file_alone_have_a_square_each(tmp_path: Path) -> None:
    cell = fake.cell("torch.cat", "values", "int8")
    other = {**cell, "id": "specs/other.py::values[cpu-int8]", "file": "specs/other.py", "verdict": "broken"}
    page = page_of(tmp_path, fake.run_of([cell, other], fake.spec("torch.cat", dtypes=["int8"])))
    assert squares_of(page) == [(1, "b", "✗"), (0, "h", "✓")]


def test_the_legend_explains_every_sign(realistic: Page) -> None:
    text = section(realistic, "overview")
    for verdict, sign in SIGNS.items():
        assert f"{sign.symbol} {verdict} {sign.meaning}" in text


def test_the_accuracy_and_the_mutation_score_stand_with_the_operation(realistic: Page) -> None:
    text = section(realistic, "operations")
    assert "promised accuracy within 2 + n/2 ULP, Higham 2002, section 4.2" in text
    assert "planted faults caught 7 of 8; survived: take-wraps-out-of-range" in text
    assert re.search(r"bfloat16 +\d\.\d+ of 4 ULP", text)


def test_errors_are_told_with_their_bound_and_three_digits(tmp_path: Path) -> None:
    def cell(dtype: str, **evidence: Any) -> fake.Record:
        return fake.cell("torch.sum", "values", dtype, evidence={"comparisons": 1, **evidence})

    cells = [
        cell("float16", worst_ulp=223.9357501156628, worst_bound=1000.0, closest=0.9),
        cell("float32", worst_ulp=0.25, worst_bound=0.5, closest=0.5, of_terms=True),
        cell("float64", worst_ulp=1.47e16, worst_bound=2.5e16, closest=0.588),
        cell("bfloat16", worst_ulp="inf", worst_bound=2.0, closest="inf"),
        cell("complex64", worst_ulp=0.12345),
    ]
    page = page_of(tmp_path, fake.run_of(cells))
    text = section(page, "operations")
    for words in (
        "float16 224 of 1,000 ULP, elsewhere 90 % of its bound",
        "float32 0.25 of 0.5 ULP of the terms",
        "float64 1.47e+16 of 2.5e+16 ULP; terms cancel",
        "bfloat16 infinite of 2 ULP",
        "complex64 0.123 ULP, bound not recorded",
    ):
        assert words in " ".join(text.split())
    assert page.source.count('class="dots beyond"') == 1
    assert page.source.count('class="limit"') == 4


# --- claims, support, faults --------------------------------------------------------------------------------------


def test_contradicting_statements_stand_side_by_side_once(tmp_path: Path) -> None:
    claims = [
        {"name": "copies", "source": "000", "statement": "It copies.", "verdict": "refuted", "contradicts": "shares"},
        {"name": "shares", "source": "001", "statement": "It shares.", "verdict": "upheld", "contradicts": "copies"},
        {"name": "alone", "source": "002", "statement": "It waits.", "verdict": "upheld", "contradicts": "nowhere"},
    ]
    notes = {"copies": "not true on this torch", "shares": "true on this torch", "alone": "true on this torch"}
    cells = [
        fake.cell("torch.cat", "claims", name, evidence={"comparisons": 1, "notes": [note]})
        for name, note in notes.items()
    ]
    page = page_of(tmp_path, fake.run_of(cells, fake.spec("torch.cat", claims=claims)))
    sides = re.findall(r'<div class="sides">(.*?)</article>', page.source, re.DOTALL)
    assert len(sides) == 2
    assert "It copies." in sides[0] and "It shares." in sides[0]
    assert "It waits." in sides[1] and "nowhere" in sides[1] and "of which this run says nothing" in sides[1]


def test_claims_are_told_with_source_verdict_and_outcome(realistic: Page) -> None:
    text = section(realistic, "claims")
    assert "192 statements" in text and "refuted" in text
    text = section(realistic, "operations")
    assert "000 Tensors The result of cat never shares memory with its input." in text
    assert "broken : the statement is true on this torch" in text


def test_a_refuted_statement_that_holds_has_no_tick(realistic: Page) -> None:
    """A green tick beside "not true" reads as true."""
    text = section(realistic, "operations")
    assert "refuted = still refuted: not true on this torch" in text
    assert "✓ still refuted" not in text and "✓ not true" not in text and "upheld ✓ true on this torch" in text


def test_a_claim_about_several_operations_is_told_with_each_and_counted_once(tmp_path: Path) -> None:
    claim: dict[str, Any] = {"name": "adds", "source": "000", "statement": "It adds.", "verdict": "upheld"}
    claim |= {"operations": ["torch.cat", "torch.stack"], "contradicts": "takes"}
    other = {"name": "takes", "source": "001", "statement": "It takes.", "verdict": "refuted"}
    cells = [fake.cell("torch.cat", "claims", "adds"), fake.cell("torch.stack", "claims", "takes")]
    specs = [fake.spec("torch.cat", claims=[claim]), fake.spec("torch.stack", claims=[other])]
    page = page_of(tmp_path, fake.run_of(cells, *specs))
    text = section(page, "claims")
    assert "2 statements: 1 upheld, 1 refuted" in text
    assert text.count("It adds.") == 1
    operations = section(page, "operations")
    assert operations.count("It adds.") == 2 and "asked of torch.cat" in operations
    assert len(re.findall(r'<div class="sides">', page.source)) == 1


def test_a_claim_that_was_not_run_is_no_outcome(tmp_path: Path) -> None:
    claims = [{"name": "a", "source": "000", "statement": "It adds.", "verdict": "upheld"}]
    asked = fake.cell("torch.cat", "claims", "a")
    records = [fake.environment(), fake.plan([asked]), fake.spec("torch.cat", claims=claims), fake.END]
    assert "not run : not run" in section(page_of(tmp_path, records), "operations")
    unasked = fake.run_of([fake.cell("torch.cat", "values", "int8")], fake.spec("torch.cat", claims=claims))
    assert "not asked in this run" in section(page_of(tmp_path, unasked), "operations")


def test_gains_and_refusals_of_support_are_told(realistic: Page) -> None:
    text = section(realistic, "support")
    assert "torch.kthvalue takes bool on cpu" in text
    assert "torch.topk cpu bool refused: NotImplementedError" in text


def test_a_refusal_names_the_deviation_that_concerns_it(tmp_path: Path) -> None:
    refused = {"comparisons": 1, "refusals": {"refused": "RuntimeError"}}
    concerned = fake.cell("torch.topk", "support", "bool", "unsupported", evidence=refused, deviations=[fake.DEVIATION])
    others = [fake.cell("torch.topk", "support", dtype, "unsupported", evidence=refused) for dtype in ("int8", "uint8")]
    text = section(page_of(tmp_path, fake.run_of([concerned, *others])), "support")
    assert f"torch.topk cpu bool refused: RuntimeError; known deviation {fake.DEVIATION['id']}" in text
    assert "torch.topk cpu int8, uint8 refused: RuntimeError" in text


def test_the_mutation_score_names_what_survived(realistic: Page) -> None:
    text = section(realistic, "faults")
    assert "127 of 128 wrong implementations" in text
    assert "torch.take ✗ 7 of 8 take-wraps-out-of-range" in text
    assert "another torch" not in text


def test_a_mutation_score_of_another_torch_is_said(tmp_path: Path) -> None:
    scores = {"torch": "2.9.1", "specs": [{"operation": "torch.cat", "planted": 2, "caught": 2}]}
    page = page_of(tmp_path, fake.run_of([fake.cell("torch.cat", "values", "int8")]), scores)
    assert "That is another torch than the one of this report." in section(page, "faults")


@pytest.mark.parametrize("content", ["{", "[]", '{"torch": "2", "specs": [{"operation": "x"}]}'])
def test_a_wrong_mutation_file_is_one_clear_error(tmp_path: Path, content: str) -> None:
    scores = tmp_path / "mutation.json"
    scores.write_text(content)
    run = run_of(tmp_path, fake.run_of([fake.cell("torch.cat", "values", "int8")]))
    with pytest.raises(ResultsError, match="is no mutation file"):
        write_report(run, tmp_path / "report.html", scores)
    assert not (tmp_path / "report.html").exists()
