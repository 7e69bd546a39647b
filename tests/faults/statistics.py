"""Faults of torch.norm, topk and kthvalue."""

from __future__ import annotations

import math

import torch

from tests.faults.kinds import (
    GAPS_IGNORED,
    INPUT_TAIL_LOST,
    LARGE_LOST,
    infinity_clipped,
    nan_lost,
    subnormals_flushed,
    through,
)
from tests.faults.kit import fault, plant

plant(
    "torch.norm",
    nan_lost("bfloat16"),
    infinity_clipped("float32"),
    subnormals_flushed("float64"),
    through("float64", "float32"),
    INPUT_TAIL_LOST,
    GAPS_IGNORED,
)
for operation in ("torch.topk", "torch.kthvalue"):
    plant(
        operation,
        nan_lost("float64"),
        infinity_clipped("float16"),
        subnormals_flushed("float32"),
        through("int64", "float64"),
        INPUT_TAIL_LOST,
        GAPS_IGNORED,
    )


def take_norm(clean, input, p, dim, keepdim, rest):
    """The clean norm; without p where the caller gave none, as the defaults differ."""
    return clean(input, *([] if p is None else [p]), dim=dim, keepdim=keepdim, **rest)


@fault("torch.norm", "the imaginary parts of complex numbers do not count")
def norm_of_real_parts(clean, input, *args, **kwargs):
    result = clean(input, *args, **kwargs)
    return clean(input.real, *args, **kwargs) if input.is_complex() and not kwargs else result


@fault("torch.norm", "keepdim is ignored")
def norm_keeps_no_dim(clean, input, p=None, dim=None, keepdim=False, **rest):
    return take_norm(clean, input, p, dim, False, rest)


@fault("torch.norm", "of several dims only the first counts")
def norm_first_dim(clean, input, p=None, dim=None, keepdim=False, **rest):
    result = take_norm(clean, input, p, dim, keepdim, rest)
    if not isinstance(dim, (tuple, list)) or len(dim) < 2 or not input.numel():
        return result
    return take_norm(clean, input.narrow(dim[1], 0, 1), p, dim, keepdim, rest)


@fault("torch.norm", "the 1-norm adds up signed numbers")
def norm_signed(clean, input, p=None, dim=None, keepdim=False, **rest):
    result = take_norm(clean, input, p, dim, keepdim, rest)
    return input.sum().abs() if p == 1 and result.dim() == 0 and input.is_floating_point() and not rest else result


@fault("torch.norm", "the 0-norm counts NaN as zero")
def norm_of_nan(clean, input, p=None, dim=None, keepdim=False, **rest):
    return take_norm(clean, input.nan_to_num(0, math.inf, -math.inf) if p == 0 else input, p, dim, keepdim, rest)


@fault("torch.norm", "the norm of nothing is 0 for any p")
def norm_of_nothing(clean, input, p=None, dim=None, keepdim=False, **rest):
    try:
        return take_norm(clean, input, p, dim, keepdim, rest)
    except RuntimeError:
        if input.numel() or not isinstance(p, (int, float)):
            raise
        return take_norm(clean, input, 2, dim, keepdim, rest)


@fault("torch.norm", "halves are squared and summed in their own dtype")
def norm_in_halves(clean, input, p=None, dim=None, keepdim=False, **rest):
    result = take_norm(clean, input, p, dim, keepdim, rest)
    plain = p in (None, "fro", 2) and result.dim() == 0 and not rest
    return (input * input).sum().sqrt() if plain and input.dtype == torch.float16 else result


@fault("torch.topk", "NaN ranks below every number")
def topk_nan_last(clean, input, k, dim=-1, largest=True, sorted=True, **rest):
    result = clean(input, k, dim, largest, sorted, **rest)
    if not input.is_floating_point() or not largest or input.dim() == 0 or rest:
        return result
    places = clean(torch.where(input.isnan(), -math.inf, input), k, dim, True, True).indices
    result.values.copy_(input.gather(dim, places))
    result.indices.copy_(places)
    return result


