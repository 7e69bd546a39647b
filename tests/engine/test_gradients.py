"""Gradients: each kind of break is planted in the call of a small spec, and seen by its cell."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
import torch

from conformance.checks.repeatable import DETERMINISTIC
from conformance.execution import devices
from conformance.results.model import FailureKind
from conformance.spec import Gradient, ulps
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


def four_ulp(dtype, input):
    return 4


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


def root(input):
    return np.sqrt(input)


def gradient_of_root(incoming, results, input):
    return {"input": incoming[0] / (2 * np.sqrt(input))}


@pytest.mark.parametrize(("above_zero", "breaks"), [(False, True), (True, False)])
def test_differences_are_taken_above_0_where_a_function_has_no_values_below(above_zero, breaks):
    gradient = Gradient(terms=gradient_of_root, bound=four_ulp, source="of a test", above_zero=above_zero)
    spec = replace(called(COPY, "torch.sqrt(input)"), oracle=root, accuracy=ulps(two_ulp, "of a test"))
    failure = asked(replace(spec, dtypes=("float64",), gradient=gradient), "gradients", "float64").failure
    assert (failure is not None and failure.about == "gradcheck") is breaks


def test_a_wrong_second_derivative_of_another_form_breaks_gradients():
    wrong = called(SQUARE, "input * input", "input * input.detach() * 2 - (input * input).detach()")
    failure = asked(wrong, "gradients", "float64", examples=150).failure
    assert failure is not None and failure.about == "gradgradcheck" and "detach" in failure.call


class Square(torch.autograd.Function):  # type: ignore[misc]
    """A square. Its subclasses are wrong in second derivatives alone."""

    generate_vmap_rule = True

    @staticmethod
    def forward(input):
        return input * input

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(*inputs)
        ctx.save_for_forward(*inputs)

    @staticmethod
    def backward(ctx, incoming):
        return 2 * ctx.saved_tensors[0] * incoming

    @staticmethod
    def jvp(ctx, tangent):
        return 2 * ctx.saved_tensors[0] * tangent


class WrongTangent(Square):
    @staticmethod
    def jvp(ctx, tangent):
        return 2 * ctx.saved_tensors[0].detach() * tangent


class WrongGradient(Square):
    @staticmethod
    def backward(ctx, incoming):
        return 2 * ctx.saved_tensors[0].detach() * incoming


class NearlySquare(Square):
    """A square whose gradients have other bits at each backward pass, unless torch is asked for the same."""

    obeys = False
    passes = itertools.count()

    @classmethod
    def backward(cls, ctx, incoming):
        off = next(NearlySquare.passes) % 2 and not (cls.obeys and torch.are_deterministic_algorithms_enabled())
        return 2 * ctx.saved_tensors[0] * incoming * (1 + 2**-52 * off)


class ObedientSquare(NearlySquare):
    obeys = True


@pytest.mark.parametrize(
    ("function", "fixed", "about"),
    [
        (Square, True, None),
        (Square, False, None),
        (NearlySquare, True, ""),
        (NearlySquare, False, DETERMINISTIC),
        (ObedientSquare, False, None),
    ],
)
def test_other_bits_at_each_backward_pass(monkeypatch, function, fixed, about):
    monkeypatch.setattr(torch, "planted", function.apply, raising=False)
    monkeypatch.setattr(devices, "adds_in_fixed_order", lambda device: fixed)
    spec = called(SQUARE, "torch.planted(input)")
    spec = replace(spec, gradient=Gradient(terms=gradient_of_square, bound=four_ulp, has_differences=False))
    failure = asked(spec, "gradients", "float64", examples=60).failure
    assert (failure.about if failure is not None else None) == about
    assert failure is None or failure.kind is FailureKind.VARIES


@pytest.mark.parametrize("function, about", [(Square, ""), (WrongTangent, "reverse over forward")])
def test_derivatives_that_disagree_when_combined_break_the_forward_mode(monkeypatch, function, about):
    monkeypatch.setattr(torch, "planted", function.apply, raising=False)
    failure = asked(called(SQUARE, "torch.planted(input)"), "modes", "forward", examples=60).failure
    assert (failure.about if failure is not None else "") == about


def test_a_backward_pass_that_forgets_its_own_derivative_breaks_gradients(monkeypatch):
    monkeypatch.setattr(torch, "planted", WrongGradient.apply, raising=False)
    failure = asked(called(SQUARE, "torch.planted(input)"), "gradients", "float64", examples=150).failure
    assert failure is not None and failure.about == "gradgradcheck"
