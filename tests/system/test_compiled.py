"""Compiled cells of several specs in real runs: calls that kill the process, or are wrong, in a graph with others."""

from __future__ import annotations

import runpy

import pytest

from conformance.engine.search import draw_samples
from conformance.gate import changes
from conformance.gate.decision import SAFE, UNSAFE
from conformance.processes.client import ChildProcess
from conformance.processes.requests import ReplayRequest
from conformance.processes.survivor import Survivor
from conformance.results.model import Cell
from conformance.samples.serial import to_data
from conformance.spec import loader
from tests.system.test_gate import gate

LIBRARY = """
import os
import sys

torch = sys.modules.get("torch")  # which the parent does not have
if torch is not None and not hasattr(torch, "planted"):
    torch.planted = torch.library.Library("planted", "DEF")
    torch.planted.define("dies(Tensor input) -> Tensor")
    torch.planted.impl("dies", lambda input: os.abort(), "CPU")
    torch.planted.impl("dies", lambda input: torch.empty_like(input), "Meta")
"""
"""An operation that ends the process when compiled code runs it, though not when it is traced."""

DIES = "torch.ops.planted.dies(input) if torch.compiler.is_compiling() and input.dtype == torch.int32 else input.neg()"
WRONG = "input.neg() * (2 if torch.compiler.is_compiling() else 1)"
COMPILED = {"modes": '("aot_eager",)', "dtypes": '("float32", "int32")'}
CELL = "modes[cpu-aot_eager]"


def test_a_compiled_call_that_kills_the_process_is_found_among_those_of_other_specs(checkout):
    checkout.spec("dies", DIES, extra=LIBRARY, **COMPILED)
    checkout.spec("wrong", WRONG, **COMPILED)
    for name in ("a", "b", "c"):
        checkout.spec(name, "torch.neg(input)", **COMPILED)
    run = checkout.run("-n", "2", "-k", "aot_eager or values")
    assert run.ret == 1
    verdicts = {operation: run.of(f"torch.{operation}")[CELL] for operation in ("dies", "wrong", "a", "b", "c")}
    assert {name: str(cell.verdict) for name, cell in verdicts.items()} == {
        "dies": "crashed",
        "wrong": "broken",
        "a": "held",
        "b": "held",
        "c": "held",
    }
    failure = verdicts["dies"].failure
    assert "SIGABRT" in failure.message and failure.sample is not None
    assert run.results.counts["held"] == 3 + 2 * 5 and run.results.counts["not run"] == 0


def test_the_script_of_a_wrong_compiled_call_compiles_it(checkout, capsys):
    checkout.spec("wrong", WRONG, **COMPILED)
    run = checkout.run("-k", "aot_eager")
    failure = run.cells[CELL].failure
    script = run.out / failure.repro
    assert f"fullgraph=True, dynamic={'dynamic=True' in failure.call})" in script.read_text()
    with pytest.raises(SystemExit, match="1"):
        runpy.run_path(str(script), run_name="__main__")
    assert "BROKEN: result" in capsys.readouterr().out


def test_a_replay_that_dies_in_a_graph_tells_the_sample(checkout):
    """What a gate asks of a side: the calls are asked one by one once the process died, and the call is named."""
    path = checkout.spec("dies", DIES, extra=LIBRARY, **COMPILED)
    samples = tuple(to_data(sample) for sample in draw_samples(loader.load(path), 100, 0))
    cells = Cell("values", "int32"), Cell("modes", "aot_eager")
    request = ReplayRequest(file=str(path), device="cpu", cells=cells, samples=samples, deviations=())
    child = ChildProcess()
    try:
        survivor = Survivor(child, request, deaths_of_a_crash=2)
        survivor.begin()
        survived = survivor.finish()
    finally:
        child.close()
    (crash,) = survived.crashes
    assert crash.cell == cells[1] and crash.sample is not None
    assert survived.answer is not None and len(survived.answer.of(cells[0])) == len(samples)


SIDE = "if torch is not None:\n    torch.planted_side = os.environ.get('SIDE')\n"
DIES_ON_THE_CANDIDATE = DIES.replace("if ", "if torch.planted_side == 'candidate' and ", 1)


def test_a_gate_finds_the_compiled_call_that_kills_one_side_among_those_of_other_specs(checkout):
    checkout.spec("dies", DIES_ON_THE_CANDIDATE, extra=LIBRARY + SIDE, **{**COMPILED, "dtypes": '("int32",)'})
    checkout.spec("wrong", WRONG, **COMPILED)
    checkout.spec("a", "torch.neg(input)", **COMPILED)
    comparison = gate(checkout)
    found = {(change.operation, change.check, change.kind) for change in comparison.changes}
    assert found == {("torch.dies", "modes", changes.CRASHED)} and comparison.status == UNSAFE
    assert "wrong.py::modes[cpu-aot_eager]" in {one.cell.split("/")[-1] for one in comparison.wrong_alike}
    assert not comparison.missing and not comparison.gaps


def test_a_gate_of_compiled_calls_of_several_specs_is_safe_where_nothing_changed(checkout):
    for name in ("a", "b", "c"):
        checkout.spec(name, "torch.neg(input)", **COMPILED)
    comparison = gate(checkout)
    assert comparison.status == SAFE and comparison.equal == comparison.outcomes
    assert sum("aot_eager" in name for name in comparison.compared) == 3
