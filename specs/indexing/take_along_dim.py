"""torch.take_along_dim: for each place of an index, the entry of a tensor at that place but for one dimension; both
broadcast elsewhere."""

import numpy as np

from conformance.spec import (
    BOOL,
    COMPLEXES,
    DATA_MOVEMENT,
    FLOATS,
    INTEGERS,
    Cost,
    Draw,
    Form,
    Law,
    Refusal,
    Spec,
    dense,
    view_strides,
)


def arguments(draw: Draw):
    """Without a dim both count as flat. With one, positions below 0 count from the end."""
    flat = draw.choice((False, False, True))
    shape, dim = draw.shape_and_dim() if flat else with_dimensions(draw)
    numel = int(np.prod(shape))
    if flat:
        return {"input": draw.tensor(shape), "indices": positions(draw, draw.shape(0, 3), numel), "dim": None}
    place = dim % len(shape)
    input_shape, index_shape = list(shape), list(shape)
    index_shape[place] = draw.choice((shape[place], draw.size(), 1))
    grown = draw.choice(("neither", "neither", "input", "indices"))
    for other in range(len(shape)):
        if other != place and grown != "neither" and draw.boolean():
            (input_shape if grown == "input" else index_shape)[other] = 1
    if input_shape[place] == 0:
        index_shape[place] = 0
    return {
        "input": draw.tensor(tuple(input_shape)),
        "indices": positions(draw, tuple(index_shape), input_shape[place], -input_shape[place]),
        "dim": dim,
    }


def with_dimensions(draw):
    """A shape of at least one dimension, and one of them."""
    shape, dim = draw.shape_and_dim()
    return (shape, dim) if shape else ((draw.size(1),), dim)


def positions(draw, shape, size, low=0):
    """An index of a dimension of some size; it is empty where there is nothing to name."""
    return draw.index(shape if size or 0 in shape else (0,), low, size)


def oracle(input, indices, dim):
    if dim is None:
        return np.reshape(input, -1)[np.reshape(indices, -1)]
    place = dim % input.ndim
    common = np.broadcast_shapes(
        (*input.shape[:place], 1, *input.shape[place + 1 :]), (*indices.shape[:place], 1, *indices.shape[place + 1 :])
    )
    source, index = (
        np.broadcast_to(array, (*common[:place], array.shape[place], *common[place + 1 :]))
        for array in (input, indices)
    )
    return np.take_along_axis(source, index, place)


def cannot_be_viewed_flat(dtype, input, indices, dim):
    """Without a dim, and one of the two does not lie in one row."""
    flat = (view_strides(one.shape, one.strides, (one.numel,)) for one in (input, indices))
    return dim is None and any(strides is None for strides in flat)


def counts_as_flat(dtype, input, indices, dim):
    return dim is None


def scratch(dtype, input, indices, dim):
    """Halves may be gathered by way of float32. Besides there are the size along dim, and positions that count from the
    start. Nothing is promised where something broadcasts."""
    if dim is None:
        return ()
    return (8, 8 * indices.numel) if input.shape == indices.shape and indices.layout.kind == "contiguous" else None


def workload(size):
    rows = size // 64
    return {"input": dense((rows, 64)), "indices": dense((rows, 64), "index", "int64", high=64), "dim": 1}


ALONG = "dim is not None"
FLAT = "dim is None"
FILLED = "input.numel > 0 and indices.numel > 0"

