"""The results file: what is written comes back, what is damaged is named, and nothing incomplete looks complete."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from conformance import results
from conformance.results import Results, ResultsError, Writer, read, verdict_line
from conformance.results.durations import durations
from conformance.results.file import not_run
from conformance.results.model import Evidence, Failure, FailureKind, SampleText
from tests import fake_results as fake


def read_run(path: Path, cells: list[fake.Record], *others: fake.Record) -> Results:
    return read(fake.write(path / "run.jsonl", fake.run_of(cells, *others)))


def broken(sample: SampleText) -> Failure:
    return Failure(kind=FailureKind.VALUES, message="wrong", sample=sample)


def complaint(path: Path) -> str:
    """The message with which a file is refused: one line that names the file."""
    with pytest.raises(ResultsError) as caught:
        read(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ") and "\n" not in message
    return message


# --- round trip ---------------------------------------------------------------------------------------------------


def test_a_realistic_run_comes_back(tmp_path: Path) -> None:
    records = fake.realistic()
    run = read(fake.write(tmp_path / "run.jsonl", records))
    written = {record["id"]: record for record in records if record["type"] == "cell"}
    assert len(run.planned) == len(run.cells) > 1000
    for cell in run.cells:
        if cell.verdict == results.Verdict.NOT_RUN:
            assert cell.id not in written
            continue
        record = written[cell.id]
        assert (cell.verdict, cell.message) == (record["verdict"], (record["failure"] or {}).get("message", ""))
        assert cell.evidence.comparisons == record["evidence"]["comparisons"]
        assert list(cell.evidence.layouts) == record["evidence"].get("layouts", [])
    topk = next(cell for cell in run.cells if cell.id == "specs/statistics/topk.py::values[cpu-float32]")
    assert topk.failure is not None and topk.failure.sample is not None
    assert topk.failure.sample.data == written[topk.id]["failure"]["sample"]["data"]
    claims = {claim.name: claim for spec in run.specs for claim in spec.claims}
    assert claims["cat-copies"].contradicts == "cat-may-share"
    assert run.end is not None and run.end.seconds == 61.2


def test_cells_come_in_the_order_of_the_plan(tmp_path: Path) -> None:
    first, second = fake.cell("torch.cat", "values", "int8"), fake.cell("torch.cat", "values", "int16")
    path = fake.write(tmp_path / "run.jsonl", [fake.environment(), fake.plan([first, second]), second, first, fake.END])
    assert [cell.subject for cell in read(path).cells] == ["int8", "int16"]


@pytest.mark.parametrize("worst", ["inf", "nan"])
def test_a_worst_error_that_is_not_finite_is_still_json(tmp_path: Path, worst: str) -> None:
    cell = fake.cell("torch.norm", "values", "float32", evidence={"comparisons": 1, "worst_ulp": worst})
    run = read_run(tmp_path, [cell])
    assert str(run.cells[0].evidence.worst) == worst


def test_each_record_is_in_the_file_as_soon_as_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "run.jsonl"
    with Writer(path) as writer:
        for count, record in enumerate(fake.run_of([fake.cell("torch.cat", "values", "int8")]), 1):
            writer.write(fake.typed(record))
            content = path.read_bytes()
            assert content.endswith(b"\n") and content.count(b"\n") == count


def test_text_of_any_kind_stays_on_its_line(tmp_path: Path) -> None:
    nasty = "two\nlines\u2028and\x00a lone \ud800 surrogate"
    run = read_run(tmp_path, [fake.cell("torch.cat", "values", "int8", "broken", message=nasty)])
    assert run.cells[0].message == nasty


# --- what the writer refuses --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"verdict": "passed"}, "field verdict"),
        ({"evidence": Evidence(comparisons=-1)}, "field evidence.comparisons"),
        ({"evidence": Evidence(worst_ulp=math.inf)}, "is not JSON"),
        ({"failure": broken(SampleText(text="x = 1", data=object()))}, "is not JSON"),
    ],
)
def test_a_wrong_record_is_refused_and_leaves_no_trace(tmp_path: Path, changes: Any, words: str) -> None:
    path = tmp_path / "run.jsonl"
    with Writer(path) as writer:
        writer.write(fake.typed(fake.environment()))
        before = path.read_bytes()
        with pytest.raises(ResultsError, match=words):
            writer.write(replace(fake.typed(fake.cell("torch.cat", "values", "int8")), **changes))
        assert path.read_bytes() == before


def test_a_file_that_cannot_be_written_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ResultsError, match="cannot be written"):
        Writer(tmp_path / "file" / "run.jsonl")


def test_nothing_follows_a_half_written_line(tmp_path: Path) -> None:
    """A disk that fills up in the middle of a line: the file stays readable, and the writer takes no more."""
    path = tmp_path / "run.jsonl"
    writer = Writer(path)
    cell = fake.cell("torch.cat", "values", "int8")
    writer.write(fake.typed(fake.environment()))
    writer.write(fake.typed(fake.plan([cell])))
    real = writer._file

    class FullDisk:
        """Takes ten bytes more, then fails."""

        def write(self, line: bytes) -> int:
            real.write(line[:10])
            raise OSError(28, "No space left on device")

        def close(self) -> None:
            real.close()

    writer._file = FullDisk()  # type: ignore[assignment]
    with pytest.raises(ResultsError, match="No space left"):
        writer.write(fake.typed(cell))
    assert real.closed
    assert read(path).torn


# --- torn, foreign, newer -----------------------------------------------------------------------------------------


def test_a_torn_last_line_is_left_out_and_said(tmp_path: Path) -> None:
    cells = [fake.cell("torch.cat", "values", dtype) for dtype in ("int8", "int16")]
    path = fake.write(tmp_path / "run.jsonl", fake.run_of(cells)[:-1])
    content = path.read_bytes()
    for cut in (1, 2, 40):
        path.write_bytes(content[:-cut])
        run = read(path)
        whole = cut == 1  # only the line break is missing, so nothing is lost
        assert run.torn is not whole
        assert run.counts[results.Verdict.NOT_RUN] == (0 if whole else 1)
        assert run.incomplete and verdict_line(run).startswith("INCOMPLETE")
        assert ("its last line is cut off" in verdict_line(run)) is not whole


def test_every_place_to_cut_gives_a_run_or_one_clear_error(tmp_path: Path) -> None:
    path = fake.write(tmp_path / "run.jsonl", fake.run_of([fake.cell("torch.cat", "values", "int8")]))
    content = path.read_bytes()
    first = content.index(b"\n")
    for cut in range(len(content) - 1):
        path.write_bytes(content[:cut])
        if cut < first:
            assert complaint(path)
        else:
            assert read(path).incomplete


def test_a_missing_file() -> None:
    assert "there is no such file" in complaint(Path("no/such/run.jsonl"))


def test_a_folder_in_place_of_a_file(tmp_path: Path) -> None:
    assert "cannot be read" in complaint(tmp_path)


@pytest.mark.parametrize("content", [b"", b"\n\n", b"   "])
def test_an_empty_file(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "run.jsonl"
    path.write_bytes(content)
    assert "is empty" in complaint(path)


@pytest.mark.parametrize(
    "content",
    [
        b"<html>\n</html>\n",
        b"\x80\x04\x95 a pickle \xff\n\x00\n",
        b'{"tests": 3}\n',
        b'["environment", 1]\n',
        b'{"type": "environment"}\n',
        b"no line break at all",
    ],
)
def test_a_foreign_file(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "run.jsonl"
    path.write_bytes(content)
    assert "is not a results file" in complaint(path)


def test_a_newer_schema(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    newer = {**fake.environment(), "schema": 5, "torch": {"now": "an object"}}
    path.write_text(json.dumps(newer) + '\n{"type": "something new"}\n')
    message = complaint(path)
    assert "schema 5" in message and "reads up to 4" in message and "upgrade" in message


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b"{half", "line 3 is damaged"),
        (b'{"type": "remark"}', "line 3: no record of type"),
        (b'{"type": "end", "exit_status": "0", "seconds": 1, "errors": []}', "line 3: end record, field exit_status"),
        (b'{"type": "end", "exit_status": 0, "seconds": NaN}', "line 3 is damaged"),
    ],
)
def test_a_damaged_line_in_the_middle_is_named(tmp_path: Path, line: bytes, words: str) -> None:
    cell = fake.cell("torch.cat", "values", "int8")
    path = fake.write(tmp_path / "run.jsonl", fake.run_of([cell]))
    lines = path.read_bytes().split(b"\n")
    path.write_bytes(b"\n".join([*lines[:2], line, *lines[2:]]))
    assert words in complaint(path)


def test_two_runs_in_one_file_are_refused(tmp_path: Path) -> None:
    run = fake.run_of([fake.cell("torch.cat", "values", "int8")])
    path = fake.write(tmp_path / "run.jsonl", [*run, *run])
    assert "a second environment record" in complaint(path)


# --- counting -----------------------------------------------------------------------------------------------------


def test_planned_cells_without_a_record_are_not_run(tmp_path: Path) -> None:
    cells = [fake.cell("torch.cat", "values", dtype) for dtype in ("int8", "int16", "int32")]
    records = [fake.environment(), fake.plan(cells), fake.spec("torch.cat"), cells[1], fake.END]
    run = read(fake.write(tmp_path / "run.jsonl", records))
    assert run.counts[results.Verdict.NOT_RUN] == 2 and run.counts[results.Verdict.HELD] == 1
    missing = run.cells[0]
    assert (missing.operation, missing.check, missing.device, missing.subject) == ("torch.cat", "values", "cpu", "int8")
    assert missing.evidence.comparisons == 0


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("specs/x/y.py::claims[cuda:0-a-claim-with-dashes]", ("claims", "cuda:0", "a-claim-with-dashes")),
        ("specs/x/y.py::values[cpu-odd]name]", ("values", "cpu", "odd]name")),
        ("something else", ("?", "?", "?")),
    ],
)
def test_what_a_cell_that_was_not_run_is_about(name: str, parts: tuple[str, str, str]) -> None:
    cell = not_run(name, {})
    assert (cell.check, cell.device, cell.subject) == parts
    assert cell.verdict == results.Verdict.NOT_RUN and cell.id == name


def test_a_cell_that_was_run_again_keeps_its_graver_verdict(tmp_path: Path) -> None:
    good = fake.cell("torch.cat", "values", "int8")
    bad = fake.cell("torch.cat", "values", "int8", "broken")
    for order in ([good, bad], [bad, good]):
        run = read(fake.write(tmp_path / "run.jsonl", [fake.environment(), fake.plan([good]), *order, fake.END]))
        assert run.counts[results.Verdict.BROKEN] == 1 and len(run.cells) == 1


def test_a_cell_outside_the_plan_counts_too(tmp_path: Path) -> None:
    planned, other = fake.cell("torch.cat", "values", "int8"), fake.cell("torch.cat", "values", "int16", "broken")
    run = read(fake.write(tmp_path / "run.jsonl", [fake.environment(), fake.plan([planned]), planned, other, fake.END]))
    assert len(run.cells) == 2 and run.broken


# --- the verdict line ---------------------------------------------------------------------------------------------


def line_of(path: Path, *verdicts: str, deselected: int = 0, exit_status: int = 0, missing: int = 0) -> str:
    """The verdict line of a run with one cell for each verdict, and some planned cells of which nothing is heard."""
    cells = [fake.cell("torch.cat", "values", f"dtype{place}", verdict) for place, verdict in enumerate(verdicts)]
    plan = {**fake.plan(cells, *(f"specs/x.py::values[cpu-lost{n}]" for n in range(missing))), "deselected": deselected}
    end = {**fake.END, "exit_status": exit_status}
    return verdict_line(read(fake.write(path / "run.jsonl", [fake.environment(), plan, *cells, end])))


def test_the_line_of_a_full_success(tmp_path: Path) -> None:
    assert line_of(tmp_path, "held", "held", "deviates", "deviates", "unsupported") == (
        "torch 2.13.0+cpu keeps its contracts on cpu: 2 cells held, 2 deviate as known, "
        "1 unsupported as the spec says; 0 broken, 0 crashed, 0 vacuous, 0 not run; 50 comparisons"
    )
    assert "1 cell held, 1 deviates as known," in line_of(tmp_path, "held", "deviates")


@pytest.mark.parametrize(
    ("verdict", "words"), [("broken", "1 cell broken, 0 crashed"), ("crashed", "0 cells broken, 1 crashed")]
)
def test_the_line_of_a_broken_run(tmp_path: Path, verdict: str, words: str) -> None:
    line = line_of(tmp_path, "held", verdict, exit_status=1)
    assert line.startswith(
        f"BROKEN: torch 2.13.0+cpu does not keep its contracts on cpu: {words}, 0 vacuous, 0 not run; 1 held"
    )


def test_the_line_of_a_vacuous_cell(tmp_path: Path) -> None:
    line = line_of(tmp_path, "held", "vacuous", exit_status=1)
    assert line.startswith(
        "INCOMPLETE: torch 2.13.0+cpu is not fully examined on cpu: 0 cells broken, 0 crashed, 1 vacuous"
    )


def test_the_line_of_cells_that_were_not_run(tmp_path: Path) -> None:
    line = line_of(tmp_path, "held", missing=3)
    assert line.startswith("INCOMPLETE") and "3 not run" in line
    assert line_of(tmp_path, "held", "not run").startswith("INCOMPLETE")


def test_the_line_of_a_run_both_broken_and_incomplete(tmp_path: Path) -> None:
    assert line_of(tmp_path, "broken", "vacuous").startswith("BROKEN, INCOMPLETE: ")


def test_no_verdict_is_lost_from_the_line(tmp_path: Path) -> None:
    line = line_of(tmp_path, *results.Verdict)
    for words in ("1 cell broken", "1 crashed", "1 vacuous", "1 not run", "1 held", "1 deviates", "1 unsupported"):
        assert words in line


def test_a_run_without_cells_is_no_success(tmp_path: Path) -> None:
    line = line_of(tmp_path)
    assert line.startswith("INCOMPLETE") and line.endswith("no cell was planned")


def test_a_run_that_did_not_end_is_no_success(tmp_path: Path) -> None:
    run = read(fake.write(tmp_path / "run.jsonl", fake.run_of([fake.cell("torch.cat", "values", "int8")])[:-1]))
    assert verdict_line(run).startswith("INCOMPLETE") and verdict_line(run).endswith("the run did not end")


def test_a_run_that_pytest_gave_up_is_no_success(tmp_path: Path) -> None:
    assert line_of(tmp_path, "held", exit_status=2).endswith("pytest ended with exit status 2")


def test_deselected_cells_are_said(tmp_path: Path) -> None:
    assert line_of(tmp_path, "held", deselected=1200).endswith("; 1,200 deselected")
    assert "deselected" not in line_of(tmp_path, "held")


def test_devices_and_large_numbers_are_written_out(tmp_path: Path) -> None:
    cell = fake.cell("torch.cat", "values", "int8", evidence={"comparisons": 1234567})
    records = [fake.environment(devices=["cpu", "cuda"]), fake.plan([cell]), cell, fake.END]
    line = verdict_line(read(fake.write(tmp_path / "run.jsonl", records)))
    assert "on cpu and cuda:" in line and line.endswith("1,234,567 comparisons")


# --- what it needs ------------------------------------------------------------------------------------------------


def test_results_and_report_need_neither_torch_nor_pytest_nor_specs() -> None:
    program = (
        "import sys, conformance.results, conformance.report\n"
        "print(sorted({name.partition('.')[0] for name in sys.modules} & {'torch', 'pytest', 'hypothesis', 'specs'}))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# --- how long the specs took --------------------------------------------------------------------------------------


def test_the_parts_of_a_spec_that_workers_shared_out_are_one_duration_and_the_longest_comes_first(
    tmp_path: Path,
) -> None:
    cells = [fake.cell(operation, "values", "int8") for operation in ("torch.cat", "torch.topk", "torch.norm")]
    sweeps = [
        fake.sweep("torch.cat", 1.0, 3.0),
        fake.sweep("torch.topk", 4.0, 2.0),
        fake.sweep("torch.cat", 3.5, 0.5),
        fake.sweep("torch.cat", 0.25, 0.25, device="cuda"),
    ]
    run = read_run(tmp_path, cells, *sweeps)
    found = [(one.operation, one.device, one.seconds, one.cpu_seconds) for one in durations(run.sweeps)]
    assert found == [("torch.cat", "cpu", 4.5, 3.5), ("torch.topk", "cpu", 4.0, 2.0), ("torch.cat", "cuda", 0.25, 0.25)]


def test_a_file_of_the_second_schema_says_nothing_of_durations(tmp_path: Path) -> None:
    cell = fake.cell("torch.cat", "values", "int8")
    older = [{**fake.environment(), "schema": 2}, fake.plan([cell]), cell, fake.END]
    run = read(fake.write(tmp_path / "run.jsonl", older))
    assert run.sweeps == () and not run.incomplete


# --- the first schema ---------------------------------------------------------------------------------------------


def test_a_file_of_the_first_schema_is_read_with_its_prose_as_fields(tmp_path: Path) -> None:
    known = fake.DEVIATION
    notes = [
        "dim past the end: IndexError",
        "gain: bool is taken, the spec does not ask for it",
        f"known deviation {known['id']}: {known['witness']} gave 400",
        "asked of one sample in 4",
    ]
    parts = {"id": "a.py::values[cpu-int8]", "file": "a.py", "operation": "torch.cat", "check": "values"}
    cell: dict[str, Any] = {
        "type": "cell",
        **parts,
        "device": "cpu",
        "subject": "int8",
        "verdict": "broken",
        "message": "two wrong",
    }
    cell |= {"call": "torch.cat(tensors)", "sample": {"text": "dim = 1", "data": None}, "repeats": False}
    cell |= {"deviations": [known], "evidence": {"comparisons": 3, "notes": notes}}
    lines = [{**fake.environment(), "schema": 1}, {"type": "plan", "cells": [cell["id"]]}, cell, fake.END]
    path = tmp_path / "old.ndjson"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    found = read(path).cells[0]
    assert found.failure is not None and found.failure.sample is not None
    assert (found.message, found.failure.call, found.failure.repeats) == ("two wrong", "torch.cat(tensors)", False)
    assert found.evidence.refusals == {"dim past the end": "IndexError"} and found.evidence.gain
    assert found.evidence.notes == ("asked of one sample in 4",) and found.deviations[0].gave == "400"
