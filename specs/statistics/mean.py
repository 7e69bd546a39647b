"""torch.mean: the sum of a tensor's elements, or of its slices, over their number."""

import numpy as np

from conformance.spec import (
    COMPLEXES,
    FLOATS,
    WITHIN,
    Cost,
    Draw,
    Form,
    Gradient,
    Law,
    Output,
    Refusal,
    Spec,
    Sums,
    computed_in,
    contents,
    itemsize,
    wide,
)
from conformance.spec.families.reduction import (
    drawn_dims,
    every_place_counts,
    forms_over_dims,
    reduced_axes,
    reduced_count,
    refusals_over_dims,
)

from ._sums import (
    ADDED_IN_PLACE,
    PLAIN,
    back_to_input,
    computed_dtype,
    converted,
    count_in_units,
    has_elements,
    makes_real_numbers_complex,
    row_workload,
    sum_of,
    takes,
    workload,
)


def arguments(draw: Draw):
    """dtype= is mostly left out; otherwise it names a dtype that the elements are converted to first."""
    shape = draw.shape()
    return {
        "input": draw.tensor(shape),
        "dim": drawn_dims(draw, shape),
        "keepdim": draw.boolean(),
        "computed": draw.choice((None,) * 5 + ("float64", "float32", "complex128")),
    }


def oracle(input, dim, keepdim, computed):
    """The mean of no elements is NaN. The division rounds once more."""
    total = sum_of(converted(input, computed), reduced_axes(input.ndim, dim), keepdim)
    count = reduced_count(input.shape, dim)
    return Sums(total.exact / count, total.magnitude / max(count, 1), total.terms + 1, 0.0, total.accumulator)


def result_dtype(subject, input, dim, keepdim, computed):
    return computed or subject


def of_both_sides(dtype, input, dim, keepdim, computed):
    """What two means of the same elements may differ by."""
    return 2 * count_in_units(dtype, input, dim) + 3


def magnitude(dtype, input, dim, keepdim, computed):
    axes = reduced_axes(input.rank, dim)
    return np.sum(np.abs(wide(contents(input, dtype))), axes) / max(reduced_count(input.shape, dim), 1)


def sum_of_sizes(dtype, input, dim, keepdim, computed):
    return np.sum(np.abs(wide(contents(input, dtype))), reduced_axes(input.rank, dim))


def gradient(incoming, results, input, dim, keepdim, computed):
    """Each element gets its share of the incoming gradient."""
    return {"input": back_to_input(incoming[0], input, dim, keepdim) / max(reduced_count(input.shape, dim), 1)}


def gradient_bound(dtype, input, dim, keepdim, computed):
    """The number of elements may be rounded, and the division rounds."""
    return 3


def sum_leaves_the_range(dtype, input, dim, keepdim, computed):
    """The sum is infinite, or its parts are, where the mean need not be."""
    largest = {"float64": 1.79e308, "complex128": 1.79e308}.get(computed or dtype, 3.4e38)
    with np.errstate(all="ignore"):
        numbers = np.abs(wide(contents(input, dtype)))
        total = np.sum(np.where(np.isfinite(numbers), numbers, 0), reduced_axes(input.rank, dim))
    return bool(np.any(total > 0.99 * largest))


def scratch(dtype, input, dim, keepdim, computed):
    """The number of elements becomes a tensor, and one of the dtype, to divide by.

    Elements may be converted on the way if dtype= says so; parts of a large sum are added up side by side.
    """
    return (8, itemsize(dtype)) if computed is None and input.numel < 32768 else None


spec = Spec(
    operation="torch.mean",
    summary="The mean over all dimensions, or those that dim names; whole numbers need dtype=.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.mean.html",
    arguments=arguments,
    takes=takes,
    forms=(
        Form(f"torch.mean(input, dim, keepdim, dtype={computed_dtype('computed')})"),
        *forms_over_dims("mean", PLAIN),
        Form(f"input.mean(dim, keepdim, dtype={computed_dtype('computed')})"),
        Form(f"torch.mean(input, dtype={computed_dtype('computed')})", when="dim is None and not keepdim"),
        Form(
            "torch.mean(input, dim, keepdim, out=out)",
            when=PLAIN,
            out_dtype=computed_in(FLOATS + COMPLEXES),
        ),
    ),
    dtypes=FLOATS + COMPLEXES,
    oracle=oracle,
    outputs=(Output(dtype=result_dtype),),
    refusals=(
        *refusals_over_dims("mean"),
        Refusal("whole numbers without a floating dtype", "torch.mean(torch.ones(3, dtype=torch.int64))", RuntimeError),
        Refusal("booleans without a floating dtype", "torch.mean(torch.ones(3, dtype=torch.bool), 0)", RuntimeError),
        Refusal("a dtype of whole numbers", "torch.mean(input, dtype=torch.int64)", RuntimeError),
        Refusal("a string as the dtype", "torch.mean(input, dtype='float32')", TypeError),
    ),
    gradient=Gradient(
        terms=gradient,
        bound=gradient_bound,
        source="Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., section 2.2",
    ),
    laws=(
        *every_place_counts(
            "round(abs(torch.mean(row).item()) * n)", "round(abs(torch.mean(row[:, None], 0).item()) * n)"
        ),
        Law(
            "the order of the elements does not matter",
            "torch.mean(input.flip(list(range(input.dim()))))",
            "torch.mean(input)",
            WITHIN,
            bound=of_both_sides,
            magnitude=magnitude,
            when="dim is None",
        ),
        Law(
            "the mean times the number of elements is the sum",
            "torch.mean(input.double(), dim) * (input.numel() / max(torch.mean(input, dim).numel(), 1))",
            "torch.sum(input.double(), dim)",
            WITHIN,
            bound=of_both_sides,
            magnitude=sum_of_sizes,
            when="'complex' not in dtype and input.numel > 0 and dtype != 'float64'",
        ),
        Law(
            "whole numbers have a mean in a floating dtype",
            "torch.mean(torch.tensor([1, 2, 4]), dtype=dtype)",
            "torch.mean(torch.tensor([1, 2, 4], dtype=dtype))",
        ),
        Law("the mean of no elements is NaN", "torch.mean(input).isnan().item()", "True", when="input.numel == 0"),
    ),
    predicates=(has_elements, makes_real_numbers_complex, sum_leaves_the_range),
    cost=Cost(
        dtypes=ADDED_IN_PLACE,
        scratch=scratch,
        workload=workload,
        row_workload=row_workload,
        reference="reduction",
    ),
)
