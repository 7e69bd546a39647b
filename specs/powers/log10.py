"""torch.log10: the base-10 logarithm of each element."""

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

LN10 = np.log(np.longdouble(10))


def oracle(input):
    """Negative numbers give NaN, and 0 of either sign -inf. The cut of complex numbers is the negative real axis."""
    return np.log(input) / LN10 if input.dtype.kind == "c" else np.log10(input)


def bound(dtype, input):
    """2 ULP; complex numbers are divided by the logarithm of 10, which rounds as well."""
    return 8 if unary.is_complex(dtype) else unary.in_float32(dtype, 2)


def of_both_sides(dtype, input):
    """What two results of these arguments may differ by."""
    return 2 * bound(dtype, input)


def gradient(incoming, results, input):
    """The reciprocal of x times the logarithm of 10, times the incoming gradient."""
    return {"input": incoming[0] / np.conj(input * LN10)}


spec = Spec(
    operation="torch.log10",
    summary="The base-10 logarithm of each element; whole numbers and booleans give float32.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.log10.html",
    arguments=unary.arguments,
    forms=unary.every_form("log10"),
    dtypes=ALL,
    oracle=oracle,
    accuracy=ulps(bound, unary.LIBRARIES),
    outputs=(Output(dtype=PROMOTED_FLOAT),),
    memory=PRESERVED,
    pointwise=True,
    refusals=unary.function_refusals("log10"),
    gradient=Gradient(terms=gradient, bound=gradient_bound_with_base, source="Higham, section 3.1", above_zero=True),
    laws=(
        *laws_of_logarithm("log10", of_both_sides),
        Law(
            "a factor of ten adds 1",
            "torch.log10(torch.tensor([1, 10, 100, 1000, 10000], dtype=dtype))",
            "torch.tensor([0, 1, 2, 3, 4], dtype=torch.log10(input).dtype)",
            WITHIN,
            when="dtype not in ('bool', 'int8', 'uint8', 'bfloat16')",
            bound=of_both_sides,
        ),
    ),
    explanations=(unary.is_lost_or_of_its_size,),
    predicates=(gradient_leaves_the_range_midway,),
    cost=Cost(dtypes=FLOATS + COMPLEXES, workload=unary.workload, reference="exponential"),
)
