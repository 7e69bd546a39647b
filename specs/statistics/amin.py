"""torch.amin: the smallest element of a tensor, or of its slices over some dimensions; torch.min of a whole tensor."""

import numpy as np

from conformance.spec import Cost, Gradient, Law, Spec
from conformance.spec.families.reduction import reduced_axes

from ._extremes import (
    ORDERED,
    extreme,
    forms_over_some_dims,
    has_elements,
    over_some_dims,
    reduces_bytes_from_0_up,
    refusals_over_some_dims,
    row_workload,
    scratch_over_some_dims,
    shared_by_ties,
    shares_bound,
    workload,
)


def oracle(input, dim, keepdim):
    """NaN is the smallest wherever there is one."""
    return extreme(np.min, input, reduced_axes(input.ndim, dim), keepdim)


def gradient(incoming, results, input, dim, keepdim):
    """Elements that tie for the smallest share it evenly."""
    return shared_by_ties(np.min, incoming[0], input, dim, keepdim)


spec = Spec(
    operation="torch.amin",
    summary="The smallest element over the dimensions that dim names, or over all; ties share the gradient.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.amin.html",
    arguments=over_some_dims,
    forms=forms_over_some_dims("amin", "min"),
    dtypes=ORDERED,
    oracle=oracle,
    refusals=refusals_over_some_dims("amin", "min"),
    gradient=Gradient(
        terms=gradient,
        bound=shares_bound,
        source="Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., section 2.2",
    ),
    laws=(
        Law("no element is smaller", "(input < torch.amin(input, dim, True)).any().item()", "False"),
        Law(
            "the smallest element is the negative of the largest negative",
            "torch.amin(input, dim, keepdim) + 0",
            "-torch.amax(-input, dim, keepdim) + 0",
            when="dtype.startswith(('float', 'bfloat'))",
        ),
        Law(
            "the smallest over all dimensions is the smallest of the smallest",
            "torch.amin(torch.amin(input, 0)) + 0",
            "torch.amin(input) + 0",
            when="input.numel > 0 and dtype != 'bool'",
        ),
    ),
    predicates=(has_elements, reduces_bytes_from_0_up),
    cost=Cost(scratch=scratch_over_some_dims, workload=workload, row_workload=row_workload, reference="reduction"),
)
