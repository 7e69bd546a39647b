"""torch.prod: the product of a tensor's elements, or of those along a dimension."""

import numpy as np

from conformance.spec import (
    ALL,
    BOOL,
    COMPLEXES,
    FLOATS,
    INTEGERS,
    Cost,
    Draw,
    Form,
    Gradient,
    Law,
    Output,
    Refusal,
    Spec,
    Sums,
    category,
    computed_in,
    contents,
    wide,
)
from conformance.spec.families.reduction import (
    ROW_OF_ONES,
    every_place_counts,
    reduced_axes,
    reduced_count,
    refusals_over_one_dim,
)

from ._sums import (
    ADDED_IN_PLACE,
    PLAIN,
    WHOLE,
    back_to_input,
    computed_dtype,
    converted,
    has_elements,
    is_whole,
    makes_real_numbers_complex,
    result_dtype,
    row_workload,
    scratch,
    takes,
    workload,
)


def arguments(draw: Draw):
    """keepdim needs a dim. dtype= is mostly left out; otherwise it names a dtype that elements are converted to."""
    shape, dim = draw.shape_and_dim()
    dim = draw.choice((None, dim, dim))
    return {
        "input": draw.tensor(shape),
        "dim": dim,
        "keepdim": dim is not None and draw.boolean(),
        "computed": draw.choice((None,) * 5 + ("float64", "float32", "int32", "complex128")),
    }


def oracle(input, dim, keepdim, computed):
    """Booleans and whole numbers are multiplied in int64 unless dtype= says otherwise, and wrap.

    Each product rounds once, of complex numbers by the square root of 5 (Brent, Percival & Zimmermann, Error bounds on
    complex floating-point multiplication, 2007). Where a product of some of the elements may leave the range nothing is
    promised, unless one of them is NaN.
    """
    axes, numbers = reduced_axes(input.ndim, dim), converted(input, computed)
    if is_whole(numbers):
        return np.prod(numbers, axes, dtype=computed or np.int64, keepdims=keepdim)
    exact = np.asarray(np.prod(wide(numbers), axes, keepdims=keepdim))
    count = reduced_count(input.shape, dim)
    each = 1.25 * count if numbers.dtype.kind == "c" else 0.0
    unsure = leaves_the_range(numbers, axes, keepdim)
    return Sums(exact, np.abs(exact), np.full(exact.shape, max(count, 1)), np.where(unsure, np.inf, each))


def leaves_the_range(array, axes, keepdims):
    """Where a product of some of the elements may overflow, or lose digits to underflow."""
    name = array.dtype.name
    smallest = {"float16": -14, "float64": -1022, "complex128": -1022}.get(name, -126)
    largest = {"float16": 15, "float64": 1023, "complex128": 1023}.get(name, 127)
    if array.dtype.kind == "c":  # parts are multiplied, and may be much smaller than the whole
        smallest, largest = smallest // 2, largest // 2
    sizes = np.abs(wide(array))
    powers = np.where(np.isfinite(sizes) & (sizes > 0), np.log2(np.where(sizes > 0, sizes, 1)), 0)
    grown = np.sum(np.maximum(powers, 0), axes, keepdims=keepdims)
    shrunk = np.sum(np.minimum(powers, 0), axes, keepdims=keepdims)
    special = np.any(~np.isfinite(sizes), axes, keepdims=keepdims)
    is_nan = np.any(np.isnan(sizes), axes, keepdims=keepdims)
    return ((grown >= largest) | (shrunk <= smallest) | (special & (array.dtype.kind == "c"))) & ~is_nan


def gradient(incoming, results, input, dim, keepdim, computed):
    """The product of all the other elements, conjugated."""
    axes = reduced_axes(input.ndim, dim)
    if input.size == 0:
        return {"input": input}
    first = np.moveaxis(input, axes, range(len(axes)))
    rows = first.reshape(-1, *first.shape[len(axes) :])
    others = np.ones_like(rows)
    others[1:] *= np.cumprod(rows[:-1], 0)
    others[:-1] *= np.cumprod(rows[:0:-1], 0)[::-1]
    back = np.moveaxis(others.reshape(first.shape), range(len(axes)), axes)
    return {"input": back_to_input(incoming[0], input, dim, keepdim) * np.conj(back)}


