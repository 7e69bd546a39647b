"""What calls cost: allocations counted, workloads timed, and what is said where nothing can be timed."""

from __future__ import annotations

import json
import math
import random

import numpy as np
import pytest
import torch

from conformance import results
from conformance.checks import allocations
from conformance.checks.allocations import Allocations, counted, promised
from conformance.engine.sweep import Budget, Sweep
from conformance.numeric.intervals import exponent, median_interval
from conformance.results.model import Environment
from conformance.spec import loader
from conformance.spec.cells import cells_on
from conformance.timing.clock import Timed
from conformance.timing.workloads import GROWING, growing, names_of, workloads_of
from tests.faults import SPECS

FILES = loader.spec_files(SPECS)

WORKLOAD = """
def workload(size):
    return {"input": dense((size // 64, 64))}
"""
COST = 'cost=Cost(workload=workload, numpy="np.negative(input)", max_ratio=5.0)'
TIMED = {"small", "medium", "large", "strided", "growth"}


def timed(checkout, form='Form("torch.neg(input)")', *arguments):
    """Time the workloads of torch.neg; the verdicts by the name of the workload."""
    checkout.spec(forms=form, dtypes='("float32",)', extra=WORKLOAD, fields=COST)
    run = checkout.run("-m", "perf", *arguments)
    return run, {cell.subject: cell.verdict for cell in results.read(checkout.out / "results.ndjson").cells}


# --- allocations --------------------------------------------------------------------------------------------------


def test_allocations_are_counted_to_the_byte():
    tensor = torch.ones(100)
    result, found = counted("cpu", lambda: torch.neg(torch.neg(tensor)))
    assert found == Allocations(2, 800, 400) == promised("cpu", [400], [400]) and result.numel() == 100
    assert counted("cpu", lambda: tensor.view(10, 10))[1] == Allocations(0, 0, 0) == promised("cpu", [0], [])


def test_devices_count_by_themselves_in_blocks(monkeypatch):
    counts = iter([(5, 5120), (7, 6656)])
    kept = iter([1024, 1536])
    monkeypatch.setattr(allocations, "allocated", lambda device: next(counts))
    monkeypatch.setattr(allocations, "memory_allocated", lambda device: next(kept))
    assert counted("gpu", lambda: "result") == ("result", promised("gpu", [400], [600]))


def test_elsewhere_only_views_are_held_to_allocations():
    def counted_cells(name, device, **without):
        terms = Environment(torch="2.13.0", devices=(device,), **without)
        return [cell for cell in cells_on(loader.load(SPECS / f"{name}.py"), device, terms) if cell.check == "cost"]

    assert counted_cells("joining/cat", "cpu") and not counted_cells("joining/cat", "cuda")
    assert counted_cells("shape/view", "cuda")
    assert not counted_cells("shape/view", "cuda", without_counts=("cuda",))


@pytest.mark.parametrize("call, verdict", [("", "held"), (".clone()", "broken")])
def test_a_view_that_copies_breaks_cost(checkout, call, verdict):
    geometry = "def geometry(input):\n    return [View(input.shape, input.strides, input.offset)]\n"
    path = checkout.spec(forms=f'Form("input[...]{call}")', dtypes='("float32",)', extra=geometry)
    path.write_text(path.read_text().replace("memory=PRESERVED", 'memory=views("input", geometry)'))
    found = Sweep(loader.load(path), "cpu", [("cost", "float32")], Budget(20, 0)).run()
    assert found["cost", "float32"].verdict == verdict


# --- statistics ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [31, 93])
def test_the_interval_of_a_median_holds_it_as_often_as_it_says(count):
    # 2,000 intervals at 95 %: fewer than 1,860 hold the median with a chance below 1e-4.
    draw = random.Random(0)
    intervals = [median_interval([draw.lognormvariate(0, 1) for _ in range(count)], 0.95) for _ in range(2000)]
    assert 1860 <= sum(one.low <= 1 <= one.high for one in intervals) < 2000
    assert all(one.low <= one.middle <= one.high for one in intervals)


