"""Workers of pytest-xdist that are killed: their cells are asked again, or told as not run, and all that tells of the
run agrees."""

from __future__ import annotations

import sys

import pytest

from conformance.results import verdict_line
from conformance.results.status import Status
from tests.needs import applies

DIES = """
import os
import pathlib
import signal

TIMES = int(os.environ["TEST_TIMES"])
marks = pathlib.Path("marks")


def pytest_runtest_logstart(nodeid):
    if "PYTEST_XDIST_WORKER" not in os.environ or "dies.py::{check}[" not in nodeid:
        return
    marks.mkdir(exist_ok=True)
    count = len(list(marks.iterdir()))
    if count < TIMES:
        (marks / str(count)).touch()
        os.kill(os.getpid(), signal.SIGKILL)
"""


def run_with_deaths(checkout, times, check="values", *options):
    checkout.spec("dies", dtypes='("float32",)')
    checkout.spec("other", dtypes='("float32",)')
    (checkout.root / "killer.py").write_text(DIES.replace("{check}", check))
    return checkout.run("-n", "2", "-p", "killer", "-k", "values or memory", *options, TEST_TIMES=str(times))


@pytest.mark.parametrize("check", ["values", "memory"], ids=["before its sweep", "amid its answers"])
def test_the_cells_of_a_dead_worker_are_asked_again(checkout, check):
    applies(sys.platform != "win32", "Windows has no SIGKILL")
    run = run_with_deaths(checkout, 1, check)
    assert run.ret == Status.KEPT == run.results.end.exit_status
    assert verdict_line(run.results) in run.stdout.lines
    assert run.results.counts["held"] == 4 == run.run.parseoutcomes()["passed"]
    run.stdout.fnmatch_lines(["*1 asked again*"])


@pytest.mark.parametrize(
    ("times", "options"),
    [(2, ()), (1, ("--dist", "load")), (1, ("--max-worker-restart=0",))],
    ids=["their workers die again and again", "xdist's own schedule", "no new worker"],
)
def test_cells_that_nobody_could_ask_are_told_as_not_run(checkout, times, options):
    applies(sys.platform != "win32", "Windows has no SIGKILL")
    run = run_with_deaths(checkout, times, "values", *options)
    assert run.ret == Status.INCOMPLETE == run.results.end.exit_status
    assert verdict_line(run.results) in run.stdout.lines and verdict_line(run.results).startswith("INCOMPLETE: ")
    assert run.results.counts["not run"] >= 1 and not run.results.broken


FAILS = """
import os


def pytest_runtest_logstart(nodeid):
    if "PYTEST_XDIST_WORKER" in os.environ and "dies.py" in nodeid:
        raise ValueError("planted")
"""


def test_an_error_of_pytest_in_a_worker_is_a_failure_of_the_suite(checkout):
    checkout.spec("dies", dtypes='("float32",)')
    checkout.spec("other", dtypes='("float32",)')
    (checkout.root / "fails.py").write_text(FAILS)
    run = checkout.run("-n", "2", "-p", "fails", "-k", "values")
    assert run.ret == Status.SUITE_FAILED == run.results.end.exit_status
    assert verdict_line(run.results) in run.stdout.lines
    run.stdout.fnmatch_lines(["INCOMPLETE: *the suite failed: *ValueError*planted*"])


WITH_A_LOW_NUMBER = """
def arguments(draw):
    return {"input": dense((1,)), "number": -2**62}

def oracle(input, number):
    return np.positive(input) + 1
"""


def test_a_failing_sample_may_have_numbers_that_workers_cannot_send(checkout):
    """execnet sends whole numbers below -2**31 in four bytes."""
    changes = {"arguments": "arguments", "oracle": "oracle", "dtypes": '("float32",)', "predicates": "()"}
    checkout.spec("neg", "torch.neg(input)", extra=WITH_A_LOW_NUMBER, **changes)
    run = checkout.run("-n", "1", "-k", "values")
    assert run.ret == Status.BROKEN == run.results.end.exit_status
    (cell,) = run.results.cells
    assert str(-(2**62)) in cell.failure.sample.text
