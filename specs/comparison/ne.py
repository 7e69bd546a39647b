"""torch.ne: whether each element of a tensor is another than that of a second one."""

import numpy as np

from conformance.spec import (
    ALL,
    BOOL,
    FLOATS,
    INTEGERS,
    NUMBER_KINDS,
    PRESERVED,
    PROMOTED,
    Cost,
    Draw,
    Law,
    Output,
    Spec,
)
from conformance.spec.families import binary, comparison


def arguments(draw: Draw):
    return comparison.operands(draw, NUMBER_KINDS)


def oracle(input, other):
    """NaN is unequal to everything, to itself too; a complex number differs if one of its parts does."""
    return np.not_equal(*comparison.numbers(input, other))


spec = Spec(
    operation="torch.ne",
    summary="input != other, broadcast, compared in the dtype that they promote to; NaN gives True.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.ne.html",
    arguments=arguments,
    forms=(
        *comparison.forms("ne", "!="),
        *comparison.alias_forms("not_equal"),
    ),
    dtypes=ALL,
    oracle=oracle,
    outputs=(Output(dtype="bool"),),
    common_dtype=PROMOTED,
    memory=PRESERVED,
    pointwise=True,
    refusals=comparison.refusals("ne"),
    laws=(
        *comparison.laws("ne"),
        Law("the order of the operands does not matter", "other != input", "torch.ne(input, other)"),
        Law(
            "real numbers are unequal if one is less or greater, or NaN",
            "torch.lt(input, other) | torch.gt(input, other) | torch.isnan(input) | torch.isnan(other)",
            "torch.ne(input, other)",
            when=f"dtype in {BOOL + INTEGERS + FLOATS} and {binary.SAME}",
        ),
        Law("NaN alone is unequal to itself", "torch.ne(input, input)", "torch.isnan(input)"),
        Law("None and strings are unequal to a tensor", "(input != None) and (input != 'input')", "True"),
    ),
    predicates=(comparison.has_a_number_of_another_dtype, binary.is_traced_by_its_out),
    cost=Cost(workload=binary.workload, reference="elementwise"),
)
