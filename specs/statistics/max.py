"""torch.max along a dimension: the largest element of each slice, and its position.

torch.max of a whole tensor is in amax.py, torch.max of two tensors in maximum.py.
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
    reduces_bytes_from_0_down,
    refusals_along_dim,
    row_workload,
    workload,
)


def oracle(input, dim, keepdim):
    """NaN is the largest wherever there is one. Of several largest elements the first is named."""
    return [
        extreme(np.max, input, dim if input.ndim else (), keepdim),
        first_place(np.argmax, input, dim, keepdim),
    ]


def gradient(incoming, results, input, dim, keepdim):
    """It goes to the element that was chosen."""
    return back_to_place(incoming[0], results[1], input, dim, keepdim)


spec = Spec(
    operation="torch.max",
    summary="The largest element of each slice along dim, and the first position that holds it.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.max.html",
    arguments=along_one_dim,
    forms=(*forms_along_dim("max"), Form("torch.max(input, dim, keepdim, out=out)", out_dtype=ITS_OWN)),
    dtypes=ORDERED,
    oracle=oracle,
    outputs=(Output("values"), Output("indices", dtype="int64")),
    returns=SEVERAL,
    refusals=refusals_along_dim("max"),
    gradient=Gradient(terms=gradient, landmarks=DATA_MOVEMENT.landmarks),
    laws=laws_along_dim("max"),
    predicates=(has_elements, reduces_bytes_from_0_down),
    cost=Cost(workload=workload, row_workload=row_workload, reference="reduction"),
)
