"""Which clock judges, and what is said of a problem that a busy machine may have made."""

from __future__ import annotations

import itertools
import math
import time
from dataclasses import replace

import pytest

from conformance.numeric.intervals import Interval
from conformance.results.model import Timing
from conformance.spec import Cost, dense
from conformance.spec.bounds import Bound
from conformance.timing.clock import Timed, clock_of
from conformance.timing.ratios import LEAST_SHARE, LOOKS, Measured, measure
from tests.engine.specs import NEG


def workload(size):
    return {"input": dense((size // 64, 64))}


TIMED = replace(NEG, cost=Cost(workload=workload, reference="elementwise"))


def test_calls_on_other_devices_are_judged_by_wall_time():
    assert clock_of("cuda") is time.perf_counter


@pytest.mark.parametrize("step, taken", [(1e-7, True), (1 / 64, False)])
def test_processor_time_is_taken_where_it_is_counted_finely(monkeypatch, step, taken):
    """Windows counts it in steps of a 64th of a second, and says that its resolution is 1e-7."""
    counts = itertools.count()
    coarse = lambda: next(counts) // 3 * step  # noqa: E731
    monkeypatch.setattr(time, "process_time", coarse)
    assert clock_of("cpu") is (coarse if taken else time.perf_counter)


def measured(low, high, share=1.0, most=2.0, least=0.0):
    """A measurement with an interval from `low` to `high`."""
    timing = Timing(kind="ratios", seconds={}, bound=2.0)
    return Measured(Interval(low, (low + high) / 2, high), least, most, f"takes {low} to {high}", "", timing, share)


@pytest.mark.parametrize(
    "found, verdict, told",
    [
        (measured(1.0, 1.9), "held", ""),
        (measured(1.0, 1.9, share=0.1), "held", ""),
        (measured(1.0, 1.9, most=math.inf), "vacuous", "takes 1.0 to 1.9"),
        (measured(2.1, 2.9), "broken", "takes 2.1 to 2.9"),
        (measured(2.1, 2.9, share=LEAST_SHARE), "broken", "takes 2.1 to 2.9"),
        (measured(2.1, 2.9, share=0.4), "not run", "not decided: others had 60% of the processor; takes 2.1"),
        (measured(1.9, 2.1), "not run", "not decided: the times vary too much; takes 1.9"),
        (measured(-math.inf, math.inf), "not run", "not decided: the times vary too much"),
        (measured(0.4, 0.6, least=0.75), "not run", "not decided: these sizes do not show the promised growth"),
        (measured(0.6, 0.8, least=0.75), "held", ""),
    ],
)
def test_an_interval_decides_unless_the_bound_lies_inside_it_or_the_machine_was_busy(found, verdict, told):
    failure = found.failure("torch.neg(input)")
    message = failure.message if failure else ""
    assert found.verdict == verdict and told in message and bool(told) == bool(message)


@pytest.fixture
def measured_of(monkeypatch):
    """Measures a workload whose times are the given ratios to those of the reference, round by round."""

    def measured_with(ratios, device="cpu"):
        times = iter(ratios)
        monkeypatch.setattr(Timed, "loops", lambda timed, call: 1)
        monkeypatch.setattr(Timed, "seconds", lambda timed, call, _: next(times) if call is timed.torch else 1.0)
        bound = Bound(id="torch.neg small", against="elementwise", measured=1.0, spread=1.0, bound=2.0)
        result = measure(TIMED, "small", device, "neg.py", {bound.id: bound})
        assert result.timing is not None
        return result.verdict, result.timing

    return measured_with


@pytest.mark.parametrize(
    "ratios, rounds, verdict",
    [
        ([1.0] * 200, LOOKS[0], "held"),
        ([3.0] * 200, LOOKS[0], "broken"),
        ([3.0] * 3 + [1.0] * 200, LOOKS[1], "held"),
        ([1.0, 3.0] * 100, LOOKS[-1], "not run"),
    ],
)
def test_more_rounds_are_taken_while_a_measurement_is_open(measured_of, ratios, rounds, verdict):
    found, timing = measured_of(ratios)
    assert found == verdict and len(timing.ratios) == rounds


def test_a_bound_that_was_measured_on_the_cpu_is_wider_elsewhere(measured_of):
    found, timing = measured_of([3.0] * 200, device="meta")
    assert found == "held" and timing.bound == 10.0
