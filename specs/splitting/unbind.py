"""torch.unbind: the entries of a tensor along one dimension, as views without that dimension."""

import numpy as np

from conformance.spec import (
    ALL,
    DATA_MOVEMENT,
    SEVERAL,
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

MOST_PIECES = 66
"""Longer dimensions are cut, so that the results stay few."""


def arguments(draw: Draw):
    shape = draw.shape(min_rank=1)
    dim = draw.dim(len(shape))
    sizes = list(shape)
    sizes[dim] = min(sizes[dim], MOST_PIECES)
    return {"input": draw.tensor(tuple(sizes)), "dim": dim}


def oracle(input, dim):
    return [np.take(input, place, axis=dim) for place in range(input.shape[dim])]


def geometry(input, dim):
    place = dim % input.rank
    shape, strides = ((*values[:place], *values[place + 1 :]) for values in (input.shape, input.strides))
    step = input.strides[place]
    return [View(shape, strides, input.offset + entry * step) for entry in range(input.shape[place])]


def workload(size):
    return {"input": dense((8, size // 8)), "dim": 0}


spec = Spec(
    operation="torch.unbind",
    summary="A tuple of views, one for each entry along dim, without that dimension.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.unbind.html",
    arguments=arguments,
    forms=(
        Form("torch.unbind(input, dim)"),
        Form("torch.unbind(input=input, dim=dim)"),
        Form("torch.unbind(input)", when="dim % input.rank == 0"),
        Form("input.unbind(dim)"),
        Form("input.unbind(dim=dim)"),
        Form("input.unbind()", when="dim % input.rank == 0"),
        Form("tuple(input)", when="dim % input.rank == 0"),
    ),
    dtypes=ALL,
    oracle=oracle,
    returns=SEVERAL,
    memory=views("input", geometry),
    refusals=(
        Refusal("a dim past the last dimension", "torch.unbind(input, input.dim())", IndexError),
        Refusal("a dim before the first dimension", "torch.unbind(input, -input.dim() - 1)", IndexError),
        Refusal("a dim past the last dimension, by the method", "input.unbind(input.dim())", IndexError),
        Refusal("a tensor without dimensions", "torch.unbind(torch.ones((), dtype=dtype))", IndexError),
        Refusal("an iteration over a tensor without dimensions", "tuple(torch.ones((), dtype=dtype))", TypeError),
        Refusal("a dim that is no whole number", "torch.unbind(input, 0.0)", TypeError),
        Refusal("True as the dim", "torch.unbind(input, True)", TypeError),
        Refusal("None as the dim", "torch.unbind(input, None)", TypeError),
        Refusal("a tuple of dims", "torch.unbind(input, (0,))", TypeError),
        Refusal("a list in place of the tensor", "torch.unbind([[1], [2]])", TypeError),
    ),
    gradient=DATA_MOVEMENT,
    laws=(
        Law("stack undoes unbind", "torch.stack(torch.unbind(input, dim), dim)", "input", when="input.shape[dim] > 0"),
        Law("there are as many results as entries", "len(torch.unbind(input, dim))", "input.shape[dim]"),
        Law(
            "each result is a select",
            "torch.unbind(input, dim)",
            "tuple(input.select(dim, place) for place in range(input.shape[dim]))",
            when="input.shape[dim] > 0",
        ),
        Law(
            "the results are the pieces of a split by 1",
            "torch.unbind(input, dim)",
            "tuple(piece.squeeze(dim) for piece in torch.split(input, 1, dim))",
            when="input.shape[dim] > 0",
        ),
        Law(
            "neighbours lie one stride apart",
            "(parts := torch.unbind(input, dim))[1].storage_offset() - parts[0].storage_offset()",
            "input.stride(dim)",
            when="input.shape[dim] > 1",
        ),
    ),
    cost=Cost(workload=workload, reference="view", growth_exponent=0.0),
)
