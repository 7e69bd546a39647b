"""Operations on one tensor, element by element."""

from __future__ import annotations

from typing import Any

import numpy as np

from conformance.numeric.accuracy import Bound
from conformance.numeric.dtypes import Array
from conformance.spec import (
    COMPLEXES,
    WITHIN,
    Draw,
    Form,
    Law,
    Refusal,
    TensorSample,
    accumulator_ulp,
    category,
    contents,
    dense,
)

WHOLE = "'int' in dtype or dtype == 'bool'"
"""The condition that the tensor holds whole numbers or booleans."""

REAL = "'float' in dtype"
"""The condition that the tensor holds real floating numbers."""

COMPLEX = f"dtype in {COMPLEXES}"
"""The condition that the tensor holds complex numbers."""

# --- arguments ----------------------------------------------------------------------------------------------------


def arguments(draw: Draw) -> dict[str, Any]:
    """One tensor of any shape, layout and values."""
    return {"input": draw.tensor(draw.shape())}


def workload(size: int) -> dict[str, Any]:
    """A row-major table of about `size` elements."""
    return {"input": dense((size // 64, 64))}


# --- forms --------------------------------------------------------------------------------------------------------


def forms(name: str) -> tuple[Form, ...]:
    """The function torch.`name`, by position and by keyword, and the method."""
    return (
        Form(f"torch.{name}(input)"),
        Form(f"torch.{name}(input=input)"),
        Form(f"input.{name}()"),
    )


def in_place_forms(name: str) -> tuple[Form, ...]:
    """The method and the function that write to the tensor."""
    return (
        Form(f"input.{name}_()", writes="input"),
        Form(f"torch.{name}_(input)", writes="input"),
    )


def out_forms(name: str) -> tuple[Form, ...]:
    """The function that writes to another tensor."""
    return (Form(f"torch.{name}(input, out=out)"),)


def every_form(name: str) -> tuple[Form, ...]:
    """The function and the method, plainly, in place and with `out=`."""
    return (*forms(name), *in_place_forms(name), *out_forms(name))


# --- refusals -----------------------------------------------------------------------------------------------------


def refusals(name: str) -> tuple[Refusal, ...]:
    """Calls with anything but one tensor."""
    return (
        Refusal("a call without a tensor", f"torch.{name}()", TypeError),
        Refusal("a list in place of the tensor", f"torch.{name}([1.0])", TypeError),
        Refusal("a number in place of the tensor", f"torch.{name}(1.0)", TypeError),
        Refusal("a second positional argument", f"torch.{name}(input, 0)", TypeError),
        Refusal("an argument for the method", f"input.{name}(0)", TypeError),
    )


def in_place_refusals(name: str) -> tuple[Refusal, ...]:
    """Tensors that cannot be written to element by element."""
    return (
        Refusal(
            "an in-place call on an expanded tensor",
            f"torch.ones(1, dtype=dtype).expand(3).{name}_()",
            RuntimeError,
        ),
    )


def out_refusals(name: str) -> tuple[Refusal, ...]:
    """An out that is no tensor, or that cannot be written to element by element."""
    return (
        Refusal("a string as out", f"torch.{name}(input, out='out')", TypeError),
        Refusal("an out that overlaps an operand in part", f"torch.{name}(out[:-1], out=out[1:])", RuntimeError),
    )


def every_refusal(name: str) -> tuple[Refusal, ...]:
    """Misuses of each of `every_form`."""
    return (*refusals(name), *in_place_refusals(name), *out_refusals(name))


def float_result_refusals(name: str) -> tuple[Refusal, ...]:
    """Whole numbers and booleans, whose results are floats, cannot hold them."""
    return (
        Refusal("the in-place method on whole numbers or booleans", f"input.{name}_()", RuntimeError, when=WHOLE),
        Refusal(
            "an out of whole numbers or booleans for floats",
            f"torch.{name}(torch.ones(3), out=out)",
            RuntimeError,
            when=WHOLE,
        ),
    )


def complex_result_refusals(name: str) -> tuple[Refusal, ...]:
    """A real tensor cannot hold the results of complex numbers."""
    return (
        Refusal(
            "a real out for complex numbers",
            f"torch.{name}(torch.ones(3, dtype=torch.complex64), out=out)",
            RuntimeError,
            when=REAL,
        ),
    )


def function_refusals(name: str) -> tuple[Refusal, ...]:
    """Misuses of each of `every_form` of a function that gives floats or complex numbers."""
    return (*every_refusal(name), *float_result_refusals(name), *complex_result_refusals(name))


# --- laws ---------------------------------------------------------------------------------------------------------


def float_result_laws(name: str) -> tuple[Law, ...]:
    """Whole numbers and booleans become torch's default dtype before the computation."""
    return (
        Law(
            "whole numbers and booleans give what float32 gives",
            f"torch.{name}(input)",
            f"torch.{name}(input.float())",
            when=WHOLE,
        ),
    )


def conjugate_laws(name: str, bound: Bound) -> tuple[Law, ...]:
    """Functions that are real on the real axis."""
    return (
        Law(
            "a conjugate number gives the conjugate result",
            f"torch.{name}(input.conj())",
            f"torch.{name}(input).conj()",
            WITHIN,
            when=COMPLEX,
            bound=bound,
        ),
    )


def odd_laws(name: str, bound: Bound) -> tuple[Law, ...]:
    """Odd functions of real numbers."""
    return (
        Law(
            "the negative number gives the negative result",
            f"torch.{name}(-input)",
            f"-torch.{name}(input)",
            WITHIN,
            when=REAL,
            bound=bound,
        ),
    )


def even_laws(name: str, bound: Bound) -> tuple[Law, ...]:
    """Even functions of real numbers."""
    return (
        Law(
            "the sign of the number does not matter",
            f"torch.{name}(-input)",
            f"torch.{name}(input)",
            WITHIN,
            when=REAL,
            bound=bound,
        ),
    )


def zero_laws(name: str) -> tuple[Law, ...]:
    """Functions that are 0 at 0 and rise there."""
    return (
        Law(
            "a zero keeps its sign",
            f"torch.where(input == 0, torch.{name}(input), input).signbit()",
            "input.signbit()",
            when=f"{REAL} and input.numel > 0",
        ),
    )


# --- accuracy -----------------------------------------------------------------------------------------------------

LIBRARIES = (
    "the documented errors of the libraries that torch calls: SLEEF 3.6 (1.0 ULP, of its u35 functions 3.5), "
    "Intel oneMKL VM in high accuracy (1 ULP), the GNU C Library (its manual, Known Maximum Errors)"
)
"""The source of the bounds of functions that a vector library computes."""


def in_float32(dtype: str, units: float) -> float:
    """The bound of a function that is off by so many ULP: halves are worked out in float32 and rounded once more."""
    if dtype in ("float16", "bfloat16"):
        return 0.5 + units * accumulator_ulp(dtype)
    return units


def in_range_of(result: Array, exact: Array) -> Array:
    """Exact derivatives, infinite where they leave the range of the result's dtype: nothing finite stands for them, and
    an incoming gradient of 0 makes NaN of them."""
    computed = exact.astype(result.dtype)
    return np.where(np.isinf(computed), computed.astype(exact.dtype), exact)


def unless_far_out(dtype: str, input: TensorSample, bound: float) -> Any:
    """A bound of gradients, infinite where a complex number is not finite or so large or small that a quotient of
    complex numbers may leave the range midway: a bound of complex arithmetic holds barring that."""
    if not is_complex(dtype):
        return bound
    size = np.abs(contents(input, dtype).astype(np.clongdouble)).real
    smallest, largest = (1e-200, 1e290) if dtype == "complex128" else (1e-24, 1e30)
    return np.where((size < smallest) | ~(size <= largest), np.inf, bound)


def is_lost_or_of_its_size(dtype: str, got: Array, promised: Array, **arguments: Any) -> Array:
    """0, not finite, or off by at most the promised number: what a gradient is that left the range midway."""
    value, exact = got.astype(np.longdouble), promised.astype(np.longdouble)
    return np.asarray((value == 0) | ~np.isfinite(value) | (np.abs(value - exact) <= np.abs(exact)))


def is_complex(dtype: str) -> bool:
    """Whether a dtype is complex."""
    return category(dtype) == 3
