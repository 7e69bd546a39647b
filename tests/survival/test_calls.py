"""Calls that raise what is no `Exception`, that cannot say what they raise, that leave the process changed, that fork
or leak: each breaks its own cells, and the others are answered as ever."""

from __future__ import annotations

import sys

import pytest

from conformance.execution import memory_use
from conformance.execution.global_state import WATCHED
from conformance.results.model import FailureKind
from tests.survival.processes import processes_with, wait_for
from tests.system.checkout import Checkout, Ran, finished

SOUND = "torch.neg(input)"


def throwing(error: str) -> str:
    """A call that raises an exception."""
    return f"(_ for _ in ()).throw({error})"


def changing(code: str) -> str:
    """A sound call that runs some code before."""
    return f"[{SOUND}, {code}][0]"


RAISED = {
    "exits": ("exit(3)", "SystemExit"),
    "system_exits": (throwing("SystemExit('so')"), "SystemExit"),
    "is_interrupted": (throwing("KeyboardInterrupt()"), "KeyboardInterrupt"),
    "closes_generators": (throwing("GeneratorExit()"), "GeneratorExit"),
    "raises_its_own": (throwing("type('Grave', (BaseException,), {})('so')"), "Grave"),
    "has_no_text": (throwing("type('Mute', (RuntimeError,), {'__str__': exit})()"), "Mute"),
    "has_no_words": (
        throwing("type('Dumb', (BaseException,), {'__str__': compile, '__repr__': compile})()"),
        "Dumb",
    ),
    "says_nothing": (throwing("type('Shy', (ValueError,), {'__str__': id})('x' * 10**7)"), "Shy"),
}

IMPORT = "__import__('{}')"
KEPT = "__import__('builtins').__dict__.setdefault('kept', []).append"
CHANGED = {
    "default dtype": "torch.set_default_dtype(torch.float64)",
    "default device": "torch.set_default_device('meta')",
    "modes of torch functions": f"{KEPT}([mode := torch.overrides.BaseTorchFunctionMode(), mode.__enter__()])",
    "modes of dispatch": f"{KEPT}([mode := torch.utils._python_dispatch.TorchDispatchMode(), mode.__enter__()])",
    "inference mode": f"{KEPT}([mode := torch._C._InferenceMode(True), mode.__enter__()])",
    "gradient mode": "torch.set_grad_enabled(False)",
    "modes of autograd": "torch._C._set_fwd_grad_enabled(False)",
    "autocast": f"{KEPT}([mode := torch.autocast('cpu'), mode.__enter__()])",
    "hooks of saved tensors": (
        f"{KEPT}([mode := torch.autograd.graph.disable_saved_tensors_hooks('planted'), mode.__enter__()])"
    ),
    "subnormal numbers": "torch.set_flush_denormal(True)",
    "anomaly mode": "torch.set_anomaly_enabled(True)",
    "deterministic mode": "torch.use_deterministic_algorithms(True)",
    "precision of products": "torch.set_float32_matmul_precision('medium')",
    "backends": "setattr(torch.backends.mkldnn, 'enabled', False)",
    "repeated warnings": "torch.set_warn_always(True)",
    "print options": "torch.set_printoptions(precision=2)",
    "print options of NumPy": "np.set_printoptions(precision=2)",
    "number of threads": "torch.set_num_threads(1)",
    "random numbers of torch": "torch.rand(1)",
    "random numbers of NumPy": "np.random.rand()",
    "random numbers of Python": "__import__('random').random()",
    "error handling of NumPy": "np.seterr(all='raise')",
    "threads of Python": f"{IMPORT.format('threading')}.Timer(100, print).start()",
    "timers": f"{IMPORT.format('signal')}.alarm(100)",
    "warning filters": "__import__('warnings').simplefilter('always')",
    "working directory": "os.chdir('..')",
    "environment variables": "os.environ.update(PLANTED=str(id(input)))",
    "module search path": "__import__('sys').path.append('planted')",
}


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """A run of a sound spec beside many that are wrong, of float32 alone."""
    checkout = Checkout(tmp_path_factory.mktemp("planted"))
    checkout.spec(dtypes='("float32",)')
    for name, (call, _) in RAISED.items():
        checkout.spec(name, SOUND, call, dtypes='("float32",)')
    for name, code in CHANGED.items():
        call = changing(code.replace("os.", "__import__('os').", 1))
        checkout.spec(_file(name), call, dtypes='("float32",)', cost="Cost(dtypes=())")
    return checkout.run("-k", "float32 and (values or forms or determinism)")


