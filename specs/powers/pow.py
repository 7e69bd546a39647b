"""torch.pow: each element of a tensor to the power of a number or of another element."""

import numpy as np

from conformance.spec import (
    BOOL,
    COMPLEXES,
    FLOATS,
    INTEGERS,
    PRESERVED,
    REAL_KINDS,
    WIDE_UNSIGNED,
    WITHIN,
    Cost,
    Draw,
    Form,
    Gradient,
    Law,
    Output,
    Refusal,
    Spec,
    TensorSample,
    category,
    contents,
    dense,
    ulps,
)
from conformance.spec.families import binary

NUMBERS = (2, 2, 3, 0.5, -1, 0, 1, -2, -0.5, 4, 10, 7, -3, 0.25, 1.5, 2.5, -0.75, 2.0, 3.0, 0.3)
BY_PRODUCTS = (2, 3, 0.5, -0.5, -1, -2)
"""Exponents for which a few products, a root or a quotient are taken."""

TENSORS = "hasattr(exponent, 'rank')"
SAME = f"{TENSORS} and input.dtype == exponent.dtype"
FIRST_NUMBER = f"{SAME} and input.rank == 0"


def arguments(draw: Draw):
    """A number as exponent, or a tensor that is often made of small numbers."""
    if draw.boolean():
        return {"input": _base(draw, draw.shape()), "exponent": draw.choice(NUMBERS)}
    shapes, dtypes = draw.mutually_broadcastable_shapes(2), draw.promotable_dtypes(REAL_KINDS)
    if dtypes[0] != dtypes[1]:
        base, exponent = (draw.exactly_representable_tensor(*each) for each in zip(shapes, dtypes))
        return {"input": base, "exponent": exponent}
    few = draw.boolean()
    exponent = draw.tensor(shapes[1], kinds=("few", "normal", "counting")) if few else draw.tensor(shapes[1])
    return {"input": _base(draw, shapes[0]), "exponent": exponent}


def _base(draw, shape):
    """A tensor of any numbers, or of many that are neither 0 nor far from 1."""
    return draw.nonzero_tensor(shape) if draw.choice((False, False, True)) else draw.tensor(shape)


def common(promoted, input, exponent):
    """A fraction as exponent turns integers into float32."""
    return "float32" if isinstance(exponent, float) and category(promoted) < 2 else promoted


def takes(dtype, input, exponent):
    """A negative number is no exponent of integers, and 0.3 is one number in float64 alone. Of complex numbers nothing
    is promised at 0, where the logarithm has a pole, nor far from 1, where its rounding counts for most."""
    if isinstance(exponent, int) and exponent < 0 and dtype in INTEGERS:
        return False
    if exponent == 0.3 and dtype not in ("float64", "complex128"):
        return False
    return dtype not in COMPLEXES or _is_tame(dtype, input, exponent)


def _is_tame(dtype, input, exponent):
    arrays = [np.abs(array.astype(np.clongdouble)) for array in _operands(dtype, input, exponent)]
    near = [np.all((array < 1000) & ((array > 0.001) | (array == 0))) for array in arrays]
    return bool(all(near) and np.all(arrays[0] > 0))


def bfloat16_beside_a_complex_number(dtype, input, exponent):
    """A bfloat16 tensor with dimensions, and a complex number without."""
    return binary.bfloat16_meets_a_complex_number(*_operands(dtype, input, exponent))


def _operands(dtype, input, exponent):
    return contents(input, dtype), contents(exponent, dtype) if isinstance(exponent, TensorSample) else np.asarray(
        exponent
    )


def oracle(input, exponent):
    """Integers wrap. Of an integer to a negative power only 1 and -1 have one that is whole; others give 0."""
    if input.dtype.kind in "iu" and np.asarray(exponent).dtype.kind in "biu":
        return _whole_power(input, np.asarray(exponent))
    return np.power(*np.broadcast_arrays(input, np.asarray(exponent, input.dtype)))


def _whole_power(base, exponent):
    """By squaring, modulo 2**64, of which the low bits are those of every smaller integer."""
    base, exponent = np.broadcast_arrays(base, exponent)
    left = np.maximum(exponent, 0).astype(np.uint64)
    square, result = base.astype(np.int64).view(np.uint64).copy(), np.ones(base.shape, np.uint64)
    while np.any(left):
        result = np.where(left & 1, result * square, result)
        square, left = square * square, left >> np.uint64(1)
    of_ones = np.where(base == 1, 1, np.where(base.astype(np.int64) == -1, np.where(exponent % 2, -1, 1), 0))
    return np.where(exponent < 0, of_ones.astype(np.int64).view(np.uint64), result).astype(base.dtype)


