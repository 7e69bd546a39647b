"""torch.mul: the product of two tensors, element by element."""

import numpy as np

from conformance.spec import (
    ALL,
    FLOATS,
    INTEGERS,
    PRESERVED,
    PROMOTED,
    Cost,
    Draw,
    Form,
    Gradient,
    Law,
    Output,
    Refusal,
    Spec,
    category,
    contents,
    rounded,
)
from conformance.spec.families import binary
from conformance.spec.families.binary import SAME

from ._elementwise import bfloat16_beside_a_complex_number, refusals, rounds_an_operand


def arguments(draw: Draw):
    return binary.operands(draw, draw.mutually_broadcastable_shapes(2), draw.promotable_dtypes())


def oracle(input, other):
    """True * False is False; integers wrap."""
    return np.multiply(input, other)


def complex_bound(dtype, input, other):
    """The square root of 5, and that of 2 for products that underflow in both parts."""
    return 3.66


def gradient(incoming, results, input, other):
    return {"input": incoming[0] * np.conj(other), "other": incoming[0] * np.conj(input)}


def gradient_bound(dtype, input, other):
    """One product; a factor of another dtype is rounded to that of the result first, which counts twice.

    Nothing is promised where a factor of another dtype may leave the range of the result's.
    """
    if input.dtype == other.dtype:
        return 2 + (complex_bound(dtype, input, other) if category(dtype) == 3 else 0)
    factors = [contents(factor, dtype) for factor in (input, other)]
    largest = 65504 if any(factor.dtype == np.float16 for factor in factors) else 3.38e38
    sizes = np.concatenate([np.abs(factor.astype(np.clongdouble)).ravel() for factor in factors])
    return np.inf if np.any(np.isfinite(sizes) & (sizes > largest)) else 2 + complex_bound(dtype, input, other)


COMPLEX = "'complex' in dtype or 'complex' in input.dtype or 'complex' in other.dtype"

spec = Spec(
    operation="torch.mul",
    summary="input * other, broadcast and promoted; bool gives and, integers wrap, floats round once.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.mul.html",
    arguments=arguments,
    forms=(
        *binary.functions("mul"),
        *binary.functions("multiply"),
        *binary.operators("*", "mul"),
        *binary.reflected_operators("*", f"not ({COMPLEX})"),
        # The operands change places, by which complex products round otherwise.
        Form("input.item() * other", when=f"{binary.FIRST_NUMBER} and ({COMPLEX})", same_bits=False),
        *binary.in_place("mul"),
        *binary.in_place("multiply"),
        *binary.augmented("imul"),
        *binary.outs("mul"),
        Form("torch.multiply(input, other, out=out)"),
    ),
    dtypes=ALL,
    oracle=oracle,
    accuracy=rounded(
        complex_bound,
        "Brent, Percival & Zimmermann, Error bounds on complex floating-point multiplication, 2007, theorem 2",
    ),
    outputs=(Output(dtype=PROMOTED),),
    memory=PRESERVED,
    pointwise=True,
    refusals=(
        *refusals("mul", "*"),
        Refusal(
            "integers multiplied in place by a fraction", "torch.ones(2, dtype=torch.int32).mul_(0.5)", RuntimeError
        ),
        Refusal(
            "operands of dtypes that do not promote",
            "torch.ones(2, dtype=torch.uint16) * torch.ones(2, dtype=torch.int8)",
            RuntimeError,
        ),
    ),
    gradient=Gradient(terms=gradient, bound=gradient_bound, source="as the product itself"),
    laws=(
        Law(
            "the order of the operands does not matter",
            "other * input",
            "input * other",
            when=f"not dtype.startswith('complex') and {SAME}",
        ),
        Law(
            "operands that were broadcast before give the same result",
            "torch.mul(*torch.broadcast_tensors(input, other))",
            "input * other",
            when=f"not dtype.startswith('complex') and {SAME}",
        ),
        Law(
            "multiplication by 1 changes nothing",
            "input * torch.ones((), dtype=input.dtype)",
            "input",
            when="not dtype.startswith('complex') and input.dtype == 'subject'",
        ),
        Law(
            "twice a tensor is the sum of it and itself",
            "input * 2",
            "input + input",
            when=f"dtype in {INTEGERS + FLOATS} and input.dtype == 'subject'",
        ),
        Law(
            "changing the signs of both operands changes nothing",
            "-input * -other",
            "input * other",
            when=f"dtype in {INTEGERS + FLOATS} and {SAME}",
        ),
        Law(
            "a tensor multiplied by itself in place gives its square",
            "(same := input.clone()).mul_(same)",
            "torch.mul(input, input)",
            when="not dtype.startswith('complex') and input.dtype == 'subject'",
        ),
        Law(
            "an out of a wider dtype receives the converted product",
            "torch.mul(input, other, out=torch.empty((input * other).shape, dtype=torch.complex128))",
            "(input * other).to(torch.complex128)",
            when=SAME + " and not dtype.startswith('complex')",
        ),
        Law(
            "a whole number as operand keeps the tensor's dtype",
            "input * 3",
            "input * torch.full((), 3, dtype=input.dtype)",
            when="dtype != 'bool' and input.dtype == 'subject'",
        ),
        Law(
            "a fraction as operand turns integers into float32",
            "input * 0.5",
            "input.to(torch.float32) * 0.5",
            when="dtype.startswith(('bool', 'int', 'uint')) and input.dtype == 'subject'",
        ),
        Law(
            "operands are multiplied in the dtype that they promote to",
            "(torch.full((3,), 100, dtype=torch.int8) * torch.full((3,), 10, dtype=torch.int16)).tolist()",
            "[1000] * 3",
        ),
    ),
    predicates=(bfloat16_beside_a_complex_number, rounds_an_operand),
    cost=Cost(workload=binary.workload, reference="elementwise"),
)
