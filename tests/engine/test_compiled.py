"""Compiled cells: calls of several specs share a graph, and the one that is at fault is found, alone."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from filelock import FileLock
from msgspec import structs

from conformance.checks.modes import MODE_MODULES, aot_eager, compiled
from conformance.checks.modes.compiled import TOGETHER
from conformance.checks.modes.ways import has_dynamic_shapes
from conformance.engine import shrink
from conformance.engine.compiled import CompiledSweep, by_turns, sweep_together
from conformance.engine.deviations import Deviation
from conformance.engine.replay import Replay
from conformance.engine.script import script
from conformance.engine.search import draw_samples
from conformance.engine.sweep import Budget, CellState
from conformance.execution.half_written import remove_half_written
from conformance.results.model import Cell, Failure, FailureKind
from conformance.samples.sample import Sample
from conformance.samples.serial import from_data
from conformance.samples.strides import contiguous_strides
from conformance.spec import Refusal, Spec, loader
from conformance.spec.contract import COMPILED_MODES
from tests import SPECS
from tests.engine.specs import COPY, DIFFERS, NEG, called
from tests.needs import applies, needs

CELL = Cell("modes", "aot_eager")


def absolute(input: Any) -> Any:
    return np.abs(input)


ABS = replace(called(NEG, "torch.abs(input)"), operation="torch.abs", oracle=absolute)
SOUND = (NEG, ABS, replace(COPY, gradient=None))


def together(
    *specs: Spec, examples: int = 200, one_by_one: bool = False, known: tuple[Deviation, ...] = ()
) -> list[CellState]:
    """What the sweeps of the compiled cells of several specs find."""
    sweeps = [CompiledSweep(spec, "cpu", [CELL], Budget(examples, 0), known) for spec in specs]
    return [states[CELL] for states in sweep_together(sweeps, one_by_one)]


def verdicts(*specs: Spec) -> list[str]:
    return [str(state.verdict) for state in together(*specs)]


@pytest.fixture
def backend(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Any], None]]:
    """Puts a compiler of a test's own in the place of aot_eager's."""

    def use(compiler: Callable[[Any, Any], Any]) -> None:
        torch._dynamo.register_backend(compiler, name="planted")
        monkeypatch.setattr(aot_eager, "BACKEND", "planted")

    yield use
    torch._dynamo.reset()
    torch._dynamo.backends.registry._COMPILER_FNS.pop("planted", None)


def operations(graph: Any) -> list[str]:
    return [getattr(node.target, "__name__", str(node.target)) for node in graph.graph.nodes]


def spoils_neg(graph: Any) -> Callable[..., Any]:
    """The graph with a zero for each negative."""
    for node in graph.graph.nodes:
        if node.target in (torch.neg, "neg"):
            node.op, node.target = "call_function", torch.zeros_like
    graph.recompile()
    run: Callable[..., Any] = graph.forward
    return run


def sample_of(failure: Failure) -> Sample:
    assert failure.sample is not None
    sample: Sample = from_data(failure.sample.data)
    return sample


def has_symbols(inputs: Any) -> bool:
    return any(isinstance(one, torch.SymInt) for one in inputs)


def test_calls_of_several_specs_hold_in_one_graph_of_each_kind_of_shapes():
    for state in together(*SOUND):
        assert state.verdict == "held" and state.evidence.comparisons == 6
        assert (
            "compiled calls: 3 with static shapes in 1 graph, 3 with dynamic shapes in 1 graph" in state.evidence.notes
        )


def test_a_wrong_result_of_one_call_among_many_breaks_its_cell_alone(backend):
    backend(lambda graph, inputs: spoils_neg(graph))
    wrong, *others = together(*SOUND)
    assert [state.verdict for state in others] == ["held", "held"]
    failure = wrong.failure
    assert failure is not None and failure.kind is FailureKind.VALUES and failure.repeats and not failure.about
    assert failure.call.startswith("torch.compile of ") and "neg(" in failure.call and "'planted'" in failure.call
    assert failure.promised == "the results of the plain call"
    assert sum(tensor.numel for tensor in sample_of(failure).tensors) <= 2


def test_the_backend_of_a_device_is_a_mode_by_its_own_name(backend):
    backend(lambda graph, inputs: spoils_neg(graph))
    cell = Cell("modes", "planted")
    state = CompiledSweep(NEG, "cpu", [cell], Budget(200, 0))
    (found,) = sweep_together([state])
    failure = found[cell].failure
    assert failure is not None and failure.kind is FailureKind.VALUES and "'planted'" in failure.call
    assert sample_of(failure) is not None and found[cell].evidence.failed


@pytest.mark.parametrize("dynamic", [False, True])
def test_what_is_wrong_with_one_kind_of_shapes_alone_is_found_and_told(backend, dynamic):
    backend(lambda graph, inputs: spoils_neg(graph) if has_symbols(inputs) is dynamic else graph.forward)
    wrong, *others = together(*SOUND)
    assert [state.verdict for state in others] == ["held", "held"]
    failure = wrong.failure
    assert failure is not None and failure.repeats
    if dynamic:  # sizes of 0 and 1 are never symbols
        assert f"dynamic={dynamic}" in failure.call and has_dynamic_shapes(sample_of(failure))


def test_a_call_that_cannot_be_compiled_whole_breaks_its_cell_alone():
    breaking = called(NEG, "torch.neg(input) + int(input.sum().item() == 0.125)")
    wrong, *others = together(breaking, *SOUND)
    assert [state.verdict for state in others] == ["held"] * 3
    assert wrong.failure is not None and wrong.failure.kind is FailureKind.RAISED and wrong.failure.repeats


def test_a_call_that_raises_while_it_is_compiled_breaks_its_cell_alone(backend):
    def compiler(graph: Any, inputs: Any) -> Any:
        if "neg" in operations(graph):
            raise NotImplementedError("planted")
        return graph.forward

    backend(compiler)
    wrong, *others = together(*SOUND)
    assert [state.verdict for state in others] == ["held", "held"]
    assert wrong.failure is not None and "backend='planted' raised" in wrong.failure.message and wrong.failure.repeats


def test_a_call_that_is_wrong_only_beside_another_is_told_with_that_one(backend):
    backend(lambda graph, inputs: spoils_neg(graph) if "abs" in operations(graph) else graph.forward)
    wrong, *others = together(*SOUND)
    assert [state.verdict for state in others] == ["held", "held"]
    failure = wrong.failure
    assert failure is not None and failure.about == TOGETHER and failure.message.startswith(TOGETHER)
    assert failure.call.count("torch.abs(input)") == 1 and "input.clone()" not in failure.call
    text = script(NEG, wrong.result("neg.py", "torch.neg", "cpu", CELL), failure)
    assert "# This call is right alone. Wrong is" in text and "sys.exit(125)" in text


def test_calls_that_raise_only_together_are_all_broken(backend):
    def compiler(graph: Any, inputs: Any) -> Any:
        if {"abs", "neg"} <= set(operations(graph)):
            raise NotImplementedError("planted")
        return graph.forward

    backend(compiler)
    assert verdicts(*SOUND) == ["broken", "broken", "held"]
    how = {"predicate": "", "checks": ("modes",), "dtypes": ("aot_eager",), "error": "BackendCompilerFailed"}
    known = (structs.replace(DIFFERS, **how), structs.replace(DIFFERS, operation="torch.abs", **how))
    assert [state.verdict for state in together(*SOUND, known=known)] == ["deviates", "deviates", "held"]


def test_a_call_that_leaves_nothing_to_compile_did_not_run_compiled(backend):
    """The graph that it shares with others runs, but holds nothing of this call."""
    wrong, *others = together(replace(called(COPY, "input"), gradient=None), *SOUND)
    assert [state.verdict for state in others] == ["held"] * 3
    assert wrong.failure is not None and wrong.failure.kind is FailureKind.NOT_COMPILED


def test_compiled_code_that_does_not_run_is_no_compiled_run(backend, monkeypatch):
    """A compiler that falls back to the plain call: the graph is made and never run."""
    monkeypatch.setattr(compiled._Proof, "__call__", lambda proof, graph, inputs: graph.forward)
    assert verdicts(*SOUND) == ["broken"] * 3


def test_an_argument_that_a_compiled_call_changes_breaks_its_cell_alone(backend):
    writes = called(NEG, "torch.neg(input.zero_() if torch.compiler.is_compiling() and input.numel() > 1 else input)")
    wrong, *others = together(writes, *SOUND)
    assert [state.verdict for state in others] == ["held"] * 3 and wrong.verdict == "broken"


def test_one_by_one_and_together_the_same_is_found(backend):
    backend(lambda graph, inputs: spoils_neg(graph))
    many, alone = (together(*SOUND, one_by_one=one_by_one) for one_by_one in (False, True))
    assert [state.verdict for state in many] == [state.verdict for state in alone]
    assert many[0].failure is not None and alone[0].failure is not None
    assert structs.replace(many[0].failure, failed=0) == structs.replace(alone[0].failure, failed=0)


def test_the_number_of_calls_that_shrink_a_sample_is_bounded(backend, monkeypatch):
    monkeypatch.setattr(shrink, "_MOST_ASKS_COMPILED", 3)
    runs = []

    def compiler(graph: Any, inputs: Any) -> Any:
        runs.append(graph)
        return spoils_neg(graph)

    backend(compiler)
    failure = together(NEG)[0].failure
    assert failure is not None and failure.repeats
    # two graphs and a backward pass, one call alone, three that shrink, and one that confirms
    assert len(runs) <= 3 + 1 + 3 + 1


def test_a_form_that_is_wrong_when_compiled_is_found():
    wrong = called(NEG, "torch.neg(input)", "input.neg() * (2 if torch.compiler.is_compiling() else 1)")
    failure = together(wrong)[0].failure
    assert failure is not None and "* (2" in failure.call and failure.repeats


def of_nodes(graph: Any, change: Callable[[Any], Callable[..., Any] | None]) -> Callable[..., Any]:
    """The graph with another function for each node of which `change` returns one."""
    for node in graph.graph.nodes:
        if function := change(node):
            node.op, node.target = "call_function", function
    graph.recompile()
    run: Callable[..., Any] = graph.forward
    return run


def test_a_call_that_is_wrong_on_a_tensor_made_inside_is_found(backend):
    def change(node: Any) -> Any:
        made_inside = [one for one in node.all_input_nodes if one.target == "clone"]
        return torch.zeros_like if node.target in (torch.neg, "neg") and made_inside else None

    backend(lambda graph, inputs: of_nodes(graph, change))
    failure = together(NEG)[0].failure
    assert failure is not None and "of copies made inside" in failure.call and failure.repeats


def doubled_gradient(tensor: Any) -> Any:
    copy = tensor.clone()
    if copy.requires_grad:
        copy.register_hook(torch.Tensor.double)
        copy.register_hook(lambda gradient: gradient * 2)
    return copy


def test_a_compiled_call_with_a_wrong_gradient_is_found(backend):
    backend(lambda graph, inputs: of_nodes(graph, lambda node: doubled_gradient if node.target == "clone" else None))
    failure = together(COPY)[0].failure
    assert failure is not None and "with gradients" in failure.call and failure.about == "gradient of input"


def test_a_misuse_that_is_accepted_when_compiled_is_found():
    call = "torch.neg(input) if torch.compiler.is_compiling() else torch.neg(input, [])"
    refusals = (Refusal("an argument too many", "torch.neg(input, [])", (TypeError, RuntimeError)),)
    assert together(replace(NEG, refusals=refusals), examples=500)[0].verdict == "held"
    wrong = replace(NEG, refusals=(replace(refusals[0], call=call),))
    failure = together(wrong, examples=500)[0].failure
    assert failure is not None and failure.kind is FailureKind.ACCEPTED and failure.about == "an argument too many"


def as_if_row_major(tensor: Any, *shape: Any) -> Any:
    """A reshaped tensor; a view is laid out row by row, whatever lies between its elements."""
    right = tensor.reshape(*shape)
    if right.untyped_storage().data_ptr() != tensor.untyped_storage().data_ptr():
        return right
    return tensor.as_strided(right.shape, contiguous_strides(tuple(right.shape)), right.storage_offset())


@pytest.mark.parametrize("dynamic", [False, True])
def test_a_compiler_that_takes_strided_views_for_row_major_is_found(backend, dynamic):
    """As inductor did with dynamic shapes until torch 2.11: https://github.com/pytorch/pytorch/issues/172693."""

    def change(node: Any) -> Any:
        return as_if_row_major if node.target in (torch.reshape, "reshape") and not node.kwargs else None

    backend(lambda graph, inputs: of_nodes(graph, change) if has_symbols(inputs) is dynamic else graph.forward)
    failure = together(loader.load(SPECS / "shape" / "reshape.py"))[0].failure
    assert failure is not None and has_dynamic_shapes(sample_of(failure)) is dynamic


