"""torch.min along a dimension: the smallest element of each slice, and its position.

torch.min of a whole tensor is in amin.py, torch.min of two tensors in minimum.py.
"""

import numpy as np

from conformance.spec import DATA_MOVEMENT, ITS_OWN, SEVERAL, Cost, Form, Gradient, Output, Spec

from ._extremes import (
    ORDERED,
    along_one_dim,
    back_to_place,
    extreme,
    first_place,
    forms_along_dim,
    has_elements,
    laws_along_dim,
    reduces_bytes_from_0_up,
    refusals_along_dim,
    row_workload,
    workload,
)


def oracle(input, dim, keepdim):
    """NaN is the smallest wherever there is one. Of several smallest elements the first is named."""
    return [
        extreme(np.min, input, dim if input.ndim else (), keepdim),
        first_place(np.argmin, input, dim, keepdim),
    ]


def gradient(incoming, results, input, dim, keepdim):
    """It goes to the element that was chosen."""
    return back_to_place(incoming[0], results[1], input, dim, keepdim)


def holds_booleans(dtype, input, dim, keepdim):
    return dtype == "bool"


spec = Spec(
    operation="torch.min",
    summary="The smallest element of each slice along dim, and the first position that holds it.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.min.html",
    arguments=along_one_dim,
    forms=(*forms_along_dim("min"), Form("torch.min(input, dim, keepdim, out=out)", out_dtype=ITS_OWN)),
    dtypes=ORDERED,
    oracle=oracle,
    outputs=(Output("values"), Output("indices", dtype="int64")),
    returns=SEVERAL,
    refusals=refusals_along_dim("min"),
    gradient=Gradient(terms=gradient, landmarks=DATA_MOVEMENT.landmarks),
    laws=laws_along_dim("min"),
    predicates=(has_elements, holds_booleans, reduces_bytes_from_0_up),
    cost=Cost(workload=workload, row_workload=row_workload, reference="reduction"),
)