def bound(dtype, input, exponent):
    """SLEEF's power is within 1 ULP; products, roots and quotients round twice, by half a ULP that may count as a whole
    one. Halves are worked out in float32. A complex power is the exponential of a logarithm, whose size counts."""
    if category(dtype) == 3:
        return 8 + 8 * _logarithm(dtype, input, exponent)
    if not isinstance(exponent, TensorSample) and exponent in BY_PRODUCTS:
        return 2.0
    return 0.51 if dtype in ("float16", "bfloat16") else 1.0


def of_both_sides(dtype, input, exponent):
    """What two results of these arguments may differ by."""
    return 2 * bound(dtype, input, exponent) + 2


def _logarithm(dtype, input, exponent):
    """The largest size of exponent * log(input)."""
    base, power = _operands(dtype, input, exponent)
    with np.errstate(all="ignore"):
        sizes = np.abs(power * np.log(base.astype(np.clongdouble)))
    return float(np.max(sizes, initial=0, where=np.isfinite(sizes)))


def gradient(incoming, results, input, exponent):
    """The power's own rule; a power of 0 that is not negative does not depend on its exponent."""
    power = np.asarray(exponent, input.dtype)
    slope = np.where(power == 0, 0, power * np.power(*np.broadcast_arrays(input, power - 1)))
    terms = {"input": incoming[0] * np.conj(slope)}
    if isinstance(exponent, (np.ndarray, np.generic)):  # a tensor without dimensions may come as a NumPy scalar
        growth = oracle(input, exponent) * np.log(input)
        terms["exponent"] = incoming[0] * np.conj(np.where((input == 0) & (power.real >= 0), 0, growth))
    return terms


def gradient_bound(dtype, input, exponent):
    """The exponent less 1 is rounded, which the logarithm magnifies, as are a power, a logarithm and three products.

    Nothing is promised where a power on the way leaves the range, nor far from 1, nor of the power of a number below 0
    with a fraction as exponent that is whole once 1 is taken from it and rounded.
    """
    base, power = (array.astype(np.clongdouble) for array in _operands(dtype, input, exponent))
    with np.errstate(all="ignore"):
        on_the_way = np.abs([way for way in np.broadcast_arrays(base**power, base ** (power - 1), base)])
        far = (on_the_way > 1e4) | ((on_the_way < 1e-4) & (on_the_way > 0)) | np.isnan(on_the_way)
    if np.any(far) or np.any(np.abs(power) > 100) or not (np.all(np.isfinite(base)) and np.all(np.isfinite(power))):
        return np.inf
    if dtype in FLOATS and _is_whole_less_one(*_operands(dtype, input, exponent)):
        return np.inf
    return 8 + 8 * _logarithm(dtype, input, exponent) + 2 * bound(dtype, input, exponent)


def _is_whole_less_one(base, power):
    less = power - power.dtype.type(1) if power.dtype.kind not in "biu" else np.zeros_like(power)
    rounded = (less == np.rint(less)) & (power != np.rint(power))
    return bool(np.any(rounded & (base < 0)))


def takes_a_root(dtype, input, exponent):
    """The exponent is the number 0.5 or -0.5, and an element is -0.0 or -inf."""
    if isinstance(exponent, TensorSample) or exponent not in (0.5, -0.5) or category(dtype) != 2:
        return False
    array = contents(input, dtype)
    return bool(np.any(((array == 0) & np.signbit(array)) | (array == -np.inf)))


def squares_first(dtype, input, exponent):
    """The exponent is the number -2, and the square of an element is no normal number of the dtype that it is worked
    out in."""
    if isinstance(exponent, TensorSample) or exponent != -2 or category(dtype) != 2:
        return False
    smallest, largest = (2.23e-308, 1.79e308) if dtype == "float64" else (1.18e-38, 3.38e38)
    array = np.abs(contents(input, dtype).astype(np.longdouble))
    square = array * array
    return bool(np.any(np.isfinite(array) & (array > 0) & ((square > largest) | (square < smallest))))


