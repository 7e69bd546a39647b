"""torch.nn.functional.log_softmax: the logarithm of softmax, along a dimension."""

import numpy as np

from conformance.spec import (
    AT_MOST,
    CELL_DTYPE,
    EXACT,
    FLOATS,
    WITHIN,
    Cost,
    Gradient,
    Law,
    Spec,
    Sums,
    TermsWithMagnitude,
    contents,
)

from ._softmax import FLOATING, arguments, forms_of, refusals_of, row_workload, scratch, spread, workload


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
    return 4 * (terms + 8) * (1 + spread(contents(input, dtype), dim, 746))


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
    return 2 * terms + 12 + 4 * (spread(contents(input, dtype), dim, 746) + np.log(max(terms, 1)))


SMALL = "input.values.kind in ('few', 'normal', 'constant') and not input.values.edits"


spec = Spec(
    operation="torch.nn.functional.log_softmax",
    summary="x less the logarithm of the sum of exp(x) along dim, shifted so that nothing overflows.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.log_softmax.html",
    arguments=arguments,
    forms=forms_of("log_softmax", "LogSoftmax"),
    dtypes=FLOATS,
    common_dtype=CELL_DTYPE,
    oracle=oracle,
    accuracy=EXACT,
    refusals=refusals_of("log_softmax"),
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
