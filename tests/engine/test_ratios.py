"""Which clock judges, and what is said of a problem that a busy machine may have made."""

from __future__ import annotations

import itertools
import time

import pytest

from conformance.results.model import Timing
from conformance.timing.clock import clock_of
from conformance.timing.ratios import LEAST_SHARE, Measured


def test_calls_on_other_devices_are_judged_by_wall_time():
    assert clock_of("cuda") is time.perf_counter


@pytest.mark.parametrize("step, taken", [(1e-7, True), (1 / 64, False)])
def test_processor_time_is_taken_where_it_is_counted_finely(monkeypatch, step, taken):
    """Windows counts it in steps of a 64th of a second, and says that its resolution is 1e-7."""
    counts = itertools.count()
    coarse = lambda: next(counts) // 3 * step  # noqa: E731
    monkeypatch.setattr(time, "process_time", coarse)
    assert clock_of("cpu") is (coarse if taken else time.perf_counter)


SLOW = "takes 30 times as long as NumPy, or more"


@pytest.mark.parametrize(
    "problem, promised, share, verdict, told",
    [
        ("", "20 times at most", 1.0, "held", ""),
        ("", "20 times at most", 0.1, "held", ""),
        ("", "", 1.0, "vacuous", "names no NumPy equivalent"),
        (SLOW, "20 times at most", 1.0, "broken", SLOW),
        (SLOW, "20 times at most", LEAST_SHARE, "broken", SLOW),
        (SLOW, "20 times at most", 0.4, "not run", "not decided: others had 60% of the processor; takes 30 times"),
    ],
)
def test_a_problem_on_a_busy_machine_is_not_decided_by_wall_times(problem, promised, share, verdict, told):
    found = Measured(problem, promised, "", Timing(kind="growth", seconds={}, bound=1.0), share)
    failure = found.failure("torch.neg(input)")
    message = failure.message if failure else ""
    assert found.verdict == verdict and told in message and bool(told) == bool(message)
