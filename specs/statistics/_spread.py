"""What the variance and the standard deviation have in common."""

import numpy as np

from conformance.spec import (
    Form,
    Refusal,
    accumulator_of,
    contents,
    dense,
    real_of,
    wide,
)
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
    several_dims_refused,
)

SOURCE = "Chan, Golub & LeVeque, Algorithms for computing the sample variance, The American Statistician 37 (1983)"


def arguments(draw):
    """The correction is mostly 1 or 0, those that `unbiased` stands for, and now and then a fraction."""
    shape = draw.shape()
    return {
        "input": draw.tensor(shape),
        "dim": drawn_dims(draw, shape),
        "correction": draw.choice((1, 0, 1, 0, 1, 2, 0.5)),
        "keepdim": draw.boolean(),
    }


def squares_over(input, dim, correction, keepdim):
    """The variance, and how far a computed one may be off.

    It is the sum of the squared distances from the mean over the number of elements less the correction: NaN where
    nothing is divided by 0. The sum of n squares S is off by n S u for its own roundings, and by those of the mean,
    which count with n u for each square of the elements; both four times for updating (Chan, Golub & LeVeque, table 1).
    """
    axes, count = reduced_axes(input.ndim, dim), reduced_count(input.shape, dim)
    numbers = wide(input)
    mean = np.sum(numbers, axes, keepdims=True) / np.longdouble(count or np.nan)
    squares = np.sum(np.abs(numbers - mean) ** 2, axes, keepdims=keepdim)
    sizes = np.sum(np.abs(numbers) ** 2, axes, keepdims=keepdim)
    unit = unit_of(input)
    divisor = np.longdouble(max(count - correction, 0))
    rounded = 4 * (count + 2) * unit
    off = rounded * (squares + np.sqrt(squares) * np.sqrt(sizes)) + rounded**2 * sizes
    return squares / divisor, off / divisor


def unit_of(array):
    """The unit roundoff of the dtype in which torch adds up the numbers of an array."""
    return np.longdouble(2) ** {"float32": -24, "float64": -53}[accumulator_of(array) or real_of(array.dtype.name)]


def real_dtype(subject, input, dim, correction, keepdim):
    """The spread of complex numbers is real."""
    return real_of(subject)


def leaves_the_range_midway(dtype, input, dim, correction, keepdim):
    """Squares of the elements, or of their distances from the mean, overflow, or lose digits to underflow."""
    smallest = 1e-146 if dtype in ("float64", "complex128") else 1e-15
    sizes = finite_sizes(dtype, input)
    return _squares_of_sizes_overflow(sizes, dtype) or bool(np.min(sizes, initial=1) < smallest)


def squares_overflow(dtype, input, dim, correction, keepdim):
    """Squares of the elements, or of their distances from the mean, overflow."""
    return _squares_of_sizes_overflow(finite_sizes(dtype, input), dtype)


def _squares_of_sizes_overflow(sizes, dtype):
    largest = 1e154 if dtype in ("float64", "complex128") else 1e18
    return bool(np.max(sizes, initial=0) * 2 * sizes.size > largest)


def finite_sizes(dtype, input):
    """The absolute values of the elements that are finite, and not 0."""
    with np.errstate(all="ignore"):
        sizes = np.abs(wide(contents(input, dtype)))
    return sizes[np.isfinite(sizes) & (sizes > 0)]


def loses_small_squares(dtype, got, promised, input, dim, correction, keepdim):
    """What comes of squares that underflow: each is off by a few of the smallest numbers, as the mean is updated."""
    count, unit = reduced_count(input.shape, dim), unit_of(contents(input, dtype))
    smallest = np.longdouble(2) ** (-1074 if dtype in ("float64", "complex128") else -149)
    lost = 4 * (count + 2) * smallest / np.longdouble(max(count - correction, 0))
    value, exact = np.asarray(got, np.longdouble), np.asarray(promised, np.longdouble)
    rounded = min(8 * (count + 2) * unit, 2.0**-10) * exact**2
    return (value >= 0) & np.isfinite(exact) & (np.abs(value**2 - exact**2) <= lost + rounded)


def names_no_dims(dtype, input, dim, correction, keepdim):
    """An empty tuple of dims, which stands for all."""
    return dim == ()


def counts_one_element(dtype, got, promised, input, dim, correction, keepdim):
    """What comes of dividing by 1 less the correction, and not by the number of elements less it."""
    number = 1 if correction is None else correction
    value, exact = np.asarray(got, np.clongdouble), np.asarray(promised, np.clongdouble)
    expected = exact * (np.longdouble(input.numel - number) / np.longdouble(1 - number))
    close = np.abs(value - expected) <= 0.05 * np.abs(expected)
    return close | ((number == 1) & ~np.isfinite(value)) | (~np.isfinite(value) & ~np.isfinite(expected))


def lacks_elements(input, dim, correction):
    """No slice has more elements than the correction takes away."""
    return reduced_count(input.shape, dim) <= correction


