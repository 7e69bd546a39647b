"""Gradients: each kind of break is planted in the call of a small spec, and seen by its cell."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.spec import Gradient
from tests.engine.specs import COPY, asked, called

WRONG = {
    "scaled": "input.clone() + (input - input.detach())",
    "lost": "input.detach().clone()",
    "other values under no_grad": "input.clone() if torch.is_grad_enabled() else input.clone() + 1",
    "other values under inference_mode": "input.clone() + int(torch.is_inference_mode_enabled())",
    "other values with gradients to take": "input.clone() + int(input.requires_grad)",
}


def test_sound_gradients_hold():
    assert asked(COPY, "gradients", "float32").failure is None


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_gradient_breaks_gradients(wrong):
    failure = asked(called(COPY, WRONG[wrong]), "gradients", "float32").failure
    assert failure is not None and failure.repeats


def test_the_gradient_of_another_form_is_held_to_the_closed_form():
    spec = called(COPY, "input.clone()", "input.clone() * 2 - input.detach()")
    failure = asked(spec, "gradients", "float64").failure
    assert failure is not None and "* 2" in failure.call


def tame(draw):
    return {"input": draw.tensor(draw.shape(max_rank=1), kinds=("constant",), landmarks=())}


def square(input):
    return input * input


def gradient_of_square(incoming, results, input):
    return {"input": 2 * input * incoming[0]}


def two_ulp(dtype, input):
    return 2


SQUARE = replace(
    called(COPY, "input * input"),
    arguments=tame,
    oracle=square,
    dtypes=("float64",),
    gradient=Gradient(terms=gradient_of_square, bound=two_ulp),
)


def test_a_wrong_second_derivative_breaks_gradients():
    assert asked(SQUARE, "gradients", "float64", examples=150).failure is None
    wrong = called(SQUARE, "input * input.detach() * 2 - (input * input).detach()")
    failure = asked(wrong, "gradients", "float64", examples=150).failure
    assert failure is not None and "gradgradcheck" in failure.message
