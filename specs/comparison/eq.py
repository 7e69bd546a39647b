"""torch.eq: whether each element of a tensor equals that of another."""

import numpy as np

from conformance.spec import ALL, NUMBER_KINDS, PRESERVED, PROMOTED, Cost, Draw, Law, Output, Spec
from conformance.spec.families import binary, comparison


def arguments(draw: Draw):
    return comparison.operands(draw, NUMBER_KINDS)


def oracle(input, other):
    """NaN equals nothing; zeros of either sign are equal; both parts of complex numbers must be."""
    return np.equal(*comparison.numbers(input, other))


spec = Spec(
    operation="torch.eq",
    summary="input == other, broadcast, compared in the dtype that they promote to; NaN equals nothing.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.eq.html",
    arguments=arguments,
    forms=comparison.forms("eq", "=="),
    dtypes=ALL,
    oracle=oracle,
    outputs=(Output(dtype="bool"),),
    common_dtype=PROMOTED,
    memory=PRESERVED,
    pointwise=True,
    refusals=comparison.refusals("eq"),
    laws=(
        *comparison.laws("eq"),
        Law("the order of the operands does not matter", "other == input", "torch.eq(input, other)"),
        Law("unequal is the opposite of equal", "~torch.ne(input, other)", "torch.eq(input, other)"),
        Law("every element but NaN equals itself", "torch.eq(input, input)", "~torch.isnan(input)"),
        Law(
            "zeros of either sign are equal",
            "torch.eq(input * 0, -(input * 0))",
            "torch.isfinite(input)",
            when="dtype.startswith(('float', 'bfloat')) and input.dtype == 'subject'",
        ),
        Law("None and strings equal no tensor", "(input == None) or (input == 'input')", "False"),
    ),
    predicates=(comparison.has_a_number_of_another_dtype, binary.is_traced_by_its_out),
    cost=Cost(workload=binary.workload, reference="elementwise"),
)
