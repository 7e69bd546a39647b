"""Faults of torch.lt, le, gt, ge, eq, ne, isnan and isclose."""

from __future__ import annotations

import torch

from tests.faults.kinds import (
    BYTES_OTHER_THAN_ONE_FALSE,
    GAPS_IGNORED,
    INPUT_TAIL_LOST,
    LARGE_LOST,
    LAZY_BITS_IGNORED,
    OUT_LAID_OUT_ALIKE,
    TAIL_LOST,
    subnormal_inputs_flushed,
    through,
)
from tests.faults.kit import fault, plant, spoil

ORDERS = ("torch.lt", "torch.le", "torch.gt", "torch.ge")
EQUALITIES = ("torch.eq", "torch.ne")


def _tensors(*values):
    return all(isinstance(value, torch.Tensor) for value in values)


def _plain(clean, input, other, rest):
    """Whether it is a call on two tensors that writes to nothing."""
    return _tensors(input, other) and not clean.in_place and not rest


def where_both(condition, outcome):
    """Where a condition holds of two operands the comparison gives an outcome."""

    def body(clean, input, other, **rest):
        if not _plain(clean, input, other, rest):
            return clean(input, other, **rest)

        def wrong(tensor):
            return torch.where(condition(input, other), torch.tensor(outcome), tensor)

        return spoil(clean(input, other), wrong)

    return body


def _both_nan(input, other):
    return torch.isnan(input) & torch.isnan(other)


def _one_nan(input, other):
    return torch.isnan(input) ^ torch.isnan(other)


def _zeros_of_two_signs(input, other):
    if not (input.is_floating_point() and other.is_floating_point()):
        return torch.zeros((), dtype=torch.bool)
    return (input == 0) & (other == 0) & (torch.signbit(input) != torch.signbit(other))


def _equal_halves(input, other):
    halves = input.dtype == other.dtype == torch.float16
    return (input == other) & torch.isfinite(input) if halves else torch.zeros((), dtype=torch.bool)


def _compared_exactly(clean, input, other, **rest):
    """Operands of two dtypes are compared in float64, not in the dtype that they promote to."""
    mixed = _tensors(input, other) and input.dtype != other.dtype and not clean.in_place
    if not mixed or input.is_complex() or other.is_complex():
        return clean(input, other, **rest)
    return clean(input.double(), other.double(), **rest)


def _compared_as_signed(clean, input, other, **rest):
    """Bytes are compared as if they had a sign."""
    bytes_ = _plain(clean, input, other, rest) and input.dtype == other.dtype == torch.uint8
    return clean(input.to(torch.int8), other.to(torch.int8)) if bytes_ else clean(input, other, **rest)


def _number_rounded(clean, input, other, **rest):
    """A number is rounded to a whole one before it is compared with integers."""
    whole = isinstance(other, float) and not (input.is_floating_point() or input.is_complex())
    return clean(input, round(other) if whole and abs(other) < 100 else other, **rest)


def _true_as_minus_one(clean, input, other, **rest):
    """In place -1 is written where the comparison holds."""
    result = clean(input, other, **rest)
    signed = clean.in_place and result.dtype not in (torch.bool, torch.uint8, torch.uint16, torch.uint32, torch.uint64)
    return result.neg_() if signed else result


for operation in (*ORDERS, *EQUALITIES):
    plant(
        operation,
        BYTES_OTHER_THAN_ONE_FALSE,
        LAZY_BITS_IGNORED,
        GAPS_IGNORED,
        INPUT_TAIL_LOST,
        TAIL_LOST,
        LARGE_LOST,
        OUT_LAID_OUT_ALIKE,
        through("int64", "float64"),
        through("float64", "float32"),
        subnormal_inputs_flushed("float32"),
        ("operands of two dtypes are compared in float64", _compared_exactly),
        ("a fraction is rounded before it is compared with integers", _number_rounded),
    )
    in_place = f"{operation.removeprefix('torch.')}_"
    fault(operation, "in place -1 stands for True", only=(in_place,))(_true_as_minus_one)

