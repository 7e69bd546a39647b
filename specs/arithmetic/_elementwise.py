"""What add, sub, mul and div have in common beside what any operation on two operands has: alpha, and how they err."""

import numpy as np

from conformance.spec import (
    COMPLEXES,
    FLOATS,
    Form,
    Sums,
    contents,
    promote_operands,
    wide,
)
from conformance.spec.families import binary

PLAIN = "all(t.values.kind in ('counting', 'few', 'normal') and not t.values.edits for t in (input, other))"


ALPHAS = (1,) * 12 + (-1, 2, -3, 0, 127, 0.3, -0.1, 60000.5, 1e-4, 0.5 - 2j)
"""What add and sub multiply their second operand by: what every dtype holds, and what some round."""

UNIT = "alpha == 1"


def takes_alpha(dtype, input, other, alpha):
    """A fraction as alpha needs floating results, and a complex number complex ones."""
    kinds = {int: (dtype,), float: FLOATS + COMPLEXES, complex: COMPLEXES}
    return dtype in kinds[type(alpha)]


def multiple(array, alpha):
    """alpha times an array: whole numbers wrap, others are exact."""
    if array.dtype.kind in "biu":
        return array * np.asarray(alpha).astype(array.dtype)
    return wide(array) * alpha


def sum_with_multiple(input, other, alpha):
    """input + alpha * other, for numbers that are not whole: alpha and the product are rounded too.

    Each counts as one more term, and complex ones as four more (Brent, Percival & Zimmermann, Error bounds on complex
    floating-point multiplication, 2007, theorem 2). A sum that is not finite must be just so, unless its product may
    leave the range of a half.
    """
    product = multiple(other, alpha)
    exact = input + product
    roundings = 7 if exact.dtype.kind == "c" else 3
    may_overflow = np.isfinite(product) & (np.abs(product) > 2.0**15)
    terms = np.where(np.isfinite(exact) | may_overflow, roundings, 1)
    return Sums(exact, np.abs(input) + np.abs(product), terms)


def scaled_gradient(incoming, alpha):
    """The gradient times the conjugate of alpha. 1 leaves it alone; with any other alpha complex numbers are multiplied
    as such, so that an infinite part makes the other NaN."""
    return incoming if alpha == 1 else incoming * np.conj(alpha).item()


def has_minus_zero(array):
    """A part of a complex number is -0.0."""
    return any((np.signbit(part) & (part == 0)).any() for part in (array.real, array.imag))


def with_alpha(name):
    """The forms of torch.`name` that are told alpha."""
    return (
        Form(f"input.{name}(other=other, alpha=alpha)"),
        Form(f"torch.{name}(input, other.item(), alpha=alpha)", when=binary.NUMBER),
        Form(f"input.{name}_(other, alpha=alpha)", writes="input"),
        Form(f"input.{name}_(other.item(), alpha=alpha)", when=binary.NUMBER, writes="input"),
        Form(f"torch.{name}(input, other, alpha=alpha, out=input)", writes="input"),
        Form(f"torch.{name}(input, other, alpha=alpha, out=other)", writes="other"),
        Form(f"torch.{name}(input, other, alpha=alpha, out=out)"),
    )


def workload_with_alpha(size):
    return {**binary.workload(size), "alpha": 1}


def alpha_bound(dtype, input, other, alpha):
    """alpha and its product with the gradient are rounded, unless alpha only changes the sign."""
    return 0.0 if alpha in (1, -1) else 4.0


def number_of_another_dtype(dtype, input, other, condition=None):
    """A tensor without dimensions beside one of another dtype."""
    return input.dtype != other.dtype and 0 in (input.rank, other.rank)


def bfloat16_beside_a_complex_number(dtype, input, other, **rest):
    """A bfloat16 tensor with dimensions, and a complex one without."""
    return binary.bfloat16_meets_a_complex_number(contents(input, dtype), contents(other, dtype))


def rounds_an_operand(dtype, input, other, **rest):
    """The result is a half, and an operand has a value that the half has not."""
    arrays = contents(input, dtype), contents(other, dtype)
    shared = promote_operands(tuple((array.dtype.name, array.ndim) for array in arrays))
    if shared not in ("float16", "bfloat16"):
        return False
    half = next(array.dtype for array in arrays if array.dtype.name == shared)
    return any(
        not np.array_equal(array, array.astype(np.float32).astype(half)) for array in arrays if array.dtype != half
    )


def refusals(name, symbol):
    """The misuses that torch.`name` refuses, which is also written as an operator such as +."""
    return (
        *binary.shape_refusals(name),
        *binary.narrow_out_refusals(name),
        *binary.overlap_refusals(name),
        *binary.type_refusals(name),
        *binary.operator_refusals(symbol),
    )
