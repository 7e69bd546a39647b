"""torch.kthvalue: the k-th smallest entry along a dimension, and where it stands."""

import numpy as np

from conformance.spec import (
    FLOATS,
    INTEGERS,
    MOVED,
    REFUTED,
    SEVERAL,
    UPHELD,
    Claim,
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
    itemsize,
)


def arguments(draw: Draw):
    shape = draw.shape()
    dim = draw.dim(len(shape))
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


# The matrix that the source document prints.
MATRIX = [
    [0.0234, 0.6830, -0.1518, 0.4595, -1.5634, 0.5534, 0.9934, -1.1536, 0.3124, -1.4103],
    [0.6339, 1.5724, 0.2552, 1.0917, -1.4003, 0.5165, 0.8891, -2.0315, 0.4666, 1.4355],
    [1.6149, 0.2364, 0.3789, -0.3974, -0.1433, 0.9235, 0.6730, 0.3575, 2.0742, 0.8954],
    [-0.1019, 1.6405, -1.3493, 0.5554, -0.0533, 0.0450, 0.2018, -0.1688, -1.2579, -0.7906],
]


def scratch(dtype, input, k, dim, keepdim):
    """A copy of the input to be put in order, and the positions of its elements as int64.

    Nothing is said of inputs so large that torch splits the work: some of those take a few kilobytes more.
    """
    if input.numel > 32768:
        return None
    return (itemsize(dtype) * input.numel, 8 * input.numel) if input.rank else ()


def workload(size):
    """The median of each row; no more than a million elements, since time goes into comparisons and not into memory."""
    return {"input": dense((min(size, 1 << 20) // 64, 64)), "k": 32, "dim": 1, "keepdim": False}


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
        Refusal("k of 0", "torch.kthvalue(input, 0, dim)", RuntimeError),
        Refusal("k below 0", "torch.kthvalue(input, -1, dim)", RuntimeError),
        Refusal(
            "k above the size", "torch.kthvalue(input, input.shape[dim] + 1, dim)", RuntimeError, when="input.rank > 0"
        ),
        Refusal("k above 1 without dimensions", "torch.kthvalue(input, 2)", RuntimeError, when="input.rank == 0"),
        Refusal("dim past the end", "torch.kthvalue(input, k, max(input.dim(), 1))", IndexError),
        Refusal("dim before the start", "torch.kthvalue(input, k, -max(input.dim(), 1) - 1)", IndexError),
        Refusal(
            "nothing to choose from", "torch.kthvalue(torch.empty(2, 0, dtype=dtype), 1)", (IndexError, RuntimeError)
        ),
        Refusal("no k", "torch.kthvalue(input)", TypeError),
        Refusal("k no whole number", "torch.kthvalue(input, 1.0)", TypeError),
        Refusal("dim no whole number", "torch.kthvalue(input, k, 0.0)", TypeError),
        Refusal("not a tensor", "torch.kthvalue([1, 2], 1)", TypeError),
        Refusal("a boolean tensor", "torch.kthvalue(torch.ones(3, dtype=torch.bool), 1)", RuntimeError),
        Refusal("a complex tensor", "torch.kthvalue(torch.ones(3, dtype=torch.complex64), 1)", RuntimeError),
        Refusal("k above the size, with out", "torch.kthvalue(out, 4, out=(out, out.long()))", RuntimeError),
        Refusal("out is one tensor", "torch.kthvalue(input, k, dim, out=out)", TypeError),
        Refusal("out of the wrong dtype", "torch.kthvalue(input, k, dim, out=(out.bool(), out.long()))", RuntimeError),
        Refusal("positions that are no int64", "torch.kthvalue(out, 1, out=(out, out.bool()))", RuntimeError),
    ),
    gradient=Gradient(gradient, landmarks=MOVED.landmarks),
    laws=(
        Law(
            "it is an entry of the sorted tensor",
            "torch.kthvalue(input, k, dim).values + 0",
            "torch.sort(input, dim).values.select(dim, k - 1) + 0",
            when="input.rank > 0",
        ),
        Law(
            "it is the last of the k smallest",
            "torch.kthvalue(input, k, dim, True).values + 0",
            "torch.topk(input, k, dim, False).values.narrow(dim, k - 1, 1) + 0",
            when="input.rank > 0",
        ),
        Law(
            "the position points to the value",
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
    cost=Cost(scratch, workload=workload, numpy="np.partition(input, k - 1, dim)"),
    claims=(
        Claim(
            "eighth-of-ten",
            "003 31-32",
            "The eighth smallest of each row of the printed matrix, and where it stands.",
            UPHELD,
            f"""
            chosen, place = torch.tensor({MATRIX}).kthvalue(8, dim=1)
            close(chosen, [0.5534, 1.0917, 0.9235, 0.2018], 1e-7) and place.tolist() == [5, 3, 5, 6]
            """,
        ),
        Claim(
            "third-with-and-without-dim",
            "003 31-32",
            "kthvalue(3) and kthvalue(3, dim=1) give the same third smallest per row of that matrix.",
            UPHELD,
            f"""
            a = torch.tensor({MATRIX})
            found = [a.kthvalue(3), a.kthvalue(3, dim=1)]
            values = all(close(one.values, [-1.1536, 0.2552, 0.2364, -0.7906], 1e-7) for one in found)
            values and all(one.indices.tolist() == [7, 2, 1, 9] for one in found)
            """,
        ),
        Claim(
            "entry-of-the-sort",
            "003 31-32",
            "kthvalue(i, dim) is the i-th entry of the ascending sort, counted from 1, and its position.",
            UPHELD,
            """
            a = torch.randn(4, 10)
            order = a.sort(1).values
            inside = all(torch.equal(a.kthvalue(k, dim=1).values, order[:, k - 1]) for k in range(1, 11))
            outside = raises("a.kthvalue(0, dim=1)", RuntimeError) and raises("a.kthvalue(11, dim=1)", RuntimeError)
            inside and outside
            """,
        ),
        Claim(
            "dim-is-1-by-default",
            "003 31-32",
            "Without dim the choice is made along dimension 1.",
            REFUTED,
            """
            a = torch.randn(2, 5, 4)
            a.kthvalue(3).values.shape == a.kthvalue(3, dim=1).values.shape
            """,
            note="along the last dimension, which only for matrices is 1",
        ),
        Claim(
            "keepdim",
            "003 31-32",
            "With keepdim=True the dimension stays, at size 1.",
            UPHELD,
            """
            a = torch.randn(4, 10)
            a.kthvalue(3, dim=1).values.shape == (4,) and a.kthvalue(3, dim=1, keepdim=True).values.shape == (4, 1)
            """,
        ),
    ),
)
