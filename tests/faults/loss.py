"""Faults of mse_loss."""

from __future__ import annotations

import torch

from tests.faults import gradients
from tests.faults.gradients import (
    gradient_fault,
    plant_gradients,
    spoiled,
    tracked,
)
from tests.faults.kinds import (
    FLOATS_TAIL_LOST,
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
    FLOATS_TAIL_LOST,
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


# --- gradients ------------------------------------------------------------------------------------------------------


def wrong_slope(title, slope):
    """Gradients are `slope` times as large, a number that the shapes and the reduction say."""

    def body(clean, input, target, size_average=None, reduce=None, reduction="mean"):
        result = clean(input, target, size_average, reduce, reduction)
        factor = slope(input, target, reduction)
        return spoiled(result, lambda gradient: gradient * factor) if tracked(input, target) else result

    return title, body


def _over_input(input, target, reduction):
    elements = torch.broadcast_shapes(input.shape, target.shape).numel()
    return elements / input.numel() if reduction == "mean" and input.numel() else 1


def _half(input, target, reduction):
    return 0.5


def _mean_of_none(input, target, reduction):
    return 1 / max(input.numel(), 1) if reduction == "none" else 1


plant_gradients(
    OPERATION,
    gradients.COPIES_LOST,
    gradients.SECOND_FROZEN,
    gradients.INCOMING_TAKEN_FOR_ONES,
    gradients.OTHER_WHEN_TRACKED,
    wrong_slope("the gradient of a mean is divided by the size of the input, not of the broadcast", _over_input),
    wrong_slope("the factor 2 is left out", _half),
    wrong_slope("without a reduction gradients are divided by the size", _mean_of_none),
)
plant_gradients(OPERATION, gradients.lost("nn.MSELoss detaches"), only=("forward",))


@gradient_fault(OPERATION, "the target gets no gradient")
def target_detached(clean, input, target, *args, **rest):
    return clean(input, target.detach() if tracked(target) else target, *args, **rest)


@gradient_fault(OPERATION, "input and target get each other's gradient")
def gradients_swapped(clean, input, target, *args, **rest):
    result = clean(input, target, *args, **rest)
    return spoiled(result, torch.neg) if tracked(input, target) else result