def _file(state: str) -> str:
    return f"leaves_{state.replace(' ', '_').lower()}"


def test_every_part_of_the_state_is_planted():
    assert [watched.name for watched in WATCHED] == list(CHANGED)


def test_what_is_sound_holds_beside_them(planted):
    assert planted.ret == 1
    assert {cell.verdict for cell in planted.of("torch.neg").values()} == {"held"}
    assert planted.results.counts["crashed"] == planted.results.counts["not run"] == 0


@pytest.mark.parametrize("name", RAISED)
def test_whatever_a_call_raises_is_an_answer(planted, name):
    found = planted.of(f"torch.{name}")
    broken = [cell for cell in found.values() if cell.verdict == "broken"]
    assert [cell.check for cell in broken] == ["forms"]
    assert {cell.verdict for cell in found.values()} == {"held", "broken"}
    assert f"raised {RAISED[name][1]}" in broken[0].message


TOLD_OTHERWISE = ("inference mode", "modes of dispatch")
"""What changes other parts first, or what no check survives."""


@pytest.mark.parametrize("name", CHANGED)
def test_global_state_that_a_call_leaves_changed_is_told_and_restored(planted, name):
    found = planted.of(f"torch.{_file(name)}")
    values = next(cell for cell in found.values() if cell.check == "values")
    assert values.verdict == "broken"
    if name not in TOLD_OTHERWISE:
        assert values.failure.kind is FailureKind.STATE and name in values.message


