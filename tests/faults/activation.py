"""Faults of torch.sigmoid and softmax, and of the other activation functions."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F

from tests.faults import gradients
from tests.faults.formulas import COMPLEX, FLOATING, WHOLE, of_input, of_result
from tests.faults.gradients import gradient_fault, handed_back, instead, plant_gradients, tracked, with_gradient_of
from tests.faults.kinds import (
    GAPS_IGNORED,
    INPUT_TAIL_LOST,
    LARGE_LOST,
    LAZY_BITS_IGNORED,
    TAIL_LOST,
    infinity_clipped,
    nan_lost,
    negative_zero_lost,
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

# --- relu, tanh, leaky_relu, selu, softplus, logsigmoid, log_softmax --------------------------------------------------

ELEMENTWISE = ("torch.relu", "torch.tanh") + tuple(
    f"torch.nn.functional.{name}" for name in ("leaky_relu", "selu", "softplus", "logsigmoid")
)
for operation in ELEMENTWISE:
    plant(
        operation,
        nan_lost("float16"),
        through("float64", "float32"),
        TAIL_LOST,
        LARGE_LOST,
        INPUT_TAIL_LOST,
        GAPS_IGNORED,
        LAZY_BITS_IGNORED,
    )
    plant_gradients(
        operation,
        gradients.INCOMING_TAKEN_FOR_ONES,
        gradients.INCOMING_USED_UP,
        gradients.lost_in("bfloat16"),
        gradients.rounded_to("float16", "float32"),
    )

plant(
    "torch.relu",
    negative_zero_lost("float32"),
    infinity_clipped("float64"),
    of_result("subnormal float32 numbers become 0", ("float32",), lambda x, y: torch.where(y < 1.2e-38, 0 * y, y)),
    of_result("negative int8 numbers wrap", ("int8",), lambda x, y: torch.where(x < -100, 127, y)),
    of_input("float64 is half of x and |x|, which overflows", ("float64",), lambda x: (x + x.abs()) / 2),
    of_input("bfloat16 numbers below -100 leak", ("bfloat16",), lambda x: torch.where(x < -100, 0.01 * x, x.relu())),
)
plant_gradients(
    "torch.relu",
    instead("the gradient at 0 is 1/2", lambda input, **rest: (input + input.abs()) / 2),
    instead("the gradient of negative numbers is 0.01", lambda input, **rest: F.leaky_relu(input)),
)


def _tanh_by_powers(x):
    return ((2 * x).exp() - 1) / ((2 * x).exp() + 1)


plant(
    "torch.tanh",
    negative_zero_lost("float64"),
    subnormal_inputs_flushed("float32"),
    of_input("float32 is made of exp(2x), which overflows", ("float32",), _tanh_by_powers),
    of_input("float64 is made of sigmoid, which loses digits", ("float64",), lambda x: 2 * (2 * x).sigmoid() - 1),
    of_input("inputs are clamped to [-5, 5]", FLOATING, lambda x: x.clamp(-5, 5).tanh()),
    of_input("complex numbers are conjugated", COMPLEX, lambda z: z.conj().tanh()),
    of_input("whole numbers stay what they are", WHOLE, lambda x: x.float().clamp(-1, 1)),
)
plant_gradients(
    "torch.tanh",
    instead("the gradient is that of the sigmoid", lambda input, **rest: torch.sigmoid(input)),
    handed_back("the gradient is 0 where |x| is above 4", _saturated),
    gradients.conjugated("complex64"),
)

# leaky_relu


@fault("torch.nn.functional.leaky_relu", "the slope is always 0.01")
def leaky_relu_of_default_slope(clean, input, negative_slope=0.01, *args, **rest):
    return clean(input, 0.01, *args, **rest)


@fault("torch.nn.functional.leaky_relu", "the result is the larger of x and its multiple")
def leaky_relu_by_maximum(clean, input, negative_slope=0.01, *args, **rest):
    before = input.detach().clone()
    result = clean(input, negative_slope, *args, **rest)
    return spoil(result, lambda tensor: torch.maximum(before, before * negative_slope))


@fault("torch.nn.functional.leaky_relu", "a negative slope loses its sign")
def leaky_relu_of_rising_slope(clean, input, negative_slope=0.01, *args, **rest):
    return clean(input, abs(negative_slope), *args, **rest)


@fault("torch.nn.functional.leaky_relu", "the slope passes through float16")
def leaky_relu_of_rounded_slope(clean, input, negative_slope=0.01, *args, **rest):
    return clean(input, torch.tensor(negative_slope, dtype=torch.float16).item(), *args, **rest)


@fault("torch.nn.functional.leaky_relu", "-inf stays whatever the slope")
def leaky_relu_of_infinity(clean, input, negative_slope=0.01, *args, **rest):
    lowest = input.detach().clone() == -math.inf
    return spoil(clean(input, negative_slope, *args, **rest), lambda y: torch.where(lowest, -math.inf, y))


plant_gradients(
    "torch.nn.functional.leaky_relu",
    instead(
        "the gradient is that of the slope 0.01",
        lambda input, negative_slope=0.01, inplace=False: F.leaky_relu(input),
    ),
)

# selu


def _selu_by_exponential(x):
    return 1.0507009873554805 * torch.where(x > 0, x, 1.6732632423543772 * (x.exp() - 1))


plant(
    "torch.nn.functional.selu",
    of_result("alpha has three digits", FLOATING, lambda x, y: torch.where(x < 0, y * (1.673 / 1.6732632423543772), y)),
    of_input("float32 is exp(x) - 1, which loses digits", ("float32",), _selu_by_exponential),
    of_result("the scale is left out above 0", ("float64",), lambda x, y: torch.where(x > 0, x, y)),
    of_result("-inf stays", FLOATING, lambda x, y: torch.where(x == -math.inf, x, y)),
    infinity_clipped("float32"),
)
plant_gradients(
    "torch.nn.functional.selu",
    instead("the gradient is that of elu", lambda input, inplace=False: F.elu(input)),
    handed_back("the gradient is 0 where |x| is above 4", _saturated),
)

# softplus


@fault("torch.nn.functional.softplus", "the threshold is always 20")
def softplus_of_default_threshold(clean, input, beta=1, threshold=20):
    return clean(input, beta, 20)


@fault("torch.nn.functional.softplus", "x itself is held against the threshold, not beta * x")
def softplus_of_plain_threshold(clean, input, beta=1, threshold=20):
    return clean(input, beta, threshold * beta) if beta > 0 else clean(input, beta, threshold)


@fault("torch.nn.functional.softplus", "the quotient by beta is left out")
def softplus_undivided(clean, input, beta=1, threshold=20):
    scaled = input.detach() * beta
    return spoil(clean(input, beta, threshold), lambda y: torch.where(scaled > threshold, y, y * beta))


@fault("torch.nn.functional.softplus", "a fraction as beta is rounded")
def softplus_of_whole_beta(clean, input, beta=1, threshold=20):
    return clean(input, round(beta) or 1, threshold)


plant(
    "torch.nn.functional.softplus",
    of_result(
        "float32 below -10 is 0, as log(1 + exp(x)) has it",
        ("float32",),
        lambda x, y: torch.where((x < -10) & (y > 0) & (y < 1e-5), 0 * y, y),
    ),
    infinity_clipped("float32"),
)
plant_gradients(
    "torch.nn.functional.softplus",
    instead(
        "beta counts twice in the gradient",
        lambda input, beta=1, threshold=20: beta * F.softplus(input, beta, threshold),
    ),
    instead("the gradient is that of relu", lambda input, beta=1, threshold=20: torch.relu(input)),
)

# logsigmoid

plant(
    "torch.nn.functional.logsigmoid",
    of_input("float32 is the logarithm of the sigmoid", ("float32",), lambda x: x.sigmoid().log()),
    of_input("float64 is clamped to [-100, 100]", ("float64",), lambda x: F.logsigmoid(x.clamp(-100, 100))),
    of_input("bfloat16 has the other sign of x", ("bfloat16",), lambda x: F.logsigmoid(-x)),
    of_result("float16 above 8 is 0", ("float16",), lambda x, y: torch.where(x > 8, 0 * y, y)),
    of_result("-inf gives the lowest number", FLOATING, lambda x, y: y.clamp(min=torch.finfo(y.dtype).min)),
)
plant_gradients(
    "torch.nn.functional.logsigmoid",
    instead("the gradient is that of softplus", lambda input: F.softplus(input)),
    handed_back("the gradient is 0 where |x| is above 4", _saturated),
)

# log_softmax

plant(
    "torch.nn.functional.log_softmax",
    nan_lost("float16"),
    through("float64", "float32"),
    TAIL_LOST,
    LARGE_LOST,
    INPUT_TAIL_LOST,
    GAPS_IGNORED,
)


@fault("torch.nn.functional.log_softmax", "a dim other than the last is ignored")
def log_softmax_dim_ignored(clean, input, dim=None, *args, **rest):
    clean(input, dim, *args, **rest)
    return clean(input, -1, *args, **rest)


@fault("torch.nn.functional.log_softmax", "the logarithm of softmax, which is -inf too early")
def log_softmax_in_two_steps(clean, input, dim=None, *args, **rest):
    result = clean(input, dim, *args, **rest)
    if dim is None or not input.is_floating_point():
        return result
    return spoil(result, lambda tensor: torch.softmax(input.to(tensor.dtype), dim).log())


@fault("torch.nn.functional.log_softmax", "no maximum is subtracted, so that float64 overflows")
def log_softmax_overflows(clean, input, dim=None, *args, **rest):
    result = clean(input, dim, *args, **rest)
    if dim is None or input.dtype != torch.float64:
        return result
    return spoil(result, lambda tensor: (input - input.exp().sum(dim, keepdim=True).log()).to(tensor.dtype))


@fault("torch.nn.functional.log_softmax", "the argument dtype converts the result, not the input")
def log_softmax_converts_late(clean, input, dim=None, *args, **rest):
    result = clean(input, dim, *args, **rest)
    return clean(input, dim).to(result.dtype) if input.is_floating_point() and "out" not in rest else result


@fault("torch.nn.functional.log_softmax", "-inf gives the lowest number")
def log_softmax_of_no_choice(clean, input, dim=None, *args, **rest):
    result = clean(input, dim, *args, **rest)
    return spoil(result, lambda tensor: tensor.clamp(min=torch.finfo(tensor.dtype).min))


@fault("torch.nn.functional.log_softmax", "slices of more than 512 lose their last element from the sum")
def log_softmax_sum_short(clean, input, dim=None, *args, **rest):
    result = clean(input, dim, *args, **rest)
    if dim is None or input.dim() == 0 or input.shape[dim] <= 512:
        return result
    return spoil(result, lambda y: y - y.narrow(dim, 0, y.shape[dim] - 1).logsumexp(dim, keepdim=True))


def _log_softmax_without_sum(input, dim, *args, dtype=None, **rest):
    return input.to(dtype or input.dtype)


def _log_softmax_of_ones(input, dim, *args, dtype=None, **rest):
    """The incoming gradient is not summed: that of each result counts for itself."""
    wide = input.to(dtype or input.dtype)
    return wide - torch.log_softmax(wide, dim).exp().detach() * wide


plant_gradients(
    "torch.nn.functional.log_softmax",
    gradients.INCOMING_USED_UP,
    gradients.SECOND_FROZEN,
    gradients.OTHER_WHEN_TRACKED,
    gradients.rounded_to("float32", "float64"),
    instead("the sum is left out of the gradient", _log_softmax_without_sum),
    instead("each incoming gradient counts for its own result alone", _log_softmax_of_ones),
)
plant_gradients("torch.nn.functional.log_softmax", gradients.lost("nn.LogSoftmax detaches"), only=("forward",))
