"""torch.minimum: the smaller of two elements, place by place; torch.min of two tensors."""

import numpy as np

from conformance.spec import (
    FLOATS,
    PRESERVED,
    PROMOTED,
    Cost,
    Gradient,
    Law,
    Output,
    Spec,
)

from ._extremes import ORDERED
from ._pairs import (
    extreme_of_two,
    forms_of_two,
    halves_bound,
    laws_of_two,
    refusals_of_two,
    shared_by_equals,
    two_operands,
    workload_of_two,
)


def oracle(input, other):
    """NaN wins; zeros of either sign tie."""
    return extreme_of_two(np.minimum, input, other)


def gradient(incoming, results, input, other):
    """It goes to the smaller element; equal ones get half of it each."""
    return shared_by_equals(incoming[0], input < other, input, other)


spec = Spec(
    operation="torch.minimum",
    summary="The smaller of input and other, broadcast and promoted; NaN if either is.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.minimum.html",
    arguments=two_operands,
    forms=forms_of_two("minimum", "min"),
    dtypes=ORDERED,
    oracle=oracle,
    outputs=(Output(dtype=PROMOTED),),
    memory=PRESERVED,
    pointwise=True,
    refusals=refusals_of_two("minimum"),
    gradient=Gradient(
        terms=gradient,
        bound=halves_bound,
        source="Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., section 2.2",
        has_differences=False,
    ),
    laws=(
        *laws_of_two("minimum"),
        Law("a tensor is the smaller of it and itself", "torch.minimum(input, input)", "input"),
        Law(
            "the smaller and the larger are the two operands",
            "torch.minimum(input, other).double() + torch.maximum(input, other).double()",
            "input.double() + other.double()",
            when=f"dtype in {FLOATS[:3]} and all(not t.values.edits for t in (input, other))",
        ),
    ),
    cost=Cost(workload=workload_of_two, reference="elementwise"),
)
