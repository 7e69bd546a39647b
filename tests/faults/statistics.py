"""Faults of torch.norm, topk, kthvalue and the reductions."""

from __future__ import annotations

import math

import torch

from tests.faults import gradients
from tests.faults.gradients import gradient_fault, plant_gradients, tracked, watched, with_gradient_of
from tests.faults.kinds import (
    FLOATS_TAIL_LOST,
    GAPS_IGNORED,
    INPUT_TAIL_LOST,
    LARGE_LOST,
    TAIL_LOST,
    infinity_clipped,
    nan_lost,
    subnormals_flushed,
    through,
)
from tests.faults.kit import changed, fault, plant, spoil

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


# --- means, products, and running sums ----------------------------------------------------------------------------


plant(
    "torch.mean",
    nan_lost("bfloat16"),
    infinity_clipped("float32"),
    subnormals_flushed("float64"),
    through("float64", "float32"),
    INPUT_TAIL_LOST,
    GAPS_IGNORED,
    ("an out of another dtype receives the converted mean", computed_before_out),
)
plant(
    "torch.prod",
    nan_lost("float64"),
    through("float64", "float32"),
    through("int64", "float32"),
    INPUT_TAIL_LOST,
    GAPS_IGNORED,
    ("an out of another dtype receives the converted product", computed_before_out),
)
plant(
    "torch.cumsum",
    nan_lost("float32"),
    infinity_clipped("float64"),
    through("float64", "float32"),
    through("int64", "float32"),
    TAIL_LOST,
    INPUT_TAIL_LOST,
    GAPS_IGNORED,
    ("an out of another dtype receives the converted sums", computed_before_out),
)


