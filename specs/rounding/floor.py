"""torch.floor: the largest whole number not above of each element."""

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
    """Infinities, NaN and -0.0 stay."""
    return input.copy() if input.dtype.kind in "iu" else np.floor(input)


spec = Spec(
    operation="torch.floor",
    summary="The largest whole number that is not above each element; whole numbers are copied.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.floor.html",
    arguments=unary.arguments,
    forms=unary.every_form("floor"),
    dtypes=INTEGERS + WIDE_UNSIGNED + FLOATS,
    oracle=oracle,
    memory=PRESERVED,
    pointwise=True,
    refusals=refusals_of_rounding("floor"),
    gradient=Gradient(terms=gradient, has_differences=False),
    laws=(
        *laws_of_rounding("floor"),
        Law("no result is above the number", "torch.floor(input)", "input", AT_MOST, when=unary.REAL),
        Law(
            "the number is below the result plus 1",
            "input.nan_to_num(0, 0, 0).clamp(-100, 100) < torch.floor(input.nan_to_num(0, 0, 0).clamp(-100, 100)) + 1",
            "torch.ones_like(input, dtype=torch.bool)",
            when=unary.REAL,
        ),
        Law(
            "it is the negative of the ceiling of the negative",
            "torch.floor(input)",
            "-torch.ceil(-input)",
            when=unary.REAL,
        ),
    ),
    cost=Cost(scratch=scratch, workload=unary.workload, reference="elementwise"),
)