def gradient_bound(dtype, input, dim, keepdim, computed):
    """Each product rounds, and so does a division where the result is divided by the element.

    Nothing is promised where a product may leave the range, where an element is not finite, or where dtype= rounds.
    """
    array, axes = contents(input, dtype), reduced_axes(input.rank, dim)
    with np.errstate(all="ignore"):
        unsure = leaves_the_range(array, axes, True) | np.any(~np.isfinite(np.abs(wide(array))), axes, keepdims=True)
    if computed not in (None, dtype) or array.size == 0:
        return np.inf
    units = (reduced_count(input.shape, dim) + 4) * (3 if category(dtype) == 3 else 1)
    return np.where(np.broadcast_to(unsure, array.shape), np.inf, units)


spec = Spec(
    operation="torch.prod",
    summary="The product over all dimensions, or over the one that dim names; booleans and whole numbers give int64.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.prod.html",
    arguments=arguments,
    takes=takes,
    forms=(
        Form(
            f"torch.prod(input, dtype={computed_dtype('computed')}) if dim is None else "
            f"torch.prod(input, dim, keepdim, dtype={computed_dtype('computed')})"
        ),
        Form("torch.prod(input, dim, keepdim)", when=f"dim is not None and {PLAIN}"),
        Form("torch.prod(input, dim=dim, keepdim=keepdim)", when=f"dim is not None and {PLAIN}"),
        Form("torch.prod(input, axis=dim, keepdims=keepdim)", when=f"dim is not None and {PLAIN}"),
        Form("torch.prod(input, dim)", when=f"dim is not None and not keepdim and {PLAIN}"),
        Form("torch.prod(input)", when=f"dim is None and {PLAIN}"),
        Form("input.prod(dim, keepdim)", when=f"dim is not None and {PLAIN}"),
        Form(f"input.prod(dim, keepdim, dtype={computed_dtype('computed')})", when="dim is not None"),
        Form("input.prod()", when=f"dim is None and {PLAIN}"),
        Form(
            "torch.prod(input, dim, keepdim, out=out)",
            when=f"dim is not None and {PLAIN}",
            out_dtype=computed_in(BOOL + INTEGERS + FLOATS + COMPLEXES),
        ),
    ),
    dtypes=ALL,
    oracle=oracle,
    outputs=(Output(dtype=result_dtype),),
    refusals=(
        *refusals_over_one_dim("prod"),
        Refusal("a tuple of dims", "torch.prod(input, (0,))", TypeError),
        Refusal("a string as the dtype", "torch.prod(input, dtype='float32')", TypeError),
        Refusal(
            "a dtype that products are not worked out in", "torch.prod(out.int(), dtype=torch.uint16)", RuntimeError
        ),
    ),
    gradient=Gradient(
        terms=gradient,
        bound=gradient_bound,
        source="Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., section 3.1",
    ),
    laws=(
        *every_place_counts("torch.prod(row).item()", "torch.prod(row[:, None], 0).item()", row=ROW_OF_ONES),
        Law(
            "the order of the elements does not matter to whole numbers",
            "torch.prod(input.flip(list(range(input.dim()))))",
            "torch.prod(input)",
            when=f"{WHOLE} and dtype not in ('uint16', 'uint32', 'uint64')",
        ),
        Law(
            "with keepdim the products are the same",
            "torch.prod(input, dim, True).flatten()",
            "torch.prod(input, dim, False).flatten()",
            when="dim is not None",
        ),
        Law("the product of no elements is 1", "torch.prod(input).item()", "1", when="input.numel == 0"),
        Law(
            "the product of booleans is 1 exactly if all are true",
            "torch.prod(input, dim) if dim is not None else torch.prod(input)",
            "torch.all(input, dim).long() if dim is not None else torch.all(input).long()",
            when="dtype == 'bool'",
        ),
    ),
    predicates=(has_elements, makes_real_numbers_complex),
    cost=Cost(
        dtypes=ADDED_IN_PLACE,
        scratch=scratch,
        workload=workload,
        row_workload=row_workload,
        reference="reduction",
    ),
)
