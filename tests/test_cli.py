"""The `conformance` command, run as its users run it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def conformance(*arguments: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "conformance", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


def test_list_names_every_spec_file():
    told = conformance("list")
    assert told.returncode == 0
    files = [path for path in (ROOT / "specs").rglob("*.py") if not path.name.startswith("_")]
    assert len(told.stdout.splitlines()) == len(files)
    assert "torch.cat " in told.stdout


def test_show_tells_everything_that_the_spec_says():
    told = conformance("show", "cat").stdout
    for part in (
        "torch.concatenate(tensors, dim)",
        "float16",
        "IndexError",
        "split undoes cat",
        "[refuted]",
        "bit for bit",
    ):
        assert part in told


def test_an_unknown_operation_is_one_line():
    told = conformance("show", "torch.dog")
    assert told.returncode == 2 and "no spec for 'torch.dog'" in told.stderr


def test_report_and_repro_work_from_a_results_file(checkout):
    checkout.spec(forms='Form("torch.neg(input) + 1")', dtypes='("float32",)')
    checkout.run()
    results_file = checkout.out / "results.ndjson"
    (checkout.out / "report.html").unlink()
    told = conformance("report", str(results_file), folder=checkout.root)
    assert told.returncode == 0 and Path(told.stdout.strip()).stat().st_size > 1000
    script = conformance("repro", str(results_file), "values[cpu-float32]", folder=checkout.root)
    assert script.returncode == 0
    assert script.stdout == next(checkout.out.glob("repro_*values*.py")).read_text()


@pytest.mark.parametrize(
    ("cell", "told"),
    [("values[cpu-int7]", "has no cell"), ("float32]", "fits"), ("support[cpu-int64]", "nothing to reproduce")],
)
def test_a_cell_that_cannot_be_reproduced_is_one_line(checkout, cell, told):
    checkout.spec()
    checkout.run()
    result = conformance("repro", str(checkout.out / "results.ndjson"), cell, folder=checkout.root)
    assert result.returncode == 2 and told in result.stderr and "Traceback" not in result.stderr


def test_a_file_that_holds_no_results_is_one_line(tmp_path):
    (tmp_path / "shopping.txt").write_text("eggs\n")
    told = conformance("report", "shopping.txt", folder=tmp_path)
    assert told.returncode == 2 and "Traceback" not in told.stderr