def variance_of(numbers, dim, correction, keepdim):
    """The variance of numbers in a wide dtype."""
    axes, count = reduced_axes(numbers.ndim, dim), reduced_count(numbers.shape, dim)
    mean = np.sum(numbers, axes, keepdims=True) / np.longdouble(count or np.nan)
    return np.sum(np.abs(numbers - mean) ** 2, axes, keepdims=keepdim) / np.longdouble(max(count - correction, 0))


def gradient_is_unsure(dtype, input, dim, correction, keepdim):
    """No slice has enough elements, or a step on the way to the gradient leaves the range, soonest in float16."""
    if lacks_elements(input, dim, correction) or leaves_the_range_midway(dtype, input, dim, correction, keepdim):
        return True
    with np.errstate(all="ignore"):
        sizes = np.abs(contents(input, dtype).astype(np.clongdouble))
    largest = np.max(sizes[np.isfinite(sizes)], initial=0)
    return dtype == "float16" and bool(largest * reduced_count(input.shape, dim) > 500)


def has_elements(dtype, input, dim, correction, keepdim):
    """There is an element to read."""
    return input.numel > 0


def spread_gradient(input, dim, correction, g):
    """Terms that are the distance of each element from the mean, as large as the elements."""
    axes, count = reduced_axes(input.ndim, dim), reduced_count(input.shape, dim)
    mean = np.sum(input, axes, keepdims=True) / (count or np.nan)
    mean_size = np.sum(np.abs(input), axes, keepdims=True) / (count or np.nan)
    factor = 2 * g / np.float64(max(count - correction, 0))
    return factor * (input - mean), np.abs(factor) * (np.abs(input) + mean_size)


PLAIN = "correction == 1"
LEGACY = "correction in (0, 1)"
WHOLE = "dim is None and not keepdim"
QUIET = (
    "'complex' not in dtype and input.numel > 0 and "
    "(correction < 1 or (correction == 1 and min(input.shape, default=0) > 1))"
)
"""Where there is no warning that a slice has too few elements."""


def forms_of_spread(name):
    """Calls of torch.`name`, with a correction or with the older argument unbiased."""
    return (
        Form(f"torch.{name}(input, dim, correction=correction, keepdim=keepdim)"),
        Form(f"torch.{name}(input=input, dim=dim, correction=correction, keepdim=keepdim)"),
        Form(f"torch.{name}(input, axis=dim, correction=correction, keepdims=keepdim)", when="dim is not None"),
        Form(f"torch.{name}(input, dim, keepdim=keepdim)", when=f"{PLAIN} and dim is not None"),
        Form(f"torch.{name}(input, dim)", when=f"{PLAIN} and dim is not None and not keepdim"),
        Form(f"torch.{name}(input)", when=f"{PLAIN} and {WHOLE}"),
        Form(f"torch.{name}(input, correction=correction)", when=WHOLE),
        Form(f"torch.{name}(input, dim, bool(correction), keepdim)", when=f"{LEGACY} and dim is not None"),
        Form(
            f"torch.{name}(input, dim=dim, unbiased=bool(correction), keepdim=keepdim)",
            when=f"{LEGACY} and dim is not None",
        ),
        Form(f"torch.{name}(input, bool(correction))", when=f"{LEGACY} and {WHOLE}"),
        Form(f"input.{name}(dim, correction=correction, keepdim=keepdim)"),
        Form(f"input.{name}(dim, bool(correction))", when=f"{LEGACY} and dim is not None and not keepdim"),
        Form(f"input.{name}()", when=f"{PLAIN} and {WHOLE}"),
        Form(f"torch.{name}(input, dim, correction=correction, keepdim=keepdim, out=out)", when=QUIET),
    )


def refusals_of_spread(name):
    """The misuses that torch.`name` refuses."""
    return (
        *dims_out_of_range(f"torch.{name}(input, {{dim}})"),
        *dims_out_of_range_with_out(f"torch.{name}(input, {{dim}}, out=torch.empty(0, dtype=input.real.dtype))"),
        *dims_of_another_type(f"torch.{name}(input, {{dim}})"),
        *several_dims_refused(f"torch.{name}(input, {{dim}})"),
        *keepdim_refused(f"torch.{name}(input, 0, keepdim={{keepdim}})"),
        *no_tensor(f"torch.{name}({{input}})"),
        Refusal("a tensor of whole numbers", f"torch.{name}(torch.ones(3, dtype=torch.int64))", RuntimeError),
        Refusal("a boolean tensor", f"torch.{name}(torch.ones(3, dtype=torch.bool), 0)", RuntimeError),
        Refusal("a string as the correction", f"torch.{name}(input, 0, correction='one')", TypeError),
        Refusal("a correction beside unbiased", f"torch.{name}(input, 0, unbiased=True, correction=1)", TypeError),
    )


def workload(size):
    return {"input": dense((size // 64, 64)), "dim": 1, "correction": 1, "keepdim": False}


def row_workload(size):
    return {"input": dense((1, size)), "dim": 1, "correction": 1, "keepdim": False}
