"""A run that is ended from outside, by Ctrl-C, twice, or by SIGTERM: terminal, exit status, results and report say the
same, and everything that was settled is kept."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time

import pytest

from conformance.report import read_report
from conformance.results import Verdict, read, verdict_line
from conformance.results.status import Status
from tests.needs import applies
from tests.system.checkout import NOT_OURS, PLUGIN

SLOW = "__import__('time').sleep(1) or torch.neg(input)"
CTRL_C, TERMINATE = [signal.SIGINT], [signal.SIGTERM]
CLOSED = [getattr(signal, "SIGHUP", signal.SIGTERM)]
AGAIN = [signal.SIGINT] * 3 + [signal.SIGTERM]


@pytest.fixture(autouse=True)
def heeded():
    """What ignores signals, as nohup and a shell's background do, hands that on: the runs of these tests heed them."""
    ignored = [one for one in {*CTRL_C, *TERMINATE, *CLOSED} if signal.getsignal(one) is signal.SIG_IGN]
    for one in ignored:
        signal.signal(one, signal.SIG_DFL)
    yield
    for one in ignored:
        signal.signal(one, signal.SIG_IGN)


def ended_by(checkout, signals, workers, whole_group):
    """A run to which signals are sent once it has an answer: its exit status, its output and its folder."""
    checkout.spec("first", dtypes='("float32",)')
    checkout.spec("second", SLOW, dtypes='("float32",)')
    options = ["--hypothesis-profile=quick", "--report-dir=out", "-k", "values", "-n", workers]
    command = [sys.executable, "-m", "pytest", *PLUGIN, "specs", *options]
    environment = {name: value for name, value in os.environ.items() if name not in NOT_OURS}
    out, told = checkout.root / "out", checkout.root / "told"
    with told.open("w") as file:  # no pipe: what the run leaves behind for seconds may hold its other end
        run = subprocess.Popen(
            command, cwd=checkout.root, env=environment, stdout=file, stderr=file, start_new_session=True
        )
        while run.poll() is None and not has_an_answer(out / "results.ndjson"):
            time.sleep(0.02)
        for one in signals:
            (os.killpg if whole_group else os.kill)(run.pid, one)
            time.sleep(0.1)  # one at a time: signals that come together are one
        run.wait()
    return run.returncode, told.read_text(), out


def on_a_terminal_that_is_closed(checkout):
    """The same run, whose terminal is closed once it has an answer: its folder."""
    import pty

    checkout.spec("first", dtypes='("float32",)')
    checkout.spec("second", SLOW, dtypes='("float32",)')
    arguments = [*PLUGIN, "specs", "--hypothesis-profile=quick", "--report-dir=out", "-k", "values"]
    out = checkout.root / "out"
    process, terminal = pty.fork()
    if process == 0:
        os.chdir(checkout.root)
        variables = {name: value for name, value in os.environ.items() if name not in NOT_OURS}
        os.execve(sys.executable, [sys.executable, "-m", "pytest", *arguments], {**variables, "TERM": "xterm"})
    while not has_an_answer(out / "results.ndjson"):
        if select.select([terminal], [], [], 0.05)[0]:
            os.read(terminal, 4096)
    os.close(terminal)
    os.waitpid(process, 0)
    return out


def test_a_run_whose_terminal_is_closed_leaves_its_results_and_report(checkout):
    applies(sys.platform != "win32", "Unix has such terminals")
    out = on_a_terminal_that_is_closed(checkout)
    found = read(out / "results.ndjson")
    assert found.end is not None and found.end.exit_status == Status.WRONG_INPUT
    assert read_report(out / "report.html") == found


def has_an_answer(path):
    return path.exists() and b'"type":"cell"' in path.read_bytes()


@pytest.mark.parametrize(
    ("signals", "workers", "whole_group"),
    [
        (CTRL_C, "0", False),
        (AGAIN, "0", True),
        (TERMINATE, "0", False),
        (CLOSED, "0", False),
        (AGAIN, "2", True),
        (TERMINATE, "2", True),
    ],
    ids=["Ctrl-C", "Ctrl-C again", "SIGTERM", "SIGHUP", "Ctrl-C again, workers", "SIGTERM, workers"],
)
def test_a_run_that_is_ended_tells_what_it_knows(checkout, signals, workers, whole_group):
    applies(sys.platform != "win32", "Unix has such signals")
    status, told, out = ended_by(checkout, signals, workers, whole_group)
    found = read(out / "results.ndjson")
    assert found.end is not None and status == Status.WRONG_INPUT == found.end.exit_status, told
    assert verdict_line(found) in told.splitlines() and verdict_line(found).startswith("INCOMPLETE: ")
    assert found.counts[Verdict.HELD] == 1 and found.counts[Verdict.NOT_RUN] == 1
    assert read_report(out / "report.html") == found
    assert "Traceback" not in told
