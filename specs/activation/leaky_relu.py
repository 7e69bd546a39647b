"""torch.nn.functional.leaky_relu: each element above 0, and those below times a slope."""

import numpy as np

from conformance.spec import (
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
    dense,
    ulps,
)
from conformance.spec.families import unary

SLOPES = (0.01,) * 10 + (0.3, 0.0, 1.0, -0.5, 2.5, 0.1, 1e-3, -1.7, 1)


def arguments(draw: Draw):
    return {**unary.arguments(draw), "negative_slope": draw.choice(SLOPES)}


def oracle(input, negative_slope):
    """-inf times a slope of 0 is NaN."""
    return np.where(input > 0, input, input * negative_slope)


def bound(dtype, input, negative_slope):
    """The slope is rounded, which counts twice at most, and so is the product. Halves are worked out in float32."""
    return unary.in_float32(dtype, 1.5)


def gradient(incoming, results, input, negative_slope):
    """1 above 0 and the slope elsewhere, times the incoming gradient."""
    return {"input": np.where(input > 0, incoming[0], incoming[0] * np.longdouble(negative_slope))}


def workload(size):
    return {"input": dense((size // 64, 64)), "negative_slope": 0.01}


DEFAULT = "negative_slope == 0.01"
RISES = "negative_slope >= 0"
FALLS = "negative_slope < 0"

spec = Spec(
    operation="torch.nn.functional.leaky_relu",
    summary="Each element above 0, and negative_slope times each of the others; NaN stays.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.leaky_relu.html",
    arguments=arguments,
    forms=(
        Form("F.leaky_relu(input, negative_slope)"),
        Form("F.leaky_relu(input=input, negative_slope=negative_slope)"),
        Form("F.leaky_relu(input)", when=DEFAULT),
        Form("nn.LeakyReLU()(input)", when=DEFAULT),
        Form("nn.LeakyReLU(negative_slope)(input)"),
        Form("F.leaky_relu(input, inplace=True)", when=DEFAULT, writes="input"),
        Form("F.leaky_relu(input, negative_slope, True)", when=RISES, writes="input"),
        Form("F.leaky_relu(input, negative_slope, True)", when=FALLS, writes="input", differentiable=False),
        Form("F.leaky_relu_(input, negative_slope)", when=RISES, writes="input"),
        Form("nn.LeakyReLU(negative_slope, inplace=True)(input)", when=RISES, writes="input"),
    ),
    dtypes=FLOATS,
    oracle=oracle,
    accuracy=ulps(bound, "Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., section 2.2"),
    memory=PRESERVED,
    pointwise=True,
    refusals=(
        Refusal("a call without a tensor", "F.leaky_relu()", TypeError),
        Refusal("a list in place of the tensor", "F.leaky_relu([1.0])", TypeError),
        Refusal("a number in place of the tensor", "F.leaky_relu(1.0)", TypeError),
        Refusal("a tensor of whole numbers", "F.leaky_relu(torch.ones(2, dtype=torch.int64))", NotImplementedError),
        Refusal("a boolean tensor", "F.leaky_relu(torch.ones(2, dtype=torch.bool))", NotImplementedError),
        Refusal(
            "a tensor of complex numbers", "F.leaky_relu(torch.ones(2, dtype=torch.complex64))", NotImplementedError
        ),
        Refusal("a string as the slope", "F.leaky_relu(input, '0.1')", TypeError),
        Refusal("a list as the slope", "F.leaky_relu(input, [0.1])", TypeError),
        Refusal("a complex slope", "F.leaky_relu(input, 1j)", RuntimeError),
        Refusal(
            "an in-place call on an expanded tensor",
            "F.leaky_relu(torch.ones(1, dtype=dtype).expand(3), negative_slope, True)",
            RuntimeError,
        ),
        Refusal(
            "a gradient of the in-place form with a falling slope",
            "F.leaky_relu(torch.ones(3, dtype=dtype, requires_grad=True) * 1, -0.5, True).sum().backward()",
            RuntimeError,
        ),
    ),
    gradient=Gradient(terms=gradient, bound=bound, source="as leaky_relu itself"),
    laws=(
        Law(
            "a number above 0 is left alone",
            "F.leaky_relu(input.abs(), negative_slope) + 0",
            "input.abs() + 0",
        ),
        Law("a slope of 1 leaves all numbers alone", "F.leaky_relu(input, 1)", "input"),
        Law(
            "a slope of 0 is that of relu",
            "F.leaky_relu(input.nan_to_num(0), 0.0).abs()",
            "torch.relu(input.nan_to_num(0)).abs()",
        ),
        Law("a slope of -1 gives the absolute value", "F.leaky_relu(input, -1.0)", "input.abs() + 0", WITHIN),
    ),
    cost=Cost(workload=workload, reference="elementwise"),
)
