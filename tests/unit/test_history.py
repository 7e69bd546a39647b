"""Torches side by side: what each square says, which are not asked, and where deviations come and go."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from conformance.cli.main import main
from conformance.report.history import write_history
from conformance.report.history.bars import GONE, SHOWN, bars_of
from conformance.report.history.columns import Column, columns_of
from conformance.report.history.steps import steps_of
from conformance.report.history.table import OperationHistory, Square, histories_of
from conformance.results import Verdict, read
from conformance.results.status import Status
from conformance.results.verdict import Results
from tests import fake_results as fake
from tests.unit.test_report import HOSTILE, Page

Cells = list[fake.Record]


def run(folder: Path, torch: str, cells: Cells, devices: tuple[str, ...] = ("cpu",), **changes: Any) -> Results:
    """A run of these cells."""
    records = fake.run_of(cells, *(fake.spec(name) for name in {cell["operation"]: 0 for cell in cells}))
    records[0] = fake.environment(torch=torch, devices=list(devices))
    path = folder / f"{torch}-{'-'.join(devices)}"
    return replace(read(fake.write(path, records)), **changes)


def columns(*runs: Results) -> tuple[Column, ...]:
    return columns_of({Path(f"{number}.ndjson"): one for number, one in enumerate(runs)}, Path())


def cat(subject: str, verdict: str = "held", **changes: Any) -> fake.Record:
    return fake.cell("torch.cat", changes.pop("check", "values"), subject, verdict, **changes)


def known(name: str, versions: str, **changes: Any) -> fake.Record:
    """A known deviation as a cell tells of it."""
    return {"id": name, "reason": f"why {name}", "link": "", "witness": "f()", "torch": versions, **changes}


def only(histories: tuple[OperationHistory, ...]) -> OperationHistory:
    (one,) = histories
    return one


# --- columns ------------------------------------------------------------------------------------------------------


def test_columns_stand_by_version_and_device(tmp_path: Path) -> None:
    both = [cat("int8"), cat("int8", device="cuda")]
    found = columns(
        run(tmp_path, "2.13.0+cpu", both, ("cuda", "cpu")),
        run(tmp_path, "2.9.1", both[:1]),
        run(tmp_path, "2.10.0", both[:1]),
    )
    assert [one.name for one in found] == [
        "torch 2.9.1 on cpu",
        "torch 2.10.0 on cpu",
        "torch 2.13.0 on cpu",
        "torch 2.13.0 on cuda",
    ]


def test_a_run_that_is_given_twice_has_one_column(tmp_path: Path) -> None:
    one = run(tmp_path, "2.13.0", [cat("int8")])
    assert len(columns(one, one)) == 1
    assert len(columns(one, run(tmp_path, "2.13.0", [cat("int8", "broken")]))) == 2


# --- squares ------------------------------------------------------------------------------------------------------


def test_a_square_has_the_gravest_verdict_and_opens_to_checks_and_dtypes(tmp_path: Path) -> None:
    cells = [cat("int8"), cat("int16"), cat("float32", "broken"), cat("float16", "deviates"), cat("bool", check="laws")]
    one = only(histories_of(columns(run(tmp_path, "2.13.0", cells))))
    assert one.squares == (Square(Verdict.BROKEN, 5, 5, in_part=False),)
    told = {
        check.check: [(share.verdict, share.words) for share in square.shares]
        for check in one.checks
        for square in check.squares
        if square
    }
    assert told == {
        "values": [(Verdict.BROKEN, "float32"), (Verdict.DEVIATES, "float16"), (Verdict.HELD, "2")],
        "laws": [(Verdict.HELD, "1")],
    }


@pytest.mark.parametrize("change", [{"deselected": 0}, {"deselected": 3}])
def test_what_a_run_was_not_asked_never_reads_as_held(tmp_path: Path, change: dict[str, Any]) -> None:
    stack = fake.cell("torch.stack", "values", "int8")
    whole = run(tmp_path, "2.13.0", [cat("int8"), cat("int16"), cat("int8", check="laws"), stack])
    part = run(tmp_path, "2.14.1", [cat("int8")], **change)
    found = {one.operation: one for one in histories_of(columns(whole, part))}
    assert found["torch.stack"].squares[1] is None
    square = found["torch.cat"].squares[1]
    assert square is not None and (square.asked, square.of) == (1, 3)
    assert square.in_part is bool(change["deselected"])
    assert [check.squares[1] for check in found["torch.cat"].checks if check.check == "laws"] == [None]
    write_history({tmp_path / "a": whole, tmp_path / "b": part}, tmp_path / "page.html")
    page = Page(tmp_path / "page.html")
    titles = [attributes.get("title", "") for _, attributes in page.elements]
    assert "torch 2.14.1 on cpu: not asked" in titles
    told = "held in the 1 of 3 cells that were asked" if change["deselected"] else "held"
    assert f"torch 2.14.1 on cpu: {told}" in titles


def test_what_was_planned_and_not_run_is_no_success(tmp_path: Path) -> None:
    lost = cat("int8")
    records = [fake.environment(), fake.plan([lost]), fake.spec("torch.cat"), fake.END]
    one = only(histories_of(columns(read(fake.write(tmp_path / "a", records)))))
    assert [square and square.verdict for square in one.squares] == [Verdict.NOT_RUN]


# --- from one to the next -----------------------------------------------------------------------------------------


def test_steps_tell_what_became_worse_and_better_of_what_both_were_asked(tmp_path: Path) -> None:
    before = [cat("int8"), cat("int16", "broken"), cat("int32"), cat("bool", "not run"), cat("float16")]
    after = [cat("int8", "broken"), cat("int16", "deviates"), cat("int32", "deviates"), cat("bool"), cat("int64")]
    (step,) = steps_of(columns(run(tmp_path, "2.13.0", before), run(tmp_path, "2.14.1", after)))
    assert step.both == 3
    assert [(move.better, str(move.verdict), move.operations) for move in step.moves] == [
        (False, "broken", (("torch.cat", 1),)),
        (False, "deviates", (("torch.cat", 1),)),
        (True, "deviates", (("torch.cat", 1),)),
    ]


def test_no_step_leads_from_one_device_to_another(tmp_path: Path) -> None:
    cuda = run(tmp_path, "2.14.1", [cat("int8", "broken", device="cuda")], ("cuda",))
    assert steps_of(columns(run(tmp_path, "2.13.0", [cat("int8")]), cuda)) == ()


# --- bars ---------------------------------------------------------------------------------------------------------


def test_bars_cover_the_versions_in_which_deviations_are_known(tmp_path: Path) -> None:
    old = run(tmp_path, "2.11.0", [cat("int8", "deviates", deviations=[known("a", ">=2.9,<2.13", gave="4")])])
    new = run(
        tmp_path,
        "2.14.1",
        [cat("int8", "deviates", deviations=[known("b", ">=2.14")], fixed=[known("a", ">=2.9,<2.13")])],
    )
    bars = bars_of(columns(old, new))
    assert bars.versions == ("2.9", "2.10", "2.11", "2.12", "2.13", "2.14") and bars.lasting == ()
    newest, oldest = bars.changing
    assert (newest.known.id, newest.spans) == ("b", (False,) * 5 + (True,))
    assert (oldest.known.id, oldest.spans) == ("a", (True,) * 4 + (False,) * 2)
    assert (newest.words, oldest.words) == ("came in 2.14, still there", "in 2.9 already, gone in 2.13")
    assert [[(mark.seen, mark.gave) for mark in marks] for marks in oldest.marks] == [
        *([], [], [(SHOWN, "4")], [], []),
        [(GONE, "")],
    ]


@pytest.mark.parametrize(
    ("versions", "minors"),
    [
        (">=2.9", ["2.9", "2.10", "2.11"]),
        (">=2.9.1", ["2.9", "2.10", "2.11"]),
        ("<2.10.1", ["2.9", "2.10"]),
        ("==2.10.*", ["2.10"]),
        ("!=2.10.*", ["2.9", "2.11"]),
        ("", []),
        ("always", []),
    ],
)
def test_a_range_covers_each_minor_version_that_has_a_release_in_it(
    tmp_path: Path, versions: str, minors: list[str]
) -> None:
    ends = [known("low", ">=2.9"), known("high", ">=2.11"), known("one", versions)]
    bars = bars_of(columns(run(tmp_path, "2.11.0", [cat("int8", "deviates", deviations=ends)])))
    bar = next(bar for bar in (*bars.changing, *bars.lasting) if bar.known.id == "one")
    assert [version for version, on in zip(bars.versions, bar.spans) if on] == minors
    if not minors:
        assert bar in bars.lasting and bar.words == "its versions are not told"


# --- the page -----------------------------------------------------------------------------------------------------


def test_the_command_takes_results_and_reports_and_links_to_the_reports(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("old", "new")]
    for folder, torch in zip(folders, ("2.13.0", "2.14.1")):
        folder.mkdir()
        records = fake.run_of([cat("int8")], fake.spec("torch.cat"))
        records[0] = fake.environment(torch=torch)
        fake.write(folder / "results.ndjson", records)
        made = CliRunner().invoke(main, ["report", str(folder / "results.ndjson")])
        assert made.exit_code == Status.KEPT, made.output
    given = [str(folders[0] / "report.html"), str(folders[1] / "results.ndjson"), str(folders[1] / "report.html")]
    page = tmp_path / "index.html"
    ended = CliRunner().invoke(main, ["history", *given, "--output", str(page)])
    assert ended.exit_code == Status.KEPT and ended.output == f"{page}\n"
    links = [one["href"] for one in Page(page).all("a")]
    assert [link for link in links if not link.startswith("#")] == ["old/report.html", "new/report.html"]
    assert CliRunner().invoke(main, ["history", "--output", str(page)]).exit_code == Status.WRONG_OPTION
    assert CliRunner().invoke(main, ["history", *given, "--output", str(folders[0])]).exit_code == Status.WRONG_OPTION


def test_the_committed_page_has_every_committed_report() -> None:
    """CONTRIBUTING.md names the command that makes it."""
    reports = Path(__file__).parents[2] / "reports"
    folders = sorted(path.name for path in reports.glob("torch-*") if (path / "report.html").is_file())
    links = {one["href"] for one in Page(reports / "index.html").all("a")}
    assert folders and {f"{name}/report.html" for name in folders} == {
        one for one in links if one.endswith("report.html")
    }


def test_hostile_text_stays_text(tmp_path: Path) -> None:
    hostile = known(HOSTILE, HOSTILE, reason=HOSTILE, link="javascript:alert(4)", witness=HOSTILE, gave=HOSTILE)
    cells = [
        {**cat("int8", "deviates", deviations=[hostile]), "operation": HOSTILE, "check": HOSTILE, "subject": HOSTILE}
    ]
    write_history({tmp_path / "a": run(tmp_path, "2.13.0", cells)}, tmp_path / "page.html")
    page = Page(tmp_path / "page.html")
    assert len(page.all("script")) == 1 and not page.all("img")
    assert not any(name.startswith("on") for _, attributes in page.elements for name in attributes)
    assert not any(one.get("href", "").startswith("javascript:") for _, one in page.elements)
