"""Times judged on a busy machine: what is sound does not turn red, and what is slow is still caught.

On the core of the timed process run three others that never rest, as many as six on two cores. Verdicts are asserted,
not times. A sound workload takes half or less of what it may, or has an exponent of 1.1 where 1.25 is the least bound.
Even one that took all that it may would turn red less than once in 500 runs: there are four looks at most, and the
interval of the median lies above the true one once in 2,000.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import replace
from pathlib import Path
from statistics import fmean
from unittest import mock

import pytest

from conformance.processes.interpreter import Interpreter
from conformance.spec import Cost, Spec, dense, loader
from conformance.spec.bounds import Bound
from conformance.timing import clock, ratios
from tests import ROOT
from tests.engine.specs import NEG, called
from tests.slowness import ALWAYS_BUSY, PLANTED, load, planted
from tests.system.checkout import finished


def workload(size):
    return {"input": dense((size // 64, 64))}


TIMED = replace(NEG, cost=Cost(workload=workload, reference="elementwise"))
BOUND = Bound(id="torch.neg large", against="elementwise", measured=5.0, spread=1.0, bound=10.0)


def repeated(times: str) -> Spec:
    """torch.neg so many times over: longer than a time slice, beside a reference that is shorter."""
    return called(TIMED, f"__import__('collections').deque((torch.neg(input) for _ in range({times})), 1)[-1]")


def everything(stack: str) -> dict[str, tuple[Spec, str]]:
    """What is timed, each spec with the name of a workload; `stack` is the file of one that is quadratic."""
    return {
        "sound": (repeated("5"), "large"),
        "sound growth": (repeated("100"), "growth"),
        "slow": (repeated("30"), "large"),
        "quadratic": (repeated("1 + input.numel() // 16384"), "growth"),
        "planted": (loader.load(Path(stack)), "growth"),
    }


def measured(spec: Spec, workload: str) -> str:
    return str(ratios.measure(spec, workload, "cpu", "a.py", {BOUND.id: BOUND}).verdict)


def main() -> None:
    """Print the verdict of each, that of a slow one by wall time, and the share of a processor that there was."""
    clock.use_one_core()
    timed = everything(sys.argv[1])
    with load(ALWAYS_BUSY, 3):  # on the same core, which they inherit
        verdicts = {name: measured(*one) for name, one in timed.items()}
        with mock.patch.object(ratios, "clock_of", return_value=time.perf_counter):
            verdicts["slow by wall time"] = measured(*timed["slow"])
        print(json.dumps({"verdicts": verdicts, "share": fmean(clock.share_of_processor() for _ in range(20))}))


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """What a process says that is to be timed, as those of a run are."""
    file = planted(tmp_path_factory.mktemp("planted"), PLANTED["stack is quadratic"])
    command = [sys.executable, "-c", f"from {__name__} import main; main()", str(file)]
    done = finished([*Interpreter().to_be_timed.under, *command], ROOT, {"SIDE": "candidate"})
    assert done.ret == 0, done.stderr.str()
    return json.loads(done.outlines[-1])


def test_the_machine_was_busy(found):
    assert found["share"] < 0.5


def test_sound_workloads_hold_on_a_busy_machine(found):
    assert [found["verdicts"][name] for name in ("sound", "sound growth")] == ["held", "held"]


def test_slow_ones_are_caught_on_a_busy_machine(found):
    assert [found["verdicts"][name] for name in ("slow", "quadratic", "planted")] == ["broken"] * 3


def test_where_only_wall_times_can_be_had_a_busy_machine_decides_nothing(found):
    assert found["verdicts"]["slow by wall time"] == "not run"
