"""torch.amax: the largest element of a tensor, or of its slices over some dimensions; torch.max of a whole tensor."""

import numpy as np

from conformance.spec import Cost, Gradient, Law, Spec
from conformance.spec.families.reduction import reduced_axes

from ._extremes import (
    ORDERED,
    extreme,
    forms_over_some_dims,
    has_elements,
    over_some_dims,
    reduces_bytes_from_0_down,
    refusals_over_some_dims,
    row_workload,
    scratch_over_some_dims,
    shared_by_ties,
    shares_bound,
    workload,
)


def oracle(input, dim, keepdim):
    """NaN is the largest wherever there is one."""
    return extreme(np.max, input, reduced_axes(input.ndim, dim), keepdim)


def gradient(incoming, results, input, dim, keepdim):
    """Elements that tie for the largest share it evenly."""
    return shared_by_ties(np.max, incoming[0], input, dim, keepdim)


spec = Spec(
    operation="torch.amax",
    summary="The largest element over the dimensions that dim names, or over all; ties share the gradient.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.amax.html",
    arguments=over_some_dims,
    forms=forms_over_some_dims("amax", "max"),
    dtypes=ORDERED,
    oracle=oracle,
    refusals=refusals_over_some_dims("amax", "max"),
    gradient=Gradient(
        terms=gradient,
        bound=shares_bound,
        source="Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., section 2.2",
    ),
    laws=(
        Law("no element is larger", "(input > torch.amax(input, dim, True)).any().item()", "False"),
        Law(
            "the largest element is the negative of the smallest negative",
            "torch.amax(input, dim, keepdim) + 0",
            "-torch.amin(-input, dim, keepdim) + 0",
            when="dtype.startswith(('float', 'bfloat'))",
        ),
        Law(
            "the largest over all dimensions is the largest of the largest",
            "torch.amax(torch.amax(input, 0)) + 0",
            "torch.amax(input) + 0",
            when="input.numel > 0 and dtype != 'bool'",
        ),
    ),
    predicates=(has_elements, reduces_bytes_from_0_down),
    cost=Cost(scratch=scratch_over_some_dims, workload=workload, row_workload=row_workload, reference="reduction"),
)
