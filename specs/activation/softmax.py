"""torch.nn.functional.softmax: exp(x) over the sum of exp(x) along a dimension."""

import numpy as np

from conformance.spec import (
    AT_MOST,
    CELL_DTYPE,
    FLOATS,
    WITHIN,
    Cost,
    Form,
    Gradient,
    Law,
    Refusal,
    Spec,
    TermsWithMagnitude,
    accumulator_ulp,
    contents,
    dense,
    ulps,
)

from ._softmax import FLOATING, arguments, forms_of, refusals_of, row_workload, scratch, spread, workload

SOURCE = (
    "Blanchard, Higham & Higham, Accurately computing the log-sum-exp and softmax functions, "
    "IMA J. Numer. Anal. 41 (2021), section 4"
)


def oracle(input, dim):
    """Infinities take part as in exp(inf - inf): one of them, or nothing but -inf, makes the whole slice NaN."""
    if input.size == 0:
        return input.astype(np.float64)
    exact = input if input.dtype.kind == "f" else input.astype(np.float64)
    terms = np.exp(exact - (exact if exact.ndim == 0 else np.max(exact, axis=dim, keepdims=True)))
    return terms / (terms if exact.ndim == 0 else np.sum(terms, axis=dim, keepdims=True))


def bound(dtype, input, dim):
    """Units of the number of terms, plus the spread of the exponents, whose subtraction rounds; exp within 1 ULP.

    A spread that takes exp below the range counts no further. Halves are worked out in
    float32, their terms kept as halves.
    """
    terms = input.shape[dim] if input.shape else 1
    units = terms + 6 + spread(contents(input, dtype), dim, 746 if dtype == "float64" else 104)
    return 1.5 + units * accumulator_ulp(dtype) if dtype.endswith("16") else units


def of_both_sides(dtype, input, dim):
    """What two results of these arguments may differ by."""
    return 2 * bound(dtype, input, dim)


def gradient(incoming, results, input, dim):
    """s(g - sum of g s); errors count at the size of what is subtracted."""
    s, g = oracle(input, dim), incoming[0]
    if s.ndim == 0:
        return {"input": TermsWithMagnitude(s * (g - g * s), s * np.abs(g))}
    total, size = (np.sum(part, dim, keepdims=True) for part in (g * s, np.abs(g) * s))
    return {"input": TermsWithMagnitude(s * (g - total), s * (np.abs(g) + size))}


def gradient_bound(dtype, input, dim):
    """The errors of s count twice; the sum rounds once for each term, halves in float32."""
    terms = input.shape[dim] if input.shape else 1
    return 2 * bound(dtype, input, dim) + 4 + terms * accumulator_ulp(dtype)


CHANNELS = "input.rank in (3, 4) and dim % input.rank == input.rank - 3"


def rounds_an_operand(dtype, input, dim):
    """The result is a half, and the input has a value that the half has not."""
    if not dtype.endswith("16") or input.dtype == CELL_DTYPE:
        return False
    array, half = contents(input, dtype), contents(dense((1,)), dtype).dtype
    with np.errstate(all="ignore"):
        return not np.array_equal(array.astype(np.float64), array.astype(half).astype(np.float64), equal_nan=True)


spec = Spec(
    operation="torch.nn.functional.softmax",
    summary="exp(x) over the sum of exp(x) along dim, so that each slice adds up to 1; dtype is taken on before.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.softmax.html",
    arguments=arguments,
    forms=(
        *forms_of("softmax", "Softmax"),
        Form("nn.Softmax2d()(input)", when=f"{FLOATING} and {CHANNELS}"),
    ),
    dtypes=FLOATS,
    common_dtype=CELL_DTYPE,
    oracle=oracle,
    accuracy=ulps(bound, SOURCE),
    refusals=(
        *refusals_of("softmax"),
        Refusal("Softmax2d of a matrix", "nn.Softmax2d()(torch.ones(2, 2, dtype=dtype))", ValueError),
    ),
    gradient=Gradient(terms=gradient, bound=gradient_bound, source="as softmax itself"),
    laws=(
        Law(
            "the results along dim add up to 1",
            "F.softmax(input, dim, dtype=dtype).sum(dim)",
            "F.softmax(input, dim, dtype=dtype).sum(dim) * 0 + 1",
            WITHIN,
            when="input.rank > 0 and input.shape[dim] > 0",
            bound=of_both_sides,
        ),
        Law(
            "no result is above 1",
            "F.softmax(input, dim, dtype=dtype).nan_to_num(0)",
            "torch.ones(input.shape, dtype=dtype)",
            AT_MOST,
            bound=of_both_sides,
        ),
        Law(
            "the order of the terms along dim does not matter",
            "F.softmax(input.to(dtype).flip(dim), dim).flip(dim)",
            "F.softmax(input, dim, dtype=dtype)",
            WITHIN,
            when="input.rank > 0",
            bound=of_both_sides,
        ),
        Law(
            "the input takes on dtype before the computation",
            "F.softmax(input, dim, dtype=torch.float64)",
            "F.softmax(input.double(), dim)",
        ),
    ),
    predicates=(rounds_an_operand,),
    cost=Cost(scratch=scratch, workload=workload, row_workload=row_workload, reference="exponential"),
)
