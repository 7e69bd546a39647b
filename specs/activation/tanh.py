"""torch.tanh: the hyperbolic tangent of each element."""

import numpy as np

from conformance.spec import (
    ALL,
    AT_MOST,
    COMPLEXES,
    FLOATS,
    PRESERVED,
    PROMOTED_FLOAT,
    Cost,
    Form,
    Gradient,
    Law,
    Output,
    Spec,
    TermsWithMagnitude,
    ulps,
)
from conformance.spec.families import unary


def oracle(input):
    return np.tanh(input)


def bound(dtype, input):
    """2 ULP. A complex one is a quotient of products."""
    return 8 if unary.is_complex(dtype) else unary.in_float32(dtype, 2)


def of_both_sides(dtype, input):
    """What two results of these arguments may differ by."""
    return 2 * bound(dtype, input)


def gradient(incoming, results, input):
    """1 less the square of the result, times the incoming gradient; errors count at the size of 1 and the square."""
    t = np.conj(np.tanh(input))
    slope = 1 - t * t if input.dtype.kind == "c" else 1 / np.cosh(input) ** 2
    slope, size = (unary.in_range_of(results[0], part) for part in (slope, 1 + np.abs(t) ** 2))
    return {"input": TermsWithMagnitude(incoming[0] * slope, np.abs(incoming[0]) * size)}


def gradient_bound(dtype, input):
    """The result counts twice, each ULP of it twice; square, difference and product round."""
    return 4 * bound(dtype, input) + (12 if unary.is_complex(dtype) else 4)


spec = Spec(
    operation="torch.tanh",
    summary="The hyperbolic tangent of each element; whole numbers and booleans give float32.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.tanh.html",
    arguments=unary.arguments,
    forms=(
        *unary.forms("tanh"),
        Form("F.tanh(input)"),
        Form("nn.Tanh()(input)"),
        *unary.in_place_forms("tanh"),
        *unary.out_forms("tanh"),
    ),
    dtypes=ALL,
    oracle=oracle,
    accuracy=ulps(bound, unary.LIBRARIES),
    outputs=(Output(dtype=PROMOTED_FLOAT),),
    memory=PRESERVED,
    pointwise=True,
    refusals=unary.function_refusals("tanh"),
    gradient=Gradient(terms=gradient, bound=gradient_bound, source="as tanh itself"),
    laws=(
        *unary.float_result_laws("tanh"),
        *unary.conjugate_laws("tanh", of_both_sides),
        *unary.odd_laws("tanh", of_both_sides),
        *unary.zero_laws("tanh"),
        Law(
            "no result is above 1",
            "torch.tanh(input).abs().nan_to_num(0)",
            "torch.ones_like(torch.tanh(input))",
            AT_MOST,
            when=unary.REAL,
        ),
        Law(
            "the function never falls",
            "torch.tanh(input.flatten().sort().values)[:-1]",
            "torch.tanh(input.flatten().sort().values)[1:]",
            AT_MOST,
            when=unary.REAL,
            bound=of_both_sides,
        ),
    ),
    cost=Cost(dtypes=FLOATS + COMPLEXES, workload=unary.workload, reference="exponential"),
)