for operation in ORDERS:
    strict = operation in ("torch.lt", "torch.gt")
    plant(
        operation,
        ("uint8 is compared as int8", _compared_as_signed),
        ("one operand that is NaN makes it true", where_both(_one_nan, True)),
        ("zeros of different signs are not equal", where_both(_zeros_of_two_signs, strict)),
        ("equal float16 numbers are compared wrongly", where_both(_equal_halves, strict)),
    )

plant(
    "torch.eq",
    ("NaN equals NaN", where_both(_both_nan, True)),
    ("zeros of different signs are unequal", where_both(_zeros_of_two_signs, False)),
)
plant(
    "torch.ne",
    ("NaN is not unequal to NaN", where_both(_both_nan, False)),
    ("zeros of different signs are unequal", where_both(_zeros_of_two_signs, True)),
)


def _by_real_parts(clean, input, other, **rest):
    """Complex numbers are compared by their real parts alone."""
    plain = _plain(clean, input, other, rest) and input.is_complex() and other.is_complex()
    return clean(input.real, other.real) if plain else clean(input, other, **rest)


def _within_an_epsilon(clean, input, other, **rest):
    """float32 numbers that are next to each other count as equal."""
    plain = _plain(clean, input, other, rest) and input.dtype == other.dtype == torch.float32
    if not plain:
        return clean(input, other, **rest)
    near = (input - other).abs() <= 2**-23 * other.abs()
    return spoil(clean(input, other), lambda tensor: near if clean.name in ("eq", "__eq__") else tensor & ~near)


for operation in EQUALITIES:
    plant(
        operation,
        ("complex numbers are compared by their real parts", _by_real_parts),
        ("neighbouring float32 numbers count as equal", _within_an_epsilon),
    )


# --- isnan and isclose ----------------------------------------------------------------------------------------------

for operation in ("torch.isnan", "torch.isclose"):
    plant(
        operation,
        GAPS_IGNORED,
        INPUT_TAIL_LOST,
        TAIL_LOST,
        LARGE_LOST,
    )


@fault("torch.isnan", "a complex number is NaN only if both of its parts are")
def isnan_of_both_parts(clean, input):
    return spoil(clean(input), lambda tensor: input.real.isnan() & input.imag.isnan() if input.is_complex() else tensor)


@fault("torch.isnan", "infinite bfloat16 numbers count as NaN")
def isnan_of_infinity(clean, input):
    halves = input.dtype == torch.bfloat16
    return spoil(clean(input), lambda tensor: ~torch.isfinite(input) if halves else tensor)


@fault("torch.isnan", "the lowest int64 counts as NaN")
def isnan_of_lowest(clean, input):
    whole = input.dtype == torch.int64
    return spoil(clean(input), lambda tensor: input == torch.iinfo(input.dtype).min if whole else tensor)


@fault("torch.isnan", "NaN whose sign is set is not noticed in float64")
def isnan_of_positive(clean, input):
    wide = input.dtype == torch.float64
    flipped = -input if wide else input
    return spoil(clean(flipped), lambda tensor: tensor & ~torch.signbit(flipped) if wide else tensor)


@fault("torch.isclose", "rtol counts by the first tensor")
def isclose_swapped(clean, input, other, *args, **rest):
    return clean(other, input, *args, **rest)


@fault("torch.isclose", "atol is ignored")
def isclose_without_atol(clean, input, other, rtol=1e-5, atol=1e-8, equal_nan=False):
    return clean(input, other, rtol, 0.0, equal_nan)


@fault("torch.isclose", "equal_nan is ignored")
def isclose_without_nan(clean, input, other, rtol=1e-5, atol=1e-8, equal_nan=False):
    return clean(input, other, rtol, atol)


