"""What a run that was killed leaves behind, the next one sweeps up: folders, children that hang, copies that calls
forked. What belongs to a run that lives is left alone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from conformance.processes.scratch import PREFIX, VARIABLE, ScratchFolder
from tests.needs import applies
from tests.survival.processes import processes_with, wait_for
from tests.system.checkout import NOT_OURS, PLUGIN

HANGS = "[torch.neg(input), __import__('os').fork(), __import__('time').sleep(1000)][0]"


def scratch_processes(folder: Path) -> list[int]:
    """The processes that were started with a scratch folder below `folder`."""
    return processes_with(f"{VARIABLE}={folder}/")


def test_the_next_run_sweeps_up_what_a_killed_one_has_left(checkout, tmp_path):
    applies(sys.platform == "linux", "other systems do not tell the environment of processes")
    checkout.spec("hangs", HANGS, dtypes='("float32",)')
    checkout.spec(dtypes='("float32",)')
    environment = {name: value for name, value in os.environ.items() if name not in NOT_OURS}
    command = [sys.executable, "-m", "pytest", *PLUGIN, "specs/small/hangs.py", "-k", "values"]
    run = subprocess.Popen(
        command, cwd=checkout.root, env={**environment, "TMPDIR": str(tmp_path)}, stdout=subprocess.DEVNULL
    )
    assert wait_for(lambda: len(scratch_processes(tmp_path)) == 2)  # the child, and the copy that it forked
    run.send_signal(signal.SIGKILL)
    run.wait()
    left = list(tmp_path.glob(f"{PREFIX}*"))
    assert left
    second = checkout.run("-k", "values", target="specs/small/neg.py", TMPDIR=str(tmp_path))
    assert second.ret == 0
    assert wait_for(lambda: not scratch_processes(tmp_path))
    assert not list(tmp_path.glob(f"{PREFIX}*"))


def test_the_folder_of_a_run_that_lives_is_left_alone(checkout, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    living = ScratchFolder()
    (tmp_path / f"{PREFIX}foreign").mkdir()  # of somebody else, who has no such lock
    checkout.spec(dtypes='("float32",)')
    assert checkout.run("-k", "values", TMPDIR=str(tmp_path)).ret == 0
    assert {path.name for path in tmp_path.iterdir()} == {living.path.name, f"{PREFIX}foreign"}
    living.close()
    assert not living.path.exists()


@pytest.mark.parametrize("fault", ["neg", "hang"])
def test_a_run_leaves_nothing_in_the_temporary_folder(checkout, tmp_path, fault):
    call = {"neg": "torch.neg(input)", "hang": HANGS}[fault]
    checkout.spec("neg", call, dtypes='("float32",)')
    checkout.run("-k", "values", "--patience", "2", TMPDIR=str(tmp_path))
    assert not list(tmp_path.glob(f"{PREFIX}*"))
    assert sys.platform != "linux" or not scratch_processes(tmp_path)


def test_runs_that_begin_at_once_do_not_sweep_up_one_another(tmp_path):
    """Processes make folders and sweep up as fast as they can, in one temporary folder."""
    code = (
        "import sys, tempfile; from conformance.processes import scratch\n"
        "tempfile.tempdir = sys.argv[1]\n"
        "for _ in range(300):\n"
        "    scratch._sweep_up.cache_clear(); one = scratch.ScratchFolder(); assert one.path.is_dir(); one.close()"
    )
    many = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path)]) for _ in range(3)]
    assert [one.wait() for one in many] == [0, 0, 0]
    assert not list(tmp_path.iterdir())


DAEMON = "__import__('subprocess').Popen(['sleep', '1000'], start_new_session=True)"
DIES_WITH_A_COPY = "__import__('os').fork() == 0 and __import__('time').sleep(1000), __import__('os').abort()"


def test_what_a_call_starts_in_a_session_of_its_own_ends_with_the_run(checkout, tmp_path):
    applies(sys.platform == "linux", "other systems do not tell the environment of processes")
    checkout.spec("neg", f"[torch.neg(input), {DAEMON}][0]", dtypes='("float32",)')
    checkout.run("-k", "values", TMPDIR=str(tmp_path))
    assert wait_for(lambda: not scratch_processes(tmp_path))


def test_a_crash_is_told_at_once_though_a_copy_holds_the_pipe(checkout, tmp_path):
    checkout.spec("neg", f"[torch.neg(input), {DIES_WITH_A_COPY}][0]", dtypes='("float32",)')
    run = checkout.run("-k", "values", "--patience", "100", TMPDIR=str(tmp_path))
    assert "SIGABRT" in run.cells["values[cpu-float32]"].message and "hung" not in run.stdout.str()
    assert sys.platform != "linux" or not scratch_processes(tmp_path)
