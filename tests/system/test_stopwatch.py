"""Times of two torches: what is slower is told, what is not is not, under a load that the tests make themselves."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace

import pytest
from click.testing import CliRunner

from conformance.cli.main import main
from conformance.gate import changes
from conformance.gate.decision import INCOMPLETE
from conformance.gate.times.instructions import COMMANDS, with_instructions
from conformance.gate.times.speed import LOOKS, SAME, UNDECIDED, Judgement, PairedRatios, Speed
from conformance.gate.times.stopwatch import NotTimed, Stopwatch, time_all, timed_cells
from conformance.numeric.intervals import Interval
from conformance.processes.interpreter import Interpreter
from conformance.results.status import Status
from conformance.spec import loader
from tests import SPECS
from tests.needs import applies, needs
from tests.slowness import Plant, interpreters, load, planted, planted_workload


@pytest.fixture(scope="module")
def stopwatch():
    watch = Stopwatch(*interpreters(), 60.0)
    yield watch
    watch.close()


def test_planted_slowness_is_caught_under_load(tmp_path, stopwatch):
    timed = [planted_workload(tmp_path, "cat twice as slow")]
    # Twice the time is beyond every margin that a load has been seen to raise; less is left to benchmarks/times.py.
    with load():
        speeds, _ = time_all(stopwatch, timed, lambda *_: None, 134)
    assert [speed.verdict for speed in speeds] == [changes.SLOWER], [speed.summary for speed in speeds]
    assert all(speed.confirmed == 3 and len(speed.pairs.candidate) in LOOKS for speed in speeds)


def test_a_workload_that_cannot_be_timed_is_told_and_the_next_one_is_timed(tmp_path, stopwatch):
    file = planted(tmp_path / "view", Plant("shape/view", "input.view(shape)", "[][0]"))
    timed = timed_cells("view", file, loader.load(file), "cpu")[0]
    with pytest.raises(NotTimed, match="could not be timed on the candidate: IndexError"):
        stopwatch.judged(timed, 1)
    dies = planted(
        tmp_path / "reshape", Plant("shape/reshape", "torch.reshape(input, shape)", "__import__('os').abort()")
    )
    with pytest.raises(NotTimed, match="SIGABRT"):
        stopwatch.judged(timed_cells("reshape", dies, loader.load(dies), "cpu")[0], 1)
    sound = SPECS / "shape" / "view.py"
    judgement, _ = stopwatch.judged(timed_cells("view", sound, loader.load(sound), "cpu")[0], 1)
    assert judgement.verdict in (SAME, UNDECIDED)


def test_the_gate_times_one_torch_on_both_sides_when_asked(checkout, monkeypatch):
    monkeypatch.chdir(checkout.root)
    checkout.spec(dtypes='("float32",)', cost="Cost(workload=workload)")
    checkout.spec("negative", dtypes='("float32",)')
    both = ["--baseline", "this", "--candidate", "this", "--profile", "quick"]
    with load():
        run = CliRunner().invoke(main, ["gate", *both, "--times", "specs"])
    # A false alarm needs an accident of 0.05 / 4 / 9 and three more like it.
    assert run.exit_code == INCOMPLETE and "no change" in run.output and "4 workloads timed" in run.output
    assert "torch.negative has no workloads to time" in run.output and "torch.neg has no" not in run.output
    lines = (checkout.root / "reports/gate/gate.ndjson").read_text().splitlines()
    told = {record["id"] for record in map(json.loads, lines) if record["type"] == "timed"}
    speeds = {record["cell"]: record["words"] for record in map(json.loads, lines) if record["type"] == "speed"}
    assert told == set(speeds) and "specs/small/neg.py::perf[cpu-small]" in told
    assert all("times as long" in words for words in speeds.values())
    assert told < set(json.loads(lines[1])["cells"])


PAGES = """
import resource, torch
input = torch.ones(1 << 22)
made = []
for _ in range(60):
    results = [input + 1 for _ in range(6)]
    del results
    made.append(resource.getrusage(resource.RUSAGE_SELF).ru_minflt)
print(made[-1] - made[19])
"""


def test_processes_that_are_timed_keep_their_memory():
    applies(sys.platform == "linux", "is about glibc's malloc")
    command = [*Interpreter().to_be_timed.under, sys.executable, "-c", PAGES]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    # One or two results of 4,096 pages, where the heap grows late; without it 36,000 pages and more.
    assert int(done.stdout) < 20_000


# --- instructions -------------------------------------------------------------------------------------------------

SLOWER = Judgement(verdict=changes.SLOWER, ratio=Interval(1.2, 1.3, 1.4), margin=1.1, pairs=32)
EQUAL = Judgement(verdict=SAME, ratio=Interval(0.99, 1, 1.01), margin=1.1, pairs=32)


def slower(timed):
    """A workload that was found slower."""
    return Speed(
        cell=timed.cell,
        operation=timed.spec.operation,
        device=timed.device,
        workload=timed.workload.name,
        call=timed.call,
        first=SLOWER,
        pairs=PairedRatios((1.3,) * 32, (1.0,) * 32),
        fresh=(SLOWER,) * 3,
    )


@pytest.fixture
def valgrind():
    """The commands by which instructions are counted."""
    for command in COMMANDS:
        needs(command)


def test_instructions_tell_a_copy_from_an_equal_call(tmp_path, valgrind):
    file = SPECS / "shape" / "view.py"
    equal, unasked = timed_cells("view", file, loader.load(file), "cpu")[:2]
    copies = planted_workload(tmp_path, "reshape copies")
    speeds = [slower(copies), slower(equal), replace(slower(unasked), first=EQUAL)]
    told = with_instructions(speeds, [copies, equal, unasked], interpreters(), 60.0)
    copied, same = told[0].instructions, told[1].instructions
    assert copied is not None and same is not None
    assert copied.candidate > 1.5 * copied.baseline > 0, told[0].summary
    # What differs from process to process: where the interpreter's own tables lie.
    assert same.candidate == pytest.approx(same.baseline, rel=0.02), told[1].summary
    assert told[2].instructions is None
    assert "times as many instructions" in told[0].summary and told[0].verdict == changes.SLOWER


def test_instructions_that_cannot_be_counted_are_told(tmp_path, valgrind):
    file = SPECS / "shape" / "view.py"
    timed = timed_cells("view", file, loader.load(file), "cpu")[:1]
    nowhere = Interpreter(str(tmp_path / "python"))
    told = with_instructions([slower(timed[0])], timed, (nowhere, nowhere), 60.0)
    assert "instructions not counted: the process" in told[0].summary and told[0].verdict == changes.SLOWER


def test_asking_for_instructions_in_vain_is_wrong_usage(checkout, monkeypatch):
    monkeypatch.chdir(checkout.root)
    both = ["gate", "--baseline", "this", "--candidate", "this", "--instructions"]
    alone = CliRunner().invoke(main, both)
    assert alone.exit_code == Status.WRONG_OPTION and "ask for --times, too" in alone.output
    monkeypatch.setenv("PATH", str(checkout.root))
    without = CliRunner().invoke(main, [*both, "--times"])
    assert without.exit_code == Status.WRONG_OPTION and "not found: valgrind, callgrind_control" in without.output
