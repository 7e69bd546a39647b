"""torch.sin: the sine of each element, which is an angle in radians."""

import numpy as np

from conformance.spec import (
    ALL,
    COMPLEXES,
    FLOATS,
    PRESERVED,
    PROMOTED_FLOAT,
    Cost,
    Gradient,
    Output,
    Spec,
    ulps,
)
from conformance.spec.families import unary

from ._circle import bound, gradient_bound, laws_of_circle, of_both_sides


def oracle(input):
    """The angle is exact, however large. Infinities give NaN."""
    return np.sin(input)


def gradient(incoming, results, input):
    """The cosine, times the incoming gradient."""
    return {"input": incoming[0] * np.conj(unary.in_range_of(results[0], np.cos(input)))}


spec = Spec(
    operation="torch.sin",
    summary="The sine of each element in radians; whole numbers and booleans give float32.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.sin.html",
    arguments=unary.arguments,
    forms=unary.every_form("sin"),
    dtypes=ALL,
    oracle=oracle,
    accuracy=ulps(bound, unary.LIBRARIES),
    outputs=(Output(dtype=PROMOTED_FLOAT),),
    memory=PRESERVED,
    pointwise=True,
    refusals=unary.function_refusals("sin"),
    gradient=Gradient(terms=gradient, bound=gradient_bound, source="as sin itself"),
    laws=(
        *unary.float_result_laws("sin"),
        *unary.conjugate_laws("sin", of_both_sides),
        *unary.odd_laws("sin", of_both_sides),
        *unary.zero_laws("sin"),
        *laws_of_circle("sin"),
    ),
    cost=Cost(dtypes=FLOATS + COMPLEXES, workload=unary.workload, reference="exponential"),
)
