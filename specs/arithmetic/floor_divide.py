"""torch.div with a rounding mode, of which "floor" is torch.floor_divide: the quotient as a whole number."""

import numpy as np

from conformance.spec import (
    COMPLEXES,
    FLOATS,
    INTEGERS,
    PRESERVED,
    PROMOTED,
    REAL_KINDS,
    Cost,
    Draw,
    Form,
    Gradient,
    Law,
    Output,
    Refusal,
    Spec,
    contents,
    dense,
    promote_operands,
)
from conformance.spec.families import binary
from conformance.spec.families.binary import FIRST_NUMBER, NUMBER, SAME

from ._elementwise import refusals, rounds_an_operand

TAKEN = INTEGERS + FLOATS
HALVES = ("float16", "bfloat16")
ODD = "((other & 6) + 1)"
FLOOR = "rounding_mode == 'floor'"


def arguments(draw: Draw):
    """Most divisors hold no 0, by which integers cannot be divided. See `mixed_dtype_tensor` for single numbers."""
    shapes, dtypes = draw.mutually_broadcastable_shapes(2), draw.promotable_dtypes(REAL_KINDS)
    drawn = binary.operands(draw, shapes, dtypes)
    if draw.integer(0, 3) and (dtypes[0] == dtypes[1] or drawn["other"].numel != 1):
        drawn["other"] = draw.nonzero_tensor(shapes[1], dtype=dtypes[1])
    return {**drawn, "rounding_mode": draw.choice(("floor", "trunc"))}


def floored(size):
    return {**binary.workload(size), "rounding_mode": "floor"}


def promoted(*arrays):
    return promote_operands(tuple((array.dtype.name, array.ndim) for array in arrays))


def takes(dtype, input, other, rounding_mode):
    """The operands promote to integers, of which none is divided by 0, or to floats."""
    dividend, divisor = contents(input, dtype), contents(other, dtype)
    shared = promoted(dividend, divisor)
    return shared in FLOATS or (shared in INTEGERS and bool(np.all(divisor)))


def oracle(input, other, rounding_mode):
    """The rounded quotient is cut, as the documentation has it; the exact one is rounded down, as Python does."""
    if input.dtype.kind in "iu":
        quotient = np.floor_divide(input, other)
        cut = (rounding_mode == "trunc") & (quotient * other != input) & ((input < 0) != (other < 0))
        return quotient + cut.astype(quotient.dtype)
    if rounding_mode == "trunc":
        return np.trunc(np.divide(input, other))
    wide = np.promote_types(input.dtype, np.float32) if input.dtype.name != "bfloat16" else np.float32
    return np.floor_divide(input.astype(wide), other.astype(wide))


def gradient(incoming, results, input, other, rounding_mode):
    """A step function has no slope."""
    return {"input": np.zeros_like(incoming[0]), "other": np.zeros_like(incoming[0])}


def overflows(dtype, input, other, rounding_mode):
    """The lowest number of 32 or 64 bits is divided by -1 and cut: processors of the x86 line raise an exception."""
    dividend, divisor = contents(input, dtype), contents(other, dtype)
    shared = promoted(dividend, divisor)
    if shared not in ("int32", "int64") or rounding_mode == "floor":
        return False
    return bool(np.any((dividend == np.iinfo(shared).min) & (divisor == -1)))


def rounds_midway(dtype, input, other, rounding_mode):
    """A floored quotient of halves is another one if the steps that lead to it are each rounded to the half."""
    found = quotients(dtype, input, other, rounding_mode)
    return found is not None and not np.array_equal(found["promised"], found["in steps"], equal_nan=True)


def cuts_before_rounding(dtype, input, other, rounding_mode):
    """A half is divided by a single number, and the quotient is another one if it is cut in float32."""
    found = quotients(dtype, input, other, rounding_mode)
    by_a_number = found is not None and is_one_number(other) and rounding_mode == "trunc"
    return by_a_number and not np.array_equal(found["promised"], found["rounded first"], equal_nan=True)