def test_too_few_values_bound_nothing():
    assert median_interval([1.0, 2.0, 3.0], 0.999).high == math.inf


@pytest.mark.parametrize("power", [0, 0.5, 1, 2])
def test_exponents_are_slopes_on_logarithmic_axes(power):
    assert exponent([2, 8, 32], [3 * size**power for size in (2, 8, 32)]) == pytest.approx(power)


# --- workloads ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_spec_has_workloads_that_run(file):
    spec = loader.load(file)
    found = {workload.name: workload for workload in workloads_of(spec)}
    assert set(found) | {"growth"} == set(names_of(spec))
    assert set(found) - {"backward", "grown"} == {"small", "medium", "large", "strided"}
    assert ("backward" in found) == (spec.gradient is not None)
    sizes = [sum(tensor.numel for tensor in workload.sample.tensors) for workload in growing(spec)]
    assert len(sizes) == len(GROWING) and sizes[-1] / sizes[0] == pytest.approx(16, rel=0.2)
    for name in ("small", "medium", "strided", *(["backward"] if spec.gradient else [])):
        one = Timed(spec, found[name], "cpu")
        assert one.torch() is not None and (name == "backward" or one.numpy() is not None)


SAME_RESULTS = [file for file in FILES if file.stem not in ("kthvalue", "topk")]
"""NumPy puts more in order than those two hand back."""


@pytest.mark.parametrize("file", SAME_RESULTS, ids=lambda file: file.stem)
def test_what_numpy_is_timed_at_is_what_torch_does(file):
    spec = loader.load(file)
    one = Timed(spec, workloads_of(spec)[0], "cpu")
    found, wanted = one.torch(), one.numpy()
    first = found[0] if isinstance(found, (tuple, list)) else found
    expected = wanted[0] if isinstance(wanted, (tuple, list)) and first.shape != np.shape(wanted) else wanted
    if file.stem in ("backward", "grad"):  # the product comes first
        expected = wanted[1]
    np.testing.assert_allclose(first.detach().numpy(), expected, rtol=1e-5, atol=1e-6)


# --- times --------------------------------------------------------------------------------------------------------


def test_workloads_are_timed_and_collected_by_pytest_benchmark(checkout, monkeypatch):
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)  # the test's own, by which it would switch itself off
    run, found = timed(checkout, 'Form("torch.neg(input)")', "--benchmark-json=times.json")
    assert run.ret == 0 and found == dict.fromkeys(TIMED, "held")
    run.stdout.fnmatch_lines(["*perf?cpu-small?*", "Legend:*"])
    collected = json.loads((checkout.root / "times.json").read_text())["benchmarks"]
    assert {one["name"] for one in collected} == {f"perf[cpu-{name}]" for name in TIMED}
    cells = {cell.subject: cell for cell in results.read(checkout.out / "results.ndjson").cells}
    for one in collected:
        timing = cells[one["name"][9:-1]].timing
        times = timing.seconds.get("torch") or list(timing.seconds.values())[-1]
        assert one["stats"]["rounds"] == 31 and one["stats"]["median"] == pytest.approx(np.median(times))
        assert one["extra_info"]["verdict"] == "held"
    assert set(cells["medium"].timing.seconds) == {"torch", "numpy", "memcpy"}
    page = (checkout.out / "report.html").read_text()
    assert page.count('<svg class="times"') == 5 and "of the speed at which memory is copied" in page


def test_a_call_that_takes_many_times_as_long_is_broken(checkout):
    run, found = timed(checkout, 'Form("[torch.neg(input) for _ in range(30)][-1]")', "-k", "medium or growth")
    assert run.ret == 1 and found == {"medium": "broken", "growth": "held"}
    run.stdout.fnmatch_lines(["*takes * times as long as NumPy, or more*"])


def test_quadratic_time_is_broken_whatever_its_size(checkout):
    repeats = "range(1 + input.numel() // 16384)"
    run, found = timed(checkout, f'Form("[torch.neg(input) for _ in {repeats}][-1]")', "-k", "growth")
    assert run.ret == 1 and found == {"growth": "broken"}
    run.stdout.fnmatch_lines(["*time grows with size to the power of *", "promised  1, at most 1.5"])


