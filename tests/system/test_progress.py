"""A run tells how far it is while it goes on, and how long its specs took when it is over: real runs of pytest, in a
terminal and without one."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator

import pytest

from conformance.results.durations import durations
from tests import warm
from tests.needs import applies
from tests.system.checkout import PLUGIN, Checkout
from tests.system.screen import Terminal

WAITS = """
import pathlib
import time


def waited():
    while not pathlib.Path({path!r}).exists():
        time.sleep(0.05)
    return 0


import torch

torch.waited = waited
"""
"""A spec that comes to its end only once the test lets it."""

AT_ONCE = "from conformance.plugin import progress\n\nprogress.EVERY = 0.0\n"
"""A plugin by which lines need no ten seconds between them."""


@pytest.fixture
def in_terminal(checkout: Checkout) -> Iterator[Callable[..., Terminal]]:
    """Begins a run of the checkout in a terminal."""
    applies(sys.platform != "win32", "consoles of Windows are told in lines")
    begun: list[Terminal] = []

    def begin(*arguments: str) -> Terminal:
        options = [*PLUGIN, "--hypothesis-profile=quick", "--report-dir=out", "specs", "-k", "values"]
        begun.append(Terminal([warm.python(), "-m", "pytest", *options, *arguments], checkout.root))
        return begun[-1]

    yield begin
    for terminal in begun:
        terminal.close()


@pytest.fixture
def waiting(checkout: Checkout) -> Checkout:
    """A spec with a broken cell, and one that waits for a file."""
    checkout.spec("a_wrong", "torch.neg(input) - (input.numel() > 3) * (input.dtype == torch.float32)")
    checkout.spec("b_waits", "torch.neg(input) - torch.waited()", extra=WAITS.format(path=str(checkout.root / "go")))
    return checkout


VERBOSE = ("*a_wrong.py::values[[]cpu-float32] FAILED *[[] 50%]", "*b_waits.py::values[[]cpu-int32] PASSED *[[] 75%]")


@pytest.mark.parametrize(
    ("options", "left"),
    [
        (("-n", "0"), ["*specs/small/a_wrong.py .F *[[] 50%]", "*specs/small/b_waits.py .. *[[]100%]"]),
        (("-n", "2", "-q"), ["*.*F*[[]100%]"]),
        (("-n", "0", "-v"), [*VERBOSE, "*b_waits.py::values[[]cpu-float32] PASSED *[[]100%]"]),
    ],
)
def test_a_broken_cell_is_told_on_the_terminal_while_the_run_goes_on(waiting, in_terminal, options, left):
    """The other spec waits until the test has seen it; then the line is gone, and pytest's own lines are whole."""
    run = in_terminal(*options)
    told = run.until("2 of 4 cells, 1 broken")
    assert re.fullmatch(r"\[\d+:\d\d\] 1 of 2 specs, 2 of 4 cells, 1 broken; longest now: torch.b_waits \d+:\d\d", told)
    run.until("1 broken; longest now", unlike=told)  # it goes on although pytest has nothing to say
    (waiting.root / "go").touch()
    assert run.wait() == 1
    lines = pytest.LineMatcher(run.screen.lines)
    lines.fnmatch_lines([*left, "*BROKEN: torch *"])
    lines.no_fnmatch_line("*longest now*")


FOREIGN = """
import pytest
from _pytest.terminal import TerminalReporter


class Foreign(TerminalReporter):
    pass


@pytest.hookimpl(trylast=True)
def pytest_configure(config):
    config.pluginmanager.unregister(name="terminalreporter")
    config.pluginmanager.register(Foreign(config), "terminalreporter")
"""


@pytest.mark.parametrize("options", [("-p", "foreign"), ("-o", "console_output_style=classic"), ("-s", "-q")])
def test_no_line_is_drawn_beside_a_foreign_reporter_nor_where_pytest_tells_no_progress(checkout, in_terminal, options):
    checkout.spec()
    (checkout.root / "foreign.py").write_text(FOREIGN)
    run = in_terminal(*options)
    assert run.wait() == 0
    assert "2 passed" in run.written and "\x1b7" not in run.written and " of 1 spec" not in run.written


