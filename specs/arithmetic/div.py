"""torch.div: the quotient of two tensors, element by element; integers give floats. See floor_divide for whole ones."""

import numpy as np

from conformance.spec import (
    ALL,
    BOOL,
    COMPLEXES,
    FLOATS,
    INTEGERS,
    PRESERVED,
    PROMOTED_FLOAT,
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
    contents,
    rounded,
)
from conformance.spec.families import binary
from conformance.spec.families.binary import SAME

from ._elementwise import bfloat16_beside_a_complex_number, refusals, rounds_an_operand


def arguments(draw: Draw):
    return binary.operands(draw, draw.mutually_broadcastable_shapes(2), draw.promotable_dtypes())


def oracle(input, other):
    return np.divide(input, other)


# The notes on numerical accuracy, section "Extremal values", let intermediate results overflow.
TAME = {"0", "-0.0", "1", "-1", "next_after_one"}


def complex_bound(dtype, input, other):
    """None where squares and sums of the parts may leave the dtype; the divisor's are scaled, which rounds them too."""
    tame = all(
        tensor.values.kind in ("counting", "few", "normal", "constant")
        and {name for _, name in tensor.values.edits} <= TAME
        for tensor in (input, other)
    )
    return 10.0 if tame else np.inf


def conjugate_bound(dtype, input, other):
    return 2 * complex_bound(dtype, input, other)


def divides_by_a_number(dtype, input, other):
    """The divisor may be written as a number."""
    return other.rank == 0 and input.dtype == other.dtype


def reciprocal_bound(dtype, input, other):
    """1/other and its product with input round by half a ULP each, which count twice past a power of two."""
    return 2.0


EXACT_DTYPES = BOOL + INTEGERS + WIDE_UNSIGNED


def gradient(incoming, results, input, other):
    """The second is worked out as torch does, dividing twice, so that zeros and infinities go the same way."""
    incoming, other = incoming[0], np.conj(other)
    return {"input": incoming / other, "other": -incoming * (np.conj(input) / other / other)}


def gradient_bound(dtype, input, other):
    """Three operations, and twice the rounding of operands of another dtype; for complex numbers see above.

    None where a quotient on the way leaves the range.
    """
    operands = contents(input, dtype), contents(other, dtype)
    exact = np.clongdouble if any(operand.dtype.kind == "c" for operand in operands) else np.longdouble
    narrow = "float16" in dtype or input.dtype != other.dtype
    tiny, largest = (2.0**-14, 65504.0) if narrow else (2.0**-126, 3.4e38)
    with np.errstate(all="ignore"):
        dividend, divisor = (operand.astype(exact) for operand in operands)
        sizes = np.abs(np.concatenate([(dividend / divisor).ravel(), (dividend / divisor / divisor).ravel()]))
    counted = np.isfinite(sizes) & (sizes > 0)
    if np.any(counted & ((sizes < tiny) | (sizes > largest))):
        return np.inf
    return 6 if exact is np.longdouble else 3 * complex_bound(dtype, input, other)


spec = Spec(
    operation="torch.div",
    summary="input / other, broadcast and promoted; bool and integers are divided as float32, floats round once.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.div.html",
    arguments=arguments,
    forms=(
        *binary.functions("div"),
        Form("torch.div(input, other, rounding_mode=None)"),
        Form("input.div(other=other, rounding_mode=None)"),
        *binary.functions("divide"),
        *binary.functions("true_divide"),
        *binary.operators("/", "truediv"),
        *binary.in_place("div"),
        *binary.in_place("divide"),
        *binary.in_place("true_divide"),
        *binary.augmented("itruediv"),
        *binary.outs("div"),
        Form("torch.true_divide(input, other, out=out)"),
        Form("torch.divide(input, other, rounding_mode=None, out=out)"),
    ),
    dtypes=ALL,
    oracle=oracle,
    accuracy=rounded(
        complex_bound,
        "Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., lemma 3.5, with gamma 7 for scaled operands",
    ),
    outputs=(Output(dtype=PROMOTED_FLOAT),),
    memory=PRESERVED,
    pointwise=True,
    refusals=(
        *refusals("div", "/"),
        Refusal(
            "true division of integers in place",
            "input.div_(other)",
            RuntimeError,
            when=f"dtype in {EXACT_DTYPES} and {SAME}",
        ),
        Refusal(
            "an integer out for the quotient of integers",
            "torch.div(torch.ones(3, dtype=dtype), torch.ones(3, dtype=dtype), out=out)",
            RuntimeError,
            when=f"dtype in {EXACT_DTYPES}",
        ),
        Refusal(
            "operands of dtypes that do not promote",
            "torch.ones(2, dtype=torch.uint16) / torch.ones(2, dtype=torch.int8)",
            RuntimeError,
        ),
        Refusal("an unknown rounding mode", "torch.div(input, other, rounding_mode='nearest')", RuntimeError),
        Refusal("a rounding mode that is no string", "torch.div(input, other, rounding_mode=1)", TypeError),
        Refusal("a rounding mode as a positional argument", "torch.div(input, other, 'floor')", TypeError),
        Refusal(
            "a rounding mode for complex numbers",
            "torch.div(torch.ones(3, dtype=torch.complex64), 2, rounding_mode='trunc')",
            RuntimeError,
        ),
    ),
    gradient=Gradient(terms=gradient, bound=gradient_bound, source="as the quotient itself"),
    laws=(
        Law(
            "operands that were broadcast before give the same result",
            "torch.div(*torch.broadcast_tensors(input, other))",
            "input / other",
            when=f"not dtype.startswith('complex') and {SAME}",
        ),
        Law(
            "division by 1 changes nothing",
            "input / 1",
            "input",
            when=f"dtype in {FLOATS} and input.dtype == 'subject'",
        ),
        Law(
            "division by 2 is multiplication by a half",
            "input / 2",
            "input * 0.5",
            when="not dtype.startswith('complex') and input.dtype == 'subject'",
        ),
        Law(
            "changing the signs of both operands changes nothing",
            "-input / -other",
            "input / other",
            when=f"dtype in {FLOATS} and {SAME}",
        ),
        Law(
            "conjugate operands have the conjugate quotient",
            "input.conj() / other.conj()",
            "(input / other).conj().resolve_conj()",
            WITHIN,
            when=f"dtype.startswith('complex') and {SAME}",
            bound=conjugate_bound,
        ),
        # torch divides a Python number by a tensor as the number times the tensor's reciprocal.
        Law(
            "a Python number can be divided by a tensor",
            "input.item() / other",
            "torch.div(input, other)",
            WITHIN,
            when=f"input.rank == 0 and {SAME} and not dtype.startswith('complex')"
            " and other.values.kind in ('counting', 'few') and not other.values.edits",
            bound=reciprocal_bound,
        ),
        Law(
            "an out of a wider dtype receives the converted quotient",
            "torch.div(input, other, out=torch.empty((input / other).shape, dtype=torch.complex128))",
            "(input / other).to(torch.complex128)",
            when=SAME + " and not dtype.startswith('complex')",
        ),
    ),
    cost=Cost(dtypes=FLOATS + COMPLEXES, workload=binary.workload, reference="elementwise"),
    predicates=(
        bfloat16_beside_a_complex_number,
        rounds_an_operand,
        divides_by_a_number,
    ),
)
