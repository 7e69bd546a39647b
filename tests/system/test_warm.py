"""Processes that start warm are processes of their own, and what they run is what a cold start runs."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests import warm
from tests.needs import applies
from tests.survival.processes import wait_for
from tests.system.checkout import LAWS, PLUGIN, Checkout, Ran, finished


@pytest.fixture(autouse=True)
def some_start_warm() -> None:
    applies(warm.python() != sys.executable, "processes are copied on Linux, and not where coverage is measured")


def test_a_run_that_starts_warm_leaves_the_records_of_one_that_starts_cold(checkout: Checkout) -> None:
    checkout.spec(laws=LAWS, modes='("vmap", "meta")')
    checkout.spec("wrong", "torch.neg(input) + (input == 3)", dtypes='("float32",)')
    options = [*PLUGIN, "specs", "--hypothesis-profile=quick", "-n", "0"]
    found = {}
    for name, python in (("cold", sys.executable), ("warm", warm.python())):
        run = finished([python, "-m", "pytest", *options, f"--report-dir={name}"], checkout.root)
        found[name] = Ran(checkout.root / name, run)
    assert found["warm"].ret == found["cold"].ret == 1
    assert found["warm"].results.cells == found["cold"].results.cells
    assert found["warm"].results.environment.torch == found["cold"].results.environment.torch
    assert found["warm"].stderr.str() == found["cold"].stderr.str() == ""


def imported(**variables: str) -> str:
    code = "import sys; print(*({'torch', 'pytest'} & {*sys.modules}))"
    return finished([warm.python(), "-c", code], warm.HERE, variables).stdout.str()


def test_it_has_imported_what_it_needs_unless_an_import_may_hang_on_a_variable() -> None:
    assert imported() == "pytest"
    assert imported(CONFORMANCE_SCRATCH="nowhere") == "torch"
    assert imported(TEST_ANYTHING="1") == "pytest"
    assert imported(ATEN_CPU_CAPABILITY="default") == imported(PYTHONPATH="nowhere") == ""


@pytest.mark.parametrize(
    ("code", "status"),
    [("import sys; sys.exit(7)", 7), ("import os; os.abort()", -6), ("import os; os.kill(os.getpid(), 9)", -9)],
)
def test_it_ends_as_what_it_runs_does(code: str, status: int) -> None:
    assert finished([warm.python(), "-c", code], warm.HERE).ret == status


def test_it_ends_with_whoever_started_it() -> None:
    code = "import os, time; print(os.getpid(), flush=True); time.sleep(1000)"
    with subprocess.Popen([warm.python(), "-c", code], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        number = process.stdout.readline().strip()
        process.kill()
    assert int(number) != process.pid
    assert wait_for(lambda: not os.path.exists(f"/proc/{number}"))
