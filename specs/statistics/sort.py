"""torch.sort: the elements along a dimension in order, with their positions."""

import numpy as np

from conformance.spec import (
    BOOL,
    DATA_MOVEMENT,
    FLOATS,
    INTEGERS,
    ITS_OWN,
    PRESERVED,
    SEVERAL,
    WIDE_UNSIGNED,
    Cost,
    Draw,
    Form,
    Gradient,
    Law,
    Output,
    Positions,
    Ranked,
    Refusal,
    Spec,
    ascending,
    dense,
)
from conformance.spec.families.copies import in_row_major_order
from conformance.spec.families.dimension import (
    dims_of_another_type,
    dims_out_of_range,
    dims_out_of_range_with_out,
    no_tensor,
)

from ._extremes import comparable


def arguments(draw: Draw):
    shape, dim = draw.shape_and_dim()
    return {"input": draw.tensor(shape), "dim": dim, "descending": draw.boolean(), "stable": draw.boolean()}


def oracle(input, dim, descending, stable):
    """NaN counts as greater than every number. A stable sort leaves equal elements in the order that they had, and so
    says where each one comes from."""
    if input.ndim == 0:
        return [Ranked(input, 0), np.zeros((), np.int64)]
    if stable:
        places = _stable_places(comparable(input), dim, descending)
        return [np.take_along_axis(input, places, dim), places]
    ranked = ascending(input, dim)
    return [Ranked(np.flip(ranked, dim) if descending else ranked, dim), Positions(input, dim)]


def _stable_places(array, dim, descending):
    """Where each element in order comes from. To sort downwards the elements are looked at from the end, and so is the
    result: equal ones are then in their first order."""
    if not descending:
        return np.argsort(array, dim, kind="stable")
    backwards = np.argsort(np.flip(array, dim), dim, kind="stable")
    return array.shape[dim] - 1 - np.flip(backwards, dim)


def gradient(incoming, results, input, dim, descending, stable):
    """It goes back to where each element came from."""
    if input.ndim == 0:
        return {"input": incoming[0]}
    back = np.zeros_like(input)
    np.put_along_axis(back, results[1], incoming[0], dim)
    return {"input": back}


LAST = "dim in (-1, input.rank - 1)"
FULL = "input.rank > 0 and input.shape[dim] > 0"


def scratch(dtype, input, dim, descending, stable):
    """How much room sorting takes is promised nowhere."""
    return None


def is_a_long_row(dtype, input, dim, descending, stable):
    """A vector that is long enough for several threads."""
    return input.rank == 1 and input.numel >= 32768


def lies_in_another_order(dtype, input, dim, descending, stable):
    """The elements do not lie in row-major order."""
    return not in_row_major_order(input)


def sorts_a_row(dtype, input, dim, descending, stable):
    """A row is long enough to be sorted by parts."""
    return input.rank > 0 and input.shape[dim] > 16


def has_elements(dtype, input, dim, descending, stable):
    """There is an element to read."""
    return input.numel > 0


def workload(size):
    """Of no more than a million elements, since time goes into comparisons and not into memory."""
    return {"input": dense((min(size, 1 << 20) // 64, 64)), "dim": 1, "descending": False, "stable": False}


def row_workload(size):
    return {"input": dense((1, min(size, 1 << 20))), "dim": 1, "descending": False, "stable": False}


spec = Spec(
    operation="torch.sort",
    summary="The elements along dim in ascending or descending order, and their positions; stable keeps ties in order.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.sort.html",
    arguments=arguments,
    forms=(
        Form("torch.sort(input, dim=dim, descending=descending, stable=stable)"),
        Form("torch.sort(input, stable=stable, dim=dim, descending=descending)"),
        Form("torch.sort(input, dim, descending)", when="not stable"),
        Form("torch.sort(input, axis=dim)", when="not stable and not descending"),
        Form("torch.sort(input, dim)", when="not stable and not descending"),
        Form("torch.sort(input)", when=f"not stable and not descending and {LAST}"),
        Form("input.sort(dim, descending)", when="not stable"),
        Form("input.sort(dim=dim, stable=stable)", when="not descending"),
        Form("input.sort()", when=f"not stable and not descending and {LAST}"),
        Form("torch.sort(input, dim=dim, descending=descending, stable=stable, out=out)", out_dtype=ITS_OWN),
    ),
    dtypes=BOOL + INTEGERS + WIDE_UNSIGNED + FLOATS,
    oracle=oracle,
    outputs=(Output("values"), Output("indices", dtype="int64")),
    returns=SEVERAL,
    memory=PRESERVED,
    refusals=(
        *dims_out_of_range("torch.sort(input, {dim})"),
        *dims_out_of_range_with_out("torch.sort(input, {dim}, out=(out, out.long()))"),
        *dims_of_another_type("torch.sort(input, {dim})"),
        *no_tensor("torch.sort({input})"),
        Refusal("a number as descending", "torch.sort(input, 0, 2)", TypeError),
        Refusal("a string as stable", "torch.sort(input, stable='yes')", TypeError),
        Refusal("a tuple of dims", "torch.sort(input, (0,))", TypeError),
        Refusal("a tensor of complex numbers", "torch.sort(torch.ones(3, dtype=torch.complex64))", RuntimeError),
        Refusal("one tensor as out for two results", "torch.sort(input, 0, out=out)", TypeError),
        Refusal("an out for positions that is not int64", "torch.sort(out, 0, out=(out, out.int()))", RuntimeError),
    ),
    gradient=Gradient(terms=gradient, landmarks=DATA_MOVEMENT.landmarks),
    laws=(
        Law(
            "the positions name the elements",
            "torch.gather(input, dim, torch.sort(input, dim).indices)",
            "torch.sort(input, dim).values",
            when=f"input.rank > 0 and dtype not in {WIDE_UNSIGNED}",
        ),
        Law(
            "what is sorted stays as it is",
            "torch.sort(torch.sort(input, dim, descending).values, dim, descending).values + 0",
            "torch.sort(input, dim, descending).values + 0",
            when=f"dtype not in {WIDE_UNSIGNED} and dtype != 'bool'",
        ),
        Law(
            "the first in order is the smallest",
            "torch.sort(input.nan_to_num(0), dim).values.select(dim, 0) + 0",
            "torch.amin(input.nan_to_num(0), dim) + 0",
            when=f"{FULL} and dtype not in {WIDE_UNSIGNED} and dtype != 'bool'",
        ),
        Law(
            "equal elements stay in order when a sort is stable",
            "torch.sort(torch.ones(300, dtype=dtype), stable=True, descending=descending).indices",
            "torch.arange(300)",
        ),
    ),
    predicates=(has_elements, is_a_long_row, lies_in_another_order, sorts_a_row),
    cost=Cost(scratch=scratch, dtypes=(), workload=workload, row_workload=row_workload, reference="sort"),
)