BACKWARD = """
import torch


class Neg(torch.autograd.Function):
    @staticmethod
    def forward(context, input):
        return torch.neg(input)

    @staticmethod
    def backward(context, gradient):
        return [torch.neg(gradient) for _ in range(REPEATS)][-1]


torch.as_before = Neg.apply
"""


@pytest.mark.parametrize("repeats, verdict", [(1, "held"), (500, "broken")])
def test_a_backward_pass_is_held_to_its_forward_call(checkout, repeats, verdict):
    extra = BACKWARD.replace("REPEATS", str(repeats)) + WORKLOAD
    fields = f"{COST}, gradient=DATA_MOVEMENT"
    checkout.spec(forms='Form("torch.as_before(input)")', dtypes='("float32",)', extra=extra, fields=fields)
    run = checkout.run("-m", "perf", "-k", "backward")
    cell = results.read(checkout.out / "results.ndjson").cells[0]
    assert run.ret == (verdict == "broken") and cell.verdict == verdict
    assert set(cell.timing.seconds) == {"torch", "forward", "memcpy"} and len(cell.timing.ratios) == 31
    if verdict == "broken":
        run.stdout.fnmatch_lines(["*takes * times as long as the forward call and a copy of as many bytes, or more*"])


def test_a_workload_with_nothing_to_be_held_against_is_vacuous(checkout):
    checkout.spec(dtypes='("float32",)', extra=WORKLOAD, fields="cost=Cost(workload=workload)")
    run = checkout.run("-m", "perf", "-k", "cpu-small")
    assert run.ret == 1
    run.stdout.fnmatch_lines(["*the spec names no NumPy equivalent to be held against*"])


def test_a_workload_that_raises_is_told(checkout):
    run, found = timed(checkout, 'Form("torch.neg(input) if input.numel() < 1000 else [][0]")', "-k", "medium")
    assert run.ret == 1 and found == {"medium": "broken"}
    run.stdout.fnmatch_lines(["*could not be timed: IndexError: list index out of range*"])
    run.stdout.no_fnmatch_line("*Traceback*")


def test_a_crash_while_a_workload_is_timed_is_told(checkout):
    crash = "torch.neg(input) if input.numel() < 1000 else __import__('os').abort()"
    run, found = timed(checkout, f'Form("{crash}")', "-k", "medium or cpu-small")
    assert run.ret == 1 and found == {"small": "held", "medium": "crashed"}
    assert "errors" not in run.parseoutcomes()


def test_one_workload_can_be_named(checkout):
    checkout.spec(dtypes='("float32",)', extra=WORKLOAD, fields=COST)
    run = checkout.run(target="specs/small/neg.py::perf[cpu-small]")
    assert run.ret == 0 and run.parseoutcomes()["passed"] == 1


@pytest.mark.parametrize(
    "arguments, told",
    [
        (("-m", "perf", "-n", "2"), "*-m perf: a workload needs a core to itself; leave out -n*"),
        (("-m", "perf or not perf", "-n", "2"), "*-m perf: a workload needs a core to itself; leave out -n*"),
        (("-m", "perf", "--benchmark-disable"), "*nothing would be timed; leave out --benchmark-disable*"),
        (("-m", "perf", "--benchmark-skip"), "*nothing would be timed; leave out --benchmark-skip*"),
    ],
)
def test_times_that_could_not_be_taken_are_refused(checkout, arguments, told):
    checkout.spec(dtypes='("float32",)', extra=WORKLOAD, fields=COST)
    run = checkout.run(*arguments)
    assert run.ret == 4
    run.stderr.fnmatch_lines([told])


@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_run_that_times_nothing_says_so(checkout, workers):
    checkout.spec(dtypes='("float32",)', extra=WORKLOAD, fields=COST)
    run = checkout.run("-n", workers, "-k", "cost")
    assert run.ret == 0
    run.stdout.fnmatch_lines(["*not run: *perf (needs a core to itself: pytest -m perf)*"])
    assert all(cell.check == "cost" for cell in results.read(checkout.out / "results.ndjson").cells)
