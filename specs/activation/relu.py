"""torch.relu: each element above 0, and 0 in place of those below."""

import numpy as np

from conformance.spec import (
    AT_MOST,
    FLOATS,
    INTEGERS,
    PRESERVED,
    Cost,
    Form,
    Gradient,
    Law,
    Refusal,
    Spec,
)
from conformance.spec.families import unary


def oracle(input):
    """NaN stays, and so does 0 of either sign."""
    return np.where(input < 0, np.zeros_like(input), input)


def gradient(incoming, results, input):
    """It passes where the number is above 0 or NaN; at 0 it is 0."""
    return {"input": np.where(input <= 0, 0, incoming[0])}


spec = Spec(
    operation="torch.relu",
    summary="The larger of 0 and each element; NaN stays.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.relu.html",
    arguments=unary.arguments,
    forms=(
        *unary.forms("relu"),
        Form("F.relu(input)"),
        Form("F.relu(input, inplace=False)"),
        Form("nn.ReLU()(input)"),
        *unary.in_place_forms("relu"),
        Form("F.relu_(input)", writes="input"),
        Form("F.relu(input, inplace=True)", writes="input"),
        Form("F.relu(input, True)", writes="input"),
        Form("nn.ReLU(inplace=True)(input)", writes="input"),
    ),
    dtypes=INTEGERS + FLOATS,
    oracle=oracle,
    memory=PRESERVED,
    pointwise=True,
    refusals=(
        *unary.refusals("relu"),
        *unary.in_place_refusals("relu"),
        Refusal("a list in place of the tensor of the functional form", "F.relu([1.0])", TypeError),
        Refusal("a boolean tensor", "torch.relu(torch.ones(2, dtype=torch.bool))", RuntimeError),
        Refusal("a tensor of complex numbers", "torch.relu(torch.ones(2, dtype=torch.complex64))", NotImplementedError),
        Refusal("an out, which it does not take", "torch.relu(input, out=out)", TypeError),
    ),
    gradient=Gradient(terms=gradient),
    laws=(
        Law("what is above 0 is left alone", "torch.relu(torch.relu(input))", "torch.relu(input)"),
        Law("no result is below 0", "torch.zeros_like(input)", "torch.relu(input)", AT_MOST),
        Law("no result is below the number", "input", "torch.relu(input)", AT_MOST),
        Law(
            "the results for x and -x differ by x",
            "torch.relu(input) - torch.relu(-input) + 0",
            "input.nan_to_num(math.nan, math.inf, -math.inf) + 0",
            when=unary.REAL,
        ),
    ),
    cost=Cost(workload=unary.workload, reference="elementwise"),
)
