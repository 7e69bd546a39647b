"""Very large runs: the report takes time and space as the number of cells, and says what it leaves out."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from conformance.report import LISTED, read_report, write_report
from conformance.report.embed import MOST, is_whole
from conformance.results import Results, ResultsError, read
from tests import fake_results as fake
from tests.pages import data_of
from tests.survival.strangers import write
from tests.unit.test_report import Page, squares_of

Shape = Callable[[int], list[fake.Record]]


def one_check(count: int) -> list[fake.Record]:
    return [fake.cell("torch.cat", "values", f"dtype{number}") for number in range(count)]


def many_checks(count: int) -> list[fake.Record]:
    return [fake.cell("torch.cat", f"check{number}", "float32") for number in range(count)]


def many_operations(count: int) -> list[fake.Record]:
    return [fake.cell(f"torch.op{number}", "values", "float32") for number in range(count)]


def many_dtypes(count: int) -> list[fake.Record]:
    """Half of them make the columns of the matrix."""
    return [
        fake.cell("torch.cat", check, f"dtype{number}")
        for number in range(count // 2)
        for check in ("support", "values")
    ]


def all_broken(count: int) -> list[fake.Record]:
    return [
        fake.cell(f"torch.op{number % 50}", "values", f"d{number}", "broken", message=f"{number}")
        for number in range(count)
    ]


def all_deviate(count: int) -> list[fake.Record]:
    known = [{**fake.DEVIATION, "id": f"known-{number}"} for number in range(count)]
    return [fake.cell(f"torch.op{n}", "memory", "int8", "deviates", deviations=[known[n]]) for n in range(count)]


def all_refused(count: int) -> list[fake.Record]:
    refused = {"comparisons": 1, "refusals": {"refused": "RuntimeError"}, "gain": True}
    return [fake.cell(f"torch.op{n}", "support", f"d{n}", "unsupported", evidence=refused) for n in range(count)]


def not_run(count: int) -> list[fake.Record]:
    return [fake.cell(f"torch.op{number}", "values", "int8", "not run") for number in range(count)]


SHAPES: tuple[Shape, ...] = (
    one_check,
    many_checks,
    many_operations,
    many_dtypes,
    all_broken,
    all_deviate,
    all_refused,
    not_run,
)


def run_of(folder: Path, cells: list[fake.Record]) -> Results:
    return read(write(folder / "run", [fake.environment(), fake.plan(cells), *cells, fake.END]))


def steps(call: Callable[[], None]) -> int:
    """How many lines of this package and its templates a call runs through."""
    count = 0

    def line(frame: FrameType, event: str, about: Any) -> Any:
        nonlocal count
        count += event == "line"
        return line

    def entered(frame: FrameType, event: str, about: Any) -> Any:
        return line if "conformance" in frame.f_code.co_filename else None

    before = sys.gettrace()
    sys.settrace(entered)
    try:
        call()
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize("shape", SHAPES)
def test_a_report_takes_time_as_the_number_of_cells(tmp_path: Path, shape: Shape) -> None:
    taken = []
    for count in (100, 200, 400):
        run = run_of(tmp_path, shape(count))
        taken.append(steps(lambda run=run: write_report(run, tmp_path / "report.html")))  # type: ignore[misc]
    assert 0 < taken[2] - taken[1] < 2.2 * (taken[1] - taken[0])


@pytest.mark.parametrize("shape", SHAPES)
def test_the_page_of_a_very_large_run_keeps_the_matrix_and_says_what_it_leaves_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shape: Shape
) -> None:
    monkeypatch.setattr(sys.modules[is_whole.__module__], "MOST", 998)
    run = run_of(tmp_path, shape(1_000))
    write_report(run, tmp_path / "report.html")
    page = Page(tmp_path / "report.html")
    assert len(squares_of(page)) == len(run.cells) == 1_000
    assert "The run is too large for this page to hold the evidence of every cell" in page.source
    assert "fingerprint" not in data_of(page.source)
    with pytest.raises(ResultsError, match="holds no evidence, as its run has more than 998 cells"):
        read_report(tmp_path / "report.html")


def test_a_cell_takes_few_bytes_of_the_page_of_a_very_large_run(tmp_path: Path) -> None:
    """With all of its evidence a run of as many cells as that takes a few megabytes; beyond, each takes 70 bytes."""
    sizes = {}
    for count in (MOST, MOST + 1, MOST + 5_001):
        run = run_of(tmp_path, one_check(count))
        write_report(run, tmp_path / "report.html")
        sizes[count] = (tmp_path / "report.html").stat().st_size
        if count == MOST:
            assert read_report(tmp_path / "report.html") == run
    assert sizes[MOST] < 8 << 20 and sizes[MOST + 1] < 70 * MOST
    assert sizes[MOST + 5_001] - sizes[MOST + 1] < 70 * 5_000


def test_long_lists_are_cut_and_counted(tmp_path: Path) -> None:
    more = 7
    for shape, title in (
        (not_run, "Planned but not run"),
        (all_refused, "Refused, as"),
        (all_deviate, "Known deviations"),
    ):
        write_report(run_of(tmp_path, shape(LISTED + more)), tmp_path / "report.html")
        page = (tmp_path / "report.html").read_text(encoding="utf-8")
        assert title in page and f"{more} more are in the results file" in page
