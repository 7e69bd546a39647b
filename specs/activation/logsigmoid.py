"""torch.nn.functional.logsigmoid: the logarithm of the logistic function of each element."""

import numpy as np

from conformance.spec import (
    AT_MOST,
    FLOATS,
    FRESH,
    WITHIN,
    Cost,
    Form,
    Gradient,
    Law,
    Refusal,
    Spec,
    contiguous_strides,
    itemsize,
    ulps,
)
from conformance.spec.families import unary


def oracle(input):
    """-log(1 + exp(-x)); exp is only taken of numbers that it makes small."""
    return np.minimum(input, 0) - np.log1p(np.exp(-np.abs(input)))


def bound(dtype, input):
    """exp and log1p within 1 ULP each; what exp is off by counts twice. The difference rounds."""
    return unary.in_float32(dtype, 3.5)


def of_both_sides(dtype, input):
    """What two results of these arguments may differ by."""
    return 2 * bound(dtype, input)


def gradient(incoming, results, input):
    """The logistic function of -x, times the incoming gradient."""
    small = np.exp(-np.abs(input))
    return {"input": incoming[0] * np.where(input < 0, 1, small) / (1 + small)}


def gradient_bound(dtype, input):
    """exp within 1 ULP, which counts twice, and halves of it are rounded; sum, quotient, difference and product round.
    Subnormal numbers are off by half their spacing, up to five times."""
    return 10


def scratch(dtype, input):
    """exp(-|x|) is kept for the gradient, in memory laid out like the input."""
    return (itemsize(dtype) * input.numel,) if input.layout.kind == "contiguous" and input.numel else None


def is_strided(dtype, input):
    """The input is not row-major."""
    return input.layout.strides != contiguous_strides(input.shape)


spec = Spec(
    operation="torch.nn.functional.logsigmoid",
    summary="log(1 / (1 + exp(-x))) of each element, which does not overflow.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.logsigmoid.html",
    arguments=unary.arguments,
    forms=(
        Form("F.logsigmoid(input)"),
        Form("nn.LogSigmoid()(input)"),
    ),
    dtypes=FLOATS,
    oracle=oracle,
    accuracy=ulps(bound, unary.LIBRARIES),
    memory=FRESH,
    pointwise=True,
    refusals=(
        Refusal("a call without a tensor", "F.logsigmoid()", TypeError),
        Refusal("a list in place of the tensor", "F.logsigmoid([1.0])", TypeError),
        Refusal("a number in place of the tensor", "F.logsigmoid(1.0)", TypeError),
        Refusal("a tensor of whole numbers", "F.logsigmoid(torch.ones(2, dtype=torch.int64))", NotImplementedError),
        Refusal("a boolean tensor", "F.logsigmoid(torch.ones(2, dtype=torch.bool))", NotImplementedError),
        Refusal(
            "a tensor of complex numbers", "F.logsigmoid(torch.ones(2, dtype=torch.complex64))", NotImplementedError
        ),
        Refusal("a second argument", "F.logsigmoid(input, 1)", TypeError),
    ),
    gradient=Gradient(terms=gradient, bound=gradient_bound, source="as logsigmoid itself"),
    laws=(
        Law("no result is above 0", "F.logsigmoid(input).nan_to_num(0)", "torch.zeros_like(input)", AT_MOST),
        Law("no result is above the number", "F.logsigmoid(input)", "input", AT_MOST, bound=of_both_sides),
        Law(
            "the function never falls",
            "F.logsigmoid(input.flatten().sort().values)[:-1]",
            "F.logsigmoid(input.flatten().sort().values)[1:]",
            AT_MOST,
            bound=of_both_sides,
        ),
        Law(
            "zero gives minus the logarithm of 2",
            "F.logsigmoid(torch.zeros_like(input))",
            "-torch.log(torch.full_like(input, 2.0))",
            WITHIN,
            bound=of_both_sides,
        ),
    ),
    predicates=(is_strided,),
    cost=Cost(scratch=scratch, workload=unary.workload, reference="exponential"),
)
