"""torch.topk: the k largest or smallest entries along a dimension, with their positions."""

import numpy as np

from conformance.spec import (
    DATA_MOVEMENT,
    FLOATS,
    INTEGERS,
    SEVERAL,
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
from conformance.spec.families.dimension import dims_of_another_type, dims_out_of_range


def arguments(draw: Draw):
    shape, dim = draw.shape_and_dim()
    size = shape[dim] if shape else 1
    return {
        "input": draw.tensor(shape),
        "k": draw.integer(0, size if draw.boolean() else min(size, 5)),
        "dim": dim,
        "largest": draw.boolean(),
        "ordered": draw.boolean(),
    }


def oracle(input, k, dim, largest, ordered):
    """NaN counts as greater than every number. A tensor without dimensions is its own topk, whatever k."""
    ranked = ascending(input, dim) if input.ndim else input
    if input.ndim:
        places = range(input.shape[dim] - 1, input.shape[dim] - 1 - k, -1) if largest else range(k)
        ranked = np.take(ranked, np.array(places, np.int64), axis=dim)
    return [Ranked(ranked, dim, ordered), Positions(input, dim)]


def gradient(incoming, results, input, k, dim, largest, ordered):
    """It goes to the entries that were chosen; which of equal ones these are, the positions say."""
    if input.ndim == 0:
        return {"input": incoming[0]}
    back = np.zeros_like(input)
    np.put_along_axis(back, results[1], incoming[0], dim)
    return {"input": back}


def takes_nothing_of_a_number(dtype, input, k, dim, largest, ordered):
    """No entry of a tensor without dimensions."""
    return input.rank == 0 and k == 0


def workload(size):
    """Of no more than a million elements, since time goes into comparisons and not into memory."""
    return {"input": dense((min(size, 1 << 20) // 64, 64)), "k": 8, "dim": 1, "largest": True, "ordered": True}


def row_workload(size):
    return {"input": dense((1, size)), "k": 8, "dim": 1, "largest": True, "ordered": True}


spec = Spec(
    operation="torch.topk",
    summary="The k largest (or smallest) entries along dim, largest first, and where they stand; ties in any order.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.topk.html",
    arguments=arguments,
    forms=(
        Form("torch.topk(input, k, dim, largest, ordered)"),
        Form("torch.topk(input=input, k=k, dim=dim, largest=largest, sorted=ordered)"),
        Form("input.topk(k, dim, largest, ordered)"),
        Form("input.topk(k, dim=dim, largest=largest)", when="ordered"),
        Form("torch.topk(input, k, dim)", when="largest and ordered"),
        Form("torch.topk(input, k)", when="dim in (-1, input.rank - 1) and largest and ordered"),
        Form("input.topk(k)", when="dim in (-1, input.rank - 1) and largest and ordered"),
        Form("torch.topk(input, k, dim, largest, ordered, out=out)"),
    ),
    dtypes=INTEGERS + FLOATS,
    oracle=oracle,
    outputs=(Output("values"), Output("indices", dtype="int64")),
    returns=SEVERAL,
    refusals=(
        Refusal(
            "a k above the size of the dimension",
            "torch.topk(input, input.shape[dim] + 1, dim)",
            RuntimeError,
            when="input.rank > 0",
        ),
        Refusal(
            "a k above 1 for a tensor without dimensions", "torch.topk(input, 2)", RuntimeError, when="input.rank == 0"
        ),
        Refusal("a k below 0", "torch.topk(input, -1, dim)", RuntimeError),
        *dims_out_of_range("torch.topk(input, 0, {dim})"),
        Refusal("a call without k", "torch.topk(input)", TypeError),
        Refusal("a k that is no whole number", "torch.topk(input, 1.0)", TypeError),
        *dims_of_another_type("torch.topk(input, k, {dim})"),
        Refusal("a list in place of the tensor", "torch.topk([1, 2], 1)", TypeError),
        Refusal("a boolean tensor", "torch.topk(torch.ones(3, dtype=torch.bool), 1)", RuntimeError),
        Refusal("a complex tensor", "torch.topk(torch.ones(3, dtype=torch.complex64), 1)", RuntimeError),
        Refusal(
            "a k above the size of the dimension, with out=", "torch.topk(out, 4, out=(out, out.long()))", RuntimeError
        ),
        Refusal("one tensor as out for two results", "torch.topk(input, k, dim, out=out)", TypeError),
        Refusal(
            "an out for values of another dtype",
            "torch.topk(input, k, dim, out=(out.bool(), torch.zeros(3).long()))",
            RuntimeError,
        ),
        Refusal(
            "an out for positions whose dtype is not int64",
            "torch.topk(out, 3, out=(out, torch.zeros(3).int()))",
            RuntimeError,
        ),
    ),
    gradient=Gradient(terms=gradient, landmarks=DATA_MOVEMENT.landmarks),
    laws=(
        Law(
            "the values are the first k of a sort",
            "torch.topk(input, k, dim, largest).values + 0",
            "torch.sort(input, dim, descending=largest).values.narrow(dim, 0, k) + 0",
            when="input.rank > 0",
        ),
        Law(
            "the last of the k smallest values is kthvalue",
            "torch.topk(input, k, dim, False).values.select(dim, k - 1) + 0",
            "torch.kthvalue(input, k, dim).values + 0",
            when="input.rank > 0 and k > 0",
        ),
        Law(
            "the positions name the values",
            "torch.gather(input, dim, torch.topk(input, k, dim, largest).indices)",
            "torch.topk(input, k, dim, largest).values",
            when="input.rank > 0",
        ),
        Law(
            "the largest value is the maximum",
            "torch.topk(input, 1, dim).values + 0",
            "torch.amax(input, dim, keepdim=True) + 0",
            when="input.rank > 0 and input.shape[dim] > 0",
        ),
    ),
    predicates=(takes_nothing_of_a_number,),
    cost=Cost(workload=workload, row_workload=row_workload, reference="sort"),
)
