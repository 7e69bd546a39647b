"""torch.nn.functional.softplus: log(1 + exp(beta * x)) / beta of each element, a smooth relu."""

import numpy as np

from conformance.spec import (
    AT_MOST,
    FLOATS,
    PRESERVED,
    WITHIN,
    Cost,
    Draw,
    Form,
    Gradient,
    Law,
    Refusal,
    Spec,
    contents,
    dense,
    ulps,
)
from conformance.spec.families import unary

BETAS = (1,) * 10 + (0.3, 2, 3.7, 0.5, -1.5, 10.0, 0.0117)
THRESHOLDS = (20,) * 10 + (1.3183, 50, -2.1234, 5.71717, 200, 0.6181)
"""No small number times one of the fractions is a threshold, to one side of which it would be rounded."""


def arguments(draw: Draw):
    return {**unary.arguments(draw), "beta": draw.choice(BETAS), "threshold": draw.choice(THRESHOLDS)}


def oracle(input, beta, threshold):
    """Where beta * x is above the threshold, x itself."""
    scaled = input * beta
    smooth = (np.maximum(scaled, 0) + np.log1p(np.exp(-np.abs(scaled)))) / beta
    return np.where(scaled > threshold, input, smooth)


def bound(dtype, input, beta, threshold):
    """exp and log1p within 1 ULP each, which count twice, and a quotient that rounds. A beta that is no power of two
    makes a product that rounds, by which exp is off as often as the product is large."""
    return unary.in_float32(dtype, 6 + _lost(dtype, input, beta))


def of_both_sides(dtype, input, beta, threshold):
    """What two results of these arguments may differ by."""
    return 2 * bound(dtype, input, beta, threshold)


def _lost(dtype, input, beta):
    """How many ULP the rounding of beta and of beta * x costs, where exp does not leave the range."""
    if np.frexp(abs(beta))[0] == 0.5:
        return 0
    scaled = np.abs(contents(input, dtype).astype(np.float64) * beta)
    return 4 + 4 * float(np.max(scaled, initial=0, where=scaled < (746 if dtype == "float64" else 104)))


def gradient(incoming, results, input, beta, threshold):
    """The sigmoid of beta * x, or 1 above the threshold, times the incoming gradient."""
    scaled = input * beta
    small = np.exp(-np.abs(scaled))
    sigmoid = np.where(scaled < 0, small, 1) / (1 + small)
    return {"input": incoming[0] * np.where(scaled > threshold, 1, sigmoid)}


def gradient_bound(dtype, input, beta, threshold):
    """As the result; sum, quotient and product round. Subnormal numbers are off by half their spacing, up to five
    times."""
    return 16 + 2 * _lost(dtype, input, beta)


def overflows_midway(dtype, input, beta, threshold):
    """Somewhere exp(beta * x), or five times that, overflows, though beta * x is not above the threshold."""
    scaled = contents(input, dtype).astype(np.float64) * beta
    return bool(np.any((scaled > (708 if dtype == "float64" else 87)) & (scaled <= threshold)))


def workload(size):
    return {"input": dense((size // 64, 64)), "beta": 1, "threshold": 20}


DEFAULT = "beta == 1 and threshold == 20"

spec = Spec(
    operation="torch.nn.functional.softplus",
    summary="log(1 + exp(beta * x)) / beta of each element, or x itself where beta * x is above the threshold.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.softplus.html",
    arguments=arguments,
    forms=(
        Form("F.softplus(input, beta, threshold)"),
        Form("F.softplus(input=input, beta=beta, threshold=threshold)"),
        Form("F.softplus(input)", when=DEFAULT),
        Form("F.softplus(input, threshold=threshold)", when="beta == 1"),
        Form("nn.Softplus()(input)", when=DEFAULT),
        Form("nn.Softplus(beta, threshold)(input)"),
    ),
    dtypes=FLOATS,
    oracle=oracle,
    accuracy=ulps(bound, unary.LIBRARIES),
    memory=PRESERVED,
    pointwise=True,
    refusals=(
        Refusal("a call without a tensor", "F.softplus()", TypeError),
        Refusal("a list in place of the tensor", "F.softplus([1.0])", TypeError),
        Refusal("a number in place of the tensor", "F.softplus(1.0)", TypeError),
        Refusal("a tensor of whole numbers", "F.softplus(torch.ones(2, dtype=torch.int64))", NotImplementedError),
        Refusal("a boolean tensor", "F.softplus(torch.ones(2, dtype=torch.bool))", NotImplementedError),
        Refusal("a tensor of complex numbers", "F.softplus(torch.ones(2, dtype=torch.complex64))", NotImplementedError),
        Refusal("a string as beta", "F.softplus(input, '1')", TypeError),
        Refusal("a complex beta", "F.softplus(input, 1j)", RuntimeError),
        Refusal("a list as the threshold", "F.softplus(input, 1, [20])", TypeError),
        Refusal("a fourth argument", "F.softplus(input, 1, 20, 3)", TypeError),
    ),
    gradient=Gradient(terms=gradient, bound=gradient_bound, source="as softplus itself"),
    laws=(
        Law(
            "no result is below that of relu",
            "torch.relu(input)",
            "F.softplus(input)",
            AT_MOST,
            bound=of_both_sides,
        ),
        Law(
            "a number above the threshold is left alone",
            "F.softplus(torch.where(input > threshold, input, threshold + 1.0).to(dtype), 1, threshold)",
            "torch.where(input > threshold, input, threshold + 1.0).to(dtype)",
            when="dtype in ('float32', 'float64')",
        ),
        Law(
            "zero gives the logarithm of 2, over beta",
            "F.softplus(torch.zeros_like(input), 2.0) * 2",
            "torch.log(torch.full_like(input, 2.0))",
            WITHIN,
            bound=of_both_sides,
        ),
    ),
    predicates=(overflows_midway,),
    cost=Cost(workload=workload, reference="exponential"),
)