def is_one_over_a_square(dtype, got, promised, **arguments):
    """The reciprocal of a square that is infinite, subnormal or 0: 0 for a subnormal number, and a large number that is
    infinite or has few digits."""
    smallest = 2.23e-308 if dtype == "float64" else 1.18e-38
    value, exact = np.asarray(got, np.longdouble), np.asarray(promised, np.longdouble)
    few_digits = np.isinf(value) | (np.abs(value - exact) <= (2.0**-5 if dtype == "bfloat16" else 2.0**-20) * exact)
    return ((exact < smallest) & (value == 0)) | ((exact > 0.9 / smallest) & few_digits)


def has_an_exponent_without_difference(dtype, input, exponent):
    """The exponent is a tensor of booleans or of unsigned integers of more than eight bits: none is subtracted."""
    return isinstance(exponent, TensorSample) and contents(exponent, dtype).dtype.name in BOOL + WIDE_UNSIGNED


def has_an_exponent_of_fewer_digits(dtype, input, exponent):
    """The exponent is a tensor of floats that have fewer digits than those in which the power is worked out."""
    return _epsilon(dtype, exponent) > _epsilon(dtype, input)


def _epsilon(dtype, argument):
    """The distance of 1 from the next number, of a tensor of floats; 0 of anything else."""
    array = contents(argument, dtype) if isinstance(argument, TensorSample) else np.zeros(1, bool)
    return {"float16": 2.0**-10, "bfloat16": 2.0**-7}.get(array.dtype.name) or (
        float(np.finfo(array.dtype).eps) if array.dtype.kind in "fc" else 0.0
    )


def takes_one_from_fewer_digits(dtype, got, promised, input, exponent):
    """As far off as the exponent less 1 rounds in its own dtype; a gradient that is a sum may be off by any size."""
    if not has_an_exponent_of_fewer_digits(dtype, input, exponent):
        return np.zeros(got.shape, bool)
    base, power = (np.abs(array.astype(np.clongdouble)) for array in _operands(dtype, input, exponent))
    logarithm = np.max(np.abs(np.log(base[base > 0])), initial=0)
    off = _epsilon(dtype, exponent) * (np.max(power, initial=0) + 1) * (logarithm + 4)
    is_sum = np.broadcast_shapes(input.shape, exponent.shape) != input.shape
    return is_sum | (np.abs(got - np.asarray(promised)) <= off * np.abs(np.asarray(promised)))


