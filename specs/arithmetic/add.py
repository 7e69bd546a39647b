"""torch.add: the sum of two tensors, element by element, the second one times alpha."""

import numpy as np

from conformance.spec import (
    BOOL,
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


def arguments(draw: Draw):
    operands = binary.exact_operands(draw, draw.mutually_broadcastable_shapes(2), draw.promotable_dtypes())
    return {**operands, "alpha": draw.choice(ALPHAS)}


def oracle(input, other, alpha):
    """True + True is True; integers wrap; complex numbers are added by part."""
    if input.dtype.kind in "biu":
        return np.add(input, multiple(other, alpha))
    if alpha in (1, -1):
        return np.add(input, other) if alpha == 1 else np.subtract(input, other)
    return sum_with_multiple(input, other, alpha)


def alpha_mixes_parts(dtype, input, other, alpha):
    """Complex numbers where other times 1+0j is not other: infinite or NaN parts, or a -0.0 that the sum would show."""
    if dtype not in COMPLEXES or alpha not in (1, -1):
        return False
    first, second = contents(input, dtype), contents(other, dtype)
    return not np.isfinite(second).all() or bool(has_minus_zero(first) and (alpha == -1 or has_minus_zero(second)))


def gradient(incoming, results, input, other, alpha):
    return {"input": incoming[0], "other": scaled_gradient(incoming[0], alpha)}


spec = Spec(
    operation="torch.add",
    summary="input + alpha * other, broadcast and promoted; bool gives or, integers wrap, floats round once.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.add.html",
    arguments=arguments,
    forms=(
        Form("torch.add(input, other, alpha=alpha)"),
        *binary.functions("add", UNIT),
        *binary.operators("+", "add", UNIT),
        *binary.reflected_operators("+", f"{UNIT} and not dtype.startswith('complex')"),
        *binary.in_place("add", UNIT),
        *binary.augmented("iadd", UNIT),
        *binary.outs("add", UNIT),
        *with_alpha("add"),
        Form("input.add(other, alpha=True)", when=f"dtype == 'bool' and {SAME} and alpha"),
    ),
    dtypes=BOOL + INTEGERS + FLOATS + COMPLEXES,
    oracle=oracle,
    accuracy=ROUNDED,
    outputs=(Output(dtype=PROMOTED),),
    memory=PRESERVED,
    pointwise=True,
    refusals=(
        *refusals("add", "+"),
        Refusal(
            "floats added in place to booleans", "torch.ones(2, dtype=torch.bool).add_(torch.ones(2))", RuntimeError
        ),
        Refusal("a fraction added in place to integers", "torch.ones(2, dtype=torch.int32).add_(0.5)", RuntimeError),
        Refusal(
            "a fractional alpha for integers",
            "torch.add(input, other, alpha=0.5)",
            RuntimeError,
            when=f"dtype in {INTEGERS} and {SAME}",
        ),
        Refusal(
            "a complex alpha for real numbers",
            "torch.add(input, other, alpha=1j)",
            RuntimeError,
            when=f"not dtype.startswith('complex') and {SAME}",
        ),
        Refusal("a string as alpha", "torch.add(input, other, alpha='1')", TypeError),
        Refusal("a list as the second operand", "torch.add(input, [1])", TypeError),
    ),
    gradient=Gradient(terms=gradient, bound=alpha_bound, source="as the sum itself", landmarks=DATA_MOVEMENT.landmarks),
    laws=(
        Law(
            "the order of the operands does not matter",
            "other + input",
            "input + other",
            when="not dtype.startswith('complex')",
        ),
        Law(
            "operands that were broadcast before give the same result",
            "torch.add(*torch.broadcast_tensors(input, other))",
            "input + other",
            when=SAME,
        ),
        Law(
            "subtraction undoes the addition of integers",
            "(input + other) - other",
            "(input + other) * 0 + input",
            when=f"dtype in {INTEGERS} and {SAME}",
        ),
        Law(
            "an alpha of 2 adds the second operand twice",
            "torch.add(input, other, alpha=2)",
            "input + (other + other)",
            when=f"dtype in {FLOATS} and {SAME} and {PLAIN}",
        ),
        Law(
            "an alpha of -1 subtracts",
            "torch.add(input, other, alpha=-1)",
            "input - other",
            when=f"dtype != 'bool' and {SAME}",
        ),
        Law(
            "a tensor added to itself in place gives twice the tensor",
            "(same := input.clone()).add_(same)",
            "torch.add(input, input)",
            when="input.dtype == 'subject'",
        ),
        Law(
            "an out of a wider dtype receives the converted sum",
            "torch.add(input, other, out=torch.empty((input + other).shape, dtype=torch.complex128))",
            "(input + other).to(torch.complex128)",
        ),
        Law(
            "a whole number as operand keeps the tensor's dtype",
            "input + 1",
            "input + torch.ones((), dtype=input.dtype)",
            when="dtype != 'bool' and input.dtype == 'subject'",
        ),
        Law(
            "a fraction as operand turns integers into float32",
            "input + 0.5",
            "input.to(torch.float32) + 0.5",
            when=f"dtype in {BOOL + INTEGERS} and input.dtype == 'subject'",
        ),
        Law(
            "operands are added in the dtype that they promote to",
            "(torch.full((3,), 100, dtype=torch.int8) + torch.full((3,), 1000, dtype=torch.int16)).tolist()",
            "[1100] * 3",
        ),
        Law(
            "the in-place method keeps the dtype of its tensor",
            "torch.full((3,), 100, dtype=torch.int8).add_(torch.full((3,), 1000)).tolist()",
            "[76] * 3",
        ),
    ),
    takes=takes_alpha,
    predicates=(alpha_mixes_parts, bfloat16_beside_a_complex_number, rounds_an_operand),
    cost=Cost(workload=workload_with_alpha, reference="elementwise"),
)
