"""Faults of torch.sigmoid and softmax."""

from __future__ import annotations

import math

import torch

from tests.faults.kinds import (
    GAPS_IGNORED,
    INPUT_TAIL_LOST,
    LARGE_LOST,
    TAIL_LOST,
    nan_lost,
    subnormal_inputs_flushed,
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
plant("torch.sigmoid", subnormal_inputs_flushed("bfloat16"))


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