@fault("torch.mean", "the number of elements is that of the last dimension")
def mean_over_last(clean, input, dim=None, *args, **rest):
    result = clean(input, dim, *args, **rest)
    if input.dim() < 2 or dim is not None or not input.numel() or rest.get("out") is not None:
        return result
    return result * (input.numel() // input.shape[-1])


@fault("torch.mean", "halves are added up in float16")
def mean_in_halves(clean, input, dim=None, *args, **rest):
    result = clean(input, dim, *args, **rest)
    if input.dtype != torch.float16 or not reduces(dim, rest) or not input.dim() or result.dtype != torch.float16:
        return result
    total = torch.zeros_like(input.select(dim, 0)) if input.shape[dim] else None
    for part in input.unbind(dim):
        total = total + part / input.shape[dim]
    return result if total is None else result.copy_(total.reshape(result.shape))


@fault("torch.mean", "the mean of no elements is 0")
def mean_of_nothing(clean, input, *args, **rest):
    result = clean(input, *args, **rest)
    return result if input.numel() else result.nan_to_num(0)


@fault("torch.mean", "keepdim is ignored")
def mean_keeps_no_dim(clean, input, dim=None, keepdim=False, **rest):
    return clean(input, dim, False, **rest)


@fault("torch.prod", "whole numbers are multiplied in int32")
def prod_in_int32(clean, input, *args, **rest):
    result = clean(input, *args, **rest)
    return result.to(torch.int32).to(torch.int64) if result.dtype == torch.int64 and not rest else result


@fault("torch.prod", "the product of no elements is 0")
def prod_of_nothing(clean, input, *args, **rest):
    result = clean(input, *args, **rest)
    return result if input.numel() else result.zero_()


@fault("torch.prod", "the sign of a product of more than eight elements is lost")
def prod_without_sign(clean, input, *args, **rest):
    result = clean(input, *args, **rest)
    return spoil(result, torch.abs) if input.numel() > 8 and input.dtype == torch.float32 else result


@fault("torch.prod", "booleans give booleans")
def prod_of_booleans(clean, input, *args, **rest):
    result = clean(input, *args, **rest)
    return result.bool() if input.dtype == torch.bool and result.dtype == torch.int64 and not rest else result


@fault("torch.cumsum", "each sum leaves its own element out")
def cumsum_exclusive(clean, input, dim, *args, **rest):
    result = clean(input, dim, *args, **rest)
    return spoil(result, lambda sums: sums - input.to(sums.dtype)) if sums_alike(input, result) else result


def sums_alike(input, result):
    """Whether float64 sums stand in the place of their float64 elements."""
    return input.dtype == result.dtype == torch.float64 and result is not input and not result.requires_grad


@fault("torch.cumsum", "the sums run from the end")
def cumsum_backwards(clean, input, dim, *args, **rest):
    return clean(input.flip(dim), dim, *args, **rest) if input.dim() and not rest else clean(input, dim, *args, **rest)


@fault("torch.cumsum", "int32 gives int32")
def cumsum_keeps_int32(clean, input, dim, **rest):
    result = clean(input, dim, **rest)
    return result.to(torch.int32) if input.dtype == torch.int32 and not rest and not clean.in_place else result


@fault("torch.cumsum", "halves are added up in float16")
def cumsum_in_halves(clean, input, dim, *args, **rest):
    result = clean(input, dim, *args, **rest)
    plain = input.dtype == result.dtype == torch.float16 and input.dim() and not rest and result is not input
    if not plain or not input.numel() or result.requires_grad:
        return result
    parts, total = [], torch.zeros_like(input.select(dim, 0))
    for part in input.unbind(dim):
        total = total + part
        parts.append(total)
    return result.copy_(torch.stack(parts, dim))


for operation in ("torch.mean", "torch.prod", "torch.cumsum"):
    plant_gradients(
        operation,
        gradients.INCOMING_TAKEN_FOR_ONES,
        gradients.OTHER_WHEN_TRACKED,
        gradients.lost("the gradient is lost"),
    )


# --- the largest and the smallest ---------------------------------------------------------------------------------


for operation in ("torch.amax", "torch.amin", "torch.max", "torch.min", "torch.maximum", "torch.minimum"):
    plant(
        operation,
        nan_lost("float64"),
        infinity_clipped("float16"),
        subnormals_flushed("float32"),
        through("int64", "float64"),
        INPUT_TAIL_LOST,
        GAPS_IGNORED,
    )
for operation in ("torch.argmax", "torch.argmin"):
    plant(operation, through("int64", "float64"), through("float64", "float32"), INPUT_TAIL_LOST, GAPS_IGNORED)


def without_nan(lowest):
    """As if NaN lost to every number."""

    def body(clean, input, *args, **rest):
        if not input.is_floating_point() or clean.in_place or rest.get("out") is not None:
            return clean(input, *args, **rest)
        return clean(torch.where(input.isnan(), lowest, input), *args, **rest)

    return body


for names, lowest in ((("amax", "max", "argmax"), -math.inf), (("amin", "min", "argmin"), math.inf)):
    for name in names:
        fault(f"torch.{name}", "NaN loses to every number")(without_nan(lowest))


def last_overlooked(clean, input, dim=None, *args, **rest):
    """The last of more than 100 elements is not looked at."""
    if not isinstance(dim, int) or input.dim() == 0 or input.shape[dim] <= 100:
        return clean(input, dim, *args, **rest) if dim is not None else clean(input, *args, **rest)
    return clean(input.narrow(dim, 0, input.shape[dim] - 1), dim, *args, **rest)


for name in ("amax", "amin", "max", "min", "argmax", "argmin"):
    fault(f"torch.{name}", "the last of more than 100 elements is overlooked")(last_overlooked)


def without_kept_dim(clean, input, dim=None, keepdim=False, **rest):
    return clean(input, **rest) if dim is None and not keepdim else clean(input, dim, **rest)


def of_dim(name):
    """The position of the last of several equal elements."""

    def body(clean, input, dim=None, keepdim=False, **rest):
        result = clean(input, dim, keepdim, **rest) if dim is not None else clean(input, **rest)
        if not isinstance(dim, int) or input.dim() == 0 or rest or input.requires_grad:
            return result
        backwards = getattr(torch, name)(input.flip(dim), dim, keepdim)
        wrong = input.shape[dim] - 1 - backwards
        spared = result[1] if isinstance(result, tuple) else result
        spared.copy_(wrong)
        return result

    return body


for name in ("max", "min"):
    fault(f"torch.{name}", "of equal elements the last is named")(of_dim(f"arg{name}"))
    fault(f"torch.arg{name}", "of equal elements the last is named")(of_dim(f"arg{name}"))
for name in ("amax", "amin", "argmax", "argmin"):
    fault(f"torch.{name}", "keepdim is ignored")(without_kept_dim)


@fault("torch.argmax", "a flattened tensor is looked through column by column")
@fault("torch.argmin", "a flattened tensor is looked through column by column")
def arg_by_columns(clean, input, dim=None, *args, **rest):
    if dim is not None or args or rest or input.dim() < 2:
        return clean(input, dim, *args, **rest)
    return clean(input.permute(*reversed(range(input.dim()))).reshape(-1))


def with_first_signs(clean, input, other=None, *args, **rest):
    """Numbers of opposite signs are taken for equal in size, and the first is chosen."""
    result = clean(input, other, *args, **rest)
    if not isinstance(other, torch.Tensor) or input.shape != other.shape or result.requires_grad:
        return result
    return spoil(result, lambda chosen: torch.where(input == -other, input, chosen)) if not rest else result


def of_no_broadcast(clean, input, other=None, *args, **rest):
    if isinstance(other, torch.Tensor) and input.shape != other.shape:
        raise RuntimeError("operands must have one shape")
    return clean(input, other, *args, **rest)


def of_second_nan(clean, input, other=None, *args, **rest):
    """A NaN in the second operand loses."""
    result = clean(input, other, *args, **rest)
    if rest or not isinstance(other, torch.Tensor) or not result.is_floating_point() or result.requires_grad:
        return result
    return spoil(result, lambda chosen: torch.where(other.isnan() & ~input.isnan(), input, chosen).to(chosen.dtype))


for name in ("maximum", "minimum"):
    fault(f"torch.{name}", "of numbers of opposite signs the first is chosen")(with_first_signs)
    fault(f"torch.{name}", "operands that broadcast are refused")(of_no_broadcast)
    fault(f"torch.{name}", "a NaN in the second operand loses")(of_second_nan)
for name in ("amax", "amin", "max", "min", "maximum", "minimum"):
    plant_gradients(
        f"torch.{name}",
        gradients.INCOMING_TAKEN_FOR_ONES,
        gradients.OTHER_WHEN_TRACKED,
        gradients.lost("the gradient is lost"),
    )


# --- truth --------------------------------------------------------------------------------------------------------


def with_nan_false(clean, input, *args, **rest):
    return clean(input.nan_to_num(0) if input.is_floating_point() else input, *args, **rest)


def as_whole_numbers(clean, input, *args, **rest):
    """A fraction below 1 counts as false."""
    return clean(input.trunc() if input.is_floating_point() else input, *args, **rest)


def always_boolean(clean, input, *args, **rest):
    result = clean(input, *args, **rest)
    return result.bool() if result.dtype == torch.uint8 and rest.get("out") is None else result


def over_all_for_none(clean, input, dim=None, *args, **rest):
    """An empty tuple of dims stands for all of them."""
    return clean(input, tuple(range(input.dim())) if dim == () else dim, *args, **rest)


for name in ("any", "all"):
    plant(f"torch.{name}", INPUT_TAIL_LOST, GAPS_IGNORED)
    fault(f"torch.{name}", "NaN is false")(with_nan_false)
    fault(f"torch.{name}", "a fraction below 1 is false")(as_whole_numbers)
    fault(f"torch.{name}", "uint8 gives booleans")(always_boolean)
    fault(f"torch.{name}", "an empty tuple of dims stands for all")(over_all_for_none)


# --- order --------------------------------------------------------------------------------------------------------


plant(
    "torch.sort",
    nan_lost("float64"),
    infinity_clipped("float16"),
    subnormals_flushed("float32"),
    through("int64", "float64"),
    TAIL_LOST,
    INPUT_TAIL_LOST,
    GAPS_IGNORED,
)


@fault("torch.sort", "descending is ignored")
def sort_ascending(clean, input, dim=-1, descending=False, **rest):
    return clean(input, dim=dim, descending=False, **rest)


@fault("torch.sort", "a stable sort downwards turns the order of equal elements round")
def sort_down_unstable(clean, input, dim=-1, descending=False, stable=None, **rest):
    result = clean(input, dim=dim, descending=descending, stable=bool(stable), **rest)
    if not (descending and stable) or input.dim() == 0 or rest or input.requires_grad:
        return result
    upwards = clean(input, dim=dim, descending=False, stable=True)
    result.values.copy_(upwards.values.flip(dim))
    result.indices.copy_(upwards.indices.flip(dim))
    return result


@fault("torch.sort", "NaN comes first")
def sort_nan_first(clean, input, dim=-1, descending=False, stable=None, **rest):
    result = clean(input, dim=dim, descending=descending, stable=bool(stable), **rest)
    if descending or not input.is_floating_point() or input.dim() == 0 or rest or input.requires_grad:
        return result
    places = clean(torch.where(input.isnan(), -math.inf, input), dim=dim, stable=True).indices
    result.values.copy_(input.gather(dim, places))
    result.indices.copy_(places)
    return result


@fault("torch.sort", "rows of more than 100 leave their last element where it was")
def sort_all_but_last(clean, input, dim=-1, descending=False, stable=None, **rest):
    result = clean(input, dim=dim, descending=descending, stable=bool(stable), **rest)
    if input.dim() == 0 or input.shape[dim] <= 100 or rest or input.requires_grad:
        return result
    size = input.shape[dim] - 1
    first = clean(input.narrow(dim, 0, size), dim=dim, descending=descending, stable=True)
    result.values.narrow(dim, 0, size).copy_(first.values)
    result.values.select(dim, size).copy_(input.select(dim, size))
    result.indices.narrow(dim, 0, size).copy_(first.indices)
    result.indices.select(dim, size).fill_(size)
    return result


plant_gradients(
    "torch.sort",
    gradients.INCOMING_TAKEN_FOR_ONES,
    gradients.OTHER_WHEN_TRACKED,
    gradients.lost("the gradient is lost"),
)


# --- spread -------------------------------------------------------------------------------------------------------


def with_correction_of_one(clean, input, dim=None, *, correction=1, keepdim=False, **rest):
    return clean(input, dim, correction=1, keepdim=keepdim, **rest)


def by_moments(clean, input, dim=None, *, correction=1, keepdim=False):
    """The mean of the squares less the square of the mean, which loses digits."""
    result = clean(input, dim, correction=correction, keepdim=keepdim)
    if input.dtype != torch.float64 or correction != 0 or not input.numel() or result.requires_grad:
        return result
    means = (input * input).mean(dim, keepdim) - input.mean(dim, keepdim) ** 2
    return result.copy_(means if clean.name == "var" else means.sqrt())


def of_one_element(clean, input, *args, **rest):
    result = clean(input, *args, **rest)
    return result.nan_to_num(0) if input.numel() == 1 else result


def of_real_parts(clean, input, *args, **rest):
    return clean(input.real if input.is_complex() else input, *args, **rest)


def of_whole_corrections(clean, input, *args, correction=1, **rest):
    return clean(input, *args, correction=math.ceil(correction), **rest)


for name in ("var", "std"):
    plant(f"torch.{name}", nan_lost("float32"), through("float64", "float32"), INPUT_TAIL_LOST, GAPS_IGNORED)
    fault(f"torch.{name}", "the correction is always 1")(with_correction_of_one)
    fault(f"torch.{name}", "squares and means are subtracted, which loses digits")(by_moments)
    fault(f"torch.{name}", "one element has the spread 0")(of_one_element)
    fault(f"torch.{name}", "the imaginary parts do not count")(of_real_parts)
    fault(f"torch.{name}", "a correction that is a fraction is rounded up")(of_whole_corrections)
    plant_gradients(
        f"torch.{name}",
        gradients.INCOMING_TAKEN_FOR_ONES,
        gradients.OTHER_WHEN_TRACKED,
        gradients.lost("the gradient is lost"),
    )


# --- long rows, of which a few elements are less than the error bound of all -----------------------------------------

for name in ("sum", "mean", "norm", "var", "std", "prod", "cumsum"):
    plant(f"torch.{name}", FLOATS_TAIL_LOST)