@pytest.mark.parametrize("workers", ["0", "2"])
def test_without_a_terminal_a_line_comes_before_a_spec(checkout, workers):
    for name in ("a", "b", "c"):
        checkout.spec(name, "torch.neg(input) + 1")
    (checkout.root / "at_once.py").write_text(AT_ONCE)
    run = checkout.run("-n", workers, "-k", "values", "-p", "at_once", "--durations=2", "--junitxml=out.xml")
    assert run.ret == 1
    told = [
        line for line in run.stdout.lines if re.match(r"\[\d+:\d\d\] [12] of 3 specs, \d of 6 cells, \d broken", line)
    ]
    assert 1 <= len(told) <= 2
    dots = [line for line in run.stdout.lines if re.fullmatch(r"(specs/small/[abc].py )?F+( +\[ *\d+%\])?", line)]
    assert sum(line.count("F") for line in dots) == 6
    whole = [f"{one.file} on cpu" for one in durations(run.results.sweeps)]
    assert sorted(whole) == [f"specs/small/{name}.py on cpu" for name in ("a", "b", "c")]
    run.stdout.fnmatch_lines(["*= slowest 2 specs =*", *(f"*s (*s CPU)*{name}" for name in whole[:2])])
    run.stdout.no_fnmatch_line(f"*s CPU)*{whole[2]}")


@pytest.mark.parametrize("options", [("-q",), ("-p", "no:terminal")])
def test_a_quiet_run_has_no_lines(checkout, options):
    for name in ("a", "b"):
        checkout.spec(name)
    (checkout.root / "at_once.py").write_text(AT_ONCE)
    run = checkout.run("-k", "values", "-p", "at_once", *options)
    assert run.ret == 0 and len(run.results.cells) == 4
    run.stdout.no_fnmatch_line("* of 2 specs*")


DIES = """
import os
import pathlib


DYING = "specs/small/b.py::values[cpu-int32]"


def pytest_runtest_protocol(item):
    dead = pathlib.Path("dead")
    if item.nodeid == DYING and os.environ.get("PYTEST_XDIST_WORKER") and not dead.exists():
        dead.touch()
        os._exit(9)
"""


def test_a_worker_that_dies_is_replaced_by_one_that_runs_the_same_specs(checkout):
    for name in ("a", "b", "c"):
        checkout.spec(name)
    (checkout.root / "dies.py").write_text(DIES)
    run = checkout.run("-n", "2", "-k", "values", "-p", "dies")
    assert (checkout.root / "dead").exists()
    run.stdout.fnmatch_lines(["*node down*", "*1 asked again*"])
    run.stdout.no_fnmatch_line("ERROR*")
    assert {cell.file for cell in run.results.cells} == {f"specs/small/{name}.py" for name in ("a", "b", "c")}
    assert run.ret == 0 and run.results.counts["held"] == 6


BURNS = """
import subprocess
import sys

import torch

BURN = "import time\\nwhile time.process_time() < 0.5: pass"


def burned():
    if not hasattr(torch, "BURNED"):
        torch.BURNED = subprocess.run([sys._base_executable, "-c", BURN], check=True).returncode
    return torch.BURNED


torch.burned = burned
"""


def test_the_processor_time_of_a_sweep_has_that_of_the_processes_it_started(checkout):
    applies(sys.platform != "win32", "Windows does not tell the processor time of children")
    checkout.spec("sound")
    checkout.spec("burns", "torch.neg(input) - torch.burned()", extra=BURNS)
    run = checkout.run("-k", "values")
    assert run.ret == 0
    found = {sweep.operation: sweep for sweep in run.results.sweeps}
    assert set(found) == {"torch.sound", "torch.burns"}
    assert all(sweep.seconds > 0 and sweep.cpu_seconds > 0 for sweep in found.values())
    assert found["torch.burns"].cpu_seconds >= 0.5
