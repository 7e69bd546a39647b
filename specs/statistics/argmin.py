"""torch.argmin: the position of the smallest element of a tensor, flattened or along a dimension."""

import numpy as np

from conformance.spec import Cost, Law, Output, Spec

from ._extremes import NUMBERS, has_elements, reduces_bytes_from_0_up, row_workload, workload
from ._places import (
    along_one_dim_or_all,
    first_place_in_all,
    forms_of_place,
    keeps_dims_of_a_row,
    laws_of_place,
    refusals_of_place,
    scratch_of_place,
)


def oracle(input, dim, keepdim):
    """NaN is the smallest wherever there is one. Of several smallest elements the first is named."""
    return first_place_in_all(np.argmin, input, dim, keepdim)


spec = Spec(
    operation="torch.argmin",
    summary="The first position of the smallest element along dim, or in the flattened tensor.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.argmin.html",
    arguments=along_one_dim_or_all,
    forms=forms_of_place("argmin"),
    dtypes=NUMBERS,
    oracle=oracle,
    outputs=(Output(dtype="int64"),),
    refusals=refusals_of_place("argmin"),
    laws=(
        Law(
            "the position holds the smallest element",
            "input.flatten()[torch.argmin(input)] + 0",
            "torch.amin(input) + 0",
            when="dim is None",
        ),
        *laws_of_place("argmin"),
    ),
    predicates=(has_elements, keeps_dims_of_a_row, reduces_bytes_from_0_up),
    cost=Cost(
        dtypes=("int64",), scratch=scratch_of_place, workload=workload, row_workload=row_workload, reference="reduction"
    ),
)
