"""Gradients, modes and determinism: each kind of break is planted in the call of a small spec, and seen by its cell."""

from __future__ import annotations

import pytest

from conformance.engine.sweep import Budget, Sweep
from conformance.spec import loader

GRADIENT = "gradient=MOVED"  # of a spec that hands its input on


def broken(checkout, cell, form, fields=""):
    """The failure of one cell of a spec that copies its input, or None."""
    path = checkout.spec(forms=form, fields=fields, dtypes='("float32", "float64")')
    path.write_text(path.read_text().replace("np.negative(input)", "np.positive(input)"))
    return Sweep(loader.load(path), "cpu", [cell], Budget(40, 0)).run()[cell].failure


SOUND = 'Form("input.clone()")'

WRONG_GRADIENTS = {
    "scaled": "input.clone() + (input - input.detach())",
    "lost": "input.detach().clone()",
    "other values under no_grad": "input.clone() if torch.is_grad_enabled() else input.clone() + 1",
    "other values under inference_mode": "input.clone() + int(torch.is_inference_mode_enabled())",
    "other values with gradients to take": "input.clone() + int(input.requires_grad)",
}


def test_sound_gradients_hold(checkout):
    assert broken(checkout, ("gradients", "float32"), SOUND, GRADIENT) is None


@pytest.mark.parametrize("wrong", WRONG_GRADIENTS)
def test_a_wrong_gradient_breaks_gradients(checkout, wrong):
    form = f'Form("{WRONG_GRADIENTS[wrong]}")'
    failure = broken(checkout, ("gradients", "float32"), form, GRADIENT)
    assert failure is not None and failure.repeats


def test_the_gradient_of_another_form_is_held_to_the_closed_form(checkout):
    forms = f'{SOUND}, Form("input.clone() * 2 - input.detach()")'
    failure = broken(checkout, ("gradients", "float64"), forms, GRADIENT)
    assert failure is not None and "* 2" in failure.call


def test_a_wrong_second_derivative_breaks_gradients(checkout):
    square = """
def ulp(dtype, input):
    return 2


def gradient(incoming, results, input):
    return {"input": 2 * input * incoming[0]}


def tame(draw):
    return {"input": draw.tensor(draw.shape(max_rank=1), kinds=("constant",), landmarks=())}
"""
    sound, wrong = "input * input", "input * input.detach() * 2 - (input * input).detach()"
    for form, expected in ((sound, False), (wrong, True)):
        path = checkout.spec(
            forms=f'Form("{form}")',
            extra=square,
            arguments="tame",
            dtypes='("float64",)',
            fields="gradient=Gradient(gradient, bound=ulp)",
        )
        path.write_text(path.read_text().replace("np.negative(input)", "input * input"))
        sweep = Sweep(loader.load(path), "cpu", [("gradients", "float64")], Budget(150, 0))
        failure = sweep.run()["gradients", "float64"].failure
        assert (failure is not None) is expected
        if failure:
            assert "gradgradcheck" in failure.message


WRONG_MODES = {
    "vmap": "input.clone() * (2 if torch._C._functorch.is_batchedtensor(input) else 1)",
    "meta": "input.clone()[None] if input.is_meta else input.clone()",
    "fake": "input.double() if type(input).__name__ == 'FakeTensor' else input.clone()",
    "functionalize": "input.clone() * (2 if torch._is_functional_tensor(input) else 1)",
    "aot_eager": "input.clone() * (2 if torch.compiler.is_compiling() else 1)",
}


@pytest.mark.parametrize("mode", WRONG_MODES)
def test_a_mode_that_goes_wrong_breaks_its_cell(checkout, mode):
    assert broken(checkout, ("modes", mode), SOUND, GRADIENT) is None
    failure = broken(checkout, ("modes", mode), f'Form("{WRONG_MODES[mode]}")', GRADIENT)
    assert failure is not None and failure.repeats and failure.dtype


def test_a_graph_that_breaks_is_no_compiled_run(checkout):
    form = 'Form("input.clone() * int(input.sum().item() == 0.125) + input")'
    failure = broken(checkout, ("modes", "aot_eager"), form, GRADIENT)
    assert failure is not None and "raised" in failure.message


def test_a_mode_that_is_lacking_must_be_refused(checkout):
    form = 'Form("input.clone() * (input.tolist() is not None)")'
    lack = 'lacks=(Lack("meta", NotImplementedError, "it asks for values"),)'
    path = checkout.spec(forms=form, fields=lack)
    cell = ("modes", "meta")
    state = Sweep(loader.load(path), "cpu", [cell], Budget(20, 0)).run()[cell]
    assert state.verdict == "unsupported"
    assert broken(checkout, cell, form) is not None


CALLS = """
import itertools
import torch

torch.CALLS = itertools.count()
"""


def test_a_call_that_gives_other_bits_the_second_time_breaks_determinism(checkout):
    path = checkout.spec(forms='Form("torch.neg(input) + next(torch.CALLS)")', extra=CALLS)
    cell = ("determinism", "float32")
    failure = Sweep(loader.load(path), "cpu", [cell], Budget(20, 0)).run()[cell].failure
    assert failure is not None and "second call" in failure.message


def test_one_thread_must_agree_with_several(checkout):
    cell = ("determinism", "float32")
    form = 'Form("input.clone() + (torch.get_num_threads() == 1)")'
    assert broken(checkout, cell, SOUND) is None
    failure = broken(checkout, cell, form)
    assert failure is not None and "one thread" in failure.message
