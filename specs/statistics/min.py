"""torch.min along a dimension: the smallest element of each slice, and its position.

torch.min of a whole tensor is in amin.py, torch.min of two tensors in minimum.py.
"""

import numpy as np

from conformance.spec import DATA_MOVEMENT, ITS_OWN, SEVERAL, Cost, Form, Gradient, Law, Output, Refusal, Spec, dense
from conformance.spec.families.dimension import (
    dims_of_another_type,
    dims_out_of_range,
    dims_out_of_range_with_out,
    no_tensor,
)
from conformance.spec.families.reduction import keepdim_refused

from ._extremes import ORDERED, along_one_dim, back_to_place, extreme, first_place, forms_along_dim, has_elements


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


def workload(size):
    return {"input": dense((size // 64, 64)), "dim": 1, "keepdim": False}


def row_workload(size):
    return {"input": dense((1, size)), "dim": 1, "keepdim": False}


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
    refusals=(
        *dims_out_of_range("torch.min(input, {dim})"),
        *dims_out_of_range_with_out("torch.min(input, {dim}, out=(out, out.long()))"),
        *dims_of_another_type("torch.min(input, {dim})"),
        *keepdim_refused("torch.min(input, 0, {keepdim})"),
        *no_tensor("torch.min({input}, 0)"),
        Refusal("a tuple of dims", "torch.min(input, (0,))", TypeError),
        Refusal("slices of no elements", "torch.min(torch.ones(0, 3, dtype=dtype), 0)", IndexError),
        Refusal("a tensor of complex numbers", "torch.min(torch.ones(3, dtype=torch.complex64), 0)", RuntimeError),
        Refusal("one tensor as out for two results", "torch.min(input, 0, out=out)", TypeError),
    ),
    gradient=Gradient(terms=gradient, landmarks=DATA_MOVEMENT.landmarks),
    laws=(
        Law(
            "the positions name the values",
            "torch.gather(input, dim, torch.min(input, dim, True).indices)",
            "torch.min(input, dim, True).values",
            when="input.rank > 0",
        ),
        Law(
            "the positions are those of argmin",
            "torch.min(input, dim, keepdim).indices",
            "torch.argmin(input, dim, keepdim)",
            when="dtype != 'bool'",
        ),
        Law(
            "the values are those of amin",
            "torch.min(input, dim, keepdim).values + 0",
            "torch.amin(input, dim, keepdim) + 0",
        ),
    ),
    predicates=(has_elements, holds_booleans),
    cost=Cost(workload=workload, row_workload=row_workload, reference="reduction"),
)
