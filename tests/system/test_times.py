"""Times of workloads, taken by a run of pytest; and what is said where nothing can be timed."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tests.system.checkout import Checkout

COST = 'Cost(workload=workload, reference="elementwise")'
BOUNDS = {"small": 5.0, "medium": 5.0, "large": 5.0, "strided": 5.0}
REPEATED = "__import__('collections').deque((torch.neg(input) for _ in range({})), 1)[-1]"
"""A call that is made so many times, and holds no more than one result."""
FLOAT = '("float32",)'
TIMED = {"small", "medium", "large", "strided", "growth"}

BACKWARD = """
import torch


class Neg(torch.autograd.Function):
    @staticmethod
    def forward(context, input):
        return torch.neg(input)

    @staticmethod
    def backward(context, gradient):
        return [torch.neg(gradient) for _ in range(REPEATS)][-1]


torch.repeated_REPEATS = Neg.apply
"""

BUSY = """
import sys
import time

ratios = sys.modules.get("conformance.timing.ratios")  # in the process that takes the times
if ratios:
    ratios.clock_of = lambda device: time.perf_counter
    ratios.share_of_processor = lambda: 0.4
"""


@pytest.fixture(scope="module")
def timed(tmp_path_factory):
    """One run that times specs of which each is slow, or cannot be timed, in a way of its own."""
    checkout = Checkout(tmp_path_factory.mktemp("timed"))
    times = {"cost": COST, "dtypes": FLOAT}
    checkout.spec(**times)
    for name in ("neg", "slow", "raises", "crash", "busy"):
        checkout.bounds(f"torch.{name}", BOUNDS)
    checkout.bounds("torch.other", BOUNDS, against="copy")
    checkout.spec("slow", REPEATED.format("30"), **times)
    checkout.spec("quadratic", REPEATED.format("1 + input.numel() // 16384"), **times)
    for repeats in ("1", "500"):
        extra = BACKWARD.replace("REPEATS", repeats)
        call = f"torch.repeated_{repeats}(input)"
        checkout.bounds(f"torch.backward_{repeats}", {"backward": 30.0}, against="backward")
        checkout.spec(f"backward_{repeats}", call, gradient="DATA_MOVEMENT", extra=extra, **times)
    checkout.spec("alone", **times)
    checkout.spec("other", **times)
    checkout.spec("raises", "torch.neg(input) if input.numel() < 1000 else [][0]", **times)
    crash = "torch.neg(input) if input.numel() < 1000 else __import__('os').abort()"
    checkout.spec("crash", crash, **times)
    checkout.spec("busy", REPEATED.format("30"), extra=BUSY, **times)
    wanted = {
        "slow": ("medium", "growth"),
        "quadratic": ("growth",),
        "backward_1": ("backward",),
        "backward_500": ("backward",),
        "alone": ("small",),
        "other": ("small",),
        "raises": ("medium",),
        "crash": ("small", "medium"),
        "busy": ("medium",),
    }
    cells = [f"specs/small/{name}.py::perf[cpu-{cell}]" for name, cells in wanted.items() for cell in cells]
    options = ("-m", "perf", "-rf", "--benchmark-json=times.json")
    return checkout.run(*options, *cells, target="specs/small/neg.py")


def verdicts(run, name):
    """The verdicts of an operation by the names of its workloads."""
    return {cell.subject: cell.verdict for cell in run.of(f"torch.{name}").values()}


def test_workloads_are_timed_and_collected_by_pytest_benchmark(timed):
    assert verdicts(timed, "neg") == dict.fromkeys(TIMED, "held")
    timed.stdout.fnmatch_lines(["*perf?cpu-small?*", "Legend:*"])
    collected = json.loads((timed.out.parent / "times.json").read_text())["benchmarks"]
    ours = [one for one in collected if one["group"] == "torch.neg"]
    assert {one["name"] for one in ours} == {f"perf[cpu-{name}]" for name in TIMED}
    cells = {cell.subject: cell for cell in timed.of("torch.neg").values()}
    for one in ours:
        timing = cells[one["name"][9:-1]].timing
        times = timing.seconds.get("torch") or list(timing.seconds.values())[-1]
        assert one["stats"]["rounds"] == len(times) >= 15 and one["stats"]["median"] == pytest.approx(np.median(times))
        assert one["extra_info"]["verdict"] == "held"
    assert set(cells["medium"].timing.seconds) == {"torch", "elementwise"}
    page = (timed.out / "report.html").read_text()
    pictures = sum(bool(cell.timing) and cell.verdict != "vacuous" for cell in timed.results.cells)
    assert (
        page.count('<svg class="times"') == pictures > 5
        and "times as long as a product of elements, added to a third" in page
    )


def test_what_is_broken_fails(timed):
    assert timed.ret == 1
    failures = [cell for cell in timed.results.cells if cell.verdict not in ("held", "not run")]
    assert timed.run.parseoutcomes()["failed"] == len(failures) == 7
    assert "errors" not in timed.run.parseoutcomes()


def test_a_call_that_takes_many_times_as_long_is_broken(timed):
    assert verdicts(timed, "slow") == {"medium": "broken", "growth": "held"}
    timed.stdout.fnmatch_lines(["*takes * times as long as a product of elements, added*", "promised  at most 5"])


def test_quadratic_time_is_broken_whatever_its_size(timed):
    assert verdicts(timed, "quadratic") == {"growth": "broken"}
    timed.stdout.fnmatch_lines(["*time grows with size to the power of *", "promised  at most 1.*"])


@pytest.mark.parametrize("repeats, verdict", [(1, "held"), (500, "broken")])
def test_a_backward_pass_is_held_to_a_plain_one(timed, repeats, verdict):
    (cell,) = timed.of(f"torch.backward_{repeats}").values()
    assert cell.verdict == verdict
    assert set(cell.timing.seconds) == {"torch", "backward"} and len(cell.timing.ratios) >= 15
    if verdict == "broken":
        timed.stdout.fnmatch_lines(["*takes * times as long as the backward pass of an exponential*"])


@pytest.mark.parametrize("name", ["alone", "other"])
def test_a_workload_without_a_bound_against_its_reference_is_vacuous(timed, name):
    assert verdicts(timed, name) == {"small": "vacuous"}
    timed.stdout.fnmatch_lines(["*no bound in times.toml is against elementwise; takes * times as long as a product *"])


def test_a_workload_that_raises_is_told(timed):
    assert verdicts(timed, "raises") == {"medium": "broken"}
    timed.stdout.fnmatch_lines(["*could not be timed: IndexError: list index out of range*"])
    timed.stdout.no_fnmatch_line("*Traceback*")


def test_a_crash_while_a_workload_is_timed_is_told(timed):
    assert verdicts(timed, "crash") == {"small": "held", "medium": "crashed"}


def test_what_a_busy_machine_left_undecided_is_skipped_and_told(timed):
    (cell,) = timed.of("torch.busy").values()
    assert cell.verdict == "not run" and cell.message.startswith("not decided: others had 60% of the processor; takes")
    assert timed.run.parseoutcomes()["skipped"] == 1
    timed.stdout.fnmatch_lines(["BROKEN, INCOMPLETE: *, 1 not run; *"])


@pytest.mark.parametrize(
    "name, workloads", [("perf[cpu-small]", {"perf[cpu-small]"}), ("perf", {f"perf[cpu-{one}]" for one in TIMED})]
)
def test_workloads_can_be_named(checkout, name, workloads):
    checkout.spec(dtypes=FLOAT, cost=COST)
    checkout.bounds("torch.neg", BOUNDS)
    run = checkout.run(target=f"specs/small/neg.py::{name}")
    assert run.ret == 0 and run.verdicts == dict.fromkeys(workloads, "held")


@pytest.mark.parametrize(
    "arguments, told",
    [
        (("-m", "perf", "-n", "2"), "*-m perf: a workload needs a core to itself; leave out -n*"),
        (("-m", "perf or not perf", "-n", "2"), "*-m perf: a workload needs a core to itself; leave out -n*"),
        (("-m", "perf", "--benchmark-disable"), "*nothing would be timed; leave out --benchmark-disable*"),
        (("-m", "perf", "--benchmark-skip"), "*nothing would be timed; leave out --benchmark-skip*"),
    ],
)
def test_times_that_could_not_be_taken_are_refused(checkout, collect, arguments, told):
    checkout.spec(dtypes=FLOAT, cost=COST)
    run = collect(*arguments)
    assert run.ret == 4
    run.stderr.fnmatch_lines([told])


def test_a_table_of_bounds_that_cannot_be_used_is_told(checkout):
    checkout.spec(dtypes=FLOAT, cost=COST)
    checkout.bounds("torch.neg", {"small": -1.0})
    run = checkout.run(target="specs/small/neg.py::perf[cpu-small]")
    assert run.ret == 1 and run.verdicts == {"perf[cpu-small]": "broken"}
    run.stdout.fnmatch_lines(["*could not be timed: *times.toml: bound 'torch.neg small', field 'bound': *"])


@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_run_that_times_nothing_says_so(checkout, workers):
    checkout.spec(dtypes=FLOAT, cost=COST)
    run = checkout.run("-n", workers, "-k", "cost")
    assert run.ret == 0
    run.stdout.fnmatch_lines(["*not run: *perf (needs a core to itself: pytest -m perf)*"])
    assert all(cell.check == "cost" for cell in run.results.cells)
