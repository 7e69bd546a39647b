"""torch.remainder: what is left of a whole division that is rounded down, with the sign of the divisor."""

import numpy as np

from conformance.spec import (
    FLOATS,
    INTEGERS,
    PRESERVED,
    PROMOTED,
    REAL_KINDS,
    ROUNDED,
    Cost,
    Draw,
    Form,
    Gradient,
    Law,
    Output,
    Refusal,
    Spec,
    contents,
    promote_operands,
)
from conformance.spec.families import binary
from conformance.spec.families.binary import FIRST_NUMBER, SAME

from ._elementwise import rounds_an_operand

ODD = "((other & 6) + 1)"


def arguments(draw: Draw):
    """Most divisors hold no 0, by which integers cannot be divided. See `mixed_dtype_tensor` for single numbers."""
    shapes, dtypes = draw.mutually_broadcastable_shapes(2), draw.promotable_dtypes(REAL_KINDS)
    drawn = binary.operands(draw, shapes, dtypes)
    if draw.integer(0, 3) and (dtypes[0] == dtypes[1] or drawn["other"].numel != 1):
        drawn["other"] = draw.nonzero_tensor(shapes[1], dtype=dtypes[1])
    return drawn


def _shared(*arrays):
    return promote_operands(tuple((array.dtype.name, array.ndim) for array in arrays))


def takes(dtype, input, other):
    """The operands promote to integers, of which none is divided by 0, or to floats."""
    dividend, divisor = contents(input, dtype), contents(other, dtype)
    shared = _shared(dividend, divisor)
    return shared in FLOATS or (shared in INTEGERS and bool(np.all(divisor)))


def oracle(input, other):
    """What is left of a division that is cut is exact; where its sign is not the divisor's, that is added to it.

    A remainder of 0 has the sign of the divisor, as in Python.
    """
    left = np.fmod(input, other)
    if input.dtype.kind in "iu":
        return np.where((left != 0) & ((left < 0) != (other < 0)), left + other, left)
    return np.where(left == 0, np.copysign(left, other), np.where((left < 0) != (other < 0), left + other, left))


def leaves_nothing(dtype, input, other):
    """Somewhere a floating remainder is 0."""
    dividend, divisor = _in_common(dtype, input, other)
    with np.errstate(all="ignore"):
        return divisor.dtype.kind == "f" and bool(np.any(np.fmod(dividend, divisor) == 0))


def quotient_overflows(dtype, input, other):
    """Somewhere the quotient of finite numbers leaves the range of the dtype in which they are divided."""
    dividend, divisor = _in_common(dtype, input, other)
    with np.errstate(all="ignore"):
        quotient = np.abs(dividend / divisor)
    wide = "float64" if divisor.dtype == np.float64 else "float32"
    return bool(np.any(np.isfinite(dividend) & (divisor != 0) & (quotient > np.finfo(wide).max / 2)))


def _in_common(dtype, input, other):
    """The operands in the dtype in which they meet, halves as float32."""
    arrays = contents(input, dtype), contents(other, dtype)
    shared = _shared(*arrays)
    return tuple(array.astype("float32" if shared in ("float16", "bfloat16") else shared) for array in arrays)


def gradient(incoming, results, input, other):
    """The remainder is the dividend less the divisor times the quotient that was rounded down, which is a step."""
    return {"input": incoming[0], "other": -incoming[0] * np.floor_divide(input, other)}


def gradient_bound(dtype, input, other):
    """The quotient is rounded, as is its product; nothing is promised where it leaves the range."""
    arrays = contents(input, dtype), contents(other, dtype)
    dividend, divisor = (array.astype(np.longdouble) for array in arrays)
    with np.errstate(all="ignore"):
        sizes = np.abs(dividend / divisor)
    largest = 65504.0 if any(array.dtype == np.float16 for array in arrays) else 3.4e38
    return np.inf if np.any(np.isfinite(sizes) & (sizes > largest)) else 4.0


