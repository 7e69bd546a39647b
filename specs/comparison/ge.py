"""torch.ge: whether each element of a tensor is greater than or equal to that of another."""

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
    """Nothing is greater than or equal to NaN, nor is NaN greater than or equal to anything."""
    return np.greater_equal(*comparison.numbers(input, other))


spec = Spec(
    operation="torch.ge",
    summary="input >= other, broadcast, compared in the dtype that they promote to; NaN gives False.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.ge.html",
    arguments=arguments,
    forms=(
        *comparison.forms("ge", ">="),
        *comparison.alias_forms("greater_equal"),
    ),
    dtypes=BOOL + INTEGERS + FLOATS,
    oracle=oracle,
    outputs=(Output(dtype="bool"),),
    common_dtype=PROMOTED,
    memory=PRESERVED,
    pointwise=True,
    refusals=(
        *comparison.refusals("ge"),
        *comparison.order_refusals("ge", ">="),
    ),
    laws=(
        *comparison.laws("ge"),
        Law(
            "exchanged operands are compared the other way round",
            "other <= input",
            "torch.ge(input, other)",
        ),
        Law(
            "either the comparison or its opposite holds unless an operand is NaN",
            "torch.ge(input, other) ^ torch.lt(input, other)",
            "~(torch.isnan(input) | torch.isnan(other))",
        ),
        Law(
            "every element but NaN is greater than or equal to itself",
            "torch.ge(input, input)",
            "~torch.isnan(input)",
            when="input.dtype == 'subject'",
        ),
    ),
    predicates=(comparison.has_a_number_of_another_dtype, binary.is_traced_by_its_out),
    cost=Cost(workload=binary.workload, reference="elementwise"),
)
