"""torch.meshgrid: coordinates of a grid, as views of the coordinates along each axis."""

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


def arguments(draw: Draw):
    """One axis may be long; a tensor without dimensions is an axis of one place."""
    count = draw.integer(1, 4)
    long = draw.integer(0, count - 1)
    shapes = [
        draw.shape(min_rank=1, max_rank=1) if place == long else ((draw.choice((2, 3, 1, 4, 0)),))
        for place in range(count)
    ]
    without = draw.integer(0, 2 * count)
    return {
        "tensors": tuple(draw.tensor(() if place == without else shape) for place, shape in enumerate(shapes)),
        "indexing": draw.choice(("ij", "xy")),
    }


def axes(count, indexing):
    """The dimension of the grid that each tensor lies along: with xy the first two are exchanged."""
    order = list(range(count))
    return [1, 0, *order[2:]] if indexing == "xy" and count > 1 else order


def grid_of(lengths, indexing):
    """The sizes of the grid."""
    return tuple(lengths[place] for place in axes(len(lengths), indexing))


def oracle(tensors, indexing):
    shape = grid_of([tensor.size for tensor in tensors], indexing)
    results = []
    for tensor, axis in zip(tensors, axes(len(tensors), indexing)):
        along = [1] * len(shape)
        along[axis] = tensor.size
        results.append(np.broadcast_to(tensor.reshape(along), shape))
    return results


def geometry(tensors, indexing):
    shape = grid_of([tensor.numel for tensor in tensors], indexing)
    places = []
    for tensor, axis in zip(tensors, axes(len(tensors), indexing)):
        strides = [0] * len(shape)
        strides[axis] = tensor.strides[0] if tensor.rank else 1
        places.append(View(shape, tuple(strides), tensor.offset))
    return places


def workload(size):
    return {"tensors": (dense((64,)), dense((size // 64,))), "indexing": "ij"}


spec = Spec(
    operation="torch.meshgrid",
    summary="For each of some axes a view of its coordinates, expanded over the grid that all span; xy exchanges two.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.meshgrid.html",
    arguments=arguments,
    forms=(
        Form("torch.meshgrid(*tensors, indexing=indexing)"),
        Form("torch.meshgrid(tensors, indexing=indexing)"),
        Form("torch.meshgrid(list(tensors), indexing=indexing)"),
    ),
    dtypes=ALL,
    oracle=oracle,
    returns=SEVERAL,
    memory=views("tensors", geometry),
    refusals=(
        Refusal("a matrix", "torch.meshgrid(tensors[0], torch.ones(2, 2, dtype=dtype), indexing='ij')", RuntimeError),
        Refusal(
            "tensors of two dtypes",
            "torch.meshgrid(torch.ones(2), torch.ones(2, dtype=torch.int32), indexing='ij')",
            RuntimeError,
        ),
        Refusal("an unknown indexing", "torch.meshgrid(*tensors, indexing='ab')", RuntimeError),
        Refusal("an empty list", "torch.meshgrid([], indexing='ij')", RuntimeError),
        Refusal("a number in place of a tensor", "torch.meshgrid([1], indexing='ij')", TypeError),
        Refusal("a number as the indexing", "torch.meshgrid(*tensors, indexing=0)", TypeError),
    ),
    gradient=DATA_MOVEMENT,
    laws=(
        Law(
            "xy exchanges the first two dimensions of ij",
            "torch.meshgrid(*tensors, indexing='xy')",
            "tuple(one.transpose(0, 1) for one in torch.meshgrid(*tensors, indexing='ij'))",
            when="len(tensors) > 1",
        ),
        Law(
            "NumPy spans the same grid",
            "torch.meshgrid(*tensors, indexing=indexing)",
            "tuple(torch.tensor(one) for one in np.meshgrid(*(array(one) for one in tensors), indexing=indexing))",
            when="dtype == 'float64' or dtype == 'int16'",
        ),
        Law(
            "one axis alone is itself",
            "torch.meshgrid(tensors[0].reshape(-1), indexing=indexing)[0]",
            "tensors[0].reshape(-1)",
        ),
    ),
    cost=Cost(workload=workload, reference="view", growth_exponent=0.0),
)
