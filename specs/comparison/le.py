"""torch.le: whether each element of a tensor is less than or equal to that of another."""

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
    """Nothing is less than or equal to NaN, nor is NaN less than or equal to anything."""
    return np.less_equal(*comparison.numbers(input, other))


spec = Spec(
    operation="torch.le",
    summary="input <= other, broadcast, compared in the dtype that they promote to; NaN gives False.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.le.html",
    arguments=arguments,
    forms=(
        *comparison.forms("le", "<="),
        *comparison.alias_forms("less_equal"),
    ),
    dtypes=BOOL + INTEGERS + FLOATS,
    oracle=oracle,
    outputs=(Output(dtype="bool"),),
    common_dtype=PROMOTED,
    memory=PRESERVED,
    pointwise=True,
    refusals=(
        *comparison.refusals("le"),
        *comparison.order_refusals("le", "<="),
    ),
    laws=(
        *comparison.laws("le"),
        Law(
            "exchanged operands are compared the other way round",
            "other >= input",
            "torch.le(input, other)",
        ),
        Law(
            "either the comparison or its opposite holds unless an operand is NaN",
            "torch.le(input, other) ^ torch.gt(input, other)",
            "~(torch.isnan(input) | torch.isnan(other))",
        ),
        Law(
            "every element but NaN is less than or equal to itself",
            "torch.le(input, input)",
            "~torch.isnan(input)",
            when="input.dtype == 'subject'",
        ),
    ),
    predicates=(comparison.has_a_number_of_another_dtype, binary.is_traced_by_its_out),
    cost=Cost(workload=binary.workload, reference="elementwise"),
)