spec = Spec(
    operation="torch.remainder",
    summary="input - other * floor(input / other), broadcast and promoted; it has the sign of other.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.remainder.html",
    arguments=arguments,
    forms=(
        *binary.functions("remainder"),
        Form("torch.remainder(input.item(), other)", when=FIRST_NUMBER, differentiable=False),
        Form("input.item() % other", when=FIRST_NUMBER, differentiable=False),
        *binary.operators("%", "mod"),
        *binary.in_place("remainder"),
        *binary.augmented("imod"),
        *binary.outs("remainder"),
    ),
    dtypes=INTEGERS + FLOATS,
    oracle=oracle,
    accuracy=ROUNDED,
    outputs=(Output(dtype=PROMOTED),),
    memory=PRESERVED,
    pointwise=True,
    refusals=(
        *binary.shape_refusals("remainder"),
        *binary.overlap_refusals("remainder"),
        *binary.type_refusals("remainder"),
        *binary.operator_refusals("%"),
        Refusal(
            "an integer divided by 0",
            "torch.remainder(torch.ones(3, dtype=dtype), torch.zeros(3, dtype=dtype))",
            RuntimeError,
            when=f"dtype in {INTEGERS}",
            devices=("cpu",),
        ),
        Refusal(
            "an integer divided by the number 0",
            "torch.ones(3, dtype=dtype) % 0",
            RuntimeError,
            when=f"dtype in {INTEGERS}",
            devices=("cpu",),
        ),
        Refusal(
            "a fraction as the divisor of integers in place",
            "torch.ones(2, dtype=torch.int32).remainder_(0.5)",
            RuntimeError,
        ),
        Refusal(
            "an integer out for the remainder of floats",
            "torch.remainder(torch.ones(2), torch.ones(2), out=torch.ones(2, dtype=torch.int32))",
            RuntimeError,
        ),
        Refusal(
            "the gradient of a number divided by a tensor",
            "torch.remainder(5, torch.ones(2, requires_grad=True)).sum().backward()",
            RuntimeError,
        ),
        Refusal("a complex number as the divisor", "torch.remainder(torch.ones(2), 1j)", NotImplementedError),
        Refusal(
            "two booleans", "torch.ones(2, dtype=torch.bool) % torch.ones(2, dtype=torch.bool)", NotImplementedError
        ),
    ),
    gradient=Gradient(terms=gradient, bound=gradient_bound, source="as the remainder itself", has_differences=False),
    cost=Cost(workload=binary.workload, reference="elementwise"),
    laws=(
        Law(
            "operands that were broadcast before give the same result",
            "torch.remainder(*torch.broadcast_tensors(input, other))",
            "torch.remainder(input, other)",
            when=SAME,
        ),
        Law(
            "the remainder and the divisor times the floored quotient give the dividend",
            f"torch.floor_divide(input, {ODD}) * {ODD} + torch.remainder(input, {ODD})",
            "input + 0 * other",
            when=f"dtype in {INTEGERS} and {SAME}",
        ),
        Law(
            "the remainder is that of the quotient which is cut, or the divisor more",
            f"(torch.remainder(input, {ODD}) - torch.fmod(input, {ODD})) * "
            f"(torch.remainder(input, {ODD}) - torch.fmod(input, {ODD}) - {ODD})",
            "0 * (input + other)",
            when=f"dtype in {INTEGERS} and {SAME}",
        ),
        Law(
            "operands of the other sign give the negative remainder",
            "-torch.remainder(-input, -other)",
            "torch.remainder(input, other)",
            when=f"dtype in {FLOATS} and {SAME}",
        ),
        Law(
            "the remainder is worked out in the dtype that the operands promote to",
            "(torch.full((3,), 100, dtype=torch.int8) % torch.full((3,), 1000, dtype=torch.int16)).tolist()",
            "[100] * 3",
        ),
    ),
    takes=takes,
    predicates=(binary.is_traced_by_its_out, rounds_an_operand, leaves_nothing, quotient_overflows),
)
