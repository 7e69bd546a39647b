"""torch.tan: the tangent of each element, which is an angle in radians."""

import numpy as np

from conformance.spec import (
    ALL,
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
    TermsWithMagnitude,
    ulps,
)
from conformance.spec.families import unary


def oracle(input):
    """The angle is exact, however large. Infinities give NaN."""
    return np.tan(input)


def bound(dtype, input):
    """1 ULP. A complex one is a quotient of products."""
    return 8 if unary.is_complex(dtype) else unary.in_float32(dtype, 1)


def of_both_sides(dtype, input):
    """What two results of these arguments may differ by."""
    return 2 * bound(dtype, input)


def gradient(incoming, results, input):
    """One plus the square of the result, times the incoming gradient; errors count at the size of the square."""
    t = np.conj(np.tan(input))
    slope, size = (unary.in_range_of(results[0], part) for part in (1 + t * t, 1 + np.abs(t) ** 2))
    return {"input": TermsWithMagnitude(incoming[0] * slope, np.abs(incoming[0]) * size)}


def gradient_bound(dtype, input):
    """The result counts twice, each ULP of it twice; square, sum and product round."""
    return 4 * bound(dtype, input) + (12 if unary.is_complex(dtype) else 4)


def of_a_quotient(dtype, input):
    """What the tangent and the quotient of sine and cosine, each off by 3.5 ULP, may differ by."""
    return bound(dtype, input) + 4 * unary.in_float32(dtype, 3.5) + 1


spec = Spec(
    operation="torch.tan",
    summary="The tangent of each element in radians; whole numbers and booleans give float32.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.tan.html",
    arguments=unary.arguments,
    forms=unary.every_form("tan"),
    dtypes=ALL,
    oracle=oracle,
    accuracy=ulps(bound, unary.LIBRARIES),
    outputs=(Output(dtype=PROMOTED_FLOAT),),
    memory=PRESERVED,
    pointwise=True,
    refusals=unary.function_refusals("tan"),
    gradient=Gradient(terms=gradient, bound=gradient_bound, source="as tan itself"),
    laws=(
        *unary.float_result_laws("tan"),
        *unary.conjugate_laws("tan", of_both_sides),
        *unary.odd_laws("tan", of_both_sides),
        *unary.zero_laws("tan"),
        Law(
            "it is the quotient of sine and cosine",
            "torch.tan(input.nan_to_num(0).clamp(-1, 1))",
            "torch.sin(input.nan_to_num(0).clamp(-1, 1)) / torch.cos(input.nan_to_num(0).clamp(-1, 1))",
            WITHIN,
            when=unary.REAL,
            bound=of_a_quotient,
        ),
    ),
    cost=Cost(dtypes=FLOATS + COMPLEXES, workload=unary.workload, reference="exponential"),
)
