"""torch.all: whether all elements of a tensor, or of each of its slices, are true."""

import numpy as np

from conformance.spec import ALL, Cost, Law, Spec

from ._truth import (
    NARROW,
    TRUTH,
    arguments,
    forms_of_truth,
    has_elements,
    is_no_byte,
    reduces_nothing,
    refusals_of_truth,
    row_workload,
    scratch,
    truth_over,
    workload,
)


def oracle(input, dim, keepdim):
    """Any number but 0 is true, NaN included; all elements of an empty slice are."""
    return truth_over(np.all, input, dim, keepdim)


spec = Spec(
    operation="torch.all",
    summary="Whether all elements are true, over all dimensions or those that dim names; uint8 gives uint8.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.all.html",
    arguments=arguments,
    forms=forms_of_truth("all"),
    dtypes=ALL,
    oracle=oracle,
    outputs=TRUTH,
    refusals=refusals_of_truth("all"),
    laws=(
        Law(
            "all elements are true unless any is false",
            "torch.all(input, dim).bool()",
            "~torch.any(input == 0, dim)",
            when=NARROW,
        ),
        Law(
            "a tensor is true if as many elements are not 0 as there are",
            "torch.all(input).item()",
            "bool(torch.count_nonzero(input) == input.numel())",
            when=NARROW,
        ),
        Law("all elements of nothing are true", "torch.all(input).item()", "True", when="input.numel == 0"),
    ),
    predicates=(has_elements, is_no_byte, reduces_nothing),
    cost=Cost(dtypes=("bool",), scratch=scratch, workload=workload, row_workload=row_workload, reference="reduction"),
)
