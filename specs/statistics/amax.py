"""torch.amax: the largest element of a tensor, or of its slices over some dimensions; torch.max of a whole tensor."""

import numpy as np

from conformance.spec import ITS_OWN, Cost, Form, Gradient, Law, Refusal, Spec, dense
from conformance.spec.families.dimension import (
    dims_of_another_type,
    dims_out_of_range,
    dims_out_of_range_with_out,
    no_tensor,
)
from conformance.spec.families.reduction import keepdim_refused, reduced_axes, several_dims_refused

from ._extremes import ORDERED, extreme, has_elements, over_some_dims, shared_by_ties, shares_bound


def oracle(input, dim, keepdim):
    """NaN is the largest wherever there is one."""
    return extreme(np.max, input, reduced_axes(input.ndim, dim), keepdim)


def gradient(incoming, results, input, dim, keepdim):
    """Elements that tie for the largest share it evenly."""
    return shared_by_ties(np.max, incoming[0], input, dim, keepdim)


def scratch(dtype, input, dim, keepdim):
    """A large tensor is looked through in parts."""
    return () if input.numel < 32768 else None


def workload(size):
    return {"input": dense((size // 64, 64)), "dim": 1, "keepdim": False}


def row_workload(size):
    return {"input": dense((1, size)), "dim": 1, "keepdim": False}


spec = Spec(
    operation="torch.amax",
    summary="The largest element over the dimensions that dim names, or over all; ties share the gradient.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.amax.html",
    arguments=over_some_dims,
    forms=(
        Form("torch.amax(input, dim, keepdim)"),
        Form("torch.amax(input=input, dim=dim, keepdim=keepdim)"),
        Form("torch.amax(input, axis=dim, keepdims=keepdim)"),
        Form("torch.amax(input, dim)", when="not keepdim"),
        Form("torch.amax(input)", when="dim == () and not keepdim"),
        Form("input.amax(dim, keepdim)"),
        Form("input.amax()", when="dim == () and not keepdim"),
        Form("torch.max(input)", when="dim == () and not keepdim"),
        Form("torch.max(input=input)", when="dim == () and not keepdim"),
        Form("input.max()", when="dim == () and not keepdim"),
        Form("torch.amax(input, dim, keepdim, out=out)", out_dtype=ITS_OWN),
        Form("torch.max(input, out=out)", when="dim == () and not keepdim"),
    ),
    dtypes=ORDERED,
    oracle=oracle,
    refusals=(
        *dims_out_of_range("torch.amax(input, {dim})"),
        *dims_out_of_range_with_out("torch.amax(input, {dim}, out=out)"),
        *dims_of_another_type("torch.amax(input, {dim})"),
        *several_dims_refused("torch.amax(input, {dim})"),
        *keepdim_refused("torch.amax(input, 0, {keepdim})"),
        *no_tensor("torch.amax({input})"),
        Refusal("a tensor of no elements", "torch.max(torch.ones(0, 3, dtype=dtype))", RuntimeError),
        Refusal("slices of no elements", "torch.amax(torch.ones(0, 3, dtype=dtype), 0)", IndexError),
        Refusal("a tensor of complex numbers", "torch.amax(torch.ones(3, dtype=torch.complex64))", RuntimeError),
    ),
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
    predicates=(has_elements,),
    cost=Cost(scratch=scratch, workload=workload, row_workload=row_workload, reference="reduction"),
)