def is_one_number(tensor):
    """All elements are one place in memory."""
    return all(size == 1 or stride == 0 for size, stride in zip(tensor.shape, tensor.strides))


def divides_a_half_by_a_number(dtype, input, other, rounding_mode):
    """The quotient is a half, and the divisor a single number."""
    return is_one_number(other) and promoted(contents(input, dtype), contents(other, dtype)) in HALVES


def is_another_if_rounded_first(dtype, input, other, rounding_mode):
    """The quotient is another one if it is rounded, of halves to float32, and then floored or cut; or plainly."""
    found = quotients(dtype, input, other, rounding_mode)
    ways = [] if found is None else [found["in steps"], found["rounded first"]]
    return any(not np.array_equal(found["promised"], way, equal_nan=True) for way in ways)


def is_another_quotient(dtype, got, promised, input, other, rounding_mode):
    """One way to the quotient gives this element, and another way what was promised."""
    found = quotients(dtype, input, other, rounding_mode)
    ways = [] if found is None else [_as_number(way) for way in found.values()]
    pairs = [one + 1j * another for one in ways for another in ways]
    return np.isin(_as_number(got) + 1j * _as_number(promised), pairs)


def _as_number(array):
    """Whole numbers, and fractions in place of what is not finite."""
    return np.nan_to_num(array.astype(np.float64).ravel(), nan=0.5, posinf=0.25, neginf=-0.25)


def quotients(dtype, input, other, rounding_mode):
    """The ways to a floating quotient; None where it is no float."""
    dividend, divisor = contents(input, dtype), contents(other, dtype)
    shared = promoted(dividend, divisor)
    if shared not in FLOATS:
        return None
    final = contents(dense((1,), dtype=shared), shared).dtype
    wide = np.float64 if shared == "float64" else np.float32
    with np.errstate(all="ignore"):
        operands = [array.astype(wide).astype(final) for array in (dividend, divisor)]
        exact = [array.astype(wide) for array in operands]
        whole = np.floor if rounding_mode == "floor" else np.trunc
        found = {
            "promised": oracle(*operands, rounding_mode).astype(final),
            "rounded first": whole(np.divide(*exact)).astype(final),
        }
        midway = shared in HALVES and rounding_mode == "floor"
        return {**found, "in steps": _floored_in_steps(*exact, final) if midway else found["promised"]}


def _floored_in_steps(dividend, divisor, half):
    """(dividend - remainder) / divisor, which is a whole number or nearly one, brought to the nearest."""

    def rounded(array):
        return array.astype(half).astype(np.float32)

    remainder = np.fmod(dividend, divisor)
    quotient = rounded(rounded(dividend - remainder) / divisor)
    quotient = np.where((remainder != 0) & ((divisor < 0) != (remainder < 0)), rounded(quotient - 1), quotient)
    floor = np.floor(quotient)
    whole = np.where(rounded(quotient - floor) > 0.5, rounded(floor + 1), floor)
    return np.where(divisor == 0, rounded(dividend / divisor), whole).astype(half)


