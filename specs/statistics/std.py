"""torch.std: the standard deviation of a tensor's elements, or of those of its slices."""

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
    contents,
    wide,
)
from conformance.spec.families.reduction import every_place_counts, reduced_axes, reduced_count

from ._spread import (
    SOURCE,
    arguments,
    counts_one_element,
    forms_of_spread,
    gradient_is_unsure,
    has_elements,
    leaves_the_range_midway,
    loses_small_squares,
    names_no_dims,
    real_dtype,
    refusals_of_spread,
    row_workload,
    spread_gradient,
    squares_over,
    unit_of,
    variance_of,
    workload,
)
from ._sums import back_to_input


def oracle(input, dim, correction, keepdim):
    """The root of the variance. An error of the variance counts in full where the root is 0, and halved elsewhere."""
    variance, off = squares_over(input, dim, correction, keepdim)
    exact = np.sqrt(variance)
    apart = np.sqrt(variance + off) - exact + 2 * off / np.where(exact > 0, exact, np.inf)
    magnitude = np.maximum(np.minimum(apart, np.sqrt(off)) / unit_of(input), exact)
    return Sums(exact, magnitude, np.full(exact.shape, 2), 1.0, accumulator_of(input))


def gradient(incoming, results, input, dim, correction, keepdim):
    """The distance from the mean over the deviation and over the number of elements less the correction."""
    g = back_to_input(incoming[0], input, dim, keepdim)
    deviation = back_to_input(np.sqrt(variance_of(input, dim, correction, keepdim)), input, dim, keepdim)
    terms, magnitude = spread_gradient(input, dim, correction, g / (2 * deviation))
    return {"input": TermsWithMagnitude(terms, magnitude)}


def gradient_bound(dtype, input, dim, correction, keepdim):
    """The deviation's error counts with how close the elements lie to each other; six operations round besides.

    Nothing is promised of slices whose elements all lie within a thousandth of their size, whose deviation is no normal
    half, or that leave the range.
    """
    array = contents(input, dtype)
    axes = reduced_axes(input.rank, dim)
    with np.errstate(all="ignore"):
        variance = variance_of(wide(array), dim, correction, True)
        sizes = np.max(np.abs(array.astype(np.clongdouble)), axes, keepdims=True, initial=0)
        close = ~(np.sqrt(variance) > np.maximum(sizes * 1e-3, 2.0**-14 if dtype == "float16" else 0))
    if gradient_is_unsure(dtype, input, dim, correction, keepdim):
        return np.inf
    units = 10 + 4000 * reduced_count(input.shape, dim) * accumulator_ulp(dtype)
    return np.where(np.broadcast_to(close, array.shape), np.inf, units)


spec = Spec(
    operation="torch.std",
    summary="The root of the squared distances from the mean over the number of elements less the correction.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.std.html",
    arguments=arguments,
    forms=forms_of_spread("std"),
    dtypes=FLOATS + COMPLEXES,
    oracle=oracle,
    outputs=(Output(dtype=real_dtype),),
    refusals=refusals_of_spread("std"),
    # A slice of one element has the deviation 0, where it has no derivative.
    gradient=Gradient(terms=gradient, bound=gradient_bound, source=SOURCE, has_differences=False),
    laws=(
        *every_place_counts("round(torch.std(row, correction=0).item() ** 2 * n)", promised="9"),
        Law(
            "one element has no deviation with a correction of 1",
            "torch.std(torch.ones(1, dtype=dtype)).isnan().item()",
            "True",
        ),
        Law(
            "elements that are all equal to 1 have the deviation 0",
            "torch.std(torch.ones(5, 7, dtype=dtype), 1)",
            "torch.zeros(5, dtype=dtype).real",
        ),
        Law(
            "the deviation of two numbers is half their distance without a correction",
            "torch.std(torch.tensor([1, 7], dtype=dtype), correction=0)",
            "torch.tensor(3, dtype=dtype).real",
        ),
        Law("the deviation is not negative", "(torch.std(input, dim) < 0).any().item()", "False"),
    ),
    explanations=(counts_one_element, loses_small_squares),
    predicates=(has_elements, leaves_the_range_midway, names_no_dims),
    cost=Cost(dtypes=(), workload=workload, row_workload=row_workload, reference="reduction"),
)
