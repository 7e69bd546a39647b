"""torch.nn.functional.log_softmax: the logarithm of softmax, along a dimension."""

import numpy as np

from conformance.spec import (
    AT_MOST,
    CELL_DTYPE,
    EXACT,
    FLOATS,
    REAL_KINDS,
    WITHIN,
    Cost,
    Draw,
    Form,
    Gradient,
    Law,
    Refusal,
    Spec,
    Sums,
    TermsWithMagnitude,
    contents,
    dense,
)


def arguments(draw: Draw):
    """The input now and then has any other real dtype, from which it takes on that of the cell."""
    shape, dim = draw.shape_and_dim()
    kept = draw.partner(REAL_KINDS) if draw.choice((False, False, True)) else CELL_DTYPE
    return {"input": draw.tensor(shape, dtype=kept), "dim": dim}


def oracle(input, dim):
    """x less the maximum, less the logarithm of the sum of the exponentials of that.

    The sum is off by one unit for each term and for what it is made of, which is as much in its logarithm; both
    differences round at their own size (Blanchard, Higham & Higham, Accurately computing the log-sum-exp and softmax
    functions, IMA J. Numer. Anal. 41 (2021), section 4). An infinity, or nothing but -inf, makes a slice NaN; -inf
    among other numbers stays.
    """
    exact = input.astype(np.longdouble)
    if exact.size == 0 or exact.ndim == 0:
        return Sums(exact - exact, np.abs(exact - exact), np.ones(exact.shape))
    shifted = exact - np.max(exact, axis=dim, keepdims=True)
    total = np.log(np.sum(np.exp(shifted), axis=dim, keepdims=True))
    found = shifted - total
    size = np.abs(shifted) + np.abs(total) + 1
    return Sums(found, size, np.where(np.isfinite(found), exact.shape[dim] + 8, 1))


def of_both_sides(dtype, input, dim):
    """What the exponentials of two results may add up to, against 1: each result is off by units of its own size."""
    terms = input.shape[dim] if input.shape else 1
    return 4 * (terms + 8) * (1 + _spread(contents(input, dtype), dim))


def _spread(array, dim):
    """How far below the largest of its slice a finite number is, as far as its exponential is not 0."""
    if array.ndim == 0 or array.size == 0:
        return 0
    finite = array.astype(np.float64)
    with np.errstate(all="ignore"):
        spread = np.max(finite, axis=dim, keepdims=True) - finite
    return float(np.max(spread, initial=0, where=spread <= 746))


def gradient(incoming, results, input, dim):
    """g - softmax * (sum of g); errors count at the size of what is subtracted."""
    g = incoming[0]
    if g.size == 0:
        return {"input": g}
    if g.ndim == 0:
        s = np.exp(input - input)
        return {"input": TermsWithMagnitude(g - g * s, 2 * np.abs(g))}
    powers = np.exp(input - np.max(input, axis=dim, keepdims=True))
    s = powers / np.sum(powers, axis=dim, keepdims=True)
    total, size = (np.sum(part, dim, keepdims=True) for part in (g, np.abs(g)))
    return {"input": TermsWithMagnitude(g - s * total, np.abs(g) + s * size)}


def gradient_bound(dtype, input, dim):
    """softmax is the exponential of the result, whose units count as often as it is large; the sum rounds for each
    term."""
    terms = input.shape[dim] if input.shape else 1
    return 2 * terms + 12 + 4 * (_spread(contents(input, dtype), dim) + np.log(max(terms, 1)))


FLOATING = "input.dtype == 'subject'"
IMPLIED = "dim % max(input.rank, 1) == (0 if input.rank in (0, 1, 3) else 1)"
SMALL = "input.values.kind in ('few', 'normal', 'constant') and not input.values.edits"


def scratch(dtype, input, dim):
    return () if input.dtype == CELL_DTYPE and input.layout.kind == "contiguous" else None


