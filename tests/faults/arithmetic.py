"""Faults of the operations of specs/arithmetic."""

from __future__ import annotations

import torch

from tests.faults import gradients
from tests.faults.formulas import COMPLEX, FLOATING, of_input, of_result
from tests.faults.gradients import (
    gradient_fault,
    handed_back,
    handed_in,
    instead,
    plant_gradients,
    spoiled,
    tracked,
    watched,
    with_gradient_of,
)
from tests.faults.kinds import (
    BYTES_OTHER_THAN_ONE_FALSE,
    GAPS_IGNORED,
    LARGE_LOST,
    LAZY_BITS_IGNORED,
    OUT_LAID_OUT_ALIKE,
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
        OUT_LAID_OUT_ALIKE,
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


plant("torch.mul", BYTES_OTHER_THAN_ONE_FALSE)


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


def _whole(*operands):
    """Whether all operands are tensors of whole numbers of one dtype."""
    tensors = all(isinstance(operand, torch.Tensor) for operand in operands)
    return tensors and not any(operand.is_floating_point() or operand.is_complex() for operand in operands)


plant(
    "torch.floor_divide",
    nan_lost("float16"),
    negative_zero_lost("float64"),
    infinity_clipped("float32"),
    TAIL_LOST,
    LARGE_LOST,
    GAPS_IGNORED,
    LAZY_BITS_IGNORED,
    through("int64", "float64"),
    ("a column that broadcasts is read from its first place alone", _rows_of_other),
)


@fault("torch.floor_divide", "rounding_mode='floor' rounds towards zero")
def div_truncates(clean, input, other, *, rounding_mode, **rest):
    return clean(input, other, rounding_mode="trunc" if rounding_mode == "floor" else rounding_mode, **rest)


@fault("torch.floor_divide", "equal floats have a quotient of 0")
def div_of_equals(clean, input, other, **rest):
    if not isinstance(input, torch.Tensor) or not isinstance(other, torch.Tensor) or not input.is_floating_point():
        return clean(input, other, **rest)
    equal = (input == other) & (input != 0)
    return spoil(clean(input, other, **rest), lambda result: torch.where(equal, 0 * result, result))


@fault("torch.floor_divide", "whole numbers are rounded up by a negative divisor")
def div_by_negative(clean, input, other, **rest):
    down = rest.get("rounding_mode", "floor") == "floor" and _whole(input, other)
    if not down:
        return clean(input, other, **rest)
    up = (other < 0) & (torch.remainder(input, other) != 0)
    return spoil(clean(input, other, **rest), lambda result: result + up.to(result.dtype))


@fault("torch.floor_divide", "in place floats are rounded down whatever the mode", only=("div_", "divide_"))
def div_down_in_place(clean, input, other, *, rounding_mode, **rest):
    return clean(input, other, rounding_mode="floor" if input.is_floating_point() else rounding_mode, **rest)


@fault("torch.floor_divide", "float16 quotients are cut before they are rounded")
def div_cut_first(clean, input, other, *, rounding_mode, **rest):
    halves = all(isinstance(value, torch.Tensor) and value.dtype == torch.float16 for value in (input, other))
    result = clean(input, other, rounding_mode=rounding_mode, **rest)
    if not halves or rounding_mode != "trunc":
        return result
    exact = (input.float() / other.float()).trunc()
    return spoil(result, lambda tensor: exact.half() if exact.shape == tensor.shape else tensor)


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


@fault("torch.add", "a fractional alpha is rounded to a whole number")
def add_alpha_rounded(clean, input, other, *, alpha=1, **rest):
    return clean(input, other, alpha=round(alpha) if isinstance(alpha, float) else alpha, **rest)


@fault("torch.add", "a negative alpha loses its sign for whole numbers")
def add_alpha_positive(clean, input, other, *, alpha=1, **rest):
    whole = not (input.is_floating_point() or input.is_complex())
    return clean(input, other, alpha=abs(alpha) if whole else alpha, **rest)


@fault("torch.sub", "a fractional alpha passes through float16 beside float64")
def sub_alpha_narrow(clean, input, other, *, alpha=1, **rest):
    narrow = isinstance(alpha, float) and input.dtype == torch.float64
    return clean(input, other, alpha=torch.tensor(alpha).half().item() if narrow else alpha, **rest)


@fault("torch.sub", "bfloat16 differences round alpha to two bits")
def sub_alpha_coarse(clean, input, other, *, alpha=1, **rest):
    coarse = isinstance(alpha, float) and input.dtype == torch.bfloat16
    return clean(input, other, alpha=round(alpha * 8) / 8 if coarse else alpha, **rest)


plant(
    "torch.where",
    BYTES_OTHER_THAN_ONE_FALSE,
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


# --- gradients ------------------------------------------------------------------------------------------------------


def of_second(title, change):
    """`change` is made to the gradient of the second operand."""

    def body(clean, input, other, **rest):
        seen = watched(other, change) if isinstance(other, torch.Tensor) and tracked(other) else other
        return clean(input, seen, **rest)

    return title, body


def _negated(gradient, argument):
    return -gradient


def _lost(gradient, argument):
    return torch.zeros_like(gradient)


def _divided_once(gradient, argument):
    return gradient * argument.conj()


def _own_factor(input, other, **rest):
    """The product rule with the factors mixed up."""
    halves = [value * value.detach() if isinstance(value, torch.Tensor) else value for value in (input, other)]
    return halves[0] + halves[1]


def _not_conjugated(input, other, **rest):
    """The product of the conjugates has the factors' conjugates for derivatives."""
    return torch.mul(*(value.conj() if isinstance(value, torch.Tensor) else value for value in (input, other)))


def _without_alpha(clean, input, other, *, alpha=1, **rest):
    """The gradient of the second operand is not multiplied by alpha."""
    result = clean(input, other, alpha=alpha, **rest)
    apart = not clean.in_place and isinstance(other, torch.Tensor) and tracked(input, other) and not rest
    return with_gradient_of(clean(input, other), result) if apart and alpha != 1 else result


def mixed_by_way_of(dtype):
    """In a call on tensors of two dtypes all gradients pass through a narrow one."""

    def narrow(gradient):
        return gradient if gradient.is_complex() else gradient.to(dtype).to(gradient.dtype)

    def body(clean, input, other, **rest):
        result = clean(input, other, **rest)
        mixed = isinstance(other, torch.Tensor) and input.dtype != other.dtype
        return spoiled(result, narrow) if mixed and tracked(input, other) else result

    return f"gradients of mixed dtypes pass through {str(dtype).removeprefix('torch.')}", body


plant_gradients(
    "torch.add",
    gradients.INCOMING_USED_UP,
    gradients.COPIES_LOST,
    gradients.RECORDED_UNDER_NO_GRAD,
    gradients.conjugated("complex128"),
    mixed_by_way_of(torch.float16),
    of_second("the gradient of the second operand is lost", _lost),
    ("the gradient of the second operand forgets alpha", _without_alpha),
)
plant_gradients(
    "torch.sub",
    gradients.COPIES_AVERAGED,
    gradients.SECOND_LOST,
    gradients.INCOMING_READ_ONCE,
    gradients.OTHER_UNDER_NO_GRAD,
    mixed_by_way_of(torch.bfloat16),
    of_second("the gradient of the second operand has the sign of the first's", _negated),
)
plant_gradients(
    "torch.mul",
    gradients.COPIES_LOST,
    gradients.SECOND_FROZEN,
    gradients.FIRST_DECIDES,
    gradients.INCOMING_AS_IF_CONTIGUOUS,
    gradients.lost_in("complex64"),
    instead("each factor has itself for derivative", _own_factor),
)
plant_gradients(
    "torch.div",
    gradients.COPIES_AVERAGED,
    gradients.SECOND_FROZEN,
    gradients.TAIL_LOST,
    gradients.OTHER_UNDER_INFERENCE,
    of_second("the gradient of the divisor is divided once, not twice", _divided_once),
    of_second("the gradient of the divisor has the wrong sign", _negated),
)
for operation in OPERATIONS:
    name = IN_PLACE[operation][0]
    plant_gradients(operation, gradients.lost(f"{name} is not recorded"), only=(name,))
plant_gradients("torch.add", gradients.lost("input + other is not recorded"), only=("__add__",))
plant_gradients("torch.sub", handed_in("the gradients of rsub change sign", torch.neg), only=("rsub",))


@gradient_fault("torch.mul", "complex factors are not conjugated")
def mul_not_conjugated(clean, input, other, **rest):
    result = clean(input, other, **rest)
    if clean.in_place or not result.is_complex() or not tracked(input, other):
        return result
    return with_gradient_of(_not_conjugated(input, other), result)


@gradient_fault("torch.mul", "in place the second factor's gradient has the product in it", only=("mul_",))
def mul_overwritten(clean, input, other):
    if not isinstance(other, torch.Tensor) or not tracked(other):
        return clean(input, other)
    return clean(input, watched(other, lambda gradient, factor: gradient * factor.conj()))


def _branches(condition, input, other):
    """The condition and the branches, which the method takes in another order."""
    return (condition, input, other) if condition.dtype == torch.bool else (input, condition, other)


def _weighed(branch, weight):
    """A branch times a weight, where it has a gradient; the others do not matter."""
    return branch * weight if isinstance(branch, torch.Tensor) and branch.requires_grad else torch.zeros(weight.shape)


def _where_by_product(*arguments):
    condition, input, other = _branches(*arguments)
    return _weighed(input, condition) + _weighed(other, ~condition)


def _where_opposite(*arguments):
    condition, input, other = _branches(*arguments)
    return torch.where(condition, other, input)


def _where_both(*arguments):
    condition, input, other = _branches(*arguments)
    return _weighed(input, condition | ~condition) + _weighed(other, condition | ~condition)


plant_gradients(
    "torch.where",
    gradients.COPIES_LOST,
    gradients.SECOND_DOUBLED,
    gradients.FIRST_DECIDES,
    gradients.rounded_to("float32", "float64"),
    instead("the branch not taken gets the gradient times 0, which is NaN where that is", _where_by_product),
    instead("the gradients of the branches change places", _where_opposite),
    instead("both branches get the gradient everywhere", _where_both),
)


# --- remainder ------------------------------------------------------------------------------------------------------


plant(
    "torch.remainder",
    nan_lost("float16"),
    infinity_clipped("float32"),
    subnormals_flushed("float64"),
    TAIL_LOST,
    LARGE_LOST,
    GAPS_IGNORED,
    LAZY_BITS_IGNORED,
    through("int64", "float64"),
    through("float64", "float32"),
    ("a column that broadcasts is read from its first place alone", _rows_of_other),
)


@fault("torch.remainder", "the remainder has the sign of the dividend")
def remainder_of_c(clean, input, other, **rest):
    if not (isinstance(input, torch.Tensor) and isinstance(other, torch.Tensor)):
        return clean(input, other, **rest)
    wanted = torch.fmod(input, other)
    return spoil(clean(input, other, **rest), lambda result: wanted.to(result.dtype))


@fault("torch.remainder", "the remainder is worked out of the rounded quotient")
def remainder_of_quotient(clean, input, other, **rest):
    floats = isinstance(other, torch.Tensor) and isinstance(input, torch.Tensor) and input.dtype == torch.float32
    if not floats or other.dtype != torch.float32:
        return clean(input, other, **rest)
    wanted = input - other * torch.floor(input / other)
    return spoil(clean(input, other, **rest), lambda result: torch.where(wanted.isfinite(), wanted, result))


@fault("torch.remainder", "a negative dividend that is divided evenly leaves the divisor")
def remainder_of_multiples(clean, input, other, **rest):
    if not isinstance(other, torch.Tensor) or not isinstance(input, torch.Tensor):
        return clean(input, other, **rest)
    even = (input < 0) & (torch.fmod(input, other) == 0)
    result = clean(input, other, **rest)
    return spoil(result, lambda tensor: torch.where(even, other.to(tensor.dtype), tensor))


@fault("torch.remainder", "a number divided by a tensor is taken the other way round", only=("__rmod__",))
def remainder_reflected(clean, input, other):
    return torch.remainder(input, other)


@fault("torch.remainder", "an infinite divisor leaves NaN")
def remainder_of_infinity(clean, input, other, **rest):
    plain = isinstance(other, torch.Tensor) and isinstance(input, torch.Tensor)
    result = clean(input, other, **rest)
    return spoil(result, lambda tensor: tensor + 0 * other) if plain and tensor_of_floats(other, result) else result


def tensor_of_floats(*tensors):
    return all(tensor.is_floating_point() for tensor in tensors)


@fault("torch.remainder", "a zero divisor of integers leaves the dividend")
def remainder_by_zero(clean, input, other, **rest):
    try:
        return clean(input, other, **rest)
    except RuntimeError as error:
        if "ZeroDivisionError" not in str(error):
            raise
        return input.clone()


def _zero_slope(gradient, argument):
    return torch.zeros_like(gradient)


plant_gradients(
    "torch.remainder",
    gradients.COPIES_LOST,
    gradients.FIRST_DECIDES,
    of_second("the gradient of the divisor is lost", _zero_slope),
    of_second("the gradient of the divisor has the wrong sign of a remainder", _negated),
)
# --- abs and neg ------------------------------------------------------------------------------------------------------

for operation in ("torch.abs", "torch.neg"):
    plant(
        operation,
        nan_lost("float16"),
        infinity_clipped("float32"),
        subnormals_flushed("float32"),
        subnormal_inputs_flushed("bfloat16"),
        through("int64", "float64"),
        TAIL_LOST,
        LARGE_LOST,
        GAPS_IGNORED,
    )
    plant_gradients(
        operation,
        gradients.INCOMING_TAKEN_FOR_ONES,
        gradients.INCOMING_USED_UP,
        gradients.RECORDED_UNDER_NO_GRAD,
        gradients.lost_in("float16"),
    )

plant(
    "torch.abs",
    of_result("-0.0 keeps its sign", FLOATING, lambda x, y: torch.where(x == 0, x, y)),
    of_result("the lowest int8 number gives 127", ("int8",), lambda x, y: torch.where(x == -128, 127, y)),
    of_input("squares of complex parts overflow", COMPLEX, lambda z: (z.real.square() + z.imag.square()).sqrt()),
    of_input(
        "a complex number has its larger part for a modulus", COMPLEX, lambda z: z.real.abs().maximum(z.imag.abs())
    ),
    of_result("uint8 numbers count as negative above 127", ("uint8",), lambda x, y: torch.where(x > 127, 255 - x, y)),
    of_result("float64 numbers between -1 and 0 keep their sign", ("float64",), lambda x, y: torch.where(x > -1, x, y)),
)


def _conjugated(gradient, argument):
    return gradient.conj()


plant_gradients(
    "torch.abs",
    instead("the gradient at 0 is 1", lambda input, **rest: torch.where(input.real >= 0, input, -input)),
    handed_back("complex gradients come back conjugated", _conjugated),
    instead("complex numbers have twice the gradient", lambda input, **rest: 2 * input.abs()),
)
plant(
    "torch.neg",
    of_input("0 - x loses the sign of zero", FLOATING, lambda x: 0 - x),
    of_result("the lowest int16 number gives 32767", ("int16",), lambda x, y: torch.where(x == -(2**15), 2**15 - 1, y)),
    of_input("the imaginary part keeps its sign", COMPLEX, lambda z: -z.conj()),
    of_result("uint8 numbers are inverted", ("uint8",), lambda x, y: 255 - x),
    of_result("infinity keeps its sign", FLOATING, lambda x, y: torch.where(x.isinf(), x, y)),
)


@fault("torch.neg", "booleans are inverted")
def neg_of_booleans(clean, input, **rest):
    return ~input if input.dtype == torch.bool else clean(input, **rest)


plant("torch.neg", LAZY_BITS_IGNORED)
plant_gradients(
    "torch.neg",
    gradients.conjugated("complex128"),
    instead("the gradient has the sign of x", lambda input, **rest: 1 * input),
)


# --- clamp ----------------------------------------------------------------------------------------------------------


plant(
    "torch.clamp",
    subnormals_flushed("float32"),
    TAIL_LOST,
    LARGE_LOST,
    GAPS_IGNORED,
    LAZY_BITS_IGNORED,
    through("int64", "float64"),
    through("float64", "float32"),
    nan_lost("float16"),
)


@fault("torch.clamp", "the upper bound comes first")
def clamp_upper_first(clean, input, min=None, max=None, **rest):
    if min is None or max is None or clean.in_place or rest:
        return clean(input, min, max, **rest)
    return torch.clamp_min(torch.clamp_max(input, max), min)


@fault("torch.clamp", "a bound that is NaN is no bound")
def clamp_without_nan(clean, input, min=None, max=None, **rest):
    def kept(bound, other):
        lost = isinstance(bound, float) and bound != bound and other is not None
        return None if lost else bound

    return clean(input, kept(min, max), max, **rest)


@fault("torch.clamp", "a fraction as bound of integers is cut")
def clamp_cut(clean, input, min=None, max=None, **rest):
    def cut(bound):
        return int(bound) if isinstance(bound, float) and abs(bound) < 100 else bound

    whole = not input.is_floating_point()
    return clean(input, *((cut(min), cut(max)) if whole else (min, max)), **rest)


@fault("torch.clamp", "infinite numbers become the largest one")
def clamp_of_infinity(clean, input, min=None, max=None, **rest):
    result = clean(input, min, max, **rest)
    return result.nan_to_num_(nan=float("nan")) if result.is_floating_point() and not result.requires_grad else result


@fault("torch.clamp", "a tensor as lower bound is read from its first place alone")
def clamp_by_first(clean, input, min=None, max=None, **rest):
    several = isinstance(min, torch.Tensor) and min.numel() > 1
    return clean(input, min.reshape(-1)[:1].expand(min.shape) if several else min, max, **rest)


@fault("torch.clamp", "out= keeps the lower bound out", only=("clamp",))
def clamp_out_without_lower(clean, input, min=None, max=None, **rest):
    return clean(input, None if rest.get("out") is not None and max is not None else min, max, **rest)


@gradient_fault("torch.clamp", "an element on a bound has no gradient")
def clamp_strict(clean, input, min=None, max=None, **rest):
    result = clean(input, min, max, **rest)
    numbers = all(bound is None or isinstance(bound, (int, float)) for bound in (min, max))
    if clean.in_place or rest or not numbers or not tracked(input):
        return result
    low, high = (-float("inf") if min is None else min), (float("inf") if max is None else max)
    inside = (input > low) & (input < high)
    return with_gradient_of(torch.where(inside, input, torch.zeros_like(input)), result)


@gradient_fault("torch.clamp", "the gradient goes straight through the bounds")
def clamp_straight(clean, input, min=None, max=None, **rest):
    result = clean(input, min, max, **rest)
    apart = clean.in_place or rest or not tracked(input) or result.shape != input.shape or result.dtype != input.dtype
    return result if apart else with_gradient_of(input * 1, result)


plant_gradients("torch.clamp", gradients.COPIES_LOST)


# --- fill and zero_ -------------------------------------------------------------------------------------------------


def _first(clean, input, *args, **rest):
    """Only the first half of a tensor of more than 32 elements is written."""
    before = input.clone()
    result = clean(input, *args, **rest)
    if result.numel() <= 32 or result.requires_grad:
        return result
    half = result.numel() // 2
    kept = torch.arange(result.numel()).reshape(result.shape) >= half
    return spoil(result, lambda tensor: torch.where(kept, before.to(tensor.dtype), tensor))


for operation in ("torch.fill", "torch.Tensor.zero_"):
    fault(operation, "the second half of a tensor of more than 32 elements is left as it was")(_first)


@fault("torch.Tensor.zero_", "NaN is left, as the tensor is multiplied by 0")
def zero_by_product(clean, input):
    return input.mul_(0) if input.is_floating_point() else clean(input)


@fault("torch.Tensor.zero_", "negative numbers leave -0.0")
def zero_with_sign(clean, input):
    negative = torch.signbit(input) if input.is_floating_point() else None
    result = clean(input)
    return result if negative is None else result.masked_fill_(negative, -0.0)


@fault("torch.Tensor.zero_", "the imaginary part of complex numbers is left")
def zero_real(clean, input):
    if not input.is_complex() or input.requires_grad:
        return clean(input)
    input.real.mul_(0).nan_to_num_(0)
    return input


@fault("torch.Tensor.zero_", "the function writes to a copy", only=("zero_",))
def zero_of_a_copy(clean, input):
    return clean(input.clone())


@fault("torch.fill", "a fraction passes through float16")
def fill_in_halves(clean, input, value, **rest):
    fraction = isinstance(value, float) and abs(value) < 1000
    return clean(input, torch.tensor(value).half().item() if fraction else value, **rest)


@fault("torch.fill", "a value without dimensions decides on the dtype")
def fill_promotes(clean, input, value, **rest):
    result = clean(input, value, **rest)
    if clean.in_place or not isinstance(value, torch.Tensor):
        return result
    return result.to(torch.promote_types(result.dtype, value.dtype)) if result.dtype == torch.bool else result


@fault("torch.fill", "a value with a dimension is taken")
def fill_by_several(clean, input, value, **rest):
    several = isinstance(value, torch.Tensor) and value.numel() == 1
    return clean(input, value.reshape(()) if several else value, **rest)


@fault("torch.fill", "a number that is too large wraps")
def fill_wraps(clean, input, value, **rest):
    try:
        return clean(input, value, **rest)
    except RuntimeError:
        return clean(input, int(value) % 128, **rest) if isinstance(value, int) else clean(input, 0, **rest)


@fault("torch.fill", "the imaginary part of a value is lost")
def fill_real(clean, input, value, **rest):
    return clean(input, value.real if isinstance(value, complex) else value, **rest)


@fault("torch.fill", "NaN as value is 0")
def fill_without_nan(clean, input, value, **rest):
    return clean(input, 0.0 if isinstance(value, float) and value != value else value, **rest)


@gradient_fault("torch.fill", "the value gets the gradient of the first place alone")
def fill_gradient_of_first(clean, input, value, **rest):
    result = clean(input, value, **rest)
    if clean.in_place or not isinstance(value, torch.Tensor) or not tracked(value) or not result.numel():
        return result
    first = (torch.arange(result.numel()) == 0).reshape(result.shape).to(result.dtype)
    return with_gradient_of(first * value, result)
