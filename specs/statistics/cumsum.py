"""torch.cumsum: the sums of the elements up to each one along a dimension."""

import numpy as np

from conformance.spec import (
    ALL,
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
    Sums,
    TermsWithMagnitude,
    accumulator_of,
    computed_in,
    contents,
    dense,
    wide,
)
from conformance.spec.families.dimension import (
    dims_of_another_type,
    dims_out_of_range,
    dims_out_of_range_with_out,
    no_tensor,
)
from conformance.spec.families.reduction import every_place_counts

from ._sums import (
    PLAIN,
    WHOLE,
    computed_dtype,
    converted,
    count_in_units,
    is_whole,
    result_dtype,
    takes,
)


def arguments(draw: Draw):
    """dtype= is mostly left out; otherwise it names a dtype that the elements are converted to first."""
    shape, dim = draw.shape_and_dim()
    computed = draw.choice((None,) * 5 + ("float64", "float32", "int32", "complex128"))
    return {"input": draw.tensor(shape), "dim": dim, "computed": computed}


def oracle(input, dim, computed):
    """Booleans and whole numbers are added up in int64 unless dtype= says otherwise, and wrap; halves in float32."""
    numbers = converted(input, computed)
    if is_whole(numbers):
        numbers = numbers.astype(computed or np.int64)
        return np.cumsum(numbers, dim, dtype=numbers.dtype) if numbers.ndim else numbers
    exact = wide(numbers)
    if not exact.ndim:
        return Sums(exact, np.abs(exact), np.ones((), np.int64))
    return Sums(
        np.cumsum(exact, dim),
        np.cumsum(np.abs(exact), dim),
        _numbers_along(exact, dim),
        accumulator=accumulator_of(numbers),
    )


def _numbers_along(array, dim):
    """How many elements each sum has."""
    numbers = np.arange(1, array.shape[dim] + 1)
    shape = [1] * array.ndim
    shape[dim] = -1
    return np.broadcast_to(numbers.reshape(shape), array.shape)


def gradient(incoming, results, input, dim, computed):
    """Each element is in its own sum and in all that come after it."""
    g = incoming[0]
    if input.ndim == 0 or input.size == 0:
        return {"input": g}
    total, size = (np.flip(np.cumsum(np.flip(part, dim), dim), dim) for part in (g, np.abs(g)))
    return {"input": TermsWithMagnitude(total, size)}


def gradient_bound(dtype, input, dim, computed):
    """One for each addition."""
    return (input.shape[dim] if input.rank else 1) + 1


def of_both_sides(dtype, input, dim, computed):
    """What two sums of the same terms may differ by."""
    return 2 * count_in_units(dtype, input, dim) + 2


def magnitude(dtype, input, dim, computed):
    return np.sum(np.abs(wide(contents(input, dtype))), dim)


def has_no_dimension(dtype, input, dim, computed):
    return input.rank == 0


def has_elements(dtype, input, dim, computed):
    """There is an element to read."""
    return input.numel > 0


OUT_DTYPES = INTEGERS + FLOATS + COMPLEXES


def scratch(dtype, input, dim, computed):
    """Elements may be converted on the way if dtype= says so."""
    return () if computed is None else None


def workload(size):
    return {"input": dense((size // 64, 64)), "dim": 1, "computed": None}


def row_workload(size):
    return {"input": dense((1, size)), "dim": 1, "computed": None}


spec = Spec(
    operation="torch.cumsum",
    summary="The sum of each element and those before it along dim; booleans and whole numbers give int64.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.cumsum.html",
    arguments=arguments,
    takes=takes,
    forms=(
        Form(f"torch.cumsum(input, dim, dtype={computed_dtype('computed')})"),
        Form("torch.cumsum(input, dim)", when=PLAIN),
        Form("torch.cumsum(input=input, dim=dim)", when=PLAIN),
        Form("torch.cumsum(input, axis=dim)", when=PLAIN),
        Form("input.cumsum(dim)", when=PLAIN),
        Form(f"input.cumsum(dim, dtype={computed_dtype('computed')})"),
        Form("input.cumsum_(dim)", when=PLAIN, writes="input"),
        Form("torch.cumsum(input, dim, out=out)", when=PLAIN, out_dtype=computed_in(OUT_DTYPES)),
    ),
    dtypes=ALL,
    oracle=oracle,
    outputs=(Output(dtype=result_dtype),),
    refusals=(
        *dims_out_of_range("torch.cumsum(input, {dim})"),
        *dims_out_of_range_with_out("torch.cumsum(input, {dim}, out=out)"),
        *dims_of_another_type("torch.cumsum(input, {dim})"),
        *no_tensor("torch.cumsum({input}, 0)"),
        Refusal("a call without a dim", "torch.cumsum(input)", TypeError),
        Refusal("a tuple of dims", "torch.cumsum(input, (0,))", TypeError),
        Refusal("a boolean dtype", "torch.cumsum(torch.ones(3, dtype=dtype), 0, dtype=torch.bool)", RuntimeError),
        Refusal("booleans added up in place", "torch.ones(3, dtype=torch.bool).cumsum_(0)", RuntimeError),
    ),
    gradient=Gradient(
        terms=gradient,
        bound=gradient_bound,
        source="Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., section 4.2",
    ),
    laws=(
        *every_place_counts("torch.cumsum(row, 0)[-1].item()", "torch.cumsum(row[:, None], 0)[-1].item()"),
        Law(
            "the last sum is that of all elements",
            "torch.cumsum(input, dim).select(dim, -1)",
            "torch.sum(input, dim)",
            WITHIN,
            bound=of_both_sides,
            magnitude=magnitude,
            when=f"{PLAIN} and input.rank > 0 and input.shape[dim] > 0",
        ),
        Law(
            "the differences of the sums are the elements",
            "torch.diff(torch.cumsum(input.long(), dim), dim=dim)",
            "input.long().narrow(dim, 1, input.shape[dim] - 1)",
            when=f"{WHOLE} and input.rank > 0 and input.shape[dim] > 0",
        ),
        Law(
            "the first sum is the first element",
            "torch.cumsum(input.double(), dim).select(dim, 0) + 0",
            "input.double().select(dim, 0) + 0",
            when="'complex' not in dtype and input.rank > 0 and input.shape[dim] > 0",
        ),
    ),
    predicates=(has_elements, has_no_dimension),
    cost=Cost(
        dtypes=("float32", "float64", "complex64", "complex128"),
        scratch=scratch,
        workload=workload,
        row_workload=row_workload,
        reference="reduction",
    ),
)
