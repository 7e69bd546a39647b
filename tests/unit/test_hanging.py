"""When a step counts as hung: a clock and a processor time of our own."""

from __future__ import annotations

import os
import time

import pytest

from conformance.processes.hanging import MOST, StepWatch, processor_seconds
from tests.needs import applies

PATIENCE = 100.0


def hung_after(share: float | None, until: float = float("inf")) -> float | None:
    """The seconds after which a step counts as hung that has a share of a core `until` then, and nothing later; None
    if it does not within 3,000 s. Without a share the system does not tell it."""
    now = 0.0

    def used() -> float | None:
        return None if share is None else 7.0 + share * min(now, until)

    watch = StepWatch(PATIENCE, used, lambda: now)
    while now < 3000:
        now += 1.0
        if watch.hangs():
            return now
    return None


@pytest.mark.parametrize(
    ("share", "until", "earliest", "latest"),
    [
        (0.0, float("inf"), 100, 102),  # it sleeps
        (1.0, float("inf"), 100, 102),  # it loops, on a machine that has nothing else to do
        (2.0, float("inf"), 100, 102),
        (None, float("inf"), 100, 102),
        (0.25, float("inf"), 390, 410),  # it loops beside others
        (0.5, 60, 100, 112),  # it worked, and then waits for ever
        (0.03, float("inf"), MOST * 100, MOST * 100 + 2),
    ],
)
def test_a_step_that_hangs_is_found(share: float | None, until: float, earliest: float, latest: float) -> None:
    found = hung_after(share, until)
    assert found is not None and earliest < found <= latest


def test_a_step_that_waits_for_a_processor_does_not_hang() -> None:
    """Compilers that take 90 seconds have a tenth of a core: they are done after 900 seconds."""
    found = hung_after(0.1)
    assert found is not None and found > 900


def test_a_step_that_comes_begins_anew() -> None:
    now = 0.0
    watch = StepWatch(PATIENCE, lambda: 0.0, lambda: now)
    for _ in range(10):
        now += 99.0
        assert not watch.hangs()
        watch.begin()


def test_the_processor_time_of_a_group_is_told() -> None:
    applies(os.path.exists("/proc/self/stat"), "other systems do not tell it")
    before = processor_seconds(os.getpgrp())
    end = time.process_time() + 0.3
    while time.process_time() < end:
        pass
    after = processor_seconds(os.getpgrp())
    assert before is not None and after is not None and after - before >= 0.25
    assert processor_seconds(0) is None
