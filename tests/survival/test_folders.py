"""Report folders: two runs in one, folders that cannot be written, and those that can no longer be while a run goes on.
What was settled is kept, the verdict is told, and the exit status says whether torch or the suite is to blame."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

import pytest
from click.testing import CliRunner

from conformance.cli import gate as gate_commands
from conformance.cli.main import main
from conformance.files.folder import FolderError, ReportFolder
from conformance.plugin.recorder import script_name
from conformance.results import read, verdict_line
from conformance.results.status import Status
from tests import fake_results as fake
from tests.needs import applies
from tests.system.checkout import PLUGIN

ONCE = """
import os

planted = []


def pytest_runtest_logreport(report):
    if report.when == "call" and not planted:
        planted.append(report)
"""

SMALL = {"dtypes": '("float32",)'}


def plant(checkout, name, code):
    """A plugin of pytest that does something once, when the first cell of a run has its answer."""
    (checkout.root / f"{name}.py").write_text(ONCE + textwrap.indent(code, "        "))
    return "-p", name


def told_in_one_line(run, words):
    assert [line for line in run.stderr.lines if line] == run.stderr.lines[:1] and words in run.stderr.lines[0]
    run.stdout.no_fnmatch_line("*collect*")


# --- two runs at once ---------------------------------------------------------------------------------------------

SECOND = """
import json, subprocess
done = subprocess.run({command}, capture_output=True, text=True)
json.dump([done.returncode, done.stdout, done.stderr], open("second.json", "w"))
"""


def test_a_second_run_in_the_folder_gets_one_line_and_the_first_loses_nothing(checkout):
    checkout.spec(**SMALL)
    command = [sys.executable, "-m", "pytest", *PLUGIN, "specs", "--report-dir=out", "-k", "values"]
    run = checkout.run(*plant(checkout, "second", SECOND.format(command=command)), "-k", "values or memory")
    status, stdout, stderr = json.loads((checkout.root / "second.json").read_text())
    assert status == Status.WRONG_OPTION and "collect" not in stdout
    assert stderr.strip().count("\n") == 0 and "another run writes there" in stderr
    assert run.ret == Status.KEPT and b"\0" not in (run.out / "results.ndjson").read_bytes()
    assert {cell.verdict for cell in run.results.cells} == {"held"} and len(run.results.cells) == 2
    assert checkout.run("-k", "values").ret == Status.KEPT  # the first has left it


def test_a_command_leaves_its_folder_to_the_next_and_removes_what_it_made_in_vain(tmp_path):
    folder = tmp_path / "reports" / "latest"
    first = ReportFolder(folder, ["results.ndjson"])
    with pytest.raises(FolderError, match="another run writes there"):
        ReportFolder(folder, [])
    first.release()
    assert not folder.exists()
    second = ReportFolder(folder, [])
    (folder / "results.ndjson").touch()
    second.release()
    assert (folder / "results.ndjson").exists()


# --- tried before the work begins ---------------------------------------------------------------------------------


def a_file(root):
    (root / "out").write_text("in the way")
    return "out"


def below_a_file(root):
    return f"{a_file(root)}/below"


def a_page_that_is_a_folder(root):
    (root / "out" / "report.html").mkdir(parents=True)
    return "out"


def too_long(root):
    return "long" * 100


@pytest.mark.parametrize("planted", [a_file, below_a_file, a_page_that_is_a_folder, too_long])
def test_a_folder_that_cannot_be_written_is_told_before_anything_is_collected(checkout, collect, planted):
    checkout.spec(**SMALL)
    run = collect(f"--report-dir={planted(checkout.root)}")
    assert run.ret == Status.WRONG_OPTION
    told_in_one_line(run, "cannot be written")


@pytest.mark.parametrize("command", ["gate --baseline=this --candidate=this cat", "compare run run"])
def test_a_second_gate_in_the_folder_gets_one_line(tmp_path, monkeypatch, command):
    monkeypatch.chdir(tmp_path)
    fake.write(Path("run"), fake.run_of([fake.cell("torch.cat", "values", "int8")]))
    first = ReportFolder(Path("out"), [])
    told = CliRunner().invoke(main, [*command.split(), "--report-dir=out"])
    first.release()
    assert told.exit_code == Status.WRONG_OPTION and "another run writes there" in told.output


@pytest.mark.parametrize("planted", [a_file, too_long])
def test_the_gate_tells_it_before_it_asks_anybody(tmp_path, planted):
    out = str(tmp_path / planted(tmp_path))
    told = CliRunner().invoke(main, ["gate", "--baseline=this", "--candidate=this", "--report-dir", out, "cat"])
    assert told.exit_code == Status.WRONG_OPTION and "cannot be written" in told.output


READ_ONLY = """
import os, sys
from pathlib import Path
from conformance.files.folder import FolderError, ReportFolder

if os.geteuid() == 0:
    os.seteuid(65534)
try:
    ReportFolder(Path(sys.argv[1]), ["results.ndjson"])
except FolderError as error:
    print(error)