def workload(size):
    return {"input": dense((size // 64, 64)), "dim": 1}


def row_workload(size):
    return {"input": dense((1, size)), "dim": 1}


spec = Spec(
    operation="torch.nn.functional.log_softmax",
    summary="x less the logarithm of the sum of exp(x) along dim, shifted so that nothing overflows.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.log_softmax.html",
    arguments=arguments,
    forms=(
        Form("F.log_softmax(input, dim, dtype=dtype)"),
        Form("F.log_softmax(input=input, dim=dim, dtype=dtype)"),
        Form("F.log_softmax(input, dim)", when=FLOATING),
        Form("F.log_softmax(input)", when=f"{FLOATING} and {IMPLIED}"),
        Form("torch.log_softmax(input, dim, dtype)"),
        Form("torch.log_softmax(input, dim)", when=FLOATING),
        Form("torch.special.log_softmax(input, dim, dtype=dtype)"),
        Form("torch.special.log_softmax(input, dim)", when=FLOATING),
        Form("input.log_softmax(dim, dtype)"),
        Form("input.log_softmax(dim=dim)", when=FLOATING),
        Form("nn.LogSoftmax(dim)(input)", when=FLOATING),
        Form("torch.log_softmax(input, dim, dtype, out=out)"),
        Form("torch.log_softmax(input, dim, out=out)", when=FLOATING),
    ),
    dtypes=FLOATS,
    common_dtype=CELL_DTYPE,
    oracle=oracle,
    accuracy=EXACT,
    refusals=(
        Refusal("a dim past the last dimension", "F.log_softmax(input, max(input.dim(), 1), dtype=dtype)", IndexError),
        Refusal(
            "a dim before the first dimension",
            "F.log_softmax(input, -max(input.dim(), 1) - 1, dtype=dtype)",
            IndexError,
        ),
        Refusal("a dim that is no whole number", "torch.log_softmax(input, 0.0)", TypeError),
        Refusal("a tuple of dims", "torch.log_softmax(input, (0,))", TypeError),
        Refusal("torch.log_softmax without a dim", "torch.log_softmax(input)", TypeError),
        Refusal("a list in place of the tensor", "torch.log_softmax([1.0], 0)", TypeError),
        Refusal(
            "whole numbers without a floating dtype", "F.log_softmax(torch.ones(3, dtype=torch.int64), 0)", RuntimeError
        ),
        Refusal("a tensor of complex numbers", "F.log_softmax(torch.ones(3, dtype=torch.complex64), 0)", RuntimeError),
        Refusal("an out whose dtype is not the result's", "torch.log_softmax(out, 0, out=out.long())", RuntimeError),
    ),
    gradient=Gradient(terms=gradient, bound=gradient_bound, source="as log_softmax itself"),
    laws=(
        Law(
            "the exponentials of the results along dim add up to 1",
            "F.log_softmax(input, dim, dtype=dtype).exp().sum(dim)",
            "torch.ones_like(F.log_softmax(input, dim, dtype=dtype).sum(dim))",
            WITHIN,
            when=f"input.rank > 0 and input.shape[dim] > 0 and {SMALL} and {FLOATING}",
            bound=of_both_sides,
        ),
        Law(
            "no result is above 0",
            "F.log_softmax(input, dim, dtype=dtype).nan_to_num(0)",
            "torch.zeros(input.shape, dtype=dtype)",
            AT_MOST,
        ),
        Law(
            "the input takes on dtype before the computation",
            "F.log_softmax(input, dim, dtype=torch.float64)",
            "F.log_softmax(input.double(), dim)",
        ),
        Law(
            "the difference of two inputs is that of their results",
            "F.log_softmax(torch.tensor([[1.0, 3.0], [-2.0, 0.0], [5.0, -60.0]], dtype=dtype), 1).diff(dim=1).round()",
            "torch.tensor([[2.0], [2.0], [-65.0]], dtype=dtype)",
        ),
    ),
    cost=Cost(scratch=scratch, workload=workload, row_workload=row_workload, reference="exponential"),
)