def workload(size):
    return {"input": dense((size // 64, 64)), "exponent": 1.5}


spec = Spec(
    operation="torch.pow",
    summary="input ** exponent, a number or a tensor that broadcasts and promotes; integers wrap.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.pow.html",
    arguments=arguments,
    forms=(
        Form("torch.pow(input, exponent)"),
        Form("torch.pow(input=input, exponent=exponent)"),
        Form("input.pow(exponent)"),
        Form("input.pow(exponent=exponent)"),
        Form("input ** exponent"),
        Form("operator.pow(input, exponent)"),
        Form("input.pow_(exponent)", writes="input"),
        Form("operator.ipow(input, exponent)", writes="input"),
        Form("torch.pow(input, exponent, out=input)", writes="input"),
        Form("torch.pow(input, exponent, out=exponent)", when=TENSORS, writes="exponent"),
        Form("torch.pow(input, exponent, out=out)"),
    ),
    dtypes=INTEGERS + FLOATS + COMPLEXES,
    oracle=oracle,
    accuracy=ulps(bound, "SLEEF 3, math reference: 1.0 ULP; Higham, section 3.1; of halves one rounding more"),
    outputs=(Output(dtype=common),),
    common_dtype=common,
    memory=PRESERVED,
    pointwise=True,
    refusals=(
        Refusal("a negative number as exponent of integers", "torch.pow(torch.tensor([2, 3]), -1)", RuntimeError),
        Refusal("two numbers", "torch.pow(2, 3)", TypeError),
        Refusal("a call without an exponent", "torch.pow(input)", TypeError),
        Refusal("a string as exponent", "torch.pow(input, 'exponent')", TypeError),
        Refusal("None as exponent", "input ** None", TypeError),
        Refusal("a list as exponent", "torch.pow(input, [2])", TypeError),
        Refusal(
            "a fraction as exponent of integers in place", "torch.ones(2, dtype=torch.int32).pow_(0.5)", RuntimeError
        ),
        Refusal(
            "a tensor of floats as exponent of integers in place",
            "torch.ones(2).int().pow_(torch.ones(2))",
            RuntimeError,
        ),
        Refusal(
            "tensors whose shapes do not broadcast",
            "torch.pow(torch.ones(3, dtype=dtype), torch.ones(2, dtype=dtype))",
            RuntimeError,
        ),
        Refusal(
            "an in-place call on a tensor that would have to grow",
            "torch.ones(1, dtype=dtype).pow_(torch.ones(3, dtype=dtype))",
            RuntimeError,
        ),
        Refusal("an out that overlaps an operand in part", "torch.pow(out[:-1], 2, out=out[1:])", RuntimeError),
        Refusal("an in-place call on an expanded tensor", "out[:1].expand(3).pow_(2)", RuntimeError),
        Refusal(
            "a real out for a complex result",
            "torch.pow(torch.ones(3), torch.ones(3, dtype=torch.complex64), out=torch.ones(3))",
            RuntimeError,
        ),
        Refusal("booleans to a boolean power", "torch.ones(2).bool() ** torch.ones(2).bool()", NotImplementedError),
        Refusal("a string as out", "torch.pow(input, exponent, out='out')", TypeError),
    ),
    gradient=Gradient(terms=gradient, bound=gradient_bound, source="as the power itself", above_zero=True),
    laws=(
        # The result for a number as base is row-major, however the exponent lies.
        Law(
            "a number as base gives what a tensor of it gives",
            "torch.pow(input.item(), exponent)",
            "torch.pow(input, exponent)",
            when=FIRST_NUMBER,
        ),
        Law(
            "a number before the operator is the base",
            "input.item() ** exponent",
            "torch.pow(self=input.item(), exponent=exponent)",
            when=FIRST_NUMBER,
        ),
        Law("the power 1 changes nothing", "torch.pow(input, 1)", "input", when="input.dtype == 'subject'"),
        Law(
            "the power 0 is 1 of every number",
            "torch.pow(input, 0)",
            "torch.ones_like(input)",
            when="input.dtype == 'subject'",
        ),
        Law(
            "the power 2 is the product with itself",
            "torch.pow(input, 2)",
            "input * input",
            when=f"dtype in {INTEGERS + FLOATS} and input.dtype == 'subject'",
        ),
        Law(
            "the power -1 is the reciprocal",
            "torch.pow(input, -1)",
            "torch.reciprocal(input)",
            when=f"dtype in {FLOATS} and input.dtype == 'subject'",
        ),
        Law(
            "1 to any power is 1",
            "torch.pow(1, exponent)",
            "torch.ones_like(exponent)",
            when=f"{TENSORS} and exponent.dtype == 'subject'",
        ),
        Law(
            "a number as exponent gives what a tensor of it gives",
            "torch.pow(input, exponent)",
            "torch.pow(input, torch.full_like(input, exponent))",
            WITHIN,
            when=f"exponent in (3, -1, 4, 10, 0.25, 1.5, 2.5, -0.75) and dtype in {FLOATS}",
            bound=of_both_sides,
        ),
        Law(
            "whole numbers to negative whole powers are cut to whole numbers",
            "torch.pow(torch.tensor([1, -1, -1, 2, -3]), torch.tensor([-5, -5, -4, -1, -2])).tolist()",
            "[1, -1, 1, 0, 0]",
        ),
        Law(
            "a fraction as exponent turns integers into float32", "(torch.tensor([4, 9]) ** 0.5).tolist()", "[2.0, 3.0]"
        ),
        Law(
            "a negative number to a fractional power is NaN",
            "torch.isnan(torch.pow(torch.tensor([-8.0, -2.0]), torch.tensor([1 / 3, 0.5])))",
            "torch.tensor([True, True])",
        ),
    ),
    takes=takes,
    explanations=(is_one_over_a_square, takes_one_from_fewer_digits),
    predicates=(
        binary.is_traced_by_its_out,
        bfloat16_beside_a_complex_number,
        has_an_exponent_without_difference,
        has_an_exponent_of_fewer_digits,
        squares_first,
        takes_a_root,
    ),
    cost=Cost(workload=workload, reference="exponential"),
)
