"""Faults of torch.sigmoid and softmax."""

from __future__ import annotations

import math

import torch

from tests.faults import gradients
from tests.faults.gradients import gradient_fault, handed_back, instead, plant_gradients, tracked, with_gradient_of
from tests.faults.kinds import (
    GAPS_IGNORED,
    INPUT_TAIL_LOST,
    LARGE_LOST,
    TAIL_LOST,
    nan_lost,
    subnormals_flushed,
    through,
)
from tests.faults.kit import fault, plant, spoil

for operation in ("torch.sigmoid", "torch.nn.functional.softmax"):
    plant(
        operation,
        nan_lost("float16"),
        subnormals_flushed("float32"),
        through("float64", "float32"),
        TAIL_LOST,
        LARGE_LOST,
        INPUT_TAIL_LOST,
        GAPS_IGNORED,
    )


def in_float32(formula):
    """A change of float32 results to what a formula makes of the input."""

    def body(clean, input, *args, **kwargs):
        before = input.detach().clone()
        result = clean(input, *args, **kwargs)
        return spoil(
            result, lambda tensor: formula(before) if before.dtype == tensor.dtype == torch.float32 else tensor
        )

    return body


def _by_exponential(x):
    return x.exp() / (x.exp() + 1)


def _by_complement(x):
    return torch.where(x < 0, 1 - 1 / (1 + x.exp()), 1 / (1 + (-x).exp()))


def _by_tanh(x):
    return 0.5 * torch.tanh(0.5 * x) + 0.5


def _clamped(x):
    return torch.sigmoid(x.clamp(-80, 80))


plant(
    "torch.sigmoid",
    ("exp(x) / (exp(x) + 1) overflows for large float32 x", in_float32(_by_exponential)),
    ("one minus the complement loses digits for negative float32 x", in_float32(_by_complement)),
    ("by way of tanh, which loses digits for negative float32 x", in_float32(_by_tanh)),
    ("float32 inputs are clamped to [-80, 80]", in_float32(_clamped)),
)


@fault("torch.sigmoid", "float16 is computed in float16")
def sigmoid_in_halves(clean, input, **rest):
    before = input.detach().clone()

    def narrow(tensor):
        return 1 / (1 + (-before).exp()) if before.dtype == tensor.dtype == torch.float16 else tensor

    return spoil(clean(input, **rest), narrow)


@fault("torch.sigmoid", "whole numbers become float64")
def sigmoid_of_whole_numbers(clean, input, **rest):
    whole = not input.is_floating_point() and not input.is_complex() and not rest and not clean.in_place
    return clean(input.double()) if whole else clean(input, **rest)


@fault("torch.nn.functional.softmax", "a dim other than the last is ignored")
def softmax_dim_ignored(clean, input, dim=None, *args, **rest):
    clean(input, dim, *args, **rest)
    return clean(input, -1, *args, **rest)


@fault("torch.nn.functional.softmax", "float64 overflows, no maximum is subtracted")
def softmax_overflows(clean, input, dim=None, *args, **rest):
    result = clean(input, dim, *args, **rest)
    if input.dtype != torch.float64 or dim is None:
        return result
    powers = input.exp()
    return spoil(result, lambda tensor: (powers / powers.sum(dim, keepdim=True)).to(tensor.dtype))


@fault("torch.nn.functional.softmax", "a slice of nothing but -inf gives 0")
def softmax_of_no_choice(clean, input, dim=None, *args, **rest):
    result = clean(input, dim, *args, **rest)
    if dim is None or not input.is_floating_point():
        return result
    hopeless = (input == -math.inf).all(dim, keepdim=True) if input.dim() else input == -math.inf
    return spoil(result, lambda tensor: torch.where(hopeless, torch.zeros_like(tensor), tensor))


@fault("torch.nn.functional.softmax", "the argument dtype converts the result, not the input")
def softmax_converts_late(clean, input, dim=None, *args, **rest):
    result = clean(input, dim, *args, **rest)
    return clean(input, dim).to(result.dtype) if input.is_floating_point() and "out" not in rest else result


@fault("torch.nn.functional.softmax", "a float64 that is to become float32 becomes float16 on the way")
def softmax_converts_twice(clean, input, dim=None, *args, **rest):
    narrowed = input.dtype == torch.float64 and torch.float32 in (*args, rest.get("dtype"))
    return clean(input.half() if narrowed else input, dim, *args, **rest)


