"""Faults of torch.cat and torch.stack."""

from __future__ import annotations

import torch

from tests.faults import gradients
from tests.faults.gradients import (
    gradient_fault,
    plant_gradients,
    spoiled,
    tracked,
    with_gradient_of,
)
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


for operation in ("torch.cat", "torch.stack"):

    @fault(operation, "of more than 16 tensors the seventeenth is the sixteenth again")
    def joined_by_sixteen(clean, tensors, *args, **rest):
        tensors = list(tensors)
        many = len(tensors) > 16 and tensors[15].shape == tensors[16].shape
        return clean([*tensors[:16], tensors[15], *tensors[17:]] if many else tensors, *args, **rest)


@fault("torch.cat", "channels-last tensors join to a row-major one")
def cat_row_major(clean, tensors, *args, **rest):
    result = clean(tensors, *args, **rest)
    return result.contiguous() if rest.get("out") is None else result


@fault("torch.cat", "channels-last tensors join to one whose channels are innermost and whose columns are outermost")
def cat_column_by_column(clean, tensors, *args, **rest):
    result = clean(tensors, *args, **rest)
    images = result.dim() == 4 and rest.get("out") is None and not result.is_contiguous()
    return result.permute(0, 3, 2, 1).contiguous().permute(0, 3, 2, 1) if images else result


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


# --- gradients ------------------------------------------------------------------------------------------------------


def _turned(clean, tensors, dim=0, **rest):
    """Where all have one shape and dtype, the gradients are those of the tensors in reverse order."""
    result = clean(tensors, dim, **rest)
    alike = len({(tensor.shape, tensor.dtype) for tensor in tensors}) == 1
    return with_gradient_of(clean(tensors[::-1], dim), result) if alike and tracked(tensors) else result


def _narrowed(clean, tensors, dim=0, **rest):
    result = clean(tensors, dim, **rest)
    mixed = len({tensor.dtype for tensor in tensors}) > 1 and not result.is_complex() and tracked(tensors)
    return spoiled(result, lambda gradient: gradient.bfloat16().to(gradient.dtype)) if mixed else result


def _first_tracked(clean, tensors, dim=0, **rest):
    first, *others = tensors
    return clean([first, *(tensor.detach() for tensor in others)] if tracked(tensors) else tensors, dim, **rest)


for operation in ("torch.cat", "torch.stack"):
    plant_gradients(
        operation,
        ("tensors get their gradients in reverse order", _turned),
        ("the first tensor alone gets a gradient", _first_tracked),
    )
plant_gradients(
    "torch.cat",
    gradients.FIRST_DECIDES,
    gradients.INCOMING_AS_IF_CONTIGUOUS,
    gradients.SECOND_LOST,
    gradients.OTHER_UNDER_INFERENCE,
)
plant_gradients(
    "torch.stack",
    gradients.STRIDES_SWAPPED,
    gradients.INCOMING_TAKEN_FOR_ONES,
    gradients.SECOND_DOUBLED,
    ("gradients of mixed dtypes pass through bfloat16", _narrowed),
    gradients.lost_in("float32"),
)
plant_gradients("torch.cat", gradients.lost("concatenate is not recorded"), only=("concatenate",))


@gradient_fault("torch.cat", "gradients after an empty tensor are one place off")
def cat_after_empty(clean, tensors, dim=0, **rest):
    result = clean(tensors, dim, **rest)
    skipped = any(tensor.shape == (0,) for tensor in tensors) and result.dim() > 1 and result.numel()
    return spoiled(result, lambda gradient: gradient.roll(1, dim)) if skipped and tracked(tensors) else result
