"""Workers on other machines, which socket servers on this one stand for."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from conformance.results.status import Status
from tests.needs import applies
from tests.system.checkout import Checkout
from tests.system.machines import server, workers_on

LOSES = """
import os
import pathlib
import signal

mark = pathlib.Path("lost")


def pytest_runtest_logstart(nodeid):
    if "PYTEST_XDIST_WORKER" in os.environ and "first.py" in nodeid and not mark.exists():
        mark.touch()
        os.kill(int(os.environ["TEST_SERVER"]), signal.SIGKILL)
        signal.pause()
"""


def test_workers_on_two_machines_leave_the_records_of_one_process(wrongs, judged):
    with workers_on(wrongs.root, wrongs.root) as options:
        spread = wrongs.run(*options, "--hypothesis-seed=1", out="machines")
    alone, shared = ({cell.id: cell for cell in run.results.cells} for run in (judged, spread))
    assert alone == shared and len(alone) > 60
    assert all(cell.evidence.fingerprint for cell in shared.values() if cell.verdict == "held")
    assert spread.ret == judged.ret == Status.BROKEN
    repros = {path.name for path in spread.out.glob("repro_*.py")}
    assert repros == {path.name for path in judged.out.glob("repro_*.py")} != set()


@pytest.mark.parametrize(
    ("machines", "status"),
    [(2, Status.KEPT), (1, Status.INCOMPLETE)],
    ids=["another does its work", "none is left"],
)
def test_a_machine_that_is_lost_amid_the_run(checkout, machines, status):
    applies(sys.platform != "win32", "Windows has no SIGKILL")
    for name in ("first", "second", "third"):
        checkout.spec(name, dtypes='("float32",)')
    (checkout.root / "loses.py").write_text(LOSES)
    with workers_on(*[checkout.root] * machines) as options:
        run = checkout.run(*options, "-p", "loses", "-k", "values or memory")
    assert (checkout.root / "lost").exists()
    assert run.ret == status == run.results.end.exit_status
    run.stdout.fnmatch_lines(["no worker can be started there (popen//via=machine?): *"])
    assert "Traceback" not in run.stdout.str() + run.stderr.str()


def refused(checkout: Checkout, told: str, *options: str) -> None:
    run = checkout.run(*options, "-k", "values", target="specs/small/neg.py")
    assert run.ret == Status.WRONG_OPTION
    assert [line for line in run.stderr.lines if line] == run.stderr.lines[:1]
    run.stderr.fnmatch_lines([f"ERROR: {told}"])
    assert "Traceback" not in run.stdout.str()


def test_a_server_that_does_not_answer_is_one_clear_line(checkout):
    checkout.spec()
    with server(checkout.root) as address:
        pass
    told = f"the workers cannot be started (id=a//socket={address}, popen//via=a): *efused*"
    refused(checkout, told, "-d", "--px", f"id=a//socket={address}", "--tx", "popen//via=a")


@pytest.mark.parametrize(
    ("other", "told"),
    [
        (None, "worker gw? (popen//via=machine1) cannot start: no spec for 'specs/small/neg.py': *"),
        ({}, ""),
        ({"dtypes": '("float32",)'}, "the workers are not alike: gw? (popen//via=machine?) has other specs*"),
    ],
    ids=["no specs", "the same", "others"],
)
def test_a_machine_that_has_other_specs_is_refused(checkout, tmp_path: Path, other, told):
    checkout.spec()
    elsewhere = Checkout(tmp_path)
    if other is not None:
        elsewhere.spec(**other)
    with workers_on(checkout.root, elsewhere.root) as options:
        if told:
            refused(checkout, told, *options)
        else:
            assert checkout.run(*options, "-k", "values").ret == Status.KEPT


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--tx", "popen"], "--tx: nothing would run there; write -d --tx popen, without -n"),
        (["-n", "2", "--tx", "popen//via=a"], "--tx: nothing would run there; *"),
        (["-d", "--tx", "2*socket=far:80"], "--tx 2*socket=far:80: workers elsewhere are started by way of a proxy: *"),
        (["-d", "--tx", "ssh=far"], "--tx ssh=far: workers elsewhere are started by way of a proxy: *"),
        (["-d", "--tx", "popen//chdir=far"], "--tx popen//chdir=far: workers elsewhere *"),
        (["-d", "--tx", "popen//via=b"], "--tx popen//via=b: there is no --px id=b//…"),
    ],
)
def test_workers_that_would_not_start_are_refused(checkout, options, told):
    checkout.spec()
    refused(checkout, told, *options)
