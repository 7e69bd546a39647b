"""torch.ceil: the smallest whole number not below of each element."""

import numpy as np

from conformance.spec import (
    AT_MOST,
    FLOATS,
    INTEGERS,
    PRESERVED,
    WIDE_UNSIGNED,
    Cost,
    Gradient,
    Law,
    Spec,
)
from conformance.spec.families import unary

from ._whole import gradient, laws_of_rounding, refusals_of_rounding, scratch


def oracle(input):
    """Infinities, NaN and -0.0 stay, and numbers between -1 and 0 give -0.0."""
    return input.copy() if input.dtype.kind in "iu" else np.ceil(input)


spec = Spec(
    operation="torch.ceil",
    summary="The smallest whole number that is not below each element; whole numbers are copied.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.ceil.html",
    arguments=unary.arguments,
    forms=unary.every_form("ceil"),
    dtypes=INTEGERS + WIDE_UNSIGNED + FLOATS,
    oracle=oracle,
    memory=PRESERVED,
    pointwise=True,
    refusals=refusals_of_rounding("ceil"),
    gradient=Gradient(terms=gradient, has_differences=False),
    laws=(
        *laws_of_rounding("ceil"),
        Law("no number is above its result", "input", "torch.ceil(input)", AT_MOST, when=unary.REAL),
        Law(
            "the number is above the result minus 1",
            "input.nan_to_num(0, 0, 0).clamp(-100, 100) > torch.ceil(input.nan_to_num(0, 0, 0).clamp(-100, 100)) - 1",
            "torch.ones_like(input, dtype=torch.bool)",
            when=unary.REAL,
        ),
        Law(
            "it is the negative of the floor of the negative",
            "torch.ceil(input)",
            "-torch.floor(-input)",
            when=unary.REAL,
        ),
    ),
    cost=Cost(scratch=scratch, workload=unary.workload, reference="elementwise"),
)
