"""torch.sum: the elements of a tensor, or of its slices, added up."""

import numpy as np

from conformance.spec import (
    ALL,
    BOOL,
    COMPLEXES,
    FLOATS,
    INTEGERS,
    WITHIN,
    Cost,
    Draw,
    Form,
    Gradient,
    Law,
    Output,
    Refusal,
    Spec,
    computed_in,
    contents,
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
    WHOLE,
    back_to_input,
    computed_dtype,
    converted,
    count_in_units,
    has_elements,
    is_whole,
    makes_real_numbers_complex,
    result_dtype,
    row_workload,
    scratch,
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
        "computed": draw.choice((None,) * 5 + ("float64", "float32", "int32", "complex128")),
    }


def oracle(input, dim, keepdim, computed):
    """Booleans and whole numbers are added up in int64 unless dtype= says otherwise, and wrap."""
    axes, numbers = reduced_axes(input.ndim, dim), converted(input, computed)
    if is_whole(numbers):
        return np.sum(numbers, axes, dtype=computed or np.int64, keepdims=keepdim)
    return sum_of(numbers, axes, keepdim)


def of_both_sides(dtype, input, dim, keepdim, computed):
    """What two sums of the same terms may differ by, each being rounded besides."""
    return 2 * count_in_units(dtype, input, dim) + 1


def magnitude(dtype, input, dim, keepdim, computed):
    return np.sum(np.abs(wide(contents(input, dtype))), reduced_axes(input.rank, dim))


def gradient(incoming, results, input, dim, keepdim, computed):
    """Each element gets the incoming gradient of the sum that it is a part of."""
    return {"input": back_to_input(incoming[0], input, dim, keepdim)}


def is_added_up_in_halves(dtype, input, dim, keepdim, computed):
    """The sum is one of many halves."""
    return "float16" in (dtype, computed) and is_added_up_in_parts(dtype, input, dim, keepdim, computed)


def is_a_half_out_of_range(dtype, got, promised, **arguments):
    """A float16 that is no number."""
    return (got.dtype == np.float16) & ~np.isfinite(got.astype(np.float64))


def is_added_up_in_parts(dtype, input, dim, keepdim, computed):
    """One sum of so many elements that each thread adds up a part of them, which may be too large for a half."""
    if input.numel < 32768 or reduced_count(input.shape, dim) < input.numel:
        return False
    return bool(np.sum(np.abs(wide(contents(input, dtype)))) > 65504)


OUT_DTYPES = BOOL + INTEGERS + FLOATS + COMPLEXES


spec = Spec(
    operation="torch.sum",
    summary="The sum over all dimensions, or those that dim names; booleans and whole numbers give int64.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.sum.html",
    arguments=arguments,
    takes=takes,
    forms=(
        Form(f"torch.sum(input, dim, keepdim, dtype={computed_dtype('computed')})"),
        *forms_over_dims("sum", PLAIN),
        Form(f"input.sum(dim, keepdim, dtype={computed_dtype('computed')})"),
        Form(f"torch.sum(input, dtype={computed_dtype('computed')})", when="dim is None and not keepdim"),
        Form("torch.sum(input, list(range(input.dim())))", when=f"dim is None and not keepdim and {PLAIN}"),
        Form(
            "torch.einsum('...i->...', input)",
            when="'float' in dtype and input.rank > 0 and dim in (-1, input.rank - 1) and not keepdim and " + PLAIN,
            same_bits=False,
        ),
        Form(
            "torch.sum(input, dim, keepdim, out=out)",
            when=PLAIN + " and dim is not None",
            out_dtype=computed_in(OUT_DTYPES),
        ),
    ),
    dtypes=ALL,
    oracle=oracle,
    outputs=(Output(dtype=result_dtype),),
    refusals=(
        *refusals_over_dims("sum"),
        Refusal("a call without a tensor", "torch.sum()", TypeError),
        Refusal("a string as the dtype", "torch.sum(input, dtype='float32')", TypeError),
        Refusal("a dtype that sums are not worked out in", "torch.sum(out.int(), dtype=torch.uint16)", RuntimeError),
        Refusal(
            "an out beside a dtype that is not its own",
            "torch.sum(out, 0, dtype=torch.float64, out=out.int())",
            RuntimeError,
        ),
    ),
    gradient=Gradient(terms=gradient, source="the gradient is copied"),
    laws=(
        *every_place_counts(
            "torch.sum(row).item()", "torch.sum(row[None], 1).item()", "torch.sum(row[:, None], 0).item()"
        ),
        Law(
            "the order of the elements does not matter",
            "torch.sum(input.flip(list(range(input.dim()))), dim)",
            "torch.sum(input, dim)",
            WITHIN,
            bound=of_both_sides,
            magnitude=magnitude,
            when="dtype not in ('uint16', 'uint32', 'uint64') and (dim is None or input.rank == 0)",
        ),
        Law(
            "a sum over several dims is a sum of sums",
            "torch.sum(torch.sum(input, dim[0], True), dim[1:], True)",
            "torch.sum(input, dim, True)",
            when=f"{WHOLE} and isinstance(dim, tuple) and len(dim) > 1 and {PLAIN}",
        ),
        Law(
            "with keepdim the sums are the same",
            "torch.sum(input, dim, True).flatten()",
            "torch.sum(input, dim, False).flatten()",
        ),
        Law(
            "twice the tensor has twice the sum",
            "torch.sum(input.long() * 2, dim)",
            "torch.sum(input.long(), dim) * 2",
            when=WHOLE,
        ),
        Law(
            "the sum of booleans counts those that are true",
            "torch.sum(input).item()",
            "input.nonzero().shape[0]",
            when="dtype == 'bool'",
        ),
        Law("the sum of no elements is 0", "torch.sum(input).item()", "0", when="input.numel == 0"),
    ),
    explanations=(is_a_half_out_of_range,),
    predicates=(has_elements, is_added_up_in_halves, is_added_up_in_parts, makes_real_numbers_complex),
    cost=Cost(
        dtypes=ADDED_IN_PLACE, scratch=scratch, workload=workload, row_workload=row_workload, reference="reduction"
    ),
)
