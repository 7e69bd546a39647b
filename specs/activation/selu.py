"""torch.nn.functional.selu: the scaled exponential linear unit of each element."""

import numpy as np

from conformance.spec import (
    AT_MOST,
    FLOATS,
    PRESERVED,
    Cost,
    Form,
    Gradient,
    Law,
    Refusal,
    Spec,
    TermsWithMagnitude,
    contents,
    ulps,
)
from conformance.spec.families import unary

ALPHA = np.longdouble("1.6732632423543772848170429916717")
SCALE = np.longdouble("1.0507009873554804934193349852946")
"""The constants of the documentation."""


def oracle(input):
    return SCALE * np.where(input > 0, input, ALPHA * np.expm1(input))


def bound(dtype, input):
    """expm1 within 1 ULP, which counts twice; the constant is rounded, and so is the product."""
    return unary.in_float32(dtype, 3.5)


def of_both_sides(dtype, input):
    """What two results of these arguments may differ by."""
    return 2 * bound(dtype, input)


def gradient(incoming, results, input):
    """The scale above 0; elsewhere scale and alpha times exp(x), which in place is made of the result, so that errors
    count at the size of both constants."""
    slope = SCALE * np.where(input > 0, 1, ALPHA * np.exp(input))
    size = np.where(input > 0, SCALE, SCALE * ALPHA)
    return {"input": TermsWithMagnitude(incoming[0] * slope, np.abs(incoming[0]) * size)}


def gradient_bound(dtype, input):
    """exp within 1 ULP, which counts twice; constants and two products round."""
    return 7


def holds_a_number_below_0(dtype, input):
    """Somewhere there is one."""
    return bool(np.any(contents(input, dtype) < 0))


def is_an_exponential_less_1(dtype, got, promised, **arguments):
    """What comes of subtracting 1 from the exponential: it is off by some roundings at 1, however small the result."""
    rounding = np.longdouble(2) ** (-53 if dtype == "float64" else -24)
    value, exact = got.astype(np.longdouble), promised.astype(np.longdouble)
    return (exact < 0) & (np.abs(value - exact) <= 8 * rounding)


def holds_nan(dtype, input):
    """Somewhere there is NaN."""
    return bool(np.any(np.isnan(contents(input, dtype))))


def has_the_slope_above_0_at_nan(dtype, got, promised, **arguments):
    """A number in place of NaN."""
    return np.isnan(promised.astype(np.longdouble)) & np.isfinite(got.astype(np.float64))


spec = Spec(
    operation="torch.nn.functional.selu",
    summary="scale * x above 0, and scale * alpha * (exp(x) - 1) elsewhere, with two constants.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.selu.html",
    arguments=unary.arguments,
    forms=(
        Form("F.selu(input)"),
        Form("F.selu(input=input)"),
        Form("F.selu(input, inplace=False)"),
        Form("torch.selu(input)"),
        Form("nn.SELU()(input)"),
        Form("F.selu(input, inplace=True)", writes="input"),
        Form("F.selu_(input)", writes="input"),
        Form("torch.selu_(input)", writes="input"),
        Form("nn.SELU(inplace=True)(input)", writes="input"),
    ),
    dtypes=FLOATS,
    oracle=oracle,
    accuracy=ulps(bound, unary.LIBRARIES),
    memory=PRESERVED,
    pointwise=True,
    refusals=(
        Refusal("a call without a tensor", "F.selu()", TypeError),
        Refusal("a list in place of the tensor", "F.selu([1.0])", TypeError),
        Refusal("a number in place of the tensor", "F.selu(1.0)", TypeError),
        Refusal("a tensor of whole numbers", "F.selu(torch.ones(2, dtype=torch.int64))", NotImplementedError),
        Refusal("a boolean tensor", "F.selu(torch.ones(2, dtype=torch.bool))", NotImplementedError),
        Refusal("a tensor of complex numbers", "F.selu(torch.ones(2, dtype=torch.complex64))", NotImplementedError),
        Refusal("a second argument for torch.selu", "torch.selu(input, 1.0)", TypeError),
        Refusal("an out, which it does not take", "torch.selu(input, out=out)", TypeError),
        Refusal(
            "an in-place call on an expanded tensor", "torch.selu_(torch.ones(1, dtype=dtype).expand(3))", RuntimeError
        ),
    ),
    gradient=Gradient(terms=gradient, bound=gradient_bound, source="as selu itself"),
    laws=(
        Law(
            "the function never falls",
            "F.selu(input.flatten().sort().values)[:-1]",
            "F.selu(input.flatten().sort().values)[1:]",
            AT_MOST,
            bound=of_both_sides,
        ),
        Law("the sign of the number is that of the result", "F.selu(input).sign()", "input.sign()"),
        Law(
            "no result is below that of -inf",
            "F.selu(torch.full_like(input, -math.inf))",
            "F.selu(input)",
            AT_MOST,
            bound=of_both_sides,
        ),
        Law(
            "doubling a number above 0 doubles the result",
            "F.selu(2 * input.nan_to_num(1).abs().clamp(0.01, 100))",
            "2 * F.selu(input.nan_to_num(1).abs().clamp(0.01, 100))",
        ),
    ),
    explanations=(has_the_slope_above_0_at_nan, is_an_exponential_less_1),
    predicates=(holds_a_number_below_0, holds_nan),
    cost=Cost(workload=unary.workload, reference="exponential"),
)
