"""torch.lt: whether each element of a tensor is less than that of another."""

import numpy as np

from conformance.spec import (
    BOOL,
    FLOATS,
    INTEGERS,
    PRESERVED,
    PROMOTED,
    REAL_KINDS,
    Cost,
    Draw,
    Law,
    Output,
    Spec,
)
from conformance.spec.families import binary, comparison


def arguments(draw: Draw):
    return comparison.operands(draw, REAL_KINDS)


def oracle(input, other):
    """Nothing is less than NaN, nor is NaN less than anything."""
    return np.less(*comparison.numbers(input, other))


spec = Spec(
    operation="torch.lt",
    summary="input < other, broadcast, compared in the dtype that they promote to; NaN gives False.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.lt.html",
    arguments=arguments,
    forms=(
        *comparison.forms("lt", "<"),
        *comparison.alias_forms("less"),
    ),
    dtypes=BOOL + INTEGERS + FLOATS,
    oracle=oracle,
    outputs=(Output(dtype="bool"),),
    common_dtype=PROMOTED,
    memory=PRESERVED,
    pointwise=True,
    refusals=(
        *comparison.refusals("lt"),
        *comparison.order_refusals("lt", "<"),
    ),
    laws=(
        *comparison.laws("lt"),
        Law(
            "exchanged operands are compared the other way round",
            "other > input",
            "torch.lt(input, other)",
        ),
        Law(
            "either the comparison or its opposite holds unless an operand is NaN",
            "torch.lt(input, other) ^ torch.ge(input, other)",
            "~(torch.isnan(input) | torch.isnan(other))",
        ),
        Law(
            "no element is less than itself",
            "torch.lt(input, input)",
            "torch.zeros_like(input, dtype=torch.bool)",
            when="input.dtype == 'subject'",
        ),
    ),
    predicates=(comparison.has_a_number_of_another_dtype, binary.is_traced_by_its_out),
    cost=Cost(workload=binary.workload, reference="elementwise"),
)
