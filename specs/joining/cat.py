"""torch.cat: joins tensors along a dimension that they already have."""

from math import prod

import numpy as np

from conformance.spec import (
    ALL,
    CELL_DTYPE,
    DATA_MOVEMENT,
    DENSE,
    LAYOUTS,
    PROMOTED,
    Cost,
    Draw,
    Form,
    Law,
    Output,
    Refusal,
    Spec,
)

from ._dtypes import JOINED_KINDS
from ._workloads import growth_workload, workload

EMPTY = (0,)
"""The shape of a tensor that is passed over, whatever the shape of the others, as in the first releases."""


def arguments(draw: Draw):
    images = draw.integer(0, 9) == 9
    layout = ("channels_last",) if images else LAYOUTS
    shape = tuple(draw.size(smallest=1) for _ in range(4)) if images else draw.shape(min_rank=1)
    dim = draw.dim(len(shape))
    place = dim % len(shape)
    count = draw.tensor_count((1, 2, 3, 4, 2, 10), prod(shape)) if prod(shape) <= 64 else draw.integer(1, 3)
    sizes = [shape[place], *(draw.size() for _ in range(count - 1))]
    shapes = [(*shape[:place], size, *shape[place + 1 :]) for size in sizes]
    if draw.choice((False, False, False, True)):
        shapes.insert(draw.integer(0, len(shapes)), EMPTY)
    mixed = draw.choice((False, False, False, True))
    kinds = draw.choice(JOINED_KINDS)
    tensors = [
        draw.tensor(each, dtype=draw.partner(kinds) if mixed and number else CELL_DTYPE, layout=layout)
        for number, each in enumerate(shapes)
    ]
    return {"tensors": tensors, "dim": dim}


SIZED = "all(tensor.shape != (0,) for tensor in tensors)"


def oracle(tensors, dim):
    kept = [tensor for tensor in tensors if tensor.shape != EMPTY]
    return np.concatenate(kept, dim) if kept else tensors[0]


def joins_one_element(dtype, tensors, dim):
    """A single entry in all, joined along another dimension than the first."""
    return sum(tensor.numel for tensor in tensors) == 1 and dim % max(tensor.rank for tensor in tensors) > 0


def passes_over_another_dtype(dtype, tensors, dim):
    return not all(tensor.numel for tensor in tensors) and len({tensor.dtype for tensor in tensors}) > 1


