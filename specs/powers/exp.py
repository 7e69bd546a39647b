"""torch.exp: e to the power of each element."""

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
    return np.exp(input)


def bound(dtype, input):
    """1 ULP. Of complex numbers the power, cosine and sine are off by 1 ULP, which counts twice, and products round."""
    return 5 if unary.is_complex(dtype) else unary.in_float32(dtype, 1)


def of_both_sides(dtype, input):
    """What two results of these arguments may differ by."""
    return 2 * bound(dtype, input)


def of_a_product(dtype, input):
    """What the product of two results may be off by: each counts twice, and the product rounds."""
    return 4 * bound(dtype, input) + 1


def gradient(incoming, results, input):
    """The result itself, times the incoming gradient; an infinite result counts as infinite."""
    return {"input": incoming[0] * np.conj(unary.in_range_of(results[0], np.exp(input)))}


def gradient_bound(dtype, input):
    """The result counts twice and the product rounds. The half spacing by which a subnormal result is off counts up to
    five times, with the incoming gradient."""
    return 6 * bound(dtype, input) + 2


def leaves_the_range_in_complex(dtype, input):
    """Somewhere exp of the real part is not finite or 0, or the imaginary part is not finite."""
    array = contents(input, dtype)
    return bool(np.any((np.abs(array.real) > (708 if dtype == "complex128" else 87)) | ~np.isfinite(array)))


spec = Spec(
    operation="torch.exp",
    summary="e to the power of each element; whole numbers and booleans give float32.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.exp.html",
    arguments=unary.arguments,
    forms=unary.every_form("exp"),
    dtypes=ALL,
    oracle=oracle,
    accuracy=ulps(bound, unary.LIBRARIES),
    outputs=(Output(dtype=PROMOTED_FLOAT),),
    memory=PRESERVED,
    pointwise=True,
    refusals=unary.function_refusals("exp"),
    gradient=Gradient(terms=gradient, bound=gradient_bound, source="as exp itself"),
    laws=(
        *unary.float_result_laws("exp"),
        *unary.conjugate_laws("exp", of_both_sides),
        Law(
            "no result is below 0",
            "torch.zeros_like(torch.exp(input))",
            "torch.exp(input)",
            AT_MOST,
            when=unary.REAL,
        ),
        Law(
            "the function never falls",
            "torch.exp(input.flatten().sort().values)[:-1]",
            "torch.exp(input.flatten().sort().values)[1:]",
            AT_MOST,
            when=unary.REAL,
            bound=of_both_sides,
        ),
        Law(
            "the results for x and -x, both near 0, have a product of 1",
            "torch.exp(input.nan_to_num(0).clamp(-4, 4)) * torch.exp(-input.nan_to_num(0).clamp(-4, 4))",
            "torch.ones_like(input)",
            WITHIN,
            when=unary.REAL,
            bound=of_a_product,
        ),
        Law(
            "zero gives 1",
            "torch.exp(torch.where(input == 0, input, 0))",
            "torch.ones_like(torch.exp(input))",
            when="'complex' not in dtype and dtype not in ('uint16', 'uint32', 'uint64')",
        ),
    ),
    predicates=(leaves_the_range_in_complex,),
    cost=Cost(dtypes=FLOATS + COMPLEXES, workload=unary.workload, reference="exponential"),
)
