"""torch.trunc: the whole part of each element."""

import numpy as np

from conformance.spec import (
    AT_MOST,
    FLOATS,
    INTEGERS,
    PRESERVED,
    WIDE_UNSIGNED,
    Cost,
    Form,
    Gradient,
    Law,
    Refusal,
    Spec,
)
from conformance.spec.families import unary


def oracle(input):
    """Infinities, NaN and -0.0 stay, and numbers between -1 and 0 give -0.0."""
    return input.copy() if input.dtype.kind in "iu" else np.trunc(input)


def gradient(incoming, results, input):
    """A step function has the slope 0 everywhere."""
    return {"input": np.zeros_like(input)}


spec = Spec(
    operation="torch.trunc",
    summary="The whole part of each element, which is next to it towards 0; whole numbers are copied.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.trunc.html",
    arguments=unary.arguments,
    forms=(
        *unary.forms("trunc"),
        Form("torch.fix(input)"),
        Form("input.fix()"),
        Form("torch.fix(input, out=out)"),
        Form("input.fix_()", writes="input"),
        Form("torch.fix_(input)", writes="input"),
        *unary.in_place_forms("trunc"),
        *unary.out_forms("trunc"),
    ),
    dtypes=INTEGERS + WIDE_UNSIGNED + FLOATS,
    oracle=oracle,
    memory=PRESERVED,
    pointwise=True,
    refusals=(
        *unary.every_refusal("trunc"),
        Refusal("a boolean tensor", "torch.trunc(torch.ones(2, dtype=torch.bool))", NotImplementedError),
        Refusal(
            "a tensor of complex numbers", "torch.trunc(torch.ones(2, dtype=torch.complex64))", NotImplementedError
        ),
        Refusal("an out of whole numbers for floats", "torch.trunc(torch.ones(3), out=out.long())", RuntimeError),
    ),
    gradient=Gradient(terms=gradient, has_differences=False),
    laws=(
        Law("a whole number is left alone", "torch.trunc(torch.trunc(input))", "torch.trunc(input)"),
        Law("whole numbers are copied", "torch.trunc(input)", "input", when="'int' in dtype"),
        Law("the result for -x is the negative result", "torch.trunc(-input)", "-torch.trunc(input)", when=unary.REAL),
        Law(
            "no result is further from 0 than the number",
            "torch.trunc(input).abs()",
            "input.abs()",
            AT_MOST,
            when=unary.REAL,
        ),
        Law(
            "it is the floor above 0 and the ceiling below",
            "torch.trunc(input)",
            "torch.where(input < 0, torch.ceil(input), torch.floor(input))",
            when=unary.REAL,
        ),
    ),
    cost=Cost(workload=unary.workload, reference="elementwise"),
)
