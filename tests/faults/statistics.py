"""Faults of torch.norm, topk, kthvalue and the reductions."""

from __future__ import annotations

import math

import torch

from tests.faults import gradients
from tests.faults.gradients import gradient_fault, plant_gradients, tracked, watched, with_gradient_of
from tests.faults.kinds import (
    GAPS_IGNORED,
    INPUT_TAIL_LOST,
    LARGE_LOST,
    infinity_clipped,
    nan_lost,
    subnormals_flushed,
    through,
)
from tests.faults.kit import changed, fault, plant

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


for operation in ("torch.topk", "torch.kthvalue"):

    @fault(operation, "along more than 100 entries the last one is not looked at")
    def last_of_many_overlooked(clean, input, k, dim=-1, *args, **rest):
        if input.dim() == 0 or input.shape[dim] <= 100 or k == input.shape[dim]:
            return clean(input, k, dim, *args, **rest)
        return clean(input.narrow(dim, 0, input.shape[dim] - 1), k, dim, *args, **rest)


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


# --- gradients ------------------------------------------------------------------------------------------------------


def back_from_norm(title, change):
    """`change` makes a wrong gradient of the gradient, the input, the order and the dim."""

    def body(clean, input, p=None, dim=None, keepdim=False, **rest):
        order = 2 if p in (None, "fro") else p
        seen = watched(input, lambda gradient, x: change(gradient, x, order, dim)) if tracked(input) else input
        return take_norm(clean, seen, p, dim, keepdim, rest)

    return title, body


def _ties_count_whole(gradient, x, order, dim):
    if abs(order) != math.inf or x.dim() == 0:
        return gradient
    axes = tuple(range(x.dim())) if dim in (None, ()) else dim
    return gradient * (gradient != 0).sum(axes, keepdim=True)


def _undefined_at_zero(gradient, x, order, dim):
    return torch.where(x == 0, math.nan * gradient, gradient)


def _sign_lost(gradient, x, order, dim):
    return gradient * x.sgn().conj()


def _power_too_high(gradient, x, order, dim):
    return gradient * x.abs() if order in (0.5, 3, -1) else gradient


def _conjugated(gradient, x, order, dim):
    return gradient.conj()


def _per_dim(gradient, x, order, dim):
    return gradient / x.shape[dim] if isinstance(dim, int) and x.dim() and x.shape[dim] else gradient


plant_gradients(
    "torch.norm",
    gradients.SECOND_FROZEN,
    gradients.INCOMING_TAKEN_FOR_ONES,
    gradients.OTHER_UNDER_INFERENCE,
    back_from_norm("each of the entries that tie for an infinite norm gets the whole gradient", _ties_count_whole),
    back_from_norm("the gradient is NaN at entries that are 0", _undefined_at_zero),
    back_from_norm("the gradient loses the sign", _sign_lost),
    back_from_norm("the gradient for an odd order has one power too many", _power_too_high),
    back_from_norm("the gradient of a complex norm comes back conjugated", _conjugated),
    back_from_norm("along one dim the gradient is that of the mean", _per_dim),
)
plant_gradients("torch.norm", gradients.lost("vector_norm is not recorded"), only=("vector_norm",))


class _Asking(torch.Tensor):  # type: ignore[misc]
    """A tensor that says that it asks for a gradient."""

    requires_grad = property(lambda tensor: True)


def chosen(title, change):
    """`change` makes other values of the call's, which say where the gradient goes; positions stay."""

    def body(clean, input, k, dim=-1, *args, **rest):
        result = clean(input, k, dim, *args, **rest)
        if not tracked(input) or input.dim() == 0:
            return result
        return type(result)((with_gradient_of(change(input, result, dim), result.values), result.indices))

    return title, body


def _by_value(input, result, dim):
    """The first of the entries that equal the value."""
    rows, places = input.movedim(dim, -1), result.indices
    kept = places.dim() == input.dim()
    chosen = places.movedim(dim, -1) if kept else places.unsqueeze(-1)
    if rows.numel() * chosen.shape[-1] > 100_000:
        return result.values
    values = rows.detach().gather(-1, chosen).unsqueeze(-1)
    others = rows.detach().unsqueeze(-2)
    first = ((others == values) | (others.isnan() & values.isnan())).int().argmax(-1)
    back = rows.gather(-1, first)
    return back.movedim(-1, dim) if kept else back.squeeze(-1)


def _in_reverse(input, result, dim):
    return result.values.flip(dim) if result.values.dim() == input.dim() else result.values


