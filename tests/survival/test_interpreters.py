"""The gate and interpreters that are none: each ends it within its patience, in one line and with status 4."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from conformance.processes import client
from conformance.results.status import Status
from tests.survival.strangers import command
from tests.system.team import write_spec

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="they are shell scripts")

PATIENCE = 0.5
SILENT = "did not answer within 0.5 s"
WRITES = "wrote something before Python started"

SCRIPTS = {
    "never answers": ("sleep 60", SILENT),
    "reads and never answers": ("cat > /dev/null\nsleep 60", SILENT),
    "shuts its output and lives": ("exec >&- 2>&-\nexec sleep 60", SILENT),
    "writes before Python starts": (f'echo "(base)"\nexec {sys.executable} "$@"', WRITES),
    "writes for ever": ("exec yes", WRITES),
    "gives back what it reads": ("exec cat", WRITES),
    "fails": ("exit 3", "ended before it answered, with status 3"),
    "says that all is well": ("exit 0", "ended before it answered, with status 0"),
    "is killed": ("kill -9 $$", "ended before it answered"),
    "answers as Python does and no more": ("printf 1\nexec sleep 60", "hung for more than 0.5 s"),
    # It is killed, and either that or the end of what it writes is seen first.
    "answers as Python does and then rubbish": (
        "printf 1\nexec cat /dev/zero",
        ("was killed by", "before it answered"),
    ),
}


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The least times that a child has to start are for slow machines."""
    monkeypatch.setattr(client, "PATIENCE", PATIENCE)
    monkeypatch.setattr(client, "LEAST_PATIENCE", PATIENCE)


def gate(folder: Path, interpreter: Path, side: str = "candidate") -> str:
    """What a gate says that cannot be carried out because of an interpreter."""
    other = "baseline" if side == "candidate" else "candidate"
    spec = write_spec(folder / "specs" / "neg.py")
    options = ("--patience", str(PATIENCE), "--profile", "quick", "--report-dir", folder / "out")
    ended = command("gate", f"--{side}", interpreter, f"--{other}", interpreter, *options, spec)
    assert ended.exit_code == Status.WRONG_OPTION, ended.output
    told = [line for line in ended.output.splitlines() if not line.startswith(("Usage:", "Try ")) and line]
    assert len(told) == 1
    assert not (folder / "out" / "gate.html").exists()
    return told[0]


def script(folder: Path, text: str) -> Path:
    path = folder / "python"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_program_that_is_no_python_is_told(tmp_path: Path, name: str) -> None:
    text, problem = SCRIPTS[name]
    interpreter = script(tmp_path, text)
    told = gate(tmp_path, interpreter)
    assert any(one in told for one in ((problem,) if isinstance(problem, str) else problem))
    assert f"the baseline ({interpreter})" in told


def test_a_file_that_cannot_be_started_is_told(tmp_path: Path) -> None:
    closed, foreign = script(tmp_path, "exit 0"), tmp_path / "foreign"
    closed.chmod(0o644)
    foreign.write_text("hello")
    foreign.chmod(0o755)
    for path in (closed, foreign):
        assert f"the baseline ({path})" in gate(tmp_path, path)
    for path in (tmp_path, tmp_path / "nothing", Path("/dev/null")):
        assert "is no interpreter" in gate(tmp_path, path)
