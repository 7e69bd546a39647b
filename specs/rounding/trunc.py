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
    Spec,
)
from conformance.spec.families import unary

from ._whole import gradient, laws_of_rounding, refusals_of_rounding, scratch


def oracle(input):
    """Infinities, NaN and -0.0 stay, and numbers between -1 and 0 give -0.0."""
    return input.copy() if input.dtype.kind in "iu" else np.trunc(input)


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
    refusals=refusals_of_rounding("trunc"),
    gradient=Gradient(terms=gradient, has_differences=False),
    laws=(
        *laws_of_rounding("trunc"),
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
    cost=Cost(scratch=scratch, workload=unary.workload, reference="elementwise"),
)
