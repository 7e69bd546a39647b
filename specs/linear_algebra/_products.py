"""What products of matrices and vectors have in common: sums of products, and the misuses of them."""

import numpy as np

from conformance.spec import (
    COMPLEXES,
    FLOATS,
    INTEGERS,
    ITS_OWN,
    Form,
    Refusal,
    Sums,
    TermsWithMagnitude,
    accumulator_of,
    accumulator_ulp,
    category,
    contents,
    wide,
)

MULTIPLIED = INTEGERS + FLOATS + COMPLEXES
"""The dtypes that torch multiplies matrices of."""

SOURCE = "Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., sections 3.1, 3.5 and 3.6"


def sizes(draw, count):
    """Sizes of small matrices; in a quarter of all one of them is long, and the others are at most 3.

    One in sixteen has more elements than torch leaves to one thread.
    """
    small = [draw.size() for _ in range(count)]
    regime = draw.integer(0, 15)
    if regime < 12:
        return small
    if regime == 15:
        place = draw.integer(0, count - 2)
        return [11000 if at == place else 3 for at in range(count)]
    long = draw.choice((7, 8, 9, 16, 17, 31, 33, 64, 65, 129, 257))
    place = draw.integer(0, count - 1)
    return [long if at == place else min(size, 3) for at, size in enumerate(small)]


def product_of(first, second, inner):
    """A product by np.matmul: whole numbers wrap.

    Each of `inner` products rounds, of complex numbers by the square root of 5, and so do the sums (Higham, 3.1).
    """
    if first.dtype.kind in "iu":
        return np.matmul(first, second)
    one, other = wide(first), wide(second)
    exact, magnitude = np.asarray(np.matmul(one, other)), np.asarray(np.matmul(np.abs(one), np.abs(other)))
    each = 3.0 if first.dtype.kind == "c" else flushed_units(first, one, other, inner, magnitude) + 1.0
    return Sums(exact, magnitude, np.full(exact.shape, inner), each, accumulator_of(first))


def flushed_units(array, one, other, inner, magnitude):
    """What it costs, in units of float32 at the magnitude, that bfloat16 is multiplied without subnormal numbers.

    The instruction that processors have for it takes them for 0 (Intel 64 and IA-32 Architectures Software Developer's
    Manual, VDPBF16PS).
    """
    if array.dtype.name != "bfloat16":
        return 0.0
    tiny = np.longdouble(2) ** -126
    small, other_small = (np.where(np.abs(part) < tiny, np.abs(part), 0) for part in (one, other))
    lost = np.matmul(small, np.abs(other)) + np.matmul(np.abs(one), other_small) + inner * tiny
    with np.errstate(all="ignore"):
        units = lost / (magnitude * np.longdouble(2) ** -24)
    return np.where(magnitude > 0, np.nan_to_num(units), 0)


def product_terms(first, second):
    """A product as terms of a gradient, whose errors count at the product of the absolute values."""
    return TermsWithMagnitude(np.matmul(first, second), np.matmul(np.abs(first), np.abs(second)))


def transposed(array):
    """The conjugate transpose of the last two dimensions."""
    return np.conj(np.swapaxes(array, -1, -2))


def has_elements(dtype, input, other, **rest):
    """There are elements to read."""
    return input.numel > 0


def has_whole_numbers(dtype, input, other, **rest):
    """The numbers are whole ones."""
    return category(dtype) == 1


def units_of(dtype, count):
    """The ULPs of a product of `count` terms in each place; halves are added up in float32 and rounded once."""
    return 2 + (count + 2) * accumulator_ulp(dtype) * (3 if category(dtype) == 3 else 1)


def gradient_units(dtype, count, *factors):
    """`units_of` a gradient that is a product too. Nothing is promised of factors that are not finite."""
    finite = all(np.isfinite(contents(factor, dtype).astype(np.clongdouble)).all() for factor in factors)
    if dtype == "bfloat16":  # subnormal numbers count as 0
        sizes = np.concatenate([np.abs(contents(factor, dtype).astype(np.float64)).ravel() for factor in factors])
        finite = finite and not ((sizes > 0) & (sizes < 2.0**-100)).any()
    return units_of(dtype, count) if finite else np.inf


def forms_of_product(name, keyword, equation):
    """Calls of torch.`name`, whose second operand is named `keyword`, of matmul, and of einsum with an `equation`."""
    return (
        Form(f"torch.{name}(input, other)"),
        Form(f"torch.{name}(input=input, {keyword}=other)"),
        Form(f"input.{name}(other)"),
        Form(f"input.{name}({keyword}=other)"),
        Form("torch.matmul(input, other)", same_bits=False),
        Form("input @ other", same_bits=False),
        Form(f"torch.einsum('{equation}', input, other)", same_bits=False),
        Form(f"torch.{name}(input, other, out=out)", out_dtype=ITS_OWN),
    )


def another_dtype(call):
    """A second operand of another dtype, where `{other}` goes."""
    return (
        Refusal(
            "operands of two dtypes",
            call.format(other="other.to(torch.float64 if dtype != torch.float64 else torch.float32)"),
            RuntimeError,
            when="input.numel > 0 and other.numel > 0",
        ),
        Refusal("a list as the second operand", call.format(other="[1.0]"), TypeError),
        Refusal("a number as the second operand", call.format(other="2"), TypeError),
        Refusal("a call with one operand", call.replace(", {other}", "").replace("{other}", ""), TypeError),
    )
