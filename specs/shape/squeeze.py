"""torch.squeeze: a view without the dimensions of size 1, all of them or those named."""

import numpy as np

from conformance.spec import (
    ALL,
    DATA_MOVEMENT,
    Cost,
    Draw,
    Form,
    Law,
    Refusal,
    Spec,
    View,
    dense,
    views,
)
from conformance.spec.families.copies import in_row_major_order


def arguments(draw: Draw):
    """`dims` are those to take away where they are of size 1; `dim` is one of them, and may be any."""
    shape = draw.shape()
    ones = draw.integer(0, 2 ** len(shape) - 1)
    shape = tuple(1 if ones >> place & 1 else size for place, size in enumerate(shape))
    dims = tuple(range(len(shape))) if draw.boolean() else draw.dims(len(shape))
    return {"input": draw.tensor(shape), "dims": dims, "dim": draw.dim(len(shape))}


def kept(shape, dims):
    """The places of the dimensions that stay."""
    named = {dim % len(shape) for dim in dims}
    return [place for place, size in enumerate(shape) if size != 1 or place not in named]


def oracle(input, dims, dim):
    return np.reshape(input, tuple(input.shape[place] for place in kept(input.shape, dims)))


def geometry(input, dims, dim):
    places = kept(input.shape, dims)
    shape, strides = (tuple(values[place] for place in places) for values in (input.shape, input.strides))
    return [View(shape, strides, input.offset)]


def loses_a_dimension_of_a_lazy_tensor(dtype, input, dims, dim):
    """A negative or conjugate that was not computed yet, which is not in row-major order, loses a dimension."""
    loses = len(kept(input.shape, dims)) < input.rank
    return input.layout.lazy and loses and not in_row_major_order(input)


def workload(size):
    return {"input": dense((size // 64, 1, 64, 1)), "dims": (1, 3), "dim": 1}


EVERY = "len(dims) == input.rank"

spec = Spec(
    operation="torch.squeeze",
    summary="A view without the dimensions of size 1, all of them or those of `dim`; others named stay as they are.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.squeeze.html",
    arguments=arguments,
    forms=(
        Form("torch.squeeze(input, dims)"),
        Form("torch.squeeze(input=input, dim=dims)"),
        Form("torch.squeeze(input)", when=EVERY),
        Form("torch.squeeze(input, list(dims))"),
        Form("torch.squeeze(input, dims[0])", when="len(dims) == 1"),
        Form("torch.squeeze(input, dim=dims[0])", when="len(dims) == 1"),
        Form("input.squeeze(dims)"),
        Form("input.squeeze(*dims)", when="len(dims) > 0"),
        Form("input.squeeze(dim=dims)"),
        Form("input.squeeze()", when=EVERY),
        Form("input.squeeze_(dims)", writes="input"),
        Form("input.squeeze_(dim=dims)", writes="input"),
        Form("input.squeeze_(dims[0])", when="len(dims) == 1", writes="input"),
        Form("input.squeeze_()", when=EVERY, writes="input"),
    ),
    dtypes=ALL,
    oracle=oracle,
    memory=views("input", geometry),
    refusals=(
        Refusal("a dim past the last dimension", "torch.squeeze(input, max(input.dim(), 1))", IndexError),
        Refusal("a dim before the first dimension", "torch.squeeze(input, -max(input.dim(), 1) - 1)", IndexError),
        Refusal(
            "a tuple with a dim past the last dimension", "torch.squeeze(input, (0, max(input.dim(), 1)))", IndexError
        ),
        Refusal("a dim past the last dimension, by the method", "input.squeeze(max(input.dim(), 1))", IndexError),
        Refusal("a dim past the last dimension, in place", "input.squeeze_(max(input.dim(), 1))", IndexError),
        Refusal("a dim named twice", "torch.squeeze(input, (dim, dim))", RuntimeError),
        Refusal("a dim named from either end", "torch.squeeze(input, (0, -max(input.dim(), 1)))", RuntimeError),
        Refusal("a dim that is no whole number", "torch.squeeze(input, 0.0)", TypeError),
        Refusal("True as the dim", "torch.squeeze(input, True)", TypeError),
        Refusal("None as the dim", "torch.squeeze(input, None)", TypeError),
        Refusal("a list in place of the tensor", "torch.squeeze([[1]])", TypeError),
    ),
    gradient=DATA_MOVEMENT,
    laws=(
        Law("the view begins at the input's address", "torch.squeeze(input, dims).data_ptr()", "input.data_ptr()"),
        Law(
            "squeezing twice gives what squeezing once gives",
            "torch.squeeze(torch.squeeze(input))",
            "torch.squeeze(input)",
        ),
        Law(
            "unsqueeze undoes the squeeze of one dimension",
            "torch.squeeze(input, dim).unsqueeze(dim)",
            "input",
            when="input.rank and input.shape[dim] == 1",
        ),
        Law(
            "a dimension above size 1 stays",
            "torch.squeeze(input, dim)",
            "input",
            when="input.rank and input.shape[dim] != 1",
        ),
        Law(
            "squeezing is a reshape to the sizes that are not 1",
            "torch.squeeze(input)",
            "input.reshape([n for n in input.shape if n != 1])",
        ),
    ),
    cost=Cost(workload=workload, reference="view", growth_exponent=0.0),
    predicates=(loses_a_dimension_of_a_lazy_tensor,),
)
