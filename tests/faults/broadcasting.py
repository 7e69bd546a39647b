"""Faults of torch.broadcast_tensors, torch.broadcast_to, Tensor.expand and Tensor.expand_as."""

from __future__ import annotations

import torch

from tests.faults import gradients
from tests.faults.gradients import (
    gradient_fault,
    of_first_copy,
    of_mean_copy,
    plant_gradients,
    spoiled,
    tracked,
    with_gradient_of,
)
from tests.faults.kinds import GAPS_IGNORED, LAZY_BITS_IGNORED
from tests.faults.kit import changed, fault, plant, tensors_in

OPERATIONS = ("torch.broadcast_tensors", "torch.broadcast_to", "torch.Tensor.expand", "torch.Tensor.expand_as")


def _left_alone(clean, *args, **kwargs):
    try:
        return clean(*args, **kwargs)
    except RuntimeError:
        return args if isinstance(args[-1], torch.Tensor) else args[0]


def _materialised(tensor):
    return tensor.clone(memory_format=torch.contiguous_format) if 0 in tensor.stride() else tensor


def _copies_when_expanded(clean, *args, **kwargs):
    return changed(clean(*args, **kwargs), _materialised)


def _copies_small(clean, *args, **kwargs):
    result = clean(*args, **kwargs)
    sources = tensors_in(args)
    return changed(result, lambda tensor: tensor.clone() if tensor.numel() == sources[0].numel() else tensor)


def _first_row(clean, *args, **kwargs):
    """Every place of the first dimension shows the first row."""

    def repeated(tensor):
        return tensor[:1].expand_as(tensor) if tensor.dim() > 1 and tensor.shape[0] > 1 else tensor

    return changed(clean(*args, **kwargs), repeated)


def _no_empty(clean, *args, **kwargs):
    result = clean(*args, **kwargs)
    if any(tensor.numel() == 0 for tensor in tensors_in(result)):
        raise RuntimeError("cannot broadcast to a size of 0")
    return result


def _front_lost(clean, *args, **kwargs):
    """Sizes of 1 in front are lost."""
    return changed(clean(*args, **kwargs), lambda tensor: tensor.squeeze(0) if tensor.dim() > 1 else tensor)


for operation in OPERATIONS:
    plant(
        operation,
        GAPS_IGNORED,
        LAZY_BITS_IGNORED,
        ("shapes that do not broadcast are left alone", _left_alone),
        ("a copy is returned where a dimension was expanded", _copies_when_expanded),
        ("a copy is returned where nothing was expanded", _copies_small),
        ("the first row is shown everywhere", _first_row),
        ("a size of 0 is refused", _no_empty),
        ("a size of 1 in front is lost", _front_lost),
    )


@fault("torch.broadcast_tensors", "a list is returned, not a tuple")
def as_list(clean, *tensors):
    return list(clean(*tensors))


@fault("torch.broadcast_tensors", "the first tensor alone takes the common shape")
def first_alone(clean, *tensors):
    return (*clean(*tensors)[:1], *tensors[1:])


@fault("torch.Tensor.expand", "-1 is taken for 1", only=("expand",))
def minus_one_is_one(clean, input, *sizes):
    shape = tuple(sizes[0]) if len(sizes) == 1 and not isinstance(sizes[0], int) else sizes
    clean(input, shape)
    return clean(input.narrow(-1, 0, min(1, input.shape[-1])) if shape and shape[-1] == -1 else input, shape)


@fault("torch.Tensor.expand", "-1 for a new dimension is accepted", only=("expand",))
def minus_one_in_front(clean, input, *sizes):
    shape = tuple(sizes[0]) if len(sizes) == 1 and not isinstance(sizes[0], int) else sizes
    new = len(shape) - input.dim()
    return clean(input, tuple(1 if size == -1 and place < new else size for place, size in enumerate(shape)))


@fault("torch.Tensor.expand_as", "the strides of the other tensor are taken", only=("expand_as",))
def strides_of_other(clean, input, other):
    result = clean(input, other)
    return result.as_strided(result.shape, other.stride()) if input.shape == other.shape else result


@fault("torch.Tensor.expand_as", "another dtype of the other tensor is taken on", only=("expand_as",))
def dtype_of_other(clean, input, other):
    result = clean(input, other)
    return result.to(other.dtype) if other.dtype == torch.int32 else result


@fault("torch.Tensor.expand_as", "another tensor without elements is refused", only=("expand_as",))
def empty_other(clean, input, other):
    result = clean(input, other)
    if input.numel() and not other.numel():
        raise RuntimeError("cannot expand to no elements")
    return result


@fault("torch.Tensor.expand_as", "a tensor of as many elements is viewed in the other's shape", only=("expand_as",))
def viewed_as_other(clean, input, other):
    try:
        return clean(input, other)
    except RuntimeError:
        return input.reshape(-1)[:1].expand(other.shape)


# --- gradients ------------------------------------------------------------------------------------------------------


def of_copies(title, change):
    """`change` is made to the incoming gradient of each result and the argument that it shows."""

    def body(clean, *args, **kwargs):
        results = clean(*args, **kwargs)
        arguments = tensors_in((args, tuple(kwargs.values())))
        if tracked(arguments):
            for result, argument in zip(tensors_in(results), arguments, strict=False):

                def of_copy(gradient, argument=argument):
                    return change(gradient, argument)

                spoiled(result, of_copy)
        return results

    return title, body


def _front_counted_once(gradient, argument):
    kept = torch.zeros(gradient.shape, dtype=torch.bool)
    kept[(slice(0, 1),) * (gradient.dim() - argument.dim())] = True
    return torch.where(kept, gradient, torch.zeros_like(gradient))


for operation in OPERATIONS:
    plant_gradients(
        operation,
        gradients.INCOMING_USED_UP,
        gradients.SECOND_LOST,
        of_copies("the gradients of copies are averaged", of_mean_copy),
        of_copies("copies along new dimensions in front count once", _front_counted_once),
    )
plant_gradients("torch.broadcast_tensors", gradients.OTHER_UNDER_NO_GRAD, gradients.FIRST_DECIDES)
plant_gradients(
    "torch.broadcast_to",
    gradients.INCOMING_READ_ONCE,
    gradients.conjugated("complex64"),
    gradients.LOST,
)
plant_gradients(
    "torch.Tensor.expand",
    gradients.INCOMING_AS_IF_CONTIGUOUS,
    gradients.OTHER_WHEN_TRACKED,
    of_copies("the first copy alone counts", of_first_copy),
)
plant_gradients("torch.Tensor.expand", gradients.lost("expand_as detaches"), only=("expand_as",))


@gradient_fault("torch.broadcast_tensors", "the second result's gradient is dropped")
def second_dropped(clean, *tensors):
    results = clean(*tensors)
    return (*results[:1], *(one.detach() for one in results[1:2]), *results[2:]) if tracked(tensors) else results


@gradient_fault("torch.broadcast_tensors", "the first two arguments of one shape get each other's gradient")
def changed_places(clean, *tensors):
    results = clean(*tensors)
    alike = len(tensors) > 1 and tensors[0].shape == tensors[1].shape
    if not alike or not all(tracked(tensor) for tensor in tensors[:2]):
        return results
    return tuple(with_gradient_of(results[place], results[1 - place]) for place in (1, 0)) + tuple(results[2:])


plant_gradients("torch.Tensor.expand_as", gradients.OTHER_UNDER_NO_GRAD, gradients.LOST)
