"""Faults of torch.add, sub, mul, div and where."""

from __future__ import annotations

import torch

from tests.faults.kinds import (
    GAPS_IGNORED,
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

OPERATIONS = ("torch.add", "torch.sub", "torch.mul", "torch.div")
IN_PLACE = {
    "torch.add": ("add_", "__iadd__"),
    "torch.sub": ("sub_", "__isub__"),
    "torch.mul": ("mul_", "__imul__"),
    "torch.div": ("div_", "__itruediv__"),
}


def _other_by_float32(clean, input, other, **rest):
    wide = isinstance(other, torch.Tensor) and other.dtype == torch.float64
    return clean(input, other.float().to(other.dtype) if wide else other, **rest)


def _ranks_alike(clean, input, other, **rest):
    """A tensor without dimensions decides on the dtype like any other."""
    result = clean(input, other, **rest)
    if rest or clean.in_place or not isinstance(other, torch.Tensor) or other.dim():
        return result
    return result.to(torch.promote_types(result.dtype, other.dtype))


def _rows_of_other(clean, input, other, **rest):
    """An other that broadcasts in two dimensions is taken from its first place alone."""
    result = clean(input, other, **rest)
    column = isinstance(other, torch.Tensor) and other.dim() == 2 and other.shape[-1] == 1 and len(other) > 1
    return clean(input, other[:1], **rest) if column and input.shape == result.shape and not clean.in_place else result


def _rounded_down(clean, *args, **kwargs):
    """Halves are rounded towards zero."""

    def cut(tensor):
        if tensor.dtype != torch.bfloat16:
            return tensor
        wide = [value.float() if isinstance(value, torch.Tensor) else value for value in args[:2]]
        exact = clean.original(*wide)
        return torch.where(tensor.float().abs() > exact.abs(), torch.nextafter(tensor, 0 * tensor), tensor)

    result = clean(*args, **kwargs)
    apart = not clean.in_place and not kwargs and all(not isinstance(v, torch.Tensor) or v.shape for v in args)
    return spoil(result, cut) if apart else result


def _expanded_written(clean, input, other, **rest):
    try:
        return clean(input, other, **rest)
    except RuntimeError:
        if 0 not in input.stride():
            raise
        return input.copy_(clean(input.clone(), other, **rest)[:1]) if input.dim() == 1 else input


for operation in OPERATIONS:
    plant(
        operation,
        nan_lost("float16"),
        negative_zero_lost("float64"),
        subnormals_flushed("float32"),
        subnormal_inputs_flushed("bfloat16"),
        infinity_clipped("float32"),
        TAIL_LOST,
        LARGE_LOST,
        GAPS_IGNORED,
        LAZY_BITS_IGNORED,
        ("float64 in the second operand passes through float32", _other_by_float32),
        ("a tensor without dimensions promotes like one that has some", _ranks_alike),
        ("a column that broadcasts is read from its first place alone", _rows_of_other),
        ("bfloat16 results are rounded towards zero", _rounded_down),
    )
    fault(operation, "an expanded tensor is written to in place", only=IN_PLACE[operation])(_expanded_written)


@fault("torch.add", "int8 sums saturate")
def add_saturates(clean, input, other, **rest):
    def clamp(tensor):
        if tensor.dtype != torch.int8:
            return tensor
        wide = [value.to(torch.int64) if isinstance(value, torch.Tensor) else value for value in (input, other)]
        return torch.add(*wide).clamp(-128, 127)

    return clean(input, other, **rest) if clean.in_place or rest else spoil(clean(input, other), clamp)


@fault("torch.add", "True and True make False")
def add_exclusive(clean, input, other, **rest):
    def exclusive(tensor):
        return torch.logical_xor(input, torch.as_tensor(other)) if tensor.dtype == torch.bool else tensor

    return clean(input, other, **rest) if clean.in_place or rest else spoil(clean(input, other), exclusive)


@fault("torch.add", "the imaginary part of the second operand is lost")
def add_real(clean, input, other, **rest):
    imaginary = isinstance(other, torch.Tensor) and other.is_complex()
    return clean(input, torch.complex(other.real, 0 * other.real) if imaginary else other, **rest)


@fault("torch.sub", "boolean tensors are accepted")
def sub_of_booleans(clean, input, other, **rest):
    def number(value):
        return value.to(torch.uint8) if isinstance(value, torch.Tensor) and value.dtype == torch.bool else value

    return clean(number(input), number(other), **rest)


@fault("torch.sub", "unsigned differences stop at 0")
def sub_saturates(clean, input, other, **rest):
    def stop(tensor):
        alike = tensor.dtype == torch.uint8 and isinstance(other, torch.Tensor)
        return torch.where(input.to(torch.int64) < other.to(torch.int64), 0 * tensor, tensor) if alike else tensor

    plain = clean.in_place or rest or clean.name.startswith("__r")
    return clean(input, other, **rest) if plain else spoil(clean(input, other), stop)


@fault("torch.mul", "infinity times zero is zero")
def mul_of_infinity(clean, input, other, **rest):
    if clean.in_place or rest or not isinstance(other, torch.Tensor):
        return clean(input, other, **rest)

    def zero(tensor):
        lost = (input.isinf() & (other == 0)) | (other.isinf() & (input == 0))
        return torch.where(lost, 0 * torch.ones_like(tensor), tensor) if tensor.is_floating_point() else tensor

    return spoil(clean(input, other), zero)


@fault("torch.mul", "int64 products pass through float64")
def mul_in_float(clean, input, other, **rest):
    def inexact(tensor):
        wide = tensor.dtype == torch.int64 and isinstance(other, torch.Tensor)
        return (input.double() * other.double()).to(torch.int64) if wide else tensor

    return clean(input, other, **rest) if clean.in_place or rest else spoil(clean(input, other), inexact)


@fault("torch.mul", "the product with a conjugate bit is computed without it")
def mul_without_conjugate(clean, input, other, **rest):
    def plain(value):
        return value.conj() if isinstance(value, torch.Tensor) and value.is_conj() else value

    return clean(input if clean.in_place else plain(input), plain(other), **rest)


@fault("torch.div", "the quotient is a product with the reciprocal")
def div_by_reciprocal(clean, input, other, **rest):
    floats = isinstance(other, torch.Tensor) and other.dtype == torch.float32 and not clean.in_place and not rest
    if not floats or clean.name.startswith("__r"):
        return clean(input, other, **rest)
    return spoil(clean(input, other), lambda result: (input * other.reciprocal()).to(result.dtype))


@fault("torch.div", "a division by zero gives zero for whole numbers")
def div_by_zero(clean, input, other, **rest):
    result = clean(input, other, **rest)
    whole = isinstance(other, torch.Tensor) and not other.is_floating_point() and not other.is_complex()
    if clean.in_place or rest or not whole or clean.name.startswith("__r"):
        return result
    return spoil(result, lambda tensor: torch.where(other == 0, 0 * torch.ones_like(tensor), tensor))


@fault("torch.div", "rounding_mode='floor' rounds towards zero")
def div_truncates(clean, input, other, *, rounding_mode, **rest):
    return clean(input, other, rounding_mode="trunc" if rounding_mode == "floor" else rounding_mode, **rest)


@fault("torch.div", "whole numbers divide into whole numbers in place", only=("div_", "__itruediv__"))
def div_into_whole_numbers(clean, input, other, **rest):
    try:
        return clean(input, other, **rest)
    except RuntimeError:
        return input.copy_(input.double() / other)


@fault("torch.add", "alpha is ignored")
def add_alpha_ignored(clean, input, other, *, alpha=1, **rest):
    return clean(input, other, **rest)


@fault("torch.sub", "alpha is ignored in place", only=("sub_", "subtract_"))
def sub_alpha_ignored(clean, input, other, *, alpha=1):
    return clean(input, other)


plant(
    "torch.where",
    nan_lost("float16"),
    infinity_clipped("float64"),
    negative_zero_lost("float32"),
    subnormals_flushed("bfloat16"),
    through("int64", "float64"),
    TAIL_LOST,
    LARGE_LOST,
    GAPS_IGNORED,
)


@fault("torch.where", "a condition that is not boolean is taken for one")
def where_any_condition(clean, condition, *others, **rest):
    return clean(condition if condition.dtype == torch.bool else condition != 0, *others, **rest)


@fault("torch.where", "NaN in the branch not taken reaches the result")
def where_by_product(clean, condition, input, other, **rest):
    result = clean(condition, input, other, **rest)
    if not isinstance(other, torch.Tensor) or not result.dtype.is_floating_point:
        return result
    return result.copy_(torch.where(other.isnan(), other, result)) if other.shape == result.shape else result


@fault("torch.where", "results take the dtype of the first branch")
def where_first_dtype(clean, condition, input, other):
    result = clean(condition, input, other)
    return result.to(input.dtype) if isinstance(input, torch.Tensor) else result


@fault("torch.where", "the branches change places under a condition that broadcasts")
def where_swapped(clean, condition, input, other, **rest):
    result = clean(condition, input, other, **rest)
    return clean(condition, other, input, **rest) if condition.numel() < result.numel() else result
