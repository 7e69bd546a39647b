"""torch.argmax: the position of the largest element of a tensor, flattened or along a dimension."""

import numpy as np

from conformance.spec import ITS_OWN, Cost, Form, Law, Output, Refusal, Spec, dense
from conformance.spec.families.dimension import (
    dims_of_another_type,
    dims_out_of_range,
    dims_out_of_range_with_out,
    no_tensor,
)
from conformance.spec.families.reduction import keepdim_refused

from ._extremes import NUMBERS, along_one_dim, first_place, has_elements


def arguments(draw):
    """dim None means the tensor as one row."""
    drawn = along_one_dim(draw)
    whole = draw.choice((False, False, True)) and drawn["input"].numel > 0
    return {**drawn, "dim": None if whole else drawn["dim"]}


def oracle(input, dim, keepdim):
    """NaN is the largest wherever there is one. Of several largest elements the first is named."""
    if dim is None:
        place = first_place(np.argmax, input.reshape(-1), 0, False)
        return place.reshape((1,) * input.ndim) if keepdim else place
    return first_place(np.argmax, input, dim, keepdim)


def keeps_dims_of_a_row(dtype, input, dim, keepdim):
    """The whole tensor is looked through, and its dimensions are kept."""
    return dim is None and keepdim


def scratch(dtype, input, dim, keepdim):
    """A tensor that is no row in memory is made one."""
    return () if dim is not None or input.layout.kind == "contiguous" else None


def workload(size):
    return {"input": dense((size // 64, 64)), "dim": 1, "keepdim": False}


def row_workload(size):
    return {"input": dense((1, size)), "dim": 1, "keepdim": False}


spec = Spec(
    operation="torch.argmax",
    summary="The first position of the largest element along dim, or in the flattened tensor.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.argmax.html",
    arguments=arguments,
    forms=(
        Form("torch.argmax(input, dim, keepdim)"),
        Form("torch.argmax(input=input, dim=dim, keepdim=keepdim)"),
        Form("torch.argmax(input, axis=dim, keepdims=keepdim)"),
        Form("torch.argmax(input, dim)", when="not keepdim"),
        Form("torch.argmax(input)", when="dim is None and not keepdim"),
        Form("input.argmax(dim, keepdim)"),
        Form("input.argmax(dim=dim)", when="not keepdim"),
        Form("input.argmax()", when="dim is None and not keepdim"),
        Form("torch.argmax(input, dim, keepdim, out=out)", out_dtype=ITS_OWN),
    ),
    dtypes=NUMBERS,
    oracle=oracle,
    outputs=(Output(dtype="int64"),),
    refusals=(
        *dims_out_of_range("torch.argmax(input, {dim})"),
        *dims_out_of_range_with_out("torch.argmax(input, {dim}, out=out)"),
        *dims_of_another_type("torch.argmax(input, {dim})"),
        *keepdim_refused("torch.argmax(input, 0, {keepdim})"),
        *no_tensor("torch.argmax({input})"),
        Refusal("a tuple of dims", "torch.argmax(input, (0,))", TypeError),
        Refusal("a tensor of no elements", "torch.argmax(torch.ones(0, 3, dtype=dtype))", IndexError),
        Refusal("slices of no elements", "torch.argmax(torch.ones(0, 3, dtype=dtype), 0)", IndexError),
        Refusal("a boolean tensor", "torch.argmax(torch.ones(3, dtype=torch.bool))", RuntimeError),
        Refusal("a tensor of complex numbers", "torch.argmax(torch.ones(3, dtype=torch.complex64))", RuntimeError),
        Refusal("an out that is not int64", "torch.argmax(torch.ones(3, dtype=dtype), out=out.int())", RuntimeError),
    ),
    laws=(
        Law(
            "the position holds the largest element",
            "input.flatten()[torch.argmax(input)] + 0",
            "torch.amax(input) + 0",
            when="dim is None",
        ),
        Law(
            "the position in a flattened tensor is that in the tensor",
            "torch.argmax(input.flatten(), 0)",
            "torch.argmax(input)",
            when="dim is None",
        ),
        Law(
            "elements of equal size are named first",
            "torch.argmax(torch.ones(5, 40, dtype=dtype), 1)",
            "torch.zeros(5, dtype=torch.int64)",
        ),
    ),
    predicates=(has_elements, keeps_dims_of_a_row),
    cost=Cost(dtypes=("int64",), scratch=scratch, workload=workload, row_workload=row_workload, reference="reduction"),
)
