"""What the largest and the smallest elements of a tensor have in common."""

import numpy as np

from conformance.spec import ITS_OWN, Form, Law, Open, Refusal, contents, dense
from conformance.spec.families.dimension import (
    dims_of_another_type,
    dims_out_of_range,
    dims_out_of_range_with_out,
    no_tensor,
)
from conformance.spec.families.reduction import (
    drawn_dims,
    keepdim_refused,
    reduced_axes,
    reduced_count,
    refusals_over_dims,
)

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


def is_minus_zero(array):
    """Where the elements are -0.0."""
    numbers = comparable(array)
    return (numbers == 0) & np.signbit(numbers.astype(np.float32))


def extreme(choose, array, axes, keepdim):
    """What np.max or np.min chooses over some axes; NaN is chosen wherever there is one; zeros of both signs tie."""
    chosen = choose(comparable(array), axes, keepdims=keepdim)
    either = np.any(is_minus_zero(array), axes, keepdims=keepdim)
    return Open(np.asarray(chosen).astype(array.dtype), zeros=either)


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


def reduces_bytes_from_0_up(dtype, input, dim, keepdim):
    """A result is made of 16 bytes or more, which fill a vector of bytes, and none of them is less than 0."""
    return _reduces_many_bytes(dtype, input, dim) and _has_extreme(np.min, np.greater_equal, dtype, input, dim)


def reduces_bytes_from_0_down(dtype, input, dim, keepdim):
    """A result is made of 16 bytes or more, which fill a vector of bytes, and none of them is more than 0."""
    return _reduces_many_bytes(dtype, input, dim) and _has_extreme(np.max, np.less_equal, dtype, input, dim)


def _reduces_many_bytes(dtype, input, dim):
    return dtype in ("uint8", "int8") and reduced_count(input.shape, dim) >= 16


def _has_extreme(choose, compare, dtype, input, dim):
    """Whether the extreme of a slice lies beyond 0, or is 0."""
    return bool(np.any(compare(choose(contents(input, dtype), reduced_axes(input.rank, dim)), 0)))


def back_to_place(incoming, places, input, dim, keepdim):
    """The incoming gradient, at the position that was chosen."""
    if input.ndim == 0:
        return {"input": incoming}
    back = np.zeros_like(input)
    g, where = (incoming, places) if keepdim else (np.expand_dims(incoming, dim), np.expand_dims(places, dim))
    np.put_along_axis(back, where, g, dim)
    return {"input": back}


def workload(size):
    return {"input": dense((size // 64, 64)), "dim": 1, "keepdim": False}


def row_workload(size):
    return {"input": dense((1, size)), "dim": 1, "keepdim": False}


# --- amax and amin ------------------------------------------------------------------------------------------------


def forms_over_some_dims(name, whole):
    """Calls of torch.`name` over some dimensions, and of torch.`whole` over all."""
    all_dims = "dim == () and not keepdim"
    return (
        Form(f"torch.{name}(input, dim, keepdim)"),
        Form(f"torch.{name}(input=input, dim=dim, keepdim=keepdim)"),
        Form(f"torch.{name}(input, axis=dim, keepdims=keepdim)"),
        Form(f"torch.{name}(input, dim)", when="not keepdim"),
        Form(f"torch.{name}(input)", when=all_dims),
        Form(f"input.{name}(dim, keepdim)"),
        Form(f"input.{name}()", when=all_dims),
        Form(f"torch.{whole}(input)", when=all_dims),
        Form(f"torch.{whole}(input=input)", when=all_dims),
        Form(f"input.{whole}()", when=all_dims),
        Form(f"torch.{name}(input, dim, keepdim, out=out)", out_dtype=ITS_OWN),
        Form(f"torch.{whole}(input, out=out)", when=all_dims),
    )


def refusals_over_some_dims(name, whole):
    """Misuses of `forms_over_some_dims`. Slices of no elements are refused first, with an IndexError."""
    return (
        *refusals_over_dims(name, when="input.numel > 0"),
        Refusal("a tensor of no elements", f"torch.{whole}(torch.ones(0, 3, dtype=dtype))", RuntimeError),
        Refusal("slices of no elements", f"torch.{name}(torch.ones(0, 3, dtype=dtype), 0)", IndexError),
        Refusal("a tensor of complex numbers", f"torch.{name}(torch.ones(3, dtype=torch.complex64))", RuntimeError),
    )


def scratch_over_some_dims(dtype, input, dim, keepdim):
    """A large tensor is looked through in parts."""
    return () if input.numel < 32768 else None


# --- max and min along a dimension --------------------------------------------------------------------------------


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


def refusals_along_dim(name):
    """Misuses of `forms_along_dim`."""
    return (
        *dims_out_of_range(f"torch.{name}(input, {{dim}})"),
        *dims_out_of_range_with_out(f"torch.{name}(input, {{dim}}, out=(out, out.long()))"),
        *dims_of_another_type(f"torch.{name}(input, {{dim}})"),
        *keepdim_refused(f"torch.{name}(input, 0, {{keepdim}})"),
        *no_tensor(f"torch.{name}({{input}}, 0)"),
        Refusal("a tuple of dims", f"torch.{name}(input, (0,))", TypeError),
        Refusal("slices of no elements", f"torch.{name}(torch.ones(0, 3, dtype=dtype), 0)", IndexError),
        Refusal("a tensor of complex numbers", f"torch.{name}(torch.ones(3, dtype=torch.complex64), 0)", RuntimeError),
        Refusal("one tensor as out for two results", f"torch.{name}(input, 0, out=out)", TypeError),
    )


def laws_along_dim(name):
    """Values and positions go together, and are those of the operations that give one of them alone."""
    return (
        Law(
            "the positions name the values",
            f"torch.gather(input, dim, torch.{name}(input, dim, True).indices)",
            f"torch.{name}(input, dim, True).values",
            when="input.rank > 0",
        ),
        Law(
            f"the positions are those of arg{name}",
            f"torch.{name}(input, dim, keepdim).indices",
            f"torch.arg{name}(input, dim, keepdim)",
            when="dtype != 'bool'",
        ),
        Law(
            f"the values are those of a{name}",
            f"torch.{name}(input, dim, keepdim).values + 0",
            f"torch.a{name}(input, dim, keepdim) + 0",
        ),
    )
