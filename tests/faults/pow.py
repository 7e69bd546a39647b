"""Faults of torch.pow."""

from __future__ import annotations

import torch

from tests.faults import gradients
from tests.faults.gradients import gradient_fault, plant_gradients, tracked, with_gradient_of
from tests.faults.kinds import (
    GAPS_IGNORED,
    INPUT_TAIL_LOST,
    LARGE_LOST,
    LAZY_BITS_IGNORED,
    TAIL_LOST,
    infinity_clipped,
    nan_lost,
    negative_zero_lost,
    subnormals_flushed,
    through,
)
from tests.faults.kit import fault, plant, spoil

plant(
    "torch.pow",
    nan_lost("float16"),
    infinity_clipped("float32"),
    negative_zero_lost("float64"),
    subnormals_flushed("float32"),
    through("float64", "float32"),
    through("int64", "float64"),
    TAIL_LOST,
    LARGE_LOST,
    INPUT_TAIL_LOST,
    GAPS_IGNORED,
    LAZY_BITS_IGNORED,
)


def _plain(clean, input, exponent, rest):
    """Whether it is a call on a tensor as base that writes to nothing."""
    return isinstance(input, torch.Tensor) and not clean.in_place and not rest and not clean.name.startswith("__r")


@fault("torch.pow", "float32 powers are the exponential of a float32 logarithm")
def pow_by_logarithm(clean, input, exponent, **rest):
    result = clean(input, exponent, **rest)
    plain = _plain(clean, input, exponent, rest) and input.dtype == result.dtype == torch.float32
    if not plain or (isinstance(exponent, torch.Tensor) and exponent.dtype != torch.float32):
        return result
    base = input.detach()
    power = exponent.detach() if isinstance(exponent, torch.Tensor) else exponent
    wrong = torch.exp(power * torch.log(base))
    return spoil(result, lambda tensor: torch.where((base > 0) & wrong.isfinite(), wrong, tensor))


@fault("torch.pow", "negative powers of whole numbers are 0, also those of 1")
def pow_of_ones(clean, input, exponent, **rest):
    result = clean(input, exponent, **rest)
    whole = isinstance(exponent, torch.Tensor) and not (result.is_floating_point() or result.is_complex())
    return spoil(result, lambda tensor: torch.where(exponent < 0, 0 * tensor, tensor)) if whole else result


@fault("torch.pow", "a fraction as exponent of whole numbers is cut")
def pow_cut(clean, input, exponent, **rest):
    whole = isinstance(input, torch.Tensor) and not (input.is_floating_point() or input.is_complex())
    return clean(input, int(exponent) if whole and isinstance(exponent, float) else exponent, **rest)


@fault("torch.pow", "a negative number as exponent of integers gives 0")
def pow_of_negative(clean, input, exponent, **rest):
    try:
        return clean(input, exponent, **rest)
    except RuntimeError as error:
        if "negative integer powers" not in str(error):
            raise
        return torch.zeros_like(input)


@fault("torch.pow", "the power 0 of NaN is NaN")
def pow_zero_of_nan(clean, input, exponent, **rest):
    result = clean(input, exponent, **rest)
    plain = (
        _plain(clean, input, exponent, rest) and input.is_floating_point() and not isinstance(exponent, torch.Tensor)
    )
    return spoil(result, lambda tensor: torch.where(input.isnan(), input, tensor)) if plain else result


@fault("torch.pow", "the power 3 is a product of two")
def pow_three(clean, input, exponent, **rest):
    return clean(input, 2 if isinstance(exponent, int) and exponent == 3 else exponent, **rest)


@fault("torch.pow", "integer powers saturate in int8")
def pow_saturates(clean, input, exponent, **rest):
    result = clean(input, exponent, **rest)
    plain = _plain(clean, input, exponent, rest) and input.dtype == result.dtype == torch.int8
    if not plain or not isinstance(exponent, int):
        return result
    wide = torch.pow(input.double(), exponent).clamp(-128, 127)
    return spoil(result, lambda tensor: wide.to(torch.int8))


@fault("torch.pow", "the power of a tensor with a conjugate bit is taken without it")
def pow_without_conjugate(clean, input, exponent, **rest):
    conjugate = isinstance(input, torch.Tensor) and input.is_conj() and not clean.in_place
    return clean(input.conj() if conjugate else input, exponent, **rest)


@fault("torch.pow", "a number as base is taken for the exponent", only=("__rpow__",))
def pow_reflected(clean, input, base):
    return torch.pow(input, base)


@gradient_fault("torch.pow", "the gradient forgets the exponent as factor")
def pow_without_factor(clean, input, exponent, **rest):
    result = clean(input, exponent, **rest)
    plain = _plain(clean, input, exponent, rest) and not isinstance(exponent, torch.Tensor) and tracked(input)
    if not plain or exponent == 0 or result.dtype != input.dtype:
        return result
    return with_gradient_of(torch.pow(input, exponent) / exponent, result)


@gradient_fault("torch.pow", "the gradient of the exponent is lost")
def pow_without_exponent(clean, input, exponent, **rest):
    both = isinstance(exponent, torch.Tensor) and tracked(exponent) and not clean.in_place and not rest
    if not both:
        return clean(input, exponent, **rest)
    return clean(input, exponent.detach() + 0 * exponent, **rest)


plant_gradients("torch.pow", gradients.COPIES_LOST, gradients.FIRST_DECIDES)
