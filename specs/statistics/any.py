"""torch.any: whether any element of a tensor, or of each of its slices, is true."""

import numpy as np

from conformance.spec import ALL, Cost, Law, Spec

from ._truth import (
    NARROW,
    TRUTH,
    arguments,
    forms_of_truth,
    has_elements,
    is_byte,
    is_no_byte,
    reduces_nothing,
    refusals_of_truth,
    row_workload,
    scratch,
    truth_over,
    workload,
)


def oracle(input, dim, keepdim):
    """Any number but 0 is true, NaN included; no element of an empty slice is."""
    return truth_over(np.any, input, dim, keepdim)


spec = Spec(
    operation="torch.any",
    summary="Whether any element is true, over all dimensions or those that dim names; uint8 gives uint8.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.any.html",
    arguments=arguments,
    forms=forms_of_truth("any"),
    dtypes=ALL,
    oracle=oracle,
    outputs=TRUTH,
    refusals=refusals_of_truth("any"),
    laws=(
        Law(
            "any element is true unless all are false",
            "torch.any(input, dim).bool()",
            "~torch.all(input == 0, dim)",
            when=NARROW,
        ),
        Law(
            "a tensor has a true element if it has one that is not 0",
            "torch.any(input).item()",
            "input.nonzero().shape[0] > 0",
            when=NARROW,
        ),
        Law("no element of nothing is true", "torch.any(input).item()", "False", when="input.numel == 0"),
    ),
    predicates=(has_elements, is_byte, is_no_byte, reduces_nothing),
    cost=Cost(dtypes=("bool",), scratch=scratch, workload=workload, row_workload=row_workload, reference="reduction"),
)
