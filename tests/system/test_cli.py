"""The `conformance` command, run as its users run it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from conformance import results
from conformance.results.model import Verdict
from conformance.results.status import Status
from conformance.spec.claims import sections_below
from tests import ROOT, SPECS, warm
from tests.system.checkout import finished


def conformance(*arguments: str | Path, folder: Path = ROOT) -> pytest.RunResult:
    """The command, ended; that it tells no traceback is asserted of every call."""
    done = finished([warm.python(), "-m", "conformance", *map(str, arguments)], folder)
    assert "Traceback" not in done.stderr.str()
    return done


def test_list_names_every_spec_file_and_the_sections_whose_claims_no_spec_has():
    told = conformance("list")
    assert told.ret == 0
    specs = len(list(SPECS.rglob("[!_]*.py")))
    assert len(told.outlines) == specs + len(sections_below(SPECS))
    assert all("specs/claims/" in line for line in told.outlines[specs:])
    assert any(line.startswith("torch.cat ") for line in told.outlines)


def test_show_tells_everything_that_the_spec_says():
    told = conformance("show", "cat").stdout.str()
    for part in (
        "torch.concatenate(tensors, dim)",
        "float16",
        "IndexError",
        "split undoes cat",
        "[refuted]",
        "bit for bit",
    ):
        assert part in told


@pytest.mark.parametrize(
    ("operation", "most_broken"), [("torch.hypot", 0), ("torch.nn.functional.hardswish", 4), ("torch.isneginf", 0)]
)
def test_the_draft_of_a_spec_runs(tmp_path, operation, most_broken):
    name = operation.rpartition(".")[2]
    made = conformance("new", operation, folder=tmp_path)
    assert made.ret == 0, made.stderr.str()
    again = conformance("new", operation, folder=tmp_path)
    assert again.ret == 4 and "there is such a file already" in again.stderr.str()
    options = ("--hypothesis-profile=quick", f"--report-dir={tmp_path}", "-k", "not modes")
    run = conformance("run", f"{name}.py", *options, folder=tmp_path)
    found = results.read(tmp_path / "results.ndjson")
    broken = [cell.id for cell in found.cells if cell.verdict.failed]
    assert run.ret == (1 if broken else 0) and len(broken) <= most_broken, broken
    assert found.counts[Verdict.HELD] >= 20


@pytest.mark.parametrize(
    ("operation", "told"),
    [
        ("torch.hypott", "this torch has no function 'torch.hypott'"),
        ("numpy.hypot", "this torch has no function 'numpy.hypot'"),
        ("torch.einsum", "takes no call of one to 3 tensors alone"),
    ],
)
def test_what_cannot_be_drafted_is_one_line(tmp_path, operation, told):
    made = conformance("new", operation, folder=tmp_path)
    assert made.ret == 4 and told in made.stderr.str() and not list(tmp_path.iterdir())
    assert len([line for line in made.errlines if "Error" in line]) == 1 and "Traceback" not in made.stderr.str()


def test_an_unknown_operation_is_one_line():
    told = conformance("show", "torch.dog")
    assert told.ret == Status.WRONG_OPTION and "no spec for 'torch.dog'" in told.stderr.str()


def test_report_and_repro_work_from_a_results_file(judged, tmp_path):
    results_file = shutil.copy(judged.out / "results.ndjson", tmp_path)
    told = conformance("report", results_file, folder=tmp_path)
    assert told.ret == 0 and Path(told.outlines[-1]).stat().st_size > 1000
    name = "small/everywhere.py::values[cpu-float32]"
    script = conformance("repro", judged.out / "results.ndjson", name, folder=judged.out.parent)
    assert script.ret == 0
    written = next(judged.out.glob("repro_*everywhere*values*float32.py")).read_text()
    assert script.outlines == written.splitlines()


@pytest.mark.parametrize(
    ("cell", "told"),
    [("values[cpu-int7]", "has no cell"), ("float32]", "fits"), ("support[cpu-int64]", "nothing to reproduce")],
)
def test_a_cell_that_cannot_be_reproduced_is_one_line(sound, cell, told):
    result = conformance("repro", sound.out / "results.ndjson", cell, folder=sound.out.parent)
    assert result.ret == Status.WRONG_OPTION and told in result.stderr.str()


def test_a_file_that_holds_no_results_is_one_line(tmp_path):
    (tmp_path / "shopping.txt").write_text("eggs\n")
    assert conformance("report", "shopping.txt", folder=tmp_path).ret == Status.WRONG_INPUT
