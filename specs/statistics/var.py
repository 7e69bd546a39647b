"""torch.var: the variance of a tensor's elements, or of those of its slices."""

import numpy as np

from conformance.spec import (
    COMPLEXES,
    FLOATS,
    Cost,
    Gradient,
    Law,
    Output,
    Spec,
    Sums,
    TermsWithMagnitude,
    accumulator_of,
    accumulator_ulp,
)
from conformance.spec.families.reduction import every_place_counts, reduced_count

from ._spread import (
    SOURCE,
    arguments,
    counts_one_element,
    forms_of_spread,
    gradient_is_unsure,
    has_elements,
    names_no_dims,
    real_dtype,
    refusals_of_spread,
    row_workload,
    spread_gradient,
    squares_over,
    squares_overflow,
    unit_of,
    workload,
)
from ._sums import back_to_input


def oracle(input, dim, correction, keepdim):
    """NaN for one element with a correction of 1, and for no element."""
    exact, off = squares_over(input, dim, correction, keepdim)
    magnitude = np.maximum(off / unit_of(input), exact)
    return Sums(exact, magnitude, np.full(exact.shape, 2), 1.0, accumulator_of(input))


def gradient(incoming, results, input, dim, correction, keepdim):
    """Twice the distance from the mean over the number of elements less the correction."""
    terms, magnitude = spread_gradient(input, dim, correction, back_to_input(incoming[0], input, dim, keepdim))
    return {"input": TermsWithMagnitude(terms, magnitude)}


def gradient_bound(dtype, input, dim, correction, keepdim):
    """The mean rounds once for each element, which halves add up in float32; four products round besides.

    Nothing is promised of slices with too few elements, or that leave the range.
    """
    if gradient_is_unsure(dtype, input, dim, correction, keepdim):
        return np.inf
    return 6 + reduced_count(input.shape, dim) * accumulator_ulp(dtype)


spec = Spec(
    operation="torch.var",
    summary="The squared distances from the mean over the number of elements less the correction, 1 by default.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.var.html",
    arguments=arguments,
    forms=forms_of_spread("var"),
    dtypes=FLOATS + COMPLEXES,
    oracle=oracle,
    outputs=(Output(dtype=real_dtype),),
    refusals=refusals_of_spread("var"),
    gradient=Gradient(terms=gradient, bound=gradient_bound, source=SOURCE),
    laws=(
        *every_place_counts("round(torch.var(row, correction=0).item() * n)", promised="9"),
        Law(
            "one element has no variance with a correction of 1",
            "torch.var(torch.ones(1, dtype=dtype)).isnan().item()",
            "True",
        ),
        Law(
            "elements that are all equal to 1 have the variance 0",
            "torch.var(torch.ones(5, 7, dtype=dtype), 1)",
            "torch.zeros(5, dtype=dtype).real",
        ),
        Law(
            "the variance is the square of the standard deviation for small whole numbers",
            "torch.var(torch.tensor([1, 2, 3, 4, 5], dtype=dtype), correction=0)",
            "torch.tensor(2, dtype=dtype).real",
        ),
        Law("the variance is not negative", "(torch.var(input, dim) < 0).any().item()", "False"),
    ),
    explanations=(counts_one_element,),
    predicates=(has_elements, names_no_dims, squares_overflow),
    cost=Cost(dtypes=(), workload=workload, row_workload=row_workload, reference="reduction"),
)
