"""A gate that is ended at any of its stages: what lies in its folder can be read, says that it did not end, and nothing
of an earlier gate is left to be taken for its result."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from conformance.cli import gate as gate_command
from conformance.engine.outcome import Answers
from conformance.gate import run as gate_run
from conformance.gate.output import GateRecords
from conformance.gate.sides import Pair, Side
from conformance.results.status import Status
from tests import fake_results as fake
from tests.survival.strangers import command, sound, write
from tests.system.team import write_spec

FILES = ("gate.html", "gate.md", "junit.xml")
OLD = "SAFE: an earlier gate"


def arguments(folder: Path, spec: Path) -> list[str]:
    """A small gate of this torch with itself, in whose folder an earlier one lies."""
    out = folder / "out"
    out.mkdir()
    for name in (*FILES, "gate.ndjson"):
        (out / name).write_text(OLD)
    two = ["--baseline", "this", "--candidate", "this", "--process-pairs", "1"]
    return ["gate", *two, "--profile", "quick", "--device", "cpu", "--report-dir", str(out), str(spec)]


def kinds(out: Path) -> list[str]:
    """The types of the records that a gate left, each of which can be read."""
    return [json.loads(line)["type"] for line in (out / "gate.ndjson").read_text().splitlines()]


def says_that_it_did_not_end(out: Path, planned: bool = True) -> None:
    """Assert it of what a gate left. Before the plan there are no pages."""
    assert "end" not in kinds(out) and ("plan" in kinds(out)) == planned
    for name in FILES:
        path = out / name
        assert path.exists() == planned
        if planned:
            text = path.read_text()
            assert OLD not in text and "the gate did not end; run it again" in text
            assert "SAFE" not in text.replace("UNSAFE", "")
    if planned:
        assert (out / "gate.md").read_text().startswith("# INCOMPLETE")
        assert ElementTree.parse(out / "junit.xml").findall(".//error")


def interrupted(*_: Any, **__: Any) -> Any:
    raise KeyboardInterrupt


@pytest.fixture
def without_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both sides answer at once, and have nothing to say."""
    monkeypatch.setattr(Side, "environment", lambda *_: fake.side("2.13.0"))
    monkeypatch.setattr(Pair, "begin_replay", lambda *_: None)
    monkeypatch.setattr(Pair, "finish_replay", lambda *_: (Answers(), Answers()))


STAGES = {
    "asking what the sides are": (gate_run.Gate, "environments", False),
    "making the plan": (gate_run.Gate, "units", False),
    "drawing the samples": (gate_run, "draw_all", True),
    "waiting for the answers": (Pair, "finish_replay", True),
    "making a change small": (gate_run, "match_cells", True),
    "telling a result": (gate_command._Listener, "found", True),
    "ending its processes": (Pair, "close", True),
    "summing up": (gate_run, "summed_up", True),
    "taking the times": (gate_run, "time_all", True),
    "writing the records": (GateRecords, "end", True),
}


@pytest.mark.parametrize("name", STAGES)
def test_ctrl_c_at_any_stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, without_torch: None, name: str) -> None:
    owner, function, planned = STAGES[name]
    asked = [*arguments(tmp_path, write_spec(tmp_path / "specs" / "neg.py")), "--times"]
    monkeypatch.setattr(owner, function, interrupted)
    ended = command(*asked)
    assert ended.exit_code == Status.WRONG_INPUT and "ended by a person: nothing is decided" in ended.output
    out = tmp_path / "out"
    if planned:
        says_that_it_did_not_end(out)
    else:
        assert not any((out / name).exists() for name in FILES)


SLOW = "(__import__('time').sleep(0.2), False)[1]"


def running(folder: Path, **environment: str) -> subprocess.Popen[str]:
    """A gate in a process of its own that asks for a minute, and has begun to."""
    asked = arguments(folder, write_spec(folder / "specs" / "neg.py", fault=SLOW))
    whole = [sys.executable, "-m", "conformance", *asked]
    process = subprocess.Popen(
        whole, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env={**os.environ, **environment}
    )
    assert process.stdout is not None
    for line in process.stdout:
        if "cells to compare" in line:
            return process
    raise AssertionError("the gate has not begun")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
@pytest.mark.parametrize(
    ("number", "status"),
    [
        (signal.SIGTERM, Status.WRONG_INPUT),
        (signal.SIGKILL, -signal.SIGKILL),
    ],
)
def test_a_gate_that_is_killed_while_it_asks(tmp_path: Path, number: signal.Signals, status: int) -> None:
    process = running(tmp_path, TMPDIR=str(tmp_path))
    for _ in range(10):  # C code may swallow the interruption; the gate would end after the spec, which takes a minute
        process.send_signal(number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(6)
            break
    assert process.poll() == status
    says_that_it_did_not_end(tmp_path / "out")


def test_terms_that_differ_leave_no_page_of_an_earlier_gate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = arguments(tmp_path, write_spec(tmp_path / "specs" / "neg.py"))

    def differ(*_: Any) -> Any:
        raise gate_run.NotComparable("threads: 1 and 2")

    monkeypatch.setattr(gate_run.Gate, "environments", differ)
    ended = command(*asked)
    assert ended.exit_code == Status.WRONG_INPUT and "NOT COMPARABLE" in ended.output
    assert not any((tmp_path / "out" / name).exists() for name in FILES)


# --- an error of the tool itself ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "error", [RuntimeError("it\nbroke \x1b[31m"), EOFError(), MemoryError(), RecursionError(), AssertionError()]
)
def test_an_error_of_the_tool_is_no_verdict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def broken(*_: Any) -> Any:
        raise error

    monkeypatch.setattr(gate_command, "compare_results", broken)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    ended = command("compare", sound(tmp_path / "a"), sound(tmp_path / "b"), "--report-dir", tmp_path / "out")
    assert ended.exit_code == Status.SUITE_FAILED
    assert len(ended.output.strip().splitlines()) == 1 and "says nothing of torch" in ended.output
    assert "\x1b" not in ended.output


def run(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    whole = [sys.executable, "-m", "conformance", *map(str, arguments)]
    return subprocess.run(whole, capture_output=True, text=True, env={**os.environ, **environment})


def test_a_tool_that_cannot_be_imported_is_no_verdict(tmp_path: Path) -> None:
    (tmp_path / "msgspec.py").write_text("raise ImportError('half an installation')\n")
    paths = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    done = run("compare", sound(tmp_path / "a"), sound(tmp_path / "b"), PYTHONPATH=paths)
    assert done.returncode == Status.SUITE_FAILED and "half an installation" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_terminal_that_lacks_characters_gets_the_verdict(tmp_path: Path) -> None:
    records = fake.run_of([fake.cell("torch.cat", "values", "int8")])
    path = write(tmp_path / "a", [{**records[0], "torch": "2 → 3"}, *records[1:]])
    done = run("compare", path, path, "--report-dir", tmp_path / "out", PYTHONIOENCODING="latin-1")
    assert done.returncode == Status.KEPT and "SAFE: torch 2 \\u2192 3 to" in done.stdout


def test_a_reader_that_has_gone_away_does_not_change_the_status(tmp_path: Path) -> None:
    two = [str(sound(tmp_path / "a")), str(sound(tmp_path / "b", "broken")), "--report-dir", str(tmp_path / "out")]
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "conformance", "compare", *two], stdout=writing, stderr=subprocess.PIPE
    )
    os.close(writing)
    assert done.returncode == Status.BROKEN and not done.stderr
