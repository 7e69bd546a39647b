"""torch.gt: whether each element of a tensor is greater than that of another."""

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
    """Nothing is greater than NaN, nor is NaN greater than anything."""
    return np.greater(*comparison.numbers(input, other))


spec = Spec(
    operation="torch.gt",
    summary="input > other, broadcast, compared in the dtype that they promote to; NaN gives False.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.gt.html",
    arguments=arguments,
    forms=(
        *comparison.forms("gt", ">"),
        *comparison.alias_forms("greater"),
    ),
    dtypes=BOOL + INTEGERS + FLOATS,
    oracle=oracle,
    outputs=(Output(dtype="bool"),),
    common_dtype=PROMOTED,
    memory=PRESERVED,
    pointwise=True,
    refusals=(
        *comparison.refusals("gt"),
        *comparison.order_refusals("gt", ">"),
    ),
    laws=(
        *comparison.laws("gt"),
        Law(
            "exchanged operands are compared the other way round",
            "other < input",
            "torch.gt(input, other)",
        ),
        Law(
            "either the comparison or its opposite holds unless an operand is NaN",
            "torch.gt(input, other) ^ torch.le(input, other)",
            "~(torch.isnan(input) | torch.isnan(other))",
        ),
        Law(
            "no element is greater than itself",
            "torch.gt(input, input)",
            "torch.zeros_like(input, dtype=torch.bool)",
            when="input.dtype == 'subject'",
        ),
    ),
    predicates=(comparison.has_a_number_of_another_dtype, binary.is_traced_by_its_out),
    cost=Cost(workload=binary.workload, reference="elementwise"),
)