def test_each_kind_of_call_has_its_turn():
    kinds = ["", "sliced a copy", "", "misuse", "sliced a strided view", "misuse"]
    assert by_turns(range(6), kinds) == [4, 1, 3, 0, 5, 2]
    reshape = loader.load(SPECS / "shape" / "reshape.py")
    calls = [call for seed in range(4) for call in CompiledSweep(reshape, "cpu", [CELL], Budget(200, seed)).calls()]
    assert {"gradients", "made inside", "misuse", ""} <= {call.way.kind for call in calls}
    assert len({layout for call in calls for layout in call.sample.layouts}) > 2


def test_few_calls_of_many_operations_meet_every_dtype():
    dtypes = ("bool", "uint8", "int8", "int16", "int32", "int64", "float16", "bfloat16", "float32", "float64")
    specs = [replace(NEG, operation=f"torch.neg{number}", dtypes=dtypes) for number in range(31)]
    plans = [CompiledSweep(spec, "cpu", [CELL], Budget(200, 0)).calls() for spec in specs]
    assert {call.dtype for plan in plans for call in plan} == set(dtypes)
    for plan in plans:
        assert [call.is_dynamic for call in plan].count(True) == [call.is_dynamic for call in plan].count(False) == 3


def test_the_modes_that_compile_are_known_without_torch():
    assert {mode for mode, module in MODE_MODULES.items() if hasattr(module, "BACKEND")} == set(COMPILED_MODES)


