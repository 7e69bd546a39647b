"""Exit statuses are a contract (docs/exit-statuses.md): each row of the table, and that no crash reads as a verdict."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from conformance.cli.main import main
from conformance.results import verdict_line
from conformance.results.status import Status
from tests import ROOT
from tests import fake_results as fake
from tests.system.checkout import finished

# --- the page -----------------------------------------------------------------------------------------------------


def test_the_page_has_every_status():
    rows = re.findall(r"^\| (\d) \| ([^|]+) \|", (ROOT / "docs" / "exit-statuses.md").read_text(), re.MULTILINE)
    assert [int(number) for number, _ in rows] == list(Status)
    for (_, words), status in zip(rows, Status):
        assert words.startswith(status.name.lower().replace("_", " ").replace("suite", "the suite"))


# --- run ----------------------------------------------------------------------------------------------------------

FAILS = """
from conformance.plugin.runner import Runner


def fails(*_):
    raise RuntimeError("planted")


Runner.sweep = fails
"""

ENDS = """
import pytest


def pytest_runtest_logreport(report):
    if report.when == "call":
        raise {error}
"""

VACUOUS = '(Refusal("never tried", "torch.neg()", TypeError, when="False"),)'

RUNS = {
    "kept": (Status.KEPT, {}, (), "torch * keeps the part of its contracts that was asked*"),
    "broken": (Status.BROKEN, {"forms": '(Form("torch.abs(input)"),)'}, (), "BROKEN: *"),
    "a wrong spec": (Status.WRONG_INPUT, {"forms": '(Form("torch.neg("),)'}, (), "*is no Python expression*"),
    "interrupted": (Status.WRONG_INPUT, {}, ("-p", "ends", "KeyboardInterrupt()"), "INCOMPLETE: *exit status 2*"),
    "the suite failed": (Status.SUITE_FAILED, {}, ("-p", "fails"), "INCOMPLETE: *the suite failed: *planted*"),
    "pytest failed": (Status.SUITE_FAILED, {}, ("-p", "ends", "ValueError('planted')"), "INCOMPLETE: *ValueError*"),
    "a wrong option": (Status.WRONG_OPTION, {}, ("--shard=9/8",), None),
    "nothing": (Status.NOTHING, {}, ("-k", "absent"), "*deselected*"),
    "incomplete": (Status.INCOMPLETE, {"refusals": VACUOUS}, ("-k", "refusals"), "INCOMPLETE: *1 vacuous*"),
}


@pytest.mark.parametrize("name", RUNS)
def test_the_statuses_of_a_run(checkout, name):
    status, changes, given, told = RUNS[name]
    options = list(given)
    if "ends" in options:
        (checkout.root / "ends.py").write_text(ENDS.format(error=options.pop()))
    (checkout.root / "fails.py").write_text(FAILS)
    checkout.spec("neg", dtypes='("float32",)', **changes)
    run = checkout.run(*(options if "-k" in options else ("-k", "values", *options)))
    assert run.ret == status
    if told is not None:
        run.stdout.fnmatch_lines([told])
    if (run.out / "results.ndjson").exists():
        assert run.results.end.exit_status == status and verdict_line(run.results) in run.stdout.lines


@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_run_in_which_the_suite_fails_says_so_whatever_else_is_broken(checkout, workers):
    checkout.spec("abs", "torch.abs(input)", dtypes='("float32",)')
    checkout.spec("neg", dtypes='("float32",)')
    fails = FAILS.replace("def fails(*_):", "sweep = Runner.sweep\n\n\ndef fails(runner, path, *others):").replace(
        "    raise", "    if path.stem == 'abs':\n        return sweep(runner, path, *others)\n    raise"
    )
    (checkout.root / "fails.py").write_text(fails)
    run = checkout.run("-p", "fails", "-n", workers, "-k", "values")
    assert run.ret == Status.SUITE_FAILED == run.results.end.exit_status
    run.stdout.fnmatch_lines(["BROKEN, INCOMPLETE: *the suite failed: *neg.py*RuntimeError: planted*"])


def test_other_tests_that_fail_are_told_apart_from_torch(checkout):
    checkout.spec(dtypes='("float32",)')
    (checkout.root / "other.py").write_text(
        "import pytest\n\n\ndef pytest_collection_modifyitems(session, items):\n"
        "    parent = pytest.Module.from_parent(session, path=session.config.rootpath / 'test_other.py')\n"
        "    items.append(next(iter(parent.collect())))\n"
    )
    (checkout.root / "test_other.py").write_text("def test_values():\n    assert False\n")
    run = checkout.run("-p", "other", "-k", "values")
    assert run.ret == Status.BROKEN
    run.stdout.fnmatch_lines(
        ["torch * keeps the part of its contracts that was asked*", "other tests of this run failed, *"]
    )


# --- the other commands -------------------------------------------------------------------------------------------


def called(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


CELL = fake.cell("torch.cat", "values", "int8")


@pytest.fixture
def made(tmp_path, monkeypatch):
    """Files to give to commands, in the current folder."""
    monkeypatch.chdir(tmp_path)
    broken = {**fake.failed(CELL, "broken", kind="wrong values", message="wrong"), "id": CELL["id"]}
    fake.write(Path("held"), fake.run_of([CELL]))
    fake.write(Path("broken"), fake.run_of([broken]))
    fake.write(Path("nothing"), [fake.environment(), fake.plan([]), fake.END])
    fake.write(Path("cut"), fake.run_of([CELL])[:-1])
    for name, cell, number in (("first", CELL, 1), ("bad", broken, 1)):
        records = fake.run_of([cell])
        records[1]["shard"] = {"number": number, "of": 1, "plan": [CELL["id"]]}
        fake.write(Path(name), records)
    records = fake.run_of([CELL])
    records[1]["shard"] = {"number": 1, "of": 2, "plan": [CELL["id"], CELL["id"].replace("int8", "int16")]}
    fake.write(Path("half"), records)
    Path("text").write_text("hello\n")
    Path("bad_spec.py").write_text("raise SystemExit(1)\n")
    Path("ends.py").write_text("spec = None\n")


COMMANDS = [
    ("compare held held", Status.KEPT),
    ("compare held broken", Status.BROKEN),
    ("compare held text", Status.WRONG_INPUT),
    ("compare held held --accepted text", Status.WRONG_INPUT),
    ("compare held absent", Status.WRONG_OPTION),
    ("compare held held --colour", Status.WRONG_OPTION),
    ("compare nothing nothing", Status.NOTHING),
    ("compare held cut", Status.INCOMPLETE),
    ("gate --baseline this --candidate absent", Status.WRONG_OPTION),
    ("gate --baseline this --candidate this --accepted text", Status.WRONG_INPUT),
    ("gate --baseline this --candidate this --patience nan", Status.WRONG_OPTION),
    ("merge first --output whole", Status.KEPT),
    ("merge bad --output whole", Status.BROKEN),
    ("merge text --output whole", Status.WRONG_INPUT),
    ("merge held --output whole", Status.WRONG_INPUT),
    ("merge first --output first", Status.WRONG_OPTION),
    ("merge half --output whole", Status.INCOMPLETE),
    ("report held", Status.KEPT),
    ("report broken", Status.KEPT),
    ("report text", Status.WRONG_INPUT),
    ("report held --mutation text", Status.WRONG_INPUT),
    ("report held --output text/page", Status.WRONG_OPTION),
    ("certify held", Status.KEPT),
    ("certify broken", Status.BROKEN),
    ("certify cut", Status.INCOMPLETE),
    ("certify nothing", Status.INCOMPLETE),
    ("certify half", Status.WRONG_INPUT),
    ("certify text", Status.WRONG_INPUT),
    ("certify held --drafts text/drafts", Status.WRONG_OPTION),
    ("list --torches", Status.KEPT),
    ("repro text cell", Status.WRONG_INPUT),
    ("repro held absent", Status.WRONG_OPTION),
    ("list", Status.KEPT),
    ("list bad_spec.py", Status.WRONG_INPUT),
    ("list torch.dog", Status.WRONG_OPTION),
    ("show cat", Status.KEPT),
    ("show cat --specs ends.py", Status.WRONG_INPUT),
    ("show torch.dog", Status.WRONG_OPTION),
    ("device cpu", Status.KEPT),
    ("device abacus", Status.WRONG_OPTION),
    ("device cpu --import no_such_module", Status.WRONG_OPTION),
    ("device cpu --device-profile held", Status.WRONG_INPUT),
    ("--help", Status.KEPT),
    ("dance", Status.WRONG_OPTION),
    ("", Status.WRONG_OPTION),
]


@pytest.mark.parametrize(("command", "status"), COMMANDS)
def test_the_statuses_of_the_other_commands(made, command, status):
    told = called(*command.split())
    assert told.exit_code == status, told.output
    assert "Traceback" not in told.output


def test_what_a_merged_file_says_is_what_the_command_said(made):
    told = called("merge", "half", "--output", "whole")
    again = called("merge", "bad", "--output", "broken whole")
    for ended, path in ((told, "whole"), (again, "broken whole")):
        assert f'"exit_status":{int(ended.exit_code)}' in Path(path).read_text()


@pytest.mark.parametrize(
    "error", [RuntimeError("planted"), MemoryError(), RecursionError(), SystemExit(1), OSError("x")]
)
@pytest.mark.parametrize("name", sorted(main.commands))
def test_no_crash_of_a_command_reads_as_a_verdict(made, monkeypatch, tmp_path, name, error):
    def crashes(**_):
        raise error

    monkeypatch.setattr(main.commands[name], "callback", crashes)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    arguments = {
        "certify": ["held"],
        "compare": ["held", "held"],
        "device": ["cpu"],
        "gate": ["--baseline=this", "--candidate=this"],
        "history": ["held"],
        "new": ["torch.hypot"],
        "merge": ["first", "--output=whole"],
        "report": ["held"],
        "repro": ["held", "cell"],
        "show": ["cat"],
    }
    told = called(name, *arguments.get(name, []))
    assert told.exit_code == Status.SUITE_FAILED
    (line,) = told.output.strip().splitlines()
    assert "the suite failed, which says nothing of torch" in line and "issue tracker" in line
    assert type(error).__name__ in Path(line.rpartition(" with ")[2]).read_text()


@pytest.mark.parametrize("package", ["click", "msgspec"])
def test_a_package_that_cannot_be_imported_is_no_verdict(tmp_path, package):
    (tmp_path / f"{package}.py").write_text("raise ImportError('planted')\n")
    path = os.pathsep.join(filter(None, (str(tmp_path), os.environ.get("PYTHONPATH", str(ROOT)))))
    done = finished([sys.executable, "-m", "conformance", "list"], ROOT, {"PYTHONPATH": path})
    assert done.ret == Status.SUITE_FAILED
    (line,) = done.stderr.lines[:-1] if not done.stderr.lines[-1] else done.stderr.lines
    assert line.endswith("ImportError: planted")


def test_a_person_who_ends_a_command_is_told_no_verdict(made, monkeypatch):
    def interrupted(**_):
        raise KeyboardInterrupt

    monkeypatch.setattr(main.commands["compare"], "callback", interrupted)
    assert called("compare", "held", "held").exit_code == Status.WRONG_INPUT


@pytest.mark.parametrize("buffered", [True, False])
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="does not apply here: there is no /dev/full")
def test_a_standard_output_that_is_full_is_a_failure_of_the_suite(buffered):
    command = [sys.executable, "-m", "conformance", "list"]
    variables = {**os.environ, "PYTHONUNBUFFERED": "" if buffered else "1"}
    with open("/dev/full", "w") as full:
        done = subprocess.run(command, env=variables, stdout=full, stderr=subprocess.PIPE, encoding="utf-8")
    assert done.returncode == 3 and "No space left on device" in done.stderr and "Traceback" not in done.stderr