def _indices_ask(clean, input, *args, **rest):
    result = clean(input, *args, **rest)
    return type(result)((result.values, result.indices.as_subclass(_Asking))) if tracked(input) else result


for operation in ("torch.topk", "torch.kthvalue"):
    plant_gradients(
        operation,
        chosen("of equal entries the first gets the gradient, whichever was chosen", _by_value),
        ("the positions ask for a gradient", _indices_ask),
    )
plant_gradients(
    "torch.topk",
    gradients.OTHER_UNDER_NO_GRAD,
    gradients.SECOND_LOST,
    gradients.rounded_to("float32", "float64"),
    chosen("incoming gradients are taken last to first", _in_reverse),
)
plant_gradients(
    "torch.kthvalue",
    gradients.INCOMING_TAKEN_FOR_ONES,
    gradients.STRIDES_SWAPPED,
    gradients.OTHER_WHEN_TRACKED,
    gradients.SECOND_DOUBLED,
    gradients.lost_in("float16"),
)


@gradient_fault("torch.topk", "the smallest are not recorded")
def topk_smallest_detached(clean, input, k, dim=-1, largest=True, sorted=True, **rest):
    result = clean(input, k, dim, largest, sorted, **rest)
    return result if largest or not tracked(input) else changed(result, torch.Tensor.detach)


@gradient_fault("torch.kthvalue", "with keepdim the gradient goes to the first entry")
def kthvalue_kept_first(clean, input, k, dim=-1, keepdim=False, **rest):
    result = clean(input, k, dim, keepdim, **rest)
    if not keepdim or not tracked(input) or input.dim() == 0:
        return result
    return type(result)((with_gradient_of(input.narrow(dim, 0, 1), result.values), result.indices))


# --- sums ---------------------------------------------------------------------------------------------------------


def computed_before_out(clean, input, *args, out=None, **rest):
    """As if the result were worked out as without an out, and then converted to its dtype."""
    if out is None or out.dtype == input.dtype:
        return clean(input, *args, **rest) if out is None else clean(input, *args, out=out, **rest)
    plain = clean(input, *args, **rest)
    return out.resize_(plain.shape).copy_(plain)


def reduces(dim, rest):
    """Whether a call names one dimension, and no out."""
    return isinstance(dim, int) and rest.get("out") is None


plant(
    "torch.sum",
    nan_lost("float32"),
    infinity_clipped("float64"),
    subnormals_flushed("float64"),
    through("float64", "float32"),
    through("int64", "float32"),
    INPUT_TAIL_LOST,
    GAPS_IGNORED,
    ("an out of another dtype receives the converted sum", computed_before_out),
)


@fault("torch.sum", "whole numbers are added up in int32")
def sum_in_int32(clean, input, *args, **rest):
    result = clean(input, *args, **rest)
    return result.to(torch.int32).to(torch.int64) if result.dtype == torch.int64 and not rest else result


@fault("torch.sum", "int32 gives int32")
def sum_keeps_int32(clean, input, *args, **rest):
    result = clean(input, *args, **rest)
    return result.to(torch.int32) if input.dtype == torch.int32 and not rest else result


@fault("torch.sum", "halves are added up in float16")
def sum_in_halves(clean, input, dim=None, *args, **rest):
    result = clean(input, dim, *args, **rest)
    if input.dtype != torch.float16 or not reduces(dim, rest) or not input.dim() or result.dtype != torch.float16:
        return result
    total = torch.zeros_like(input.select(dim, 0)) if input.shape[dim] else None
    for part in input.unbind(dim):
        total = total + part
    return result if total is None else result.copy_(total.reshape(result.shape))


@fault("torch.sum", "an empty tuple of dims reduces nothing")
def sum_over_nothing(clean, input, dim=None, *args, **rest):
    return clean(input, dim, *args, **rest) if dim != () or rest.get("out") is not None else input.clone()


@fault("torch.sum", "the dtype that is asked for converts the sum and not the elements")
def sum_converts_late(clean, input, *args, dtype=None, **rest):
    if dtype is None or rest:
        return clean(input, *args, **rest) if dtype is None else clean(input, *args, dtype=dtype, **rest)
    return clean(input, *args).to(dtype)


@fault("torch.sum", "einsum adds up all but the last element", only=("einsum",))
def sum_by_einsum(clean, equation, input):
    return clean(equation, input[..., :-1]) if input.shape[-1] > 1 else clean(equation, input)


plant_gradients(
    "torch.sum",
    gradients.INCOMING_TAKEN_FOR_ONES,
    gradients.OTHER_WHEN_TRACKED,
    gradients.lost_in("bfloat16"),
    gradients.lost("the gradient is lost"),
)