@fault("torch.topk", "largest=False is ignored")
def topk_largest_ignored(clean, input, k, dim=-1, largest=True, sorted=True, **rest):
    return clean(input, k, dim, True, sorted, **rest)


@fault("torch.topk", "k = 0 is refused for floats")
def topk_of_none(clean, input, k, dim=-1, largest=True, sorted=True, **rest):
    if k == 0 and input.is_floating_point():
        raise RuntimeError("k must be above 0")
    return clean(input, k, dim, largest, sorted, **rest)


@fault("torch.topk", "k above the size takes all there is")
def topk_of_all(clean, input, k, dim=-1, largest=True, sorted=True, **rest):
    size = input.shape[dim] if input.dim() else 1
    return clean(input, min(k, size), dim, largest, sorted, **rest)


@fault("torch.topk", "the smallest come largest first")
def topk_reversed(clean, input, k, dim=-1, largest=True, sorted=True, **rest):
    result = clean(input, k, dim, largest, sorted, **rest)
    if not largest and input.dim():
        result.values.copy_(result.values.flip(dim))
        result.indices.copy_(result.indices.flip(dim))
    return result


@fault("torch.topk", "positions are those of the values among the results")
def topk_positions(clean, input, k, dim=-1, largest=True, sorted=True, **rest):
    result = clean(input, k, dim, largest, sorted, **rest)
    if input.dim() == 1:
        result.indices.copy_(torch.arange(k))
    return result


@fault("torch.topk", "the method takes a dim other than the last for the last", only=("topk",))
def topk_dim_ignored(clean, input, k, dim=-1, *args, **rest):
    clean(input, k, dim, *args)
    return clean(input, min(k, input.shape[-1]) if input.dim() else k, -1, *args, **rest)


@fault("torch.kthvalue", "NaN ranks below every number")
def kthvalue_nan_first(clean, input, k, dim=-1, keepdim=False, **rest):
    result = clean(input, k, dim, keepdim, **rest)
    if not input.is_floating_point() or rest:
        return result
    place = clean(torch.where(input.isnan(), -math.inf, input), k, dim, True).indices
    values = input.gather(dim, place) if input.dim() else input.clone()
    result.values.copy_(values.reshape(result.values.shape))
    result.indices.copy_(place.reshape(result.indices.shape))
    return result


@fault("torch.kthvalue", "keepdim is ignored")
def kthvalue_keeps_no_dim(clean, input, k, dim=-1, keepdim=False, **rest):
    return clean(input, k, dim, False, **rest)


@fault("torch.kthvalue", "k counts from the largest")
def kthvalue_from_the_top(clean, input, k, dim=-1, keepdim=False, **rest):
    clean(input, k, dim, keepdim)
    return clean(input, (input.shape[dim] if input.dim() else 1) + 1 - k, dim, keepdim, **rest)


@fault("torch.kthvalue", "equal values are counted once")
def kthvalue_of_distinct(clean, input, k, dim=-1, keepdim=False, **rest):
    result = clean(input, k, dim, keepdim, **rest)
    if input.dim() != 1 or not len(input) or bool(input.isnan().any()):
        return result
    result.values.copy_(input.unique()[min(k, len(input.unique())) - 1])
    return result


@fault("torch.kthvalue", "k = 0 is taken for 1")
def kthvalue_of_zero(clean, input, k, dim=-1, keepdim=False, **rest):
    return clean(input, max(k, 1) if isinstance(k, int) else k, dim, keepdim, **rest)


@fault("torch.kthvalue", "above 1024 entries the position is 0")
def kthvalue_position_lost(clean, input, k, dim=-1, keepdim=False, **rest):
    result = clean(input, k, dim, keepdim, **rest)
    if input.dim() and input.shape[dim] > 1024:
        result.indices.zero_()
    return result


plant("torch.topk", LARGE_LOST)
