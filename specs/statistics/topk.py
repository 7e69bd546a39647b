"""torch.topk: the k largest or smallest entries along a dimension, with their positions."""

import numpy as np

from conformance.spec import (
    FLOATS,
    INTEGERS,
    UPHELD,
    WIDE_UNSIGNED,
    Claim,
    Draw,
    Form,
    Law,
    Output,
    Positions,
    Ranked,
    Refusal,
    SEVERAL,
    Spec,
)


def arguments(draw: Draw):
    shape = draw.shape()
    dim = draw.dim(len(shape))
    size = shape[dim] if shape else 1
    return {
        "input": draw.tensor(shape),
        "k": draw.integer(0, size),
        "dim": dim,
        "largest": draw.boolean(),
        "ordered": draw.boolean(),
    }


def oracle(input, k, dim, largest, ordered):
    """NaN counts as greater than every number; NumPy sorts it last, which is the same."""
    ranked = np.sort(input, axis=dim) if input.ndim else input
    if input.ndim:
        places = range(input.shape[dim] - 1, input.shape[dim] - 1 - k, -1) if largest else range(k)
        ranked = np.take(ranked, np.array(places, np.int64), axis=dim)
    return [
        Ranked(ranked, dim, ordered),
        Positions(input, dim),
    ]


spec = Spec(
    operation="torch.topk",
    summary="The k largest (or smallest) entries along dim, largest first, and where they stand; ties in any order.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.topk.html",
    arguments=arguments,
    forms=(
        Form("torch.topk(input, k, dim, largest, ordered)"),
        Form("torch.topk(input=input, k=k, dim=dim, largest=largest, sorted=ordered)"),
        Form("input.topk(k, dim, largest, ordered)"),
        Form("input.topk(k)", when="dim in (-1, input.rank - 1) and largest and ordered"),
        Form("torch.topk(input, k, dim, largest, ordered, out=out)"),
    ),
    dtypes=INTEGERS + WIDE_UNSIGNED + FLOATS,
    oracle=oracle,
    outputs=(Output("values"), Output("indices", dtype="int64")),
    returns=SEVERAL,
    refusals=(
        Refusal("k above the size", "torch.topk(input, input.shape[dim] + 1, dim)", RuntimeError, when="input.rank > 0"),
        Refusal("k below 0", "torch.topk(input, -1, dim)", RuntimeError),
        Refusal("dim past the end", "torch.topk(input, 0, max(input.dim(), 1))", IndexError),
        Refusal("dim before the start", "torch.topk(input, 0, -max(input.dim(), 1) - 1)", IndexError),
        Refusal("k no whole number", "torch.topk(input, 1.0)", TypeError),
    ),
    laws=(
        Law(
            "the values are the head of a sort",
            "torch.topk(input, k, dim, largest).values + 0",
            "torch.sort(input, dim, descending=largest).values.narrow(dim, 0, k) + 0",
            when="input.rank > 0",
        ),
        Law(
            "the last value is the kth smallest",
            "torch.topk(input, k, dim, False).values.select(dim, k - 1) + 0",
            "torch.kthvalue(input, k, dim).values + 0",
            when="input.rank > 0 and k > 0",
        ),
        Law(
            "the positions point to the values",
            "torch.gather(input, dim, torch.topk(input, k, dim, largest).indices)",
            "torch.topk(input, k, dim, largest).values",
            when="input.rank > 0",
        ),
    ),
    claims=(
        Claim(
            "head-of-a-sort",
            "003 31-32",
            "With largest=False the k smallest are returned.",
            UPHELD,
            """
            a = torch.randn(5, 9)
            torch.equal(a.topk(4, dim=0, largest=False).values, a.sort(0).values[:4])
            """,
        ),
    ),
)
