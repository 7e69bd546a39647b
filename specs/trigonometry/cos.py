"""torch.cos: the cosine of each element, which is an angle in radians."""

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
    """The angle is exact, however large. Infinities give NaN."""
    return np.cos(input)


def bound(dtype, input):
    """3.5 ULP, for torch calls the faster of two kernels. A complex one takes a product in each part."""
    return 8 if unary.is_complex(dtype) else unary.in_float32(dtype, 3.5)


def of_both_sides(dtype, input):
    """What two results of these arguments may differ by."""
    return 2 * bound(dtype, input)


def gradient(incoming, results, input):
    """Minus the sine, times the incoming gradient."""
    return {"input": incoming[0] * np.conj(unary.in_range_of(results[0], -np.sin(input)))}


def gradient_bound(dtype, input):
    """The sine counts twice, with its own errors, and the product rounds; complex ones round in each part."""
    return 6 * bound(dtype, input) + 4 * unary.is_complex(dtype) + 1


def of_both_squares(dtype, input):
    """What two squares may be off by together: each result counts twice, and two squares and a sum round."""
    return 4 * bound(dtype, input) + 3


spec = Spec(
    operation="torch.cos",
    summary="The cosine of each element in radians; whole numbers and booleans give float32.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.cos.html",
    arguments=unary.arguments,
    forms=unary.every_form("cos"),
    dtypes=ALL,
    oracle=oracle,
    accuracy=ulps(bound, unary.LIBRARIES),
    outputs=(Output(dtype=PROMOTED_FLOAT),),
    memory=PRESERVED,
    pointwise=True,
    refusals=unary.function_refusals("cos"),
    gradient=Gradient(terms=gradient, bound=gradient_bound, source="as cos itself"),
    laws=(
        *unary.float_result_laws("cos"),
        *unary.conjugate_laws("cos", of_both_sides),
        *unary.even_laws("cos", of_both_sides),
        Law(
            "no result is above 1",
            "torch.cos(input).abs().nan_to_num(0)",
            "torch.ones_like(torch.cos(input))",
            AT_MOST,
            when=unary.REAL,
        ),
        Law(
            "the squares of sine and cosine add up to 1",
            "torch.sin(input.nan_to_num(0, 0, 0)).square() + torch.cos(input.nan_to_num(0, 0, 0)).square()",
            "torch.ones_like(input)",
            WITHIN,
            when=unary.REAL,
            bound=of_both_squares,
        ),
    ),
    cost=Cost(dtypes=FLOATS + COMPLEXES, workload=unary.workload, reference="exponential"),
)
