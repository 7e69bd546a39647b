"""Faults of mse_loss."""

from __future__ import annotations

import torch

from tests.faults.kinds import (
    GAPS_IGNORED,
    INPUT_TAIL_LOST,
    infinity_clipped,
    nan_lost,
    subnormal_inputs_flushed,
    subnormals_flushed,
    through,
)
from tests.faults.kit import fault, plant

OPERATION = "torch.nn.functional.mse_loss"

plant(
    OPERATION,
    nan_lost("float16"),
    infinity_clipped("float64"),
    subnormals_flushed("float32"),
    subnormal_inputs_flushed("bfloat16"),
    through("float64", "float32"),
    INPUT_TAIL_LOST,
    GAPS_IGNORED,
)


@fault(OPERATION, "the sum is returned for the mean")
def sum_for_mean(clean, input, target, size_average=None, reduce=None, reduction="mean"):
    return clean(input, target, size_average, reduce, "sum" if reduction == "mean" else reduction)


@fault(OPERATION, "the mean of broadcast arguments is taken over the elements of the target")
def mean_over_target(clean, input, target, size_average=None, reduce=None, reduction="mean"):
    result = clean(input, target, size_average, reduce, reduction)
    broadcast = reduction == "mean" and input.numel() != target.numel() and target.numel() > 0
    return result * (input.numel() / target.numel()) if broadcast else result


@fault(OPERATION, "a target that broadcasts is refused")
def no_broadcast(clean, input, target, *args, **rest):
    if input.shape != target.shape:
        raise RuntimeError("input and target must have one shape")
    return clean(input, target, *args, **rest)


@fault(OPERATION, "any unknown reduction means none")
def any_reduction(clean, input, target, size_average=None, reduce=None, reduction="mean"):
    known = reduction in ("none", "mean", "sum")
    return clean(input, target, size_average, reduce, reduction if known else "none")


@fault(OPERATION, "size_average=False is ignored")
def size_average_ignored(clean, input, target, size_average=None, *args, **rest):
    return clean(input, target, None, *args, **rest)


@fault(OPERATION, "the difference is squared term by term, which loses digits")
def squared_by_terms(clean, input, target, size_average=None, reduce=None, reduction="mean"):
    result = clean(input, target, size_average, reduce, reduction)
    if reduction != "none" or result.dtype != torch.float64:
        return result
    return result.copy_(input * input - 2 * input * target + target * target)


@fault(OPERATION, "float16 sums overflow before the mean is taken")
def overflow_before_mean(clean, input, target, size_average=None, reduce=None, reduction="mean"):
    result = clean(input, target, size_average, reduce, reduction)
    if reduction != "mean" or result.dtype != torch.float16 or result.requires_grad:
        return result
    total = clean(input, target, reduction="sum")
    return total if bool(total.isinf()) else result
