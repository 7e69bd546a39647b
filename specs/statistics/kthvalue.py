"""torch.kthvalue: the k-th smallest entry along a dimension, and where it stands."""

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
    contents,
    dense,
    itemsize,
)
from conformance.spec.families.dimension import dims_of_another_type, dims_out_of_range


def arguments(draw: Draw):
    shape, dim = draw.shape_and_dim()
    if shape and shape[dim] == 0:
        place = dim % len(shape)
        shape = (*shape[:place], draw.size(smallest=1), *shape[place + 1 :])
    size = shape[dim] if shape else 1
    return {
        "input": draw.tensor(shape),
        "k": draw.integer(1, size),
        "dim": dim,
        "keepdim": draw.boolean(),
    }


def oracle(input, k, dim, keepdim):
    """NaN counts as greater than every number. A tensor without dimensions is its own kth value."""
    if input.ndim == 0:
        return [Ranked(input, dim), Positions(input, dim)]
    ranked = np.take(ascending(input, dim), [k - 1], axis=dim)
    return [
        Ranked(ranked if keepdim else np.squeeze(ranked, dim), dim),
        Positions(input, dim, keepdim=keepdim),
    ]


def gradient(incoming, results, input, k, dim, keepdim):
    """It goes to the entry that was chosen; which of equal ones this is, the position says."""
    if input.ndim == 0:
        return {"input": incoming[0]}
    places, values = (part if keepdim else np.expand_dims(part, dim) for part in (results[1], incoming[0]))
    back = np.zeros_like(input)
    np.put_along_axis(back, places, values, dim)
    return {"input": back}


def scratch(dtype, input, k, dim, keepdim):
    """A copy of the input to be put in order, and the positions of its elements as int64.

    Nothing is said of inputs so large that torch splits the work: some of those take a few kilobytes more.
    """
    if input.numel > 32768:
        return None
    return (itemsize(dtype) * input.numel, 8 * input.numel) if input.rank else ()


def has_zeros_of_both_signs(dtype, input, k, dim, keepdim):
    """The input has 0.0 and -0.0."""
    array = contents(input, dtype)
    signs = np.signbit(array[array == 0].astype(np.float64))
    return bool(signs.any() and not signs.all())


def workload(size):
    """The median of each row; no more than a million elements, since time goes into comparisons and not into memory."""
    return {"input": dense((min(size, 1 << 20) // 64, 64)), "k": 32, "dim": 1, "keepdim": False}


def row_workload(size):
    """The median of one row."""
    return {"input": dense((1, size)), "k": size // 2, "dim": 1, "keepdim": False}


spec = Spec(
    operation="torch.kthvalue",
    summary="The k-th smallest entry along dim (by default the last), k from 1, and its position; ties in any order.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.kthvalue.html",
    arguments=arguments,
    forms=(
        Form("torch.kthvalue(input, k, dim, keepdim)"),
        Form("torch.kthvalue(input=input, k=k, dim=dim, keepdim=keepdim)"),
        Form("input.kthvalue(k, dim, keepdim)"),
        Form("input.kthvalue(k, dim)", when="not keepdim"),
        Form("input.kthvalue(k, keepdim=keepdim)", when="dim in (-1, input.rank - 1)"),
        Form("torch.kthvalue(input, k)", when="dim in (-1, input.rank - 1) and not keepdim"),
        Form("torch.kthvalue(input, k, dim, keepdim, out=out)"),
    ),
    dtypes=INTEGERS + FLOATS,
    oracle=oracle,
    outputs=(Output("values"), Output("indices", dtype="int64")),
    returns=SEVERAL,
    refusals=(
        Refusal("a k of 0", "torch.kthvalue(input, 0, dim)", RuntimeError),
        Refusal("a k below 0", "torch.kthvalue(input, -1, dim)", RuntimeError),
        Refusal(
            "a k above the size of the dimension",
            "torch.kthvalue(input, input.shape[dim] + 1, dim)",
            RuntimeError,
            when="input.rank > 0",
        ),
        Refusal(
            "a k above 1 for a tensor without dimensions",
            "torch.kthvalue(input, 2)",
            RuntimeError,
            when="input.rank == 0",
        ),
        *dims_out_of_range("torch.kthvalue(input, k, {dim})"),
        Refusal(
            "a dimension of size 0", "torch.kthvalue(torch.empty(2, 0, dtype=dtype), 1)", (IndexError, RuntimeError)
        ),
        Refusal("a call without k", "torch.kthvalue(input)", TypeError),
        Refusal("a k that is no whole number", "torch.kthvalue(input, 1.0)", TypeError),
        *dims_of_another_type("torch.kthvalue(input, k, {dim})"),
        Refusal("a list in place of the tensor", "torch.kthvalue([1, 2], 1)", TypeError),
        Refusal("a boolean tensor", "torch.kthvalue(torch.ones(3, dtype=torch.bool), 1)", RuntimeError),
        Refusal("a complex tensor", "torch.kthvalue(torch.ones(3, dtype=torch.complex64), 1)", RuntimeError),
        Refusal(
            "a k above the size of the dimension, with out=",
            "torch.kthvalue(out, 4, out=(out, out.long()))",
            RuntimeError,
        ),
        Refusal("one tensor as out for two results", "torch.kthvalue(input, k, dim, out=out)", TypeError),
        Refusal(
            "an out for values of another dtype",
            "torch.kthvalue(input, k, dim, out=(out.bool(), out.long()))",
            RuntimeError,
        ),
        Refusal(
            "an out for positions whose dtype is not int64",
            "torch.kthvalue(out, 1, out=(out, out.bool()))",
            RuntimeError,
        ),
    ),
    gradient=Gradient(terms=gradient, landmarks=DATA_MOVEMENT.landmarks),
    laws=(
        Law(
            "the value is entry k of the sorted tensor",
            "torch.kthvalue(input, k, dim).values + 0",
            "torch.sort(input, dim).values.select(dim, k - 1) + 0",
            when="input.rank > 0",
        ),
        Law(
            "the value is the last of the k smallest",
            "torch.kthvalue(input, k, dim, True).values + 0",
            "torch.topk(input, k, dim, False).values.narrow(dim, k - 1, 1) + 0",
            when="input.rank > 0",
        ),
        Law(
            "the position names the value",
            "torch.gather(input, dim, torch.kthvalue(input, k, dim, True).indices)",
            "torch.kthvalue(input, k, dim, True).values",
            when="input.rank > 0",
        ),
        Law(
            "keepdim keeps the dimension at size 1",
            "torch.kthvalue(input, k, dim, True)",
            "tuple(part.unsqueeze(dim) for part in torch.kthvalue(input, k, dim))",
            when="input.rank > 0",
        ),
    ),
    cost=Cost(scratch=scratch, workload=workload, row_workload=row_workload, reference="sort"),
    predicates=(has_zeros_of_both_signs,),
)
