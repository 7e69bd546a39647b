"""torch.topk: the k largest or smallest entries along a dimension, with their positions."""

import numpy as np

from conformance.spec import (
    DATA_MOVEMENT,
    FLOATS,
    INTEGERS,
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
)
from conformance.spec.families.dimension import dims_of_another_type, dims_out_of_range

from ._matrix import MATRIX


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
    claims=(
        Claim(
            name="three-of-six",
            source="003 31-32",
            statement="The three largest of 0.2, 0.3, 0.1, 0.2, 0.1, 0.1 are 0.3, 0.2 and 0.2.",
            verdict=UPHELD,
            check="close(torch.tensor([0.2, 0.3, 0.1, 0.2, 0.1, 0.1]).topk(3).values, [0.3, 0.2, 0.2], 1e-7)",
        ),
        Claim(
            name="first-of-ties-first",
            source="003 31-32",
            statement="Of equal values the one that stands first is named first: positions 1, 0, 3.",
            verdict=REFUTED,
            check="torch.tensor([0.2, 0.3, 0.1, 0.2, 0.1, 0.1]).topk(3).indices.tolist() == [1, 0, 3]",
            note="ties may come in any order",
        ),
        Claim(
            name="largest-per-row",
            source="003 31-32",
            statement="The three largest of each row of the printed 4x10 matrix, and where they stand.",
            verdict=UPHELD,
            check=f"""
            a = torch.tensor({MATRIX})
            top, place = a.topk(3, dim=1)
            expected = [[0.9934, 0.6830, 0.5534], [1.5724, 1.4355, 1.0917],
                        [2.0742, 1.6149, 0.9235], [1.6405, 0.5554, 0.2018]]
            close(top, expected, 1e-7) and place.tolist() == [[6, 1, 5], [1, 9, 3], [8, 0, 5], [1, 3, 6]]
            """,
        ),
        Claim(
            name="smallest-per-row",
            source="003 31-32",
            statement=(
                "With largest=False, the three smallest of each row of that matrix; positions of the first two rows."
            ),
            verdict=UPHELD,
            check=f"""
            a = torch.tensor({MATRIX})
            low, place = a.topk(3, dim=1, largest=False)
            expected = [[-1.5634, -1.4103, -1.1536], [-2.0315, -1.4003, 0.2552],
                        [-0.3974, -0.1433, 0.2364], [-1.3493, -1.2579, -0.7906]]
            close(low, expected, 1e-7) and place[:2].tolist() == [[4, 9, 7], [7, 4, 2]]
            """,
            note="the document prints positions for two rows only",
        ),
        Claim(
            name="size-becomes-k",
            source="003 31-32",
            statement="Along dim the size becomes k: 4x10 to 4x3.",
            verdict=UPHELD,
            check="all(part.shape == (4, 3) for part in torch.randn(4, 10).topk(3, dim=1))",
        ),
        Claim(
            name="more-than-max",
            source="003 31-32",
            statement="It says more than max: the k best, and where each one stands.",
            verdict=UPHELD,
            check="""
            a = torch.randn(5, 9)
            top, place = a.topk(4, dim=1)
            told = torch.equal(a.gather(1, place), top) and torch.equal(top, a.sort(1, descending=True).values[:, :4])
            told and torch.equal(top[:, 0], a.max(1).values)
            """,
        ),
        Claim(
            name="largest-false-is-smallest",
            source="003 31-32",
            statement="With largest=False the k smallest are returned.",
            verdict=UPHELD,
            check="""
            a = torch.randn(5, 9)
            torch.equal(a.topk(4, dim=0, largest=False).values, a.sort(0).values[:4])
            """,
        ),
    ),
)