spec = Spec(
    operation="torch.cat",
    summary="Joins tensors along a dimension they have; every other size must agree, dtypes promote.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.cat.html",
    arguments=arguments,
    forms=(
        Form("torch.cat(tensors, dim)"),
        Form("torch.cat(tensors=list(tensors), dim=dim)"),
        Form("torch.cat(tensors, axis=dim)"),
        Form("torch.cat(tensors)", when="dim == 0"),
        Form("torch.concat(tensors, dim)"),
        Form("torch.concat(list(tensors))", when="dim == 0"),
        Form("torch.concatenate(tensors, dim)"),
        Form("torch.concatenate(tensors, axis=dim)"),
        Form("torch.cat(tensors, dim, out=out)"),
        Form("torch.concat(tensors, dim, out=out)"),
        Form("torch.concatenate(tensors, dim, out=out)"),
    ),
    dtypes=ALL,
    oracle=oracle,
    outputs=(Output(dtype=PROMOTED),),
    # Channels-last tensors join to a channels-last one; else the order of dimensions in memory is open.
    memory=DENSE,
    refusals=(
        Refusal("an empty list of tensors", "torch.cat([])", (RuntimeError, ValueError)),
        Refusal("an empty tuple of tensors, with out=", "torch.cat((), out=out)", (RuntimeError, ValueError)),
        Refusal("one tensor in place of a sequence", "torch.cat(tensors[0], dim)", TypeError),
        Refusal("a number among the tensors", "torch.cat([*tensors, 1], dim)", TypeError),
        Refusal("None among the tensors", "torch.cat([*tensors, None], dim)", TypeError),
        Refusal("a dim that is no whole number", "torch.cat(tensors, 0.0)", TypeError),
        Refusal("a dim past the last dimension", "torch.cat(tensors, tensors[0].dim())", IndexError, when=SIZED),
        Refusal(
            "a dim before the first dimension", "torch.cat(tensors, -tensors[0].dim() - 1)", IndexError, when=SIZED
        ),
        Refusal(
            "a dim past the last dimension, with out=",
            "torch.cat(tensors, tensors[0].dim(), out=out)",
            IndexError,
            when=SIZED,
        ),
        Refusal(
            "a dim before the first dimension, with out=",
            "torch.cat(tensors, -tensors[0].dim() - 1, out=out)",
            IndexError,
            when=SIZED,
        ),
        Refusal("tensors without dimensions", "torch.cat([torch.zeros((), dtype=dtype)] * 2)", RuntimeError),
        Refusal(
            "a tensor without dimensions behind others",
            "torch.cat([*tensors, torch.zeros((), dtype=dtype)], dim)",
            RuntimeError,
        ),
        Refusal("an element of a vector beside the vector", "torch.cat([out, out[0]], out=out)", RuntimeError),
        Refusal(
            "tensors that differ in a size beside dim",
            "torch.cat([torch.zeros(2, 3, dtype=dtype), torch.zeros(2, 4, dtype=dtype)])",
            RuntimeError,
        ),
        Refusal(
            "tensors that differ in a size beside dim, with out=",
            "torch.cat([torch.zeros(2, 3, dtype=dtype), torch.zeros(4, 3, dtype=dtype)], 1, out=out)",
            RuntimeError,
        ),
        Refusal(
            "an empty matrix that differs in a size beside dim",
            "torch.cat([torch.zeros(2, 3, dtype=dtype), torch.zeros(0, 4, dtype=dtype)])",
            RuntimeError,
        ),
        Refusal(
            "tensors of different ranks", "torch.cat([tensors[0], tensors[0].unsqueeze(0)])", RuntimeError, when=SIZED
        ),
        Refusal("an out that is one of the tensors", "torch.cat([out], out=out)", RuntimeError),
        Refusal("an expanded tensor as out", "torch.cat([out, out], out=out[:1].expand(6))", RuntimeError),
        Refusal(
            "a boolean out for elements of another dtype",
            "torch.cat([out, out], out=torch.zeros(6) > 0)",
            (RuntimeError, TypeError),
            when="dtype != 'bool'",
        ),
        Refusal(
            "dtypes that do not promote",
            "torch.cat([torch.zeros(2, dtype=torch.int32), torch.zeros(2, dtype=torch.uint16)])",
            RuntimeError,
        ),
    ),
    gradient=DATA_MOVEMENT,
    laws=(
        Law(
            "split undoes cat",
            "torch.split(torch.cat(tensors, dim), [tensor.shape[dim] for tensor in tensors], dim)",
            "[tensor.to(torch.cat(tensors, dim).dtype) for tensor in tensors]",
            when=SIZED,
        ),
        Law("joining one tensor gives its elements", "torch.cat(tensors[:1], dim)", "tensors[0]"),
        Law(
            "joining in two steps gives the same tensor",
            "torch.cat([torch.cat(tensors[:1], dim), *tensors[1:]], dim)",
            "torch.cat(tensors, dim)",
        ),
        Law(
            "a tensor that comes twice is joined twice",
            "torch.cat([tensors[0], tensors[0]], dim)",
            "np.concatenate([array(tensors[0])] * 2, dim)",
            when=SIZED,
        ),
        Law(
            "a dim counted from either end gives the same tensor",
            "torch.cat(tensors, dim)",
            "torch.cat(tensors, dim - tensors[0].dim() if dim >= 0 else dim + tensors[0].dim())",
            when=SIZED,
        ),
        Law(
            "row-major tensors join to a row-major tensor",
            "torch.cat([t.flatten().reshape(t.shape) for t in tensors], dim).is_contiguous()",
            "True",
        ),
    ),
    cost=Cost(workload=workload, growth_workload=growth_workload),
    predicates=(joins_one_element, passes_over_another_dtype),
)
