"""torch.log2: the base-2 logarithm of each element."""

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
    ulps,
)
from conformance.spec.families import unary

from ._logarithms import gradient_bound_with_base, gradient_leaves_the_range_midway, laws_of_logarithm

LN2 = np.log(np.longdouble(2))


def oracle(input):
    """Negative numbers give NaN, and 0 of either sign -inf. The cut of complex numbers is the negative real axis."""
    return np.log(input) / LN2 if input.dtype.kind == "c" else np.log2(input)


def bound(dtype, input):
    """1 ULP; complex numbers are divided by the logarithm of 2, which rounds as well."""
    return 8 if unary.is_complex(dtype) else unary.in_float32(dtype, 1)


def of_both_sides(dtype, input):
    """What two results of these arguments may differ by."""
    return 2 * bound(dtype, input)


def gradient(incoming, results, input):
    """The reciprocal of x times the logarithm of 2, times the incoming gradient."""
    return {"input": incoming[0] / np.conj(input * LN2)}


spec = Spec(
    operation="torch.log2",
    summary="The base-2 logarithm of each element; whole numbers and booleans give float32.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.log2.html",
    arguments=unary.arguments,
    forms=unary.every_form("log2"),
    dtypes=ALL,
    oracle=oracle,
    accuracy=ulps(bound, unary.LIBRARIES),
    outputs=(Output(dtype=PROMOTED_FLOAT),),
    memory=PRESERVED,
    pointwise=True,
    refusals=unary.function_refusals("log2"),
    gradient=Gradient(terms=gradient, bound=gradient_bound_with_base, source="Higham, section 3.1", above_zero=True),
    laws=(
        *laws_of_logarithm("log2", of_both_sides),
        Law(
            "powers of 2 give whole numbers",
            "torch.log2(torch.exp2(input.nan_to_num(0).clamp(-8, 8).round()))",
            "input.nan_to_num(0).clamp(-8, 8).round()",
            WITHIN,
            when=unary.REAL,
            bound=of_both_sides,
        ),
    ),
    explanations=(unary.is_lost_or_of_its_size,),
    predicates=(gradient_leaves_the_range_midway,),
    cost=Cost(dtypes=FLOATS + COMPLEXES, workload=unary.workload, reference="exponential"),
)
