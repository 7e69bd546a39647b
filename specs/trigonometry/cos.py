"""torch.cos: the cosine of each element, which is an angle in radians."""

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
    return np.cos(input)


def gradient(incoming, results, input):
    """Minus the sine, times the incoming gradient."""
    return {"input": incoming[0] * np.conj(unary.in_range_of(results[0], -np.sin(input)))}


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
        *laws_of_circle("cos"),
    ),
    cost=Cost(dtypes=FLOATS + COMPLEXES, workload=unary.workload, reference="exponential"),
)
