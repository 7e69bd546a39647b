"""torch.sigmoid: the logistic function 1 / (1 + exp(-x)) of each element."""

import numpy as np

from conformance.spec import (
    ALL,
    AT_MOST,
    COMPLEXES,
    FLOATS,
    PRESERVED,
    WITHIN,
    Cost,
    Draw,
    Form,
    Gradient,
    Law,
    Output,
    Refusal,
    Spec,
    category,
    contents,
    dense,
    ulps,
    wide,
)


def arguments(draw: Draw):
    return {"input": draw.tensor(draw.shape())}


def oracle(input):
    """exp is only taken of numbers that it makes small, so that nothing overflows on the way."""
    exact = input if input.dtype.kind in "fc" else input.astype(np.float64)
    negative = exact.real < 0
    small = np.exp(np.where(negative, exact, -exact))
    return np.where(negative, small, 1) / (1 + small)


def result_dtype(subject, input):
    """Whole numbers give torch's default, float32."""
    return subject if category(subject) >= 2 else "float32"


def bound(dtype, input):
    """exp within 1 ULP, that is two units; sum and quotient one each. Halves are worked out in float32."""
    if dtype in ("float16", "bfloat16"):
        return 0.51
    if category(dtype) < 3:
        return 4
    return 4 + 4 * _cancellation(contents(input, dtype))


def of_both_sides(dtype, input):
    """What two results of these arguments may differ by."""
    return 2 * bound(dtype, input)


def _cancellation(array):
    """How much the sum 1 + exp(-z), which is 0 at odd multiples of pi*i, magnifies the error of its terms."""
    with np.errstate(all="ignore"):
        exact = array.astype(np.clongdouble)
        small = np.exp(np.where(exact.real < 0, exact, -exact))
        magnified = (1 + np.abs(small)) / np.abs(1 + small)
    return float(np.max(magnified, initial=1, where=np.isfinite(magnified)))


def overflows_midway(dtype, input):
    """Somewhere exp(-x) leaves the range of the dtype it is worked out in, but the result is not 0."""
    array = contents(input, dtype).astype(np.float64)
    largest, smallest = (709.7, -745.2) if dtype == "float64" else (88.7, -104)
    return bool(np.any((array < -largest) & (array > smallest)))


def overflows_in_complex(dtype, input):
    """Somewhere exp(-z) comes within a factor of 2 of leaving the range."""
    return bool(np.any(contents(input, dtype).real < (-709 if dtype == "complex128" else -88)))


def gradient(incoming, results, input):
    """s(1 - s), in a form in which nothing cancels."""
    below, above = oracle(input), oracle(-input)
    return {"input": incoming[0] * np.conj(below * above)}


def gradient_bound(dtype, input):
    """s and 1 - s round, as do two products. The rounding of s counts exp(x) times in 1 - s.

    Subnormal s are off by half their spacing, which an incoming gradient (up to 5) magnifies.
    """
    array = contents(input, dtype)
    with np.errstate(all="ignore"):
        lost = np.abs(np.exp(wide(array)))
    return (np.nan_to_num(lost, posinf=1e300) + 4) * (bound(dtype, input) + 1)


WHOLE = "'int' in dtype or dtype == 'bool'"
REAL = "'float' in dtype"


def workload(size):
    return {"input": dense((size // 64, 64))}


spec = Spec(
    operation="torch.sigmoid",
    summary="1 / (1 + exp(-x)) of each element; whole numbers and booleans give float32.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.sigmoid.html",
    arguments=arguments,
    forms=(
        Form("torch.sigmoid(input)"),
        Form("torch.sigmoid(input=input)"),
        Form("input.sigmoid()"),
        Form("torch.special.expit(input)"),
        Form("F.sigmoid(input)"),
        Form("nn.Sigmoid()(input)"),
        Form("input.sigmoid_()", writes="input"),
        Form("torch.sigmoid_(input)", writes="input"),
        Form("torch.sigmoid(input, out=out)"),
        Form("torch.special.expit(input, out=out)"),
    ),
    dtypes=ALL,
    oracle=oracle,
    accuracy=ulps(bound, "Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., section 3.1"),
    outputs=(Output(dtype=result_dtype),),
    memory=PRESERVED,
    pointwise=True,
    refusals=(
        Refusal("a call without a tensor", "torch.sigmoid()", TypeError),
        Refusal("a list in place of the tensor", "torch.sigmoid([1.0])", TypeError),
        Refusal("a number in place of the tensor", "torch.sigmoid(1.0)", TypeError),
        Refusal("a second positional argument", "torch.sigmoid(input, 0)", TypeError),
        Refusal("the in-place method on whole numbers or booleans", "input.sigmoid_()", RuntimeError, when=WHOLE),
        Refusal(
            "an out of whole numbers or booleans", "torch.sigmoid(torch.ones(3), out=out)", RuntimeError, when=WHOLE
        ),
        Refusal(
            "a real out for complex numbers",
            "torch.sigmoid(torch.ones(3, dtype=torch.complex64), out=out)",
            RuntimeError,
            when=REAL,
        ),
    ),
    gradient=Gradient(terms=gradient, bound=gradient_bound, source="as s itself"),
    laws=(
        Law(
            "the results for x and -x add up to 1",
            "torch.sigmoid(input) + torch.sigmoid(-input)",
            "torch.sigmoid(input) * 0 + 1",
            WITHIN,
            when=REAL,
            bound=of_both_sides,
        ),
        Law(
            "the function never falls",
            "torch.sigmoid(input.flatten().sort().values)[:-1]",
            "torch.sigmoid(input.flatten().sort().values)[1:]",
            AT_MOST,
            when=REAL,
            bound=of_both_sides,
        ),
        Law(
            "no result is above 1",
            "torch.sigmoid(input).nan_to_num(0)",
            "torch.ones_like(torch.sigmoid(input))",
            AT_MOST,
            when=REAL,
        ),
        Law(
            "a conjugate number gives the conjugate result",
            "torch.sigmoid(input.conj())",
            "torch.sigmoid(input).conj()",
            WITHIN,
            bound=of_both_sides,
        ),
        Law(
            "whole numbers and booleans give what float32 gives",
            "torch.sigmoid(input)",
            "torch.sigmoid(input.float())",
            when=WHOLE,
        ),
    ),
    predicates=(overflows_midway, overflows_in_complex),
    cost=Cost(dtypes=FLOATS + COMPLEXES, workload=workload, reference="exponential"),
)
