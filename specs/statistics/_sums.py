"""What sums of a tensor's elements promise, whatever is then made of them."""

import numpy as np

from conformance.spec import (
    Sums,
    accumulator_of,
    accumulator_ulp,
    category,
    dense,
    wide,
)
from conformance.spec.families.reduction import reduced_axes, reduced_count


def is_whole(array):
    """Whether an array holds booleans or whole numbers."""
    return array.dtype.kind in "biu"


def sum_of(array, axes, keepdim=False):
    """The sum of floating or complex numbers over some axes; halves are added up in float32 and rounded once."""
    numbers = wide(array)
    exact = np.asarray(np.sum(numbers, axes, keepdims=keepdim))
    magnitude = np.asarray(np.sum(np.abs(numbers), axes, keepdims=keepdim))
    count = array.size // exact.size if exact.size else 0
    return Sums(exact, magnitude, np.full(exact.shape, count), accumulator=accumulator_of(array))


def computed_dtype(computed):
    """The dtype that an argument named computed says, as an expression of torch."""
    return f"{computed} and getattr(torch, {computed})"


def takes_conversion(dtype, computed):
    """Numbers are converted to a dtype that can hold the kind that they are."""
    return computed is None or category(computed) >= category(dtype)


def converted(array, computed):
    """The elements in the dtype that is named, if one is."""
    return array if computed is None else array.astype(computed)


PLAIN = "computed is None"
"""No dtype is named."""

WHOLE = "'float' not in dtype and 'complex' not in dtype"
"""The dtype holds booleans or whole numbers."""


def takes(dtype, input, computed, **rest):
    return takes_conversion(dtype, computed)


def result_dtype(subject, input, computed, **rest):
    """The dtype that is named; else booleans and whole numbers give int64."""
    return computed or (subject if category(subject) >= 2 else "int64")


def scratch(dtype, input, computed, **rest):
    """Elements may be converted on the way if dtype= says so; a large tensor is worked through in parts."""
    return () if computed is None and input.numel < 32768 else None


def workload(size):
    return {"input": dense((size // 64, 64)), "dim": 1, "keepdim": False, "computed": None}


def row_workload(size):
    return {"input": dense((1, size)), "dim": 1, "keepdim": False, "computed": None}


ADDED_IN_PLACE = ("float32", "float64", "complex64", "complex128")
"""Dtypes that are added up as they are. Others may be converted first, which takes memory."""


def back_to_input(incoming, input, dim, keepdim):
    """The incoming gradient, once for each element of the input that its result is made of."""
    g = incoming if keepdim else np.expand_dims(incoming, reduced_axes(input.ndim, dim))
    return np.broadcast_to(g, input.shape)


def has_elements(dtype, input, **rest):
    """There is an element to read."""
    return input.numel > 0


def makes_real_numbers_complex(dtype, input, computed, **rest):
    """Real numbers are converted to complex ones before they are added up."""
    return computed is not None and computed.startswith("complex") and not dtype.startswith("complex")


def count_in_units(dtype, input, dim):
    """One unit for each element of a slice, in ULPs of the dtype: halves are added up in float32."""
    return reduced_count(input.shape, dim) * accumulator_ulp(dtype)