"""


def test_a_read_only_folder_is_told():
    applies(hasattr(os, "geteuid"), "folders have such rights where there are users of Unix")
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(stat.S_IRUSR | stat.S_IXUSR | stat.S_IROTH | stat.S_IXOTH)
        command = [sys.executable, "-c", READ_ONLY, name]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        assert done.stdout.startswith(f"{name}: cannot be written: Permission denied; name another folder")
        Path(name).chmod(stat.S_IRWXU)


LIMITED = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, ({bytes}, {bytes}))
from conformance.cli.main import main
main(["run", "specs", "--report-dir=out"])
"""


@pytest.mark.parametrize(
    ("limit", "status", "told"),
    [
        (1 << 15, Status.WRONG_OPTION, "out: cannot be written: File too large"),
        (0, Status.SUITE_FAILED, "the suite failed, which says nothing of torch"),  # pytest itself cannot begin
    ],
)
def test_a_limit_of_the_size_of_files_is_told(checkout, limit, status, told):
    applies(sys.platform != "win32", "there are such limits on Unix")
    checkout.spec(**SMALL)
    command = [sys.executable, "-c", LIMITED.format(bytes=limit)]
    done = subprocess.run(command, cwd=checkout.root, capture_output=True, text=True)
    assert done.returncode == status, done.stderr
    assert told in done.stderr and done.stderr.strip().count("\n") == 0 and "collect" not in done.stdout


# --- while the run goes on ----------------------------------------------------------------------------------------

LIMIT = """
import resource
size = os.path.getsize("out/results.ndjson") + {more}
resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
"""


def test_when_nothing_more_can_be_written_what_is_settled_is_kept_and_the_verdict_told(checkout):
    applies(sys.platform != "win32", "there are such limits on Unix")
    checkout.spec(**SMALL)
    run = checkout.run(*plant(checkout, "full", LIMIT.format(more=100)), "-k", "values or memory or determinism")
    assert run.ret == Status.SUITE_FAILED
    run.stdout.fnmatch_lines(
        ["INCOMPLETE: *3 held*the suite failed: *results.ndjson: cannot be written: File too large*"]
    )
    run.stdout.no_fnmatch_line("*Traceback*")
    kept = run.results
    assert kept.counts["held"] == 1 and kept.counts["not run"] == 2 and kept.incomplete
    assert not (run.out / "report.html").exists()  # nor one of a run before


def test_a_report_that_cannot_be_written_keeps_no_verdict_back(checkout):
    applies(sys.platform != "win32", "there are such limits on Unix")
    checkout.spec(**SMALL)
    run = checkout.run(*plant(checkout, "full", LIMIT.format(more=8000)), "-k", "values or memory or determinism")
    assert run.ret == Status.SUITE_FAILED == run.results.end.exit_status
    assert run.results.counts["held"] == 3
    assert verdict_line(run.results) in run.stdout.lines
    run.stdout.fnmatch_lines(["*the suite failed: *report.html: cannot be written: File too large*"])
    run.stdout.no_fnmatch_line("*Traceback*")


REMOVED = """
import shutil
shutil.rmtree("out")
"""


def test_results_that_were_removed_meanwhile_are_written_again(checkout):
    applies(sys.platform != "win32", "Windows removes no file that is written")
    checkout.spec(**SMALL)
    run = checkout.run(*plant(checkout, "removed", REMOVED), "-k", "values or memory")
    assert run.ret == Status.KEPT == run.results.end.exit_status
    assert run.results.counts["held"] == 2 and (run.out / "report.html").exists()


def test_a_disk_that_was_full_for_a_while_costs_nothing(checkout):
    applies(Path("/dev/full").exists(), "there is a device that is always full on Linux")
    checkout.spec(**SMALL)
    (checkout.root / "out").mkdir()
    (checkout.root / "out" / "results.ndjson").symlink_to("/dev/full")
    run = checkout.run("-k", "values or memory")
    assert not (run.out / "results.ndjson").is_symlink()  # to read the device never ends
    assert run.ret == Status.KEPT == run.results.end.exit_status and run.results.counts["held"] == 2


def test_the_gate_tells_its_decision_though_its_files_cannot_be_written(tmp_path, monkeypatch):
    def full(comparison, folder):
        raise OSError(28, "No space left on device", str(folder / "gate.html"))

    monkeypatch.setattr(gate_commands, "write_all", full)
    run = fake.write(tmp_path / "run", fake.run_of([fake.cell("torch.cat", "values", "int8")]))
    told = CliRunner().invoke(main, ["compare", str(run), str(run), "--report-dir", str(tmp_path / "out")])
    assert told.exit_code == Status.SUITE_FAILED
    assert "SAFE: torch" in told.output and "gate.html: No space left on device" in told.output


@pytest.mark.parametrize("spec", ["a/b.py", "é" * 100 + ".py"])
def test_the_script_of_a_cell_has_a_name_that_file_systems_take(tmp_path, spec):
    names = {script_name(f"specs/{spec}::claims[cpu-{'a claim of many words ' * 40}{end}]") for end in "xy"}
    assert len(names) == 2
    for name in names:
        (tmp_path / name).write_text("")


def test_merging_needs_a_place_for_the_whole(tmp_path):
    shard = str(fake.write(tmp_path / "shard", fake.run_of([fake.cell("torch.cat", "values", "int8")])))
    told = CliRunner().invoke(main, ["merge", shard, "--output", str(tmp_path / "shard" / "whole")])
    assert told.exit_code == Status.WRONG_OPTION and "cannot be written" in told.output
    assert read(Path(shard)).end is not None