spec = Spec(
    operation="torch.floor_divide",
    summary="input / other as a whole number, rounded down (floor_divide, //) or towards 0; integers stay integers.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.div.html",
    arguments=arguments,
    forms=(
        Form("torch.div(input, other, rounding_mode=rounding_mode)"),
        Form("torch.div(input=input, other=other, rounding_mode=rounding_mode)"),
        Form("torch.divide(input, other, rounding_mode=rounding_mode)"),
        Form("input.div(other, rounding_mode=rounding_mode)"),
        Form("input.divide(other=other, rounding_mode=rounding_mode)"),
        Form("torch.div(input, other.item(), rounding_mode=rounding_mode)", when=NUMBER),
        Form("torch.floor_divide(input, other)", when=FLOOR, differentiable=False),
        Form("input.floor_divide(other)", when=FLOOR, differentiable=False),
        Form("input // other", when=FLOOR, differentiable=False),
        Form("operator.floordiv(input, other)", when=FLOOR, differentiable=False),
        Form("input // other.item()", when=f"{FLOOR} and {NUMBER}", differentiable=False),
        Form("input.item() // other", when=f"{FLOOR} and {FIRST_NUMBER}", differentiable=False),
        Form("input.div_(other, rounding_mode=rounding_mode)", writes="input"),
        Form("input.divide_(other, rounding_mode=rounding_mode)", writes="input"),
        Form("input.floor_divide_(other)", when=FLOOR, writes="input", differentiable=False),
        Form("operator.ifloordiv(input, other)", when=FLOOR, writes="input", differentiable=False),
        Form("torch.div(input, other, rounding_mode=rounding_mode, out=input)", writes="input"),
        Form("torch.div(input, other, rounding_mode=rounding_mode, out=other)", writes="other"),
        Form("torch.div(input, other, rounding_mode=rounding_mode, out=out)"),
        Form("torch.divide(input, other, rounding_mode=rounding_mode, out=out)"),
        Form("torch.floor_divide(input, other, out=out)", when=FLOOR),
    ),
    dtypes=TAKEN,
    oracle=oracle,
    outputs=(Output(dtype=PROMOTED),),
    memory=PRESERVED,
    pointwise=True,
    refusals=(
        *refusals("floor_divide", "//"),
        Refusal(
            "an integer divided by 0 and rounded down",
            "torch.div(torch.ones(3, dtype=dtype), torch.zeros(3, dtype=dtype), rounding_mode='floor')",
            RuntimeError,
            when=f"dtype in {INTEGERS}",
            devices=("cpu",),
        ),
        Refusal(
            "an integer divided by 0 and cut",
            "torch.div(torch.ones(3, dtype=dtype), torch.zeros(3, dtype=dtype), rounding_mode='trunc')",
            RuntimeError,
            when=f"dtype in {INTEGERS}",
            devices=("cpu",),
        ),
        Refusal(
            "whole floats put in place of integers",
            "torch.ones(2, dtype=torch.int32).div_(torch.ones(2), rounding_mode=rounding_mode)",
            RuntimeError,
        ),
        Refusal(
            "complex numbers as the divisor",
            f"torch.div(input, torch.ones(2, dtype=torch.{COMPLEXES[0]}), rounding_mode=rounding_mode)",
            RuntimeError,
            when="input.rank == 0",
        ),
        Refusal(
            "a rounding mode for floor_divide", "torch.floor_divide(input, other, rounding_mode='floor')", TypeError
        ),
        Refusal(
            "the gradient of floor_divide",
            "torch.floor_divide(torch.ones(2, requires_grad=True), 2).sum().backward()",
            RuntimeError,
        ),
    ),
    gradient=Gradient(terms=gradient, has_differences=False),
    cost=Cost(workload=floored, reference="elementwise"),
    laws=(
        Law(
            "operands that were broadcast before give the same result",
            "torch.div(*torch.broadcast_tensors(input, other), rounding_mode=rounding_mode)",
            "torch.div(input, other, rounding_mode=rounding_mode)",
            when=SAME,
        ),
        Law(
            "what is left of a floored integer quotient is the remainder",
            f"torch.div(input, {ODD}, rounding_mode='floor') * {ODD} + torch.remainder(input, {ODD})",
            "input + 0 * other",
            when=f"dtype in {INTEGERS} and {SAME}",
        ),
        Law(
            "an out of a wider dtype receives the converted quotient",
            "torch.div(input, other, rounding_mode=rounding_mode, "
            "out=torch.empty(torch.broadcast_shapes(input.shape, other.shape), dtype=torch.float64))",
            "torch.div(input, other, rounding_mode=rounding_mode).to(torch.float64)",
            when=SAME,
        ),
    ),
    takes=takes,
    predicates=(
        binary.is_traced_by_its_out,
        overflows,
        rounds_midway,
        cuts_before_rounding,
        divides_a_half_by_a_number,
        is_another_if_rounded_first,
        rounds_an_operand,
    ),
    explanations=(is_another_quotient,),
)