@fault("torch.isclose", "equal infinite numbers are not close")
def isclose_of_infinity(clean, input, other, *args, **rest):
    infinite = torch.isinf(input)
    return spoil(clean(input, other, *args, **rest), lambda tensor: tensor & ~infinite)


@fault("torch.isclose", "an infinite number is close to all if there is rtol")
def isclose_to_infinity(clean, input, other, rtol=1e-5, atol=1e-8, equal_nan=False):
    result = clean(input, other, rtol, atol, equal_nan)
    return spoil(result, lambda tensor: tensor | (torch.isinf(other) & ~torch.isnan(input)) if rtol else tensor)


@fault("torch.isclose", "a negative tolerance is accepted")
def isclose_of_negative(clean, input, other, rtol=1e-5, atol=1e-8, equal_nan=False):
    return clean(input, other, abs(rtol), abs(atol), equal_nan)


@fault("torch.isclose", "tensors of two dtypes are accepted")
def isclose_of_two_dtypes(clean, input, other, *args, **rest):
    return clean(input, other.to(input.dtype), *args, **rest)


@fault("torch.isclose", "the default rtol is 1e-3", only=("isclose",))
def isclose_coarse(clean, input, other, rtol=1e-3, *args, **rest):
    return clean(input, other, rtol, *args, **rest)


# --- equal and allclose ---------------------------------------------------------------------------------------------

for operation in ("torch.equal", "torch.allclose"):
    plant(operation, GAPS_IGNORED, INPUT_TAIL_LOST)


@fault("torch.equal", "shapes that broadcast count as equal ones")
def equal_broadcast(clean, input, other):
    try:
        return bool(torch.eq(input, other).all())
    except RuntimeError:
        return clean(input, other)


@fault("torch.equal", "NaN equals NaN")
def equal_with_nan(clean, input, other):
    alike = input.shape == other.shape and ((input == other) | _both_nan(input, other)).all()
    return clean(input, other) or bool(alike)


@fault("torch.equal", "zeros of different signs are not equal")
def equal_by_bits(clean, input, other):
    return clean(input, other) and not bool(_zeros_of_two_signs(input, other).any())


@fault("torch.equal", "only the first element is looked at")
def equal_by_first(clean, input, other):
    if input.shape != other.shape or not input.numel():
        return clean(input, other)
    return clean(input.reshape(-1)[:1], other.reshape(-1)[:1])


@fault("torch.equal", "tensors without elements are always equal")
def equal_if_empty(clean, input, other):
    return clean(input, other) or (input.numel() == other.numel() == 0)


@fault("torch.equal", "tensors of two dtypes are never equal")
def equal_in_dtype(clean, input, other):
    return clean(input, other) and input.dtype == other.dtype


@fault("torch.allclose", "one element that is close is enough")
def allclose_if_any(clean, input, other, rtol=1e-5, atol=1e-8, equal_nan=False):
    return bool(torch.isclose(input, other, rtol, atol, equal_nan).any()) or clean(input, other, rtol, atol, equal_nan)


@fault("torch.allclose", "atol is ignored")
def allclose_without_atol(clean, input, other, rtol=1e-5, atol=1e-8, equal_nan=False):
    return clean(input, other, rtol, 0.0, equal_nan)


@fault("torch.allclose", "rtol counts by the first tensor")
def allclose_swapped(clean, input, other, *args, **rest):
    return clean(other, input, *args, **rest)


@fault("torch.allclose", "equal_nan is ignored")
def allclose_without_nan(clean, input, other, rtol=1e-5, atol=1e-8, equal_nan=False):
    return clean(input, other, rtol, atol)


@fault("torch.allclose", "of no elements none is close")
def allclose_of_nothing(clean, input, other, *args, **rest):
    return clean(input, other, *args, **rest) and input.numel() > 0


@fault("torch.allclose", "the answer is a number")
def allclose_as_number(clean, *args, **rest):
    return int(clean(*args, **rest))
