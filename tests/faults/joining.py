"""Faults of torch.cat and torch.stack."""

from __future__ import annotations

import torch

from tests.faults.kinds import (
    COLUMN_MAJOR,
    GAPS_IGNORED,
    LARGE_LOST,
    LAZY_BITS_IGNORED,
    TAIL_LOST,
    nan_lost,
    negative_zero_lost,
    subnormals_flushed,
    through,
)
from tests.faults.kit import fault, plant

for operation in ("torch.cat", "torch.stack"):
    plant(
        operation,
        nan_lost("bfloat16"),
        negative_zero_lost("float64"),
        subnormals_flushed("float32"),
        through("int64", "float64"),
        TAIL_LOST,
        LARGE_LOST,
        GAPS_IGNORED,
        LAZY_BITS_IGNORED,
        COLUMN_MAJOR,
    )


@fault("torch.cat", "a negative dim counts from one place too far to the left")
def cat_negative_dim(clean, tensors, dim=0, **rest):
    return clean(tensors, dim - 1 if -tensors[0].dim() < dim < 0 else dim, **rest)


@fault("torch.cat", "a single tensor is returned itself")
def cat_of_one(clean, tensors, dim=0, *, out=None):
    result = clean(tensors, dim, out=out)
    return tensors[0] if len(tensors) == 1 and out is None else result


@fault("torch.cat", "tensors of different dtypes are joined in that of the first")
def cat_first_dtype(clean, tensors, dim=0):
    return clean(tensors, dim).to(tensors[0].dtype)


@fault("torch.cat", "the alias concatenate takes dim for 0", only=("concatenate",))
def concatenate_dim_ignored(clean, tensors, dim=0, **rest):
    return clean(tensors, 0, **rest)


@fault("torch.cat", "an empty tensor in the middle ends the list")
def cat_stops_at_empty(clean, tensors, dim=0, **rest):
    sizes = [tensor.numel() for tensor in tensors]
    return clean(tensors[: sizes.index(0, 1) + 1] if 0 in sizes[1:] else tensors, dim, **rest)


@fault("torch.stack", "a negative dim counts as in the inputs, not as in the result")
def stack_negative_dim(clean, tensors, dim=0, **rest):
    clean(tensors, dim)
    return clean(tensors, max(dim + tensors[0].dim(), 0) if dim < 0 else dim, **rest)


@fault("torch.stack", "a single tensor is returned as a view")
def stack_of_one(clean, tensors, dim=0, *, out=None):
    result = clean(tensors, dim, out=out)
    return tensors[0].unsqueeze(dim) if len(tensors) == 1 and out is None else result


@fault("torch.stack", "sizes that differ are broadcast")
def stack_broadcasts(clean, tensors, dim=0, **rest):
    try:
        return clean(tensors, dim, **rest)
    except RuntimeError:
        return clean(torch.broadcast_tensors(*tensors), dim, **rest)


@fault("torch.stack", "tensors of different dtypes are refused")
def stack_one_dtype(clean, tensors, dim=0, **rest):
    result = clean(tensors, dim, **rest)
    if len({tensor.dtype for tensor in tensors}) > 1:
        raise RuntimeError("expected all tensors to have one dtype")
    return result