def test_the_smallest_run_compiles_with_both_kinds_of_shapes():
    plan = CompiledSweep(NEG, "cpu", [CELL], Budget(32, 0)).calls()
    assert sorted(call.is_dynamic for call in plan) == [False, True]


def test_a_replay_answers_for_each_sample(backend):
    backend(lambda graph, inputs: spoils_neg(graph))
    samples = tuple(draw_samples(NEG, 200, 0))
    many, alone = (Replay(NEG, "cpu", [CELL], ()).run(samples, one_by_one).of(CELL) for one_by_one in (False, True))
    assert many == alone and len(many) == 6
    assert [outcome.failure is not None for outcome in many.values()].count(True) >= 4
    sound = Replay(ABS, "cpu", [CELL], ()).run(samples).of(CELL)
    assert len(sound) == 6 and all(outcome.failure is None and outcome.answers for outcome in sound.values())


# --- what a killed process has left -------------------------------------------------------------------------------


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A whole library in an empty cache of compiled code, which no process has looked through."""
    applies(sys.platform == "linux", "libraries are ELF files on Linux")
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", str(tmp_path))
    remove_half_written.cache_clear()
    path = tmp_path / "ab" / "cabc.main.so"
    path.parent.mkdir()
    source = tmp_path / "one.cpp"
    source.write_text('extern "C" int one() { return 1; }')
    subprocess.run([needs("a C++ compiler"), "-shared", "-fPIC", "-o", path, source], check=True)
    yield path
    remove_half_written.cache_clear()


@pytest.mark.parametrize("left", [0.0, 0.003, 0.01, 0.5, 0.999])
def test_a_library_of_which_a_part_was_written_is_removed_unless_it_is_being_written(library, left):
    remove_half_written()
    assert library.exists()
    os.truncate(library, int(library.stat().st_size * left))
    (library.parents[1] / "locks").mkdir()
    with FileLock(library.parents[1] / "locks" / "cabc.lock"):
        remove_half_written.cache_clear()
        remove_half_written()
        assert library.exists()
    remove_half_written.cache_clear()
    remove_half_written()
    assert not library.exists()


def test_what_a_killed_process_has_left_half_written_breaks_no_cell(library, backend):
    os.truncate(library, 10)

    def loads(graph: Any, inputs: Any) -> Any:
        if library.exists():
            ctypes.CDLL(str(library))  # as inductor does
        return graph.forward

    backend(loads)
    assert verdicts(NEG) == ["held"]
