"""torch.sub: the difference of two tensors, element by element, the second one times alpha."""

import numpy as np

from conformance.spec import (
    COMPLEXES,
    DATA_MOVEMENT,
    FLOATS,
    INTEGERS,
    PRESERVED,
    PROMOTED,
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
)
from conformance.spec.families import binary
from conformance.spec.families.binary import SAME

from ._elementwise import (
    ALPHAS,
    PLAIN,
    UNIT,
    alpha_bound,
    bfloat16_beside_a_complex_number,
    has_minus_zero,
    multiple,
    refusals,
    rounds_an_operand,
    scaled_gradient,
    sum_with_multiple,
    takes_alpha,
    with_alpha,
    workload_with_alpha,
)

SUBTRACTED = ("integer", "float", "complex")
"""The kinds of numbers that are subtracted."""


def arguments(draw: Draw):
    shapes, dtypes = draw.mutually_broadcastable_shapes(2), draw.promotable_dtypes(SUBTRACTED)
    return {**binary.exact_operands(draw, shapes, dtypes), "alpha": draw.choice(ALPHAS)}


def oracle(input, other, alpha):
    """Integers wrap; complex numbers are subtracted by part."""
    if input.dtype.kind in "biu":
        return np.subtract(input, multiple(other, alpha))
    if alpha in (1, -1):
        return np.subtract(input, other) if alpha == 1 else np.add(input, other)
    return sum_with_multiple(input, other, -alpha)


def alpha_mixes_parts(dtype, input, other, alpha):
    """Complex numbers where other times -1+0j is not -other: infinite or NaN parts, or zeros that a -0.0 shows."""
    if dtype not in COMPLEXES or alpha not in (1, -1):
        return False
    first, second = contents(input, dtype), contents(other, dtype)
    return bool(has_minus_zero(first)) or not np.isfinite(second).all()


def gradient(incoming, results, input, other, alpha):
    return {"input": incoming[0], "other": -scaled_gradient(incoming[0], alpha)}


spec = Spec(
    operation="torch.sub",
    summary="input - alpha * other, broadcast and promoted; integers wrap, floats round once, bool is refused.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.sub.html",
    arguments=arguments,
    forms=(
        Form("torch.sub(input, other, alpha=alpha)"),
        *binary.functions("sub", UNIT),
        *binary.functions("subtract", UNIT),
        Form("torch.rsub(other, input)", when=UNIT),
        Form("torch.rsub(other, input, alpha=alpha)"),
        *binary.operators("-", "sub", UNIT),
        *binary.reflected_operators("-", f"{UNIT} and not dtype.startswith('complex')"),
        *binary.in_place("sub", UNIT),
        *binary.in_place("subtract", UNIT),
        *binary.augmented("isub", UNIT),
        *binary.outs("sub", UNIT),
        *with_alpha("sub"),
        *with_alpha("subtract"),
    ),
    dtypes=INTEGERS + FLOATS + COMPLEXES,
    oracle=oracle,
    accuracy=ROUNDED,
    outputs=(Output(dtype=PROMOTED),),
    memory=PRESERVED,
    pointwise=True,
    refusals=(
        *refusals("sub", "-"),
        Refusal(
            "a boolean tensor subtracted from another",
            "torch.sub(input, torch.ones(1, dtype=torch.bool))",
            RuntimeError,
        ),
        Refusal("a boolean tensor as the first operand", "torch.ones(1, dtype=torch.bool) - other", RuntimeError),
        Refusal(
            "two boolean tensors", "torch.ones(1, dtype=torch.bool) - torch.ones(1, dtype=torch.bool)", RuntimeError
        ),
        Refusal(
            "a fraction subtracted in place from integers", "torch.ones(2, dtype=torch.int32).sub_(0.5)", RuntimeError
        ),
        Refusal(
            "a fractional alpha for integers",
            "torch.sub(input, other, alpha=0.5)",
            RuntimeError,
            when=f"dtype in {INTEGERS} and {SAME}",
        ),
        Refusal(
            "a complex alpha for real numbers",
            "torch.sub(input, other, alpha=1j)",
            RuntimeError,
            when=f"not dtype.startswith('complex') and {SAME}",
        ),
        Refusal("a string as alpha", "torch.sub(input, other, alpha='1')", TypeError),
    ),
    gradient=Gradient(
        terms=gradient, bound=alpha_bound, source="as the difference itself", landmarks=DATA_MOVEMENT.landmarks
    ),
    laws=(
        Law(
            "exchanged operands give the negative difference",
            "-(other - input)",
            "input - other",
            when=f"dtype in {INTEGERS} and {SAME}",
        ),
        Law(
            "adding the negative gives the difference",
            "input + -other",
            "input - other",
            when=f"dtype in {INTEGERS + FLOATS} and {SAME}",
        ),
        Law(
            "operands that were broadcast before give the same result",
            "torch.sub(*torch.broadcast_tensors(input, other))",
            "input - other",
            when=SAME,
        ),
        Law(
            "subtracting 0 changes nothing",
            "input - torch.zeros((), dtype=input.dtype)",
            "input",
            when=f"dtype in {INTEGERS + FLOATS} and input.dtype == 'subject'",
        ),
        Law(
            "an alpha of 2 subtracts the second operand twice",
            "torch.sub(input, other, alpha=2)",
            "input - (other + other)",
            when=f"dtype in {FLOATS} and {SAME} and {PLAIN}",
        ),
        Law(
            "a tensor subtracted from itself in place gives the difference",
            "(same := input.clone()).sub_(same)",
            "torch.sub(input, input)",
            when="input.dtype == 'subject'",
        ),
        Law(
            "an out of a wider dtype receives the converted difference",
            "torch.sub(input, other, out=torch.empty((input - other).shape, dtype=torch.complex128))",
            "(input - other).to(torch.complex128)",
        ),
        Law(
            "a whole number as operand keeps the tensor's dtype",
            "input - 1",
            "input - torch.ones((), dtype=input.dtype)",
            when="input.dtype == 'subject'",
        ),
        Law(
            "integers subtracted from a fraction give float32",
            "0.5 - input",
            "0.5 - input.to(torch.float32)",
            when=f"dtype in {INTEGERS} and input.dtype == 'subject'",
        ),
    ),
    takes=takes_alpha,
    predicates=(alpha_mixes_parts, bfloat16_beside_a_complex_number, rounds_an_operand),
    cost=Cost(workload=workload_with_alpha, reference="elementwise"),
)
