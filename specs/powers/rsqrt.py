"""torch.rsqrt: one over the square root of each element."""

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
    contents,
    ulps,
)
from conformance.spec.families import unary


def oracle(input):
    """Negative numbers give NaN, 0 of either sign an infinity of that sign."""
    return 1 / np.sqrt(input)


def bound(dtype, input):
    """Root and quotient round once each, and the rounding of the root counts twice. A complex root is off by 4, which
    counts twice, and each part of its reciprocal by six more."""
    return 14 if unary.is_complex(dtype) else 1.5


def of_both_sides(dtype, input):
    """What two results of these arguments may differ by."""
    return 2 * bound(dtype, input)


def gradient(incoming, results, input):
    """Minus half the cube of the result, times the incoming gradient."""
    return {"input": incoming[0] / np.conj(-2 * np.sqrt(input) ** 3)}


def gradient_bound(dtype, input):
    """The result counts three times, each ULP of it twice; its cube and two products round."""
    return unary.unless_far_out(dtype, input, 6 * bound(dtype, input) + (24 if unary.is_complex(dtype) else 4))


def gradient_leaves_the_range_midway(dtype, input):
    """Somewhere the cube of the result leaves the range, or is a subnormal number."""
    array = np.abs(contents(input, dtype).astype(np.clongdouble)).real
    smallest, largest = {"float16": (6.2e-5, 65500), "float64": (2.3e-308, 1.79e308)}.get(dtype, (1.2e-38, 3.3e38))
    with np.errstate(all="ignore"):
        cube = array ** np.longdouble(-1.5)
    return bool(np.any((array > 0) & np.isfinite(array) & ((cube > largest) | (cube < smallest))))


def squares_leave_the_range_in_complex(dtype, input):
    """Somewhere a complex number is 0 or subnormal, or too large for the sum of the squares of its root's parts."""
    array = np.abs(contents(input, dtype).astype(np.clongdouble)).real
    smallest, largest = (1e-290, 1e300) if dtype == "complex128" else (1e-30, 1e37)
    return bool(np.any((array < smallest) | (array > largest)))


spec = Spec(
    operation="torch.rsqrt",
    summary="One over the square root of each element; whole numbers and booleans give float32.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.rsqrt.html",
    arguments=unary.arguments,
    forms=unary.every_form("rsqrt"),
    dtypes=ALL,
    oracle=oracle,
    accuracy=ulps(bound, "Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., section 3.1"),
    outputs=(Output(dtype=PROMOTED_FLOAT),),
    memory=PRESERVED,
    pointwise=True,
    refusals=unary.function_refusals("rsqrt"),
    gradient=Gradient(terms=gradient, bound=gradient_bound, source="as rsqrt itself", above_zero=True),
    laws=(
        *unary.float_result_laws("rsqrt"),
        *unary.conjugate_laws("rsqrt", of_both_sides),
        Law(
            "the function never rises",
            "torch.rsqrt(input.nan_to_num(1).abs().flatten().sort().values)[1:]",
            "torch.rsqrt(input.nan_to_num(1).abs().flatten().sort().values)[:-1]",
            AT_MOST,
            when=unary.REAL,
            bound=of_both_sides,
        ),
        Law(
            "a factor of 4 halves the result",
            "torch.rsqrt(4 * input.nan_to_num(1).abs().clamp(0.01, 100)) * 2",
            "torch.rsqrt(input.nan_to_num(1).abs().clamp(0.01, 100))",
            WITHIN,
            when=unary.REAL,
            bound=of_both_sides,
        ),
    ),
    explanations=(unary.is_lost_or_of_its_size,),
    predicates=(gradient_leaves_the_range_midway, squares_leave_the_range_in_complex),
    cost=Cost(dtypes=FLOATS + COMPLEXES, workload=unary.workload, reference="elementwise"),
)
