"""torch.log: the natural logarithm of each element."""

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

from ._logarithms import laws_of_logarithm


def oracle(input):
    """Negative numbers give NaN, and 0 of either sign -inf. The cut of complex numbers is the negative real axis."""
    return np.log(input)


def bound(dtype, input):
    """1 ULP; of complex numbers the modulus counts as well as its logarithm."""
    return 5 if unary.is_complex(dtype) else unary.in_float32(dtype, 1)


def of_both_sides(dtype, input):
    """What two results of these arguments may differ by."""
    return 2 * bound(dtype, input)


def gradient(incoming, results, input):
    """The reciprocal, times the incoming gradient."""
    return {"input": incoming[0] / np.conj(input)}


def gradient_bound(dtype, input):
    """The quotient rounds; complex ones round in each part."""
    return unary.unless_far_out(dtype, input, 7 if unary.is_complex(dtype) else 1)


spec = Spec(
    operation="torch.log",
    summary="The natural logarithm of each element; whole numbers and booleans give float32.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.log.html",
    arguments=unary.arguments,
    forms=unary.every_form("log"),
    dtypes=ALL,
    oracle=oracle,
    accuracy=ulps(bound, unary.LIBRARIES),
    outputs=(Output(dtype=PROMOTED_FLOAT),),
    memory=PRESERVED,
    pointwise=True,
    refusals=unary.function_refusals("log"),
    gradient=Gradient(terms=gradient, bound=gradient_bound, source="Higham, section 3.1", above_zero=True),
    laws=laws_of_logarithm("log", of_both_sides),
    cost=Cost(dtypes=FLOATS + COMPLEXES, workload=unary.workload, reference="exponential"),
)
