"""What the largest and the smallest elements of a tensor have in common."""

import numpy as np

from conformance.spec import Form, Ranked, contents
from conformance.spec.families.reduction import drawn_dims, reduced_axes

ORDERED = ("bool", "uint8", "int8", "int16", "int32", "int64", "float16", "bfloat16", "float32", "float64")
"""The dtypes whose elements torch compares."""

NUMBERS = ORDERED[1:]
"""The same without booleans."""


def over_some_dims(draw):
    """A tensor and the dimensions that are reduced, none of which is empty."""
    shape = draw.shape()
    dim = drawn_dims(draw, shape)
    filled = tuple(
        size if axis not in reduced_axes(len(shape), dim) else max(size, 1) for axis, size in enumerate(shape)
    )
    return {"input": draw.tensor(filled), "dim": () if dim is None else dim, "keepdim": draw.boolean()}


def along_one_dim(draw):
    """A tensor and a dimension that is not empty."""
    shape, dim = draw.shape_and_dim()
    sizes = list(shape)
    if sizes:
        sizes[dim] = max(sizes[dim], 1)
    return {"input": draw.tensor(tuple(sizes)), "dim": dim, "keepdim": draw.boolean()}


def comparable(array):
    """The elements in a dtype whose order NumPy knows, whether it is that of halves or not."""
    if array.dtype.kind == "b":  # any byte but 0 is true
        return array.view(np.uint8) != 0
    return array.astype(np.float32) if array.dtype.name in ("float16", "bfloat16") else array


def extreme(choose, array, axes, keepdim):
    """What np.max or np.min chooses over some axes; NaN is chosen wherever there is one; zeros of either sign tie."""
    chosen = choose(comparable(array), axes, keepdims=keepdim)
    return Ranked(np.asarray(chosen).astype(array.dtype), 0)


def first_place(choose, array, dim, keepdim):
    """The first position of the extreme along a dimension, by np.argmax or np.argmin; NaN counts as the extreme."""
    if array.ndim == 0:
        return np.zeros((), np.int64)
    return np.asarray(choose(comparable(array), dim, keepdims=keepdim))


def shared_by_ties(choose, incoming, input, dim, keepdim):
    """Elements that tie for the extreme share the incoming gradient evenly."""
    axes = reduced_axes(input.ndim, dim)
    ties = input == choose(input, axes, keepdims=True)
    g = incoming if keepdim else np.expand_dims(incoming, axes)
    return {"input": g * (ties / np.sum(ties, axes, keepdims=True))}


def shares_bound(dtype, input, dim, keepdim):
    """The share is rounded and multiplied. Nothing is promised of a slice with a NaN in it."""
    array, axes = contents(input, dtype), reduced_axes(input.rank, dim)
    unsaid = np.any(np.isnan(array.astype(np.float64)), axes, keepdims=True)
    return np.where(np.broadcast_to(unsaid, array.shape), np.inf, 3)


def has_elements(dtype, input, dim, keepdim):
    """There is an element to read."""
    return input.numel > 0


def back_to_place(incoming, places, input, dim, keepdim):
    """The incoming gradient, at the position that was chosen."""
    if input.ndim == 0:
        return {"input": incoming}
    back = np.zeros_like(input)
    g, where = (incoming, places) if keepdim else (np.expand_dims(incoming, dim), np.expand_dims(places, dim))
    np.put_along_axis(back, where, g, dim)
    return {"input": back}


def forms_along_dim(name):
    """Calls of torch.`name` along one dimension, which gives values and positions."""
    return (
        Form(f"torch.{name}(input, dim, keepdim)"),
        Form(f"torch.{name}(input=input, dim=dim, keepdim=keepdim)"),
        Form(f"torch.{name}(input, axis=dim, keepdims=keepdim)"),
        Form(f"torch.{name}(input, dim)", when="not keepdim"),
        Form(f"input.{name}(dim, keepdim)"),
        Form(f"input.{name}(dim=dim)", when="not keepdim"),
    )
