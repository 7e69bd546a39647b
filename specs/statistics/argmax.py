"""torch.argmax: the position of the largest element of a tensor, flattened or along a dimension."""

import numpy as np

from conformance.spec import Cost, Law, Output, Spec

from ._extremes import NUMBERS, has_elements, reduces_bytes_from_0_down, row_workload, workload
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
    """NaN is the largest wherever there is one. Of several largest elements the first is named."""
    return first_place_in_all(np.argmax, input, dim, keepdim)


spec = Spec(
    operation="torch.argmax",
    summary="The first position of the largest element along dim, or in the flattened tensor.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.argmax.html",
    arguments=along_one_dim_or_all,
    forms=forms_of_place("argmax"),
    dtypes=NUMBERS,
    oracle=oracle,
    outputs=(Output(dtype="int64"),),
    refusals=refusals_of_place("argmax"),
    laws=(
        Law(
            "the position holds the largest element",
            "input.flatten()[torch.argmax(input)] + 0",
            "torch.amax(input) + 0",
            when="dim is None",
        ),
        *laws_of_place("argmax"),
    ),
    predicates=(has_elements, keeps_dims_of_a_row, reduces_bytes_from_0_down),
    cost=Cost(
        dtypes=("int64",), scratch=scratch_of_place, workload=workload, row_workload=row_workload, reference="reduction"
    ),
)