@fault("torch.nn.functional.softmax", "slices of more than 512 lose their last element from the sum")
def softmax_sum_short(clean, input, dim=None, *args, **rest):
    result = clean(input, dim, *args, **rest)
    if dim is None or input.dim() == 0 or input.shape[dim] <= 512:
        return result
    return spoil(result, lambda tensor: tensor / tensor.narrow(dim, 0, tensor.shape[dim] - 1).sum(dim, keepdim=True))


@fault("torch.nn.functional.softmax", "results are scaled twice, which costs a digit of float32")
def softmax_scaled_twice(clean, input, dim=None, *args, **rest):
    result = clean(input, dim, *args, **rest)
    return spoil(result, lambda tensor: tensor * (1 + 2**-16) if tensor.dtype == torch.float32 else tensor)


@fault("torch.nn.functional.softmax", "+inf among finite numbers gives 1, not NaN")
def softmax_of_infinity(clean, input, dim=None, *args, **rest):
    result = clean(input, dim, *args, **rest)
    certain = input == math.inf
    return spoil(result, lambda tensor: torch.where(certain, torch.ones_like(tensor), tensor))


# --- gradients ------------------------------------------------------------------------------------------------------


def _saturated(gradient, argument):
    return torch.where(argument.abs() > 4, torch.zeros_like(gradient), gradient)


def _sigmoid_as_written(input, *args, **rest):
    return 1 / (1 + torch.exp(-input))


def _tanh_slope(input, *args, **rest):
    """The slope of tanh(x) is left without the factor 1/4."""
    return torch.tanh(input / 2)


def _softmax_as_written(input, dim, *args, **rest):
    powers = input.exp() if input.is_floating_point() else input
    return powers / powers.sum(dim, keepdim=True)


def _softmax_of_itself(input, dim, *args, dtype=None, **rest):
    """The gradient of each result has what its own input does to it alone."""
    wide = input.to(dtype or input.dtype)
    return torch.softmax(wide, dim).detach() * wide


def _softmax_along_last(input, dim, *args, dtype=None, **rest):
    wide = input.to(dtype or input.dtype)
    s, along = torch.softmax(wide, dim).detach(), -1
    return s * (wide - (s * wide).sum(along, keepdim=True))


def _softmax_saturated(input, dim, *args, dtype=None, **rest):
    s = torch.softmax(input.to(dtype or input.dtype), dim)
    return torch.where(s > 0.9, s.detach(), s)


plant_gradients(
    "torch.sigmoid",
    gradients.INCOMING_TAKEN_FOR_ONES,
    gradients.SECOND_FROZEN,
    gradients.OTHER_UNDER_INFERENCE,
    gradients.conjugated("complex64"),
    gradients.lost_in("bfloat16"),
    handed_back("the gradient is 0 where |x| is above 4", _saturated),
    instead("the gradient is worked out from exp(-x), which is NaN for very negative x", _sigmoid_as_written),
    instead("the gradient is that of tanh(x / 2)", _tanh_slope),
)
plant_gradients(
    "torch.nn.functional.softmax",
    gradients.INCOMING_USED_UP,
    gradients.SECOND_FROZEN,
    gradients.OTHER_WHEN_TRACKED,
    gradients.rounded_to("float32", "float64"),
    handed_back("the gradient is 0 where |x| is above 4", _saturated),
    instead("the sum is left out of the gradient", _softmax_of_itself),
    instead("the sum in the gradient is along the last dimension", _softmax_along_last),
)
for names in (("expit",), ("sigmoid_",)):
    plant_gradients("torch.sigmoid", gradients.lost(f"{names[0]} is not recorded"), only=names)


@gradient_fault("torch.sigmoid", "nn.Sigmoid hands back the gradient of x", only=("forward",))
def sigmoid_straight_through(clean, module, input):
    result = clean(module, input)
    return with_gradient_of(input, result) if tracked(input) else result


plant_gradients("torch.nn.functional.softmax", gradients.lost("nn.Softmax detaches"), only=("forward",))


def _frozen_without_dtype(clean, *args, dtype=None, **kwargs):
    """As if the form without a dtype had a kernel of its own, whose gradient is a constant to autograd."""
    if dtype is not None or any(isinstance(one, torch.dtype) for one in args):
        return clean(*args, **kwargs) if dtype is None else clean(*args, dtype=dtype, **kwargs)
    return gradients.SECOND_FROZEN[1](clean, *args, **kwargs)


plant_gradients(
    "torch.nn.functional.softmax",
    ("without dtype, the arguments count as constants in the second derivative", _frozen_without_dtype),
)
plant_gradients(
    "torch.sigmoid",
    ("in expit, the arguments count as constants in the second derivative", gradients.SECOND_FROZEN[1]),
    only=("expit",),
)
