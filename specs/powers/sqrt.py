"""torch.sqrt: the square root of each element."""

import numpy as np

from conformance.spec import (
    ALL,
    AT_MOST,
    COMPLEXES,
    FLOATS,
    PRESERVED,
    PROMOTED_FLOAT,
    WITHIN,
    Cost,
    Gradient,
    Law,
    Output,
    Spec,
    ulps,
)
from conformance.spec.families import unary


def oracle(input):
    """Negative numbers give NaN, but -0.0 gives itself. The cut of complex numbers is the negative real axis."""
    return np.sqrt(input)


def bound(dtype, input):
    """1 ULP, for the vector library does not round correctly; parts of a complex root take a modulus and a sum too."""
    return 4 if unary.is_complex(dtype) else unary.in_float32(dtype, 1)


def of_both_sides(dtype, input):
    """What two results of these arguments may differ by."""
    return 2 * bound(dtype, input)


def of_a_square(dtype, input):
    """What the square of a result may be off by: the result counts twice, each ULP of it twice; a square rounds."""
    return 4 * bound(dtype, input) + 1


def gradient(incoming, results, input):
    """The reciprocal of twice the result, times the incoming gradient."""
    return {"input": incoming[0] / (2 * np.conj(np.sqrt(input)))}


def gradient_bound(dtype, input):
    """The result counts twice, and the quotient rounds; complex ones round in each part."""
    return unary.unless_far_out(dtype, input, 2 * bound(dtype, input) + (7 if unary.is_complex(dtype) else 1))


spec = Spec(
    operation="torch.sqrt",
    summary="The square root of each element; whole numbers and booleans give float32.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.sqrt.html",
    arguments=unary.arguments,
    forms=unary.every_form("sqrt"),
    dtypes=ALL,
    oracle=oracle,
    accuracy=ulps(bound, unary.LIBRARIES),
    outputs=(Output(dtype=PROMOTED_FLOAT),),
    memory=PRESERVED,
    pointwise=True,
    refusals=unary.function_refusals("sqrt"),
    gradient=Gradient(terms=gradient, bound=gradient_bound, source="as sqrt itself", above_zero=True),
    laws=(
        *unary.float_result_laws("sqrt"),
        *unary.conjugate_laws("sqrt", of_both_sides),
        Law(
            "a negative zero keeps its sign",
            "torch.sqrt(torch.where(input == 0, input, 1)).signbit()",
            "torch.where(input == 0, input, 1).signbit()",
            when=unary.REAL,
        ),
        Law(
            "small squares have exact roots",
            "torch.sqrt(torch.square(torch.round(input.nan_to_num(0).clamp(-15, 15))))",
            "torch.round(input.nan_to_num(0).clamp(-15, 15)).abs()",
            when=unary.REAL,
        ),
        Law(
            "the square of a root is the number",
            "torch.square(torch.sqrt(input.nan_to_num(1).abs().clamp(0.01, 100)))",
            "input.nan_to_num(1).abs().clamp(0.01, 100)",
            WITHIN,
            when=unary.REAL,
            bound=of_a_square,
        ),
        Law(
            "the function never falls",
            "torch.sqrt(input.abs().flatten().sort().values)[:-1]",
            "torch.sqrt(input.abs().flatten().sort().values)[1:]",
            AT_MOST,
            when=unary.REAL,
            bound=of_both_sides,
        ),
        Law(
            "the real part of a complex root is not below 0",
            "torch.zeros_like(torch.sqrt(input).real)",
            "torch.sqrt(input).real",
            AT_MOST,
            when=unary.COMPLEX,
        ),
    ),
    cost=Cost(dtypes=FLOATS + COMPLEXES, workload=unary.workload, reference="elementwise"),
)