spec = Spec(
    operation="torch.take_along_dim",
    summary="The entries at indices along dim, broadcast over the other dimensions; without dim both are flattened.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.take_along_dim.html",
    arguments=arguments,
    forms=(
        Form("torch.take_along_dim(input, indices, dim)"),
        Form("torch.take_along_dim(input=input, indices=indices, dim=dim)"),
        Form("torch.take_along_dim(input, indices)", when=FLAT),
        Form("input.take_along_dim(indices, dim)"),
        Form("input.take_along_dim(indices=indices, dim=dim)"),
        Form("input.take_along_dim(indices)", when=FLAT),
        Form("torch.take_along_dim(input, indices, dim, out=out)", when=ALONG),
        Form("torch.take_along_dim(input, indices, out=out)", when=FLAT),
    ),
    dtypes=BOOL + INTEGERS + FLOATS + COMPLEXES,
    oracle=oracle,
    refusals=(
        Refusal(
            "a position past the last entry",
            "torch.take_along_dim(input, indices * 0 + (input.numel() if dim is None else input.shape[dim]), dim)",
            (IndexError, RuntimeError),
            when=FILLED,
            poisons=True,
        ),
        Refusal(
            "a position before the first entry",
            "torch.take_along_dim(input, indices * 0 - 1 - (0 if dim is None else input.shape[dim]), dim)",
            (IndexError, RuntimeError),
            when=FILLED,
            poisons=True,
        ),
        Refusal(
            "a dim past the last dimension",
            "torch.take_along_dim(input, indices, input.dim())",
            IndexError,
            when=ALONG,
        ),
        Refusal(
            "a dim before the first dimension",
            "torch.take_along_dim(input, indices, -input.dim() - 1)",
            IndexError,
            when=ALONG,
        ),
        Refusal(
            "indices with fewer dimensions",
            "torch.take_along_dim(torch.ones(2, 3, dtype=dtype), torch.tensor([0]), 1)",
            RuntimeError,
        ),
        Refusal(
            "indices whose shape does not broadcast",
            "torch.take_along_dim(torch.ones(2, 3, dtype=dtype), torch.zeros(3, 1, dtype=torch.int64), 1)",
            RuntimeError,
        ),
        Refusal(
            "floating indices",
            "torch.take_along_dim(input, indices.double(), dim)",
            RuntimeError,
            when="indices.numel > 0",
        ),
        Refusal(
            "boolean indices", "torch.take_along_dim(input, indices > 0, dim)", RuntimeError, when="indices.numel > 0"
        ),
        Refusal("indices of int32", "torch.take_along_dim(input, indices.int(), dim)", RuntimeError, when=ALONG),
        Refusal(
            "indices of uint8",
            "torch.take_along_dim(input, indices.byte(), dim)",
            RuntimeError,
            when="indices.numel > 0",
        ),
        Refusal("a list as the indices", "torch.take_along_dim(input, [0], dim)", TypeError),
        Refusal("a dim that is no whole number", "torch.take_along_dim(input, indices, 0.0)", TypeError),
        Refusal("a call without indices", "torch.take_along_dim(input)", TypeError),
        Refusal("a list in place of the tensor", "torch.take_along_dim([1, 2], indices, 0)", TypeError),
        Refusal("floating indices, with out=", "torch.take_along_dim(out, torch.zeros(3), 0, out=out)", RuntimeError),
    ),
    gradient=DATA_MOVEMENT,
    laws=(
        Law(
            "without broadcasting it is gather",
            "torch.take_along_dim(input, indices, dim)",
            "torch.gather(input, dim, indices % input.shape[dim])",
            when=f"{ALONG} and input.rank > 0 and input.shape[:dim % input.rank] == indices.shape[:dim % input.rank]"
            " and input.shape[dim % input.rank + 1:] == indices.shape[dim % input.rank + 1:]",
        ),
        Law(
            "without a dim it is take",
            "torch.take_along_dim(input, indices)",
            "torch.take(input, indices.reshape(-1))",
            when=FLAT,
        ),
        Law(
            "the places that argsort gives sort the tensor",
            "torch.take_along_dim(input, torch.argsort(input, dim=dim, stable=True), dim)",
            "torch.sort(input, dim=dim, stable=True).values",
            when=f"{ALONG} and 'complex' not in dtype",
        ),
        Law(
            "an index of one place for all rows is an index_select",
            "torch.take_along_dim(input, torch.tensor([0]).reshape((1,) * input.dim()), dim)",
            "torch.index_select(input, dim, torch.tensor([0]))",
            when=f"{ALONG} and input.numel > 0",
        ),
    ),
    predicates=(cannot_be_viewed_flat, counts_as_flat),
    cost=Cost(
        scratch=scratch,
        dtypes=(*BOOL, *INTEGERS, "float32", "float64", *COMPLEXES),
        workload=workload,
        reference="elementwise",
    ),
)