UNREADABLE = {
    "default device": "torch.set_default_device('cuda:3')",
    "warning filters": "setattr(__import__('warnings'), 'filters', ())",
    "working directory": "[os.mkdir('gone'), os.chdir('gone'), os.rmdir('../gone')]",
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_state_that_can_no_longer_be_read_is_told_and_restored(checkout, name):
    checkout.spec("a", changing(UNREADABLE[name].replace("os.", "__import__('os').")), dtypes='("float32",)')
    checkout.spec(dtypes='("float32",)')
    run = checkout.run("-n", "0", "-k", "values or memory")
    assert run.ret == 1 and {cell.verdict for cell in run.of("torch.neg").values()} == {"held"}
    assert name in run.of("torch.a")["values[cpu-float32]"].message


def test_random_numbers_that_another_form_draws_are_told(checkout):
    checkout.spec("neg", SOUND, changing(CHANGED["random numbers of Python"]), dtypes='("float32",)')
    run = checkout.run("-k", "forms or values")
    assert run.verdicts == {"values[cpu-float32]": "held", "forms[cpu-float32]": "broken"}


def test_a_class_of_any_length_is_an_answer(checkout):
    checkout.spec("neg", throwing("type('x' * (70 << 20), (ValueError,), {})('so')"), dtypes='("float32",)')
    run = checkout.run("-k", "values")
    assert run.ret == 1 and run.verdicts == {"values[cpu-float32]": "broken"}


@pytest.mark.parametrize("name", ["default dtype", "random numbers of torch", "working directory"])
def test_the_script_shows_what_is_left_changed(planted, name, tmp_path):
    found = planted.of(f"torch.{_file(name)}")
    values = next(cell for cell in found.values() if cell.check == "values")
    script = planted.out / values.failure.repro
    ran = finished([sys.executable, str(script)], tmp_path)
    assert ran.ret == 1 and ran.outlines[-1].startswith(f"BROKEN: {name}: got ")


def test_a_spec_may_say_what_its_call_changes(checkout):
    checkout.spec("neg", changing("torch.rand(1)"), dtypes='("float32",)', changes='("random numbers of torch",)')
    assert checkout.run("-k", "values or memory or determinism").ret == 0


def test_state_that_no_spec_can_name_is_one_clear_line(collect, checkout):
    checkout.spec(changes='("the weather",)')
    run = collect("--collect-only")
    assert run.ret == 2
    run.stdout.fnmatch_lines(["*changes: there is no global state 'the weather'*"])


def test_a_refusal_that_exits_is_one_of_another_class(checkout):
    checkout.spec("neg", refusals='(Refusal("a misuse", "exit(3)", TypeError),)', dtypes='("float32",)')
    run = checkout.run("-k", "refusals")
    failure = run.cells["refusals[cpu-float32]"].failure
    assert run.ret == 1 and (failure.kind, failure.error) == (FailureKind.OTHER_CLASS, "SystemExit")


def test_a_call_that_exits_in_one_mode_alone_breaks_that_mode(checkout):
    in_vmap = "torch._C._functorch.maybe_current_level() is not None"
    checkout.spec("neg", f"exit(3) if {in_vmap} else torch.neg(input)", dtypes='("float32",)', modes='("vmap",)')
    run = checkout.run("-k", "values or vmap")
    assert run.verdicts == {"values[cpu-float32]": "held", "modes[cpu-vmap]": "broken"}
    assert "SystemExit" in run.cells["modes[cpu-vmap]"].message


def test_a_witness_that_exits_is_told(checkout):
    checkout.spec(dtypes='("float32",)')
    checkout.deviation(witness="exit(0)", promised="torch.tensor(1.0)", predicate="large")
    checkout.deviation(id="other", witness="exit(0)", promised="SystemExit", predicate="large")
    run = checkout.run("-k", "values")
    assert run.verdicts == {"values[cpu-float32]": "broken"}
    assert "'other' no longer deviates" in run.cells["values[cpu-float32]"].message


def test_an_oracle_that_exits_ends_its_own_sweep_once(checkout, tmp_path):
    """The file has a line for each time that the oracle was asked."""
    asked = tmp_path / "asked"
    oracle = f"\n\ndef oracle(input):\n    open({str(asked)!r}, 'a').write('x')\n    raise SystemExit(3)\n"
    checkout.spec("neg", extra=oracle, oracle="oracle")
    checkout.spec("sound", SOUND)
    run = checkout.run("-k", "values or memory")
    assert run.ret == 3 and {cell.verdict for cell in run.of("torch.sound").values()} == {"held"}
    assert {cell.verdict for cell in run.of("torch.neg").values()} == {"not run"}
    assert asked.read_text() == "x"


FORK = "__import__('os').fork()"


def test_a_copy_that_a_call_forks_gives_no_answer_and_is_ended(checkout):
    """One kind of copy goes on as the call does, the other sleeps in the call."""
    checkout.spec("goes_on", changing(FORK), dtypes='("float32",)')
    checkout.spec("sleeps", changing(f"{FORK} or __import__('time').sleep(1000)"), dtypes='("float32",)')
    checkout.spec(dtypes='("float32",)')
    run = checkout.run("-k", "values", PLANTED="fork-" + checkout.root.name)
    assert run.ret == 0 and run.results.counts["held"] == 3
    assert wait_for(lambda: not processes_with(f"PLANTED=fork-{checkout.root.name}"), 5)


LEAK = "__import__('builtins').__dict__.setdefault('kept', []).append(b'x' * ({} << 20))"


@pytest.mark.parametrize(("megabytes", "verdict"), [(1, "held"), (200, "crashed")])
def test_memory_that_a_call_leaks_is_told_and_ends_the_process_at_a_limit(checkout, megabytes, verdict):
    checkout.spec("leaks", changing(LEAK.format(megabytes)), dtypes='("float32",)')
    checkout.spec(dtypes='("float32",)')
    run = checkout.run("-k", "values")
    assert {cell.verdict for cell in run.of("torch.neg").values()} == {"held"}
    (cell,) = run.of("torch.leaks").values()
    assert cell.verdict == verdict
    if verdict == "crashed":
        assert "the memory of the process grew by" in cell.message
        assert cell.failure.sample is not None
    else:
        grown = {sweep.operation: sweep.grown for sweep in run.results.sweeps}
        assert grown["torch.leaks"] > 32 << 20 and memory_use.LIMIT > 1 << 30
