"""How close a result must come: bit for bit, correctly rounded, or within n ULP of the exact result.

A ULP is the spacing of the result's dtype at the exact result. It is never less than the smallest subnormal number.
For complex results the error and the spacing are those of the complex number as a vector (Higham, "Accuracy and
Stability of Numerical Algorithms", 2nd ed., section 3.6: complex products are accurate normwise, not by component).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from conformance.numeric.dtypes import DTYPES, Array, DType, real_of, wide_of
from conformance.numeric.symptoms import symptom

AccuracyKind = Literal["exact", "rounded", "ulps"]

Bound = Callable[..., float]
"""`bound(dtype, **arguments)`: the ULPs that are allowed in a dtype, for the arguments of the sample."""

# Long double may be no wider than float64. The oracle for float64 then errs too, and this many ULP are allowed for it.
ORACLE_SLACK = 0.0 if np.finfo(np.longdouble).nmant > 52 else 8.0


@dataclass(frozen=True)
class Accuracy:
    """A contract of accuracy. `kind` is exact, rounded or ulps; `source` says where the bound comes from.

    With a `bound`, "rounded" applies to real results only; complex results are held to the bound.
    """

    kind: AccuracyKind
    bound: Bound | None = None
    source: str = ""

    def is_bounded(self, name: str) -> bool:
        """Whether results of dtype `name` are measured in ULP; all others are compared bit for bit."""
        kind = DTYPES[name].kind
        return self.bound is not None and (kind == "complex" or (kind == "float" and self.kind == "ulps"))

    def oracle_dtype(self, name: str) -> np.dtype[Any]:
        """The NumPy dtype in which the oracle receives a tensor of dtype `name`."""
        if self.is_bounded(name):
            return wide_of(name)
        if self.kind == "rounded" and name in ("float16", "bfloat16"):
            return np.dtype(np.float32)  # wide enough that rounding twice is rounding once
        return DTYPES[name].numpy


EXACT = Accuracy("exact")
"""Bit for bit, signed zeros included. Any NaN equals any other. For operations that move data, choose, or count."""

ROUNDED = Accuracy("rounded", source="IEEE 754-2019, section 5.4.1")
"""The exact result, rounded once to the dtype of the result."""


def rounded(complex_bound: Bound, source: str) -> Accuracy:
    """Real results are `ROUNDED`; complex results are at most `complex_bound` ULP from the exact result."""
    return Accuracy("rounded", complex_bound, source)


def ulps(bound: Bound, source: str) -> Accuracy:
    """At most `bound(dtype, **arguments)` ULP from the exact result; `source` names where the bound comes from."""
    return Accuracy("ulps", bound, source)


@dataclass(frozen=True)
class Difference:
    """How an array differs from what was promised: in its values, its shape, its dtype, its device, or the number of
    results."""

    message: str
    worst_ulp: float = 0.0
    kind: Literal["values", "shape", "dtype", "device", "count"] = "values"
    got: Array | None = field(default=None, compare=False, repr=False)
    """the wrong elements"""
    promised: Array | None = field(default=None, compare=False, repr=False)
    """what each of them should be"""
    symptom: str = ""
    """what tells it from others of its kind, such as the two dtypes"""
    where: Array | None = field(default=None, compare=False, repr=False)
    """which elements of the result they are"""


@dataclass(frozen=True)
class Worst:
    """The worst error of the finite results of a comparison in ULP, what is `allowed` there, and the greatest `share`
    of what is allowed that any of them has. With `of_terms` a ULP is that of the sum of the absolute values of the
    terms."""

    ulp: float = 0.0
    allowed: float = 0.0
    share: float = 0.0
    of_terms: bool = False


def _worst(error: Array, allowed: Array | float, of_terms: bool = False) -> Worst:
    """The worst of some errors, which are all finite."""
    if not error.size or not error.any():
        return Worst(of_terms=of_terms)
    allowed = np.broadcast_to(np.asarray(allowed, np.longdouble), error.shape)
    place = np.unravel_index(int(np.argmax(error)), error.shape)
    with np.errstate(all="ignore"):
        share = np.max(np.where(error > 0, error / allowed, 0))
    return Worst(float(error[place]), float(allowed[place]), float(share), of_terms)


def dtypes_differ(actual: str, promised: str) -> Difference:
    """The difference of two dtypes."""
    return Difference(f"dtype is {actual}, promised {promised}", kind="dtype", symptom=f"{actual} for {promised}")


def equal_bits(actual: Array, expected: Array) -> bool:
    """Whether two arrays have the same dtype, the same shape and the same bits in every position."""
    return actual.dtype == expected.dtype and actual.shape == expected.shape and actual.tobytes() == expected.tobytes()


def compare_exact(actual: Array, expected: Array) -> Difference | None:
    """Compare bit for bit, except that any NaN equals any other."""
    if equal_bits(actual, expected):
        return None
    if actual.shape != expected.shape:
        return Difference(f"shape is {actual.shape}, promised {expected.shape}", kind="shape")
    if actual.dtype != expected.dtype:
        return dtypes_differ(actual.dtype.name, expected.dtype.name)
    wrong = _unequal(actual, expected)
    return _describe(actual, expected, wrong, np.zeros(actual.shape)) if wrong.any() else None


def _unequal(actual: Array, expected: Array) -> Array:
    if actual.dtype.kind == "c":
        return _unequal(actual.real, expected.real) | _unequal(actual.imag, expected.imag)
    if actual.dtype.kind == "b":  # any byte but 0 is True, and NumPy may tell two of them apart
        return np.asarray((actual.view(np.uint8) != 0) != (expected.view(np.uint8) != 0))
    if actual.dtype.kind in "iu":
        return np.asarray(actual != expected)
    same = (actual == expected) & (np.signbit(actual) == np.signbit(expected))
    return np.asarray(~(same | (np.isnan(actual) & np.isnan(expected))))


def compare_ulps(actual: Array, exact: Array, dtype: DType, bound: float) -> tuple[Difference | None, Worst]:
    """Compare a result with the exact one, which has a wider dtype, and measure it."""
    if actual.shape != exact.shape:
        return Difference(f"shape is {actual.shape}, promised {exact.shape}", kind="shape"), Worst()
    if actual.size == 0:
        return None, Worst()
    allowed = bound + (ORACLE_SLACK if dtype.precision == 53 else 0)
    with np.errstate(all="ignore"):
        wrong, error = _ulp_errors(actual, exact, dtype, allowed)
    worst = _worst(error, allowed)
    if not wrong.any():
        return None, worst
    return _describe(actual, exact, wrong, error, f", {bound:g} allowed"), worst


@dataclass(frozen=True)
class Sums:
    """Exact sums, and what determines the error that a computed sum may have."""

    exact: Array
    magnitude: Array
    """the sum of the absolute values of the terms"""
    terms: Array
    """the number of terms"""
    bound: Array | float = 0.0
    """the ULPs that each term may be off before it is added, as a product is that rounds"""
    accumulator: str = ""
    """the dtype in which the terms are added up, if it is wider than that of the result: the sum is rounded to that one
    once, at the end. Empty means the dtype of the result"""


def compare_sums(
    actual: Array, sums: Sums, dtypes: list[DType], bound: Array | float
) -> tuple[Difference | None, Worst]:
    """Compare computed sums with exact ones, and measure them.

    Each term may be off by `bound` ULP, and by that of the sums, of the least precise of the `dtypes` that the sums
    passed through. Each addition costs one more ULP at the sum of the absolute values, in any order (Higham, section
    4.2). Zeros of either sign are equal. Overflow is judged by the dtype with the smallest range: if the sum of the
    absolute values can overflow, any result is accepted. If several terms are not finite, NaN and infinity are both
    accepted. Where the sums have an accumulator, ULPs and overflow are those of the accumulator, and the result may be
    off by half an ULP of its own besides, or overflow as it is rounded.
    """
    if actual.shape != sums.exact.shape:
        return Difference(f"shape is {actual.shape}, promised {sums.exact.shape}", kind="shape"), Worst(of_terms=True)
    if actual.size == 0 or _equal_numbers(actual, sums.exact):
        return None, Worst(of_terms=True)
    parts = [DTYPES[real_of(dtype.name)] for dtype in dtypes]
    with np.errstate(all="ignore"):
        got = np.asarray(actual, np.clongdouble if sums.exact.dtype.kind == "c" else np.longdouble)
        slack = ORACLE_SLACK if all(part.precision == 53 for part in parts) else 0
        allowed = bound + sums.bound + np.maximum(sums.terms - 1, 0) + slack
        unit = np.max([ulp(sums.magnitude, part) for part in parts], axis=0)
        error = np.abs(got - sums.exact) / unit
        if sums.accumulator:
            good, off = _good_rounded_sums(got, sums, parts[0], allowed)
            allowed = off / unit
        else:
            good = _good_sums(got, sums, parts, error, allowed)
    held = np.isfinite(sums.exact) & np.isfinite(got) & np.isfinite(allowed) & (~good | (error <= allowed))
    error = np.where(held, error, 0)  # where a sum may overflow, nothing is asked of it
    difference = None if good.all() else _describe(actual, sums.exact, ~good, error)
    return difference, _worst(error, allowed, of_terms=True)


def _equal_numbers(actual: Array, exact: Array) -> bool:
    """Whether all numbers are equal, as most sums of one term are. Zeros of either sign are."""
    with np.errstate(invalid="ignore"):
        return bool((actual == exact).all())


def _good_sums(got: Array, sums: Sums, parts: list[DType], error: Array, allowed: Array | float) -> Array:
    """Where computed sums are acceptable. `error` and `allowed` are in ULP."""
    limit = np.min([_overflow(part, allowed) for part in parts], axis=0)
    good = np.where(np.isfinite(sums.exact), error <= allowed, _good_nonfinite(got, sums))
    return np.asarray(good | _can_overflow(sums, limit) | np.isinf(allowed))


def _can_overflow(sums: Sums, limit: Array | float) -> Array:
    """Where finite terms may add up to infinity midway, by which the sums in another order may have done so as well."""
    several_finite = (sums.terms > 1) & np.isfinite(sums.magnitude)
    return np.asarray((np.isfinite(sums.exact) | several_finite) & (sums.magnitude >= limit))


def _good_nonfinite(got: Array, sums: Sums) -> Array:
    """Where computed sums are acceptable if the exact ones are not finite."""
    return np.asarray(_same_nonfinite(got, sums.exact) | ((sums.terms > 1) & ~np.isfinite(got)))


def _good_rounded_sums(got: Array, sums: Sums, part: DType, allowed: Array | float) -> tuple[Array, Array]:
    """Where sums are acceptable that were added up in the accumulator within `allowed` ULP, then rounded to `part`; and
    how far each may be off."""
    accumulator = DTYPES[sums.accumulator]
    off = allowed * ulp(sums.magnitude, accumulator)
    size = np.abs(sums.exact) + off
    rounded = off + ulp(size, part) / 2
    close = np.abs(got - sums.exact) <= rounded
    overflows = np.isinf(got) & (np.sign(got) == np.sign(sums.exact)) & (size >= _overflow(part, 0.0))
    good = np.where(np.isfinite(sums.exact), close | overflows, _good_nonfinite(got, sums))
    good = good | _can_overflow(sums, _overflow(accumulator, allowed)) | np.isinf(allowed)
    return np.asarray(good), rounded


def _same_nonfinite(got: Array, exact: Array) -> Array:
    """Where NaN stands for NaN and infinity for infinity. A complex number may be any that is not finite."""
    if got.dtype.kind == "c":
        return ~np.isfinite(got)
    return np.asarray((np.isnan(got) & np.isnan(exact)) | (got == exact))


def _ulp_errors(actual: Array, exact: Array, dtype: DType, bound: float) -> tuple[Array, Array]:
    """Where the result is wrong, and its error in ULP (0 where the result or the exact value is not finite)."""
    if dtype.kind == "complex":
        return _complex_errors(actual, exact, dtype, bound)
    promised = np.asarray(exact, np.longdouble)
    got = np.asarray(actual, np.longdouble)
    unit = ulp(promised, dtype)
    error = np.abs(got - promised) / unit
    wrong = ~(error <= bound)
    finite = np.isfinite(got) & np.isfinite(promised)
    if not finite.all():
        wrong = np.where(finite, wrong, ~_same_special(got, promised, dtype, bound))
        error = np.where(finite, error, 0)
    return np.asarray(wrong), np.asarray(error)


def _complex_errors(actual: Array, exact: Array, dtype: DType, bound: float) -> tuple[Array, Array]:
    """As `_ulp_errors`, for complex results.

    A result may overflow if its modulus is out of range, even when both parts are in range: the terms of a product can
    be that large. With an infinite bound nothing is promised of finite results.
    """
    part = DTYPES[real_of(dtype.name)]
    promised, got = np.asarray(exact, np.clongdouble), np.asarray(actual, np.clongdouble)
    size, largest_part = np.abs(promised), np.maximum(np.abs(promised.real), np.abs(promised.imag))
    error = np.abs(got - promised) / ulp(size, part)
    overflows = ~np.isfinite(promised) | (largest_part >= _overflow(part, -bound))
    may_overflow = overflows | (size >= _overflow(part, bound)) | (bound == np.inf)
    finite = np.isfinite(got)
    wrong = np.where(finite, overflows | ~(error <= bound), ~may_overflow)
    return np.asarray(wrong), np.where(finite & np.isfinite(promised), error, 0)


def _same_special(got: Array, promised: Array, dtype: DType, bound: float) -> Array:
    """Where NaN stands for NaN, infinity for infinity, or infinity for a value that may overflow within the bound."""
    both_nan = np.isnan(got) & np.isnan(promised)
    overflow = np.isinf(got) & (np.abs(promised) >= _overflow(dtype, bound)) & (np.sign(got) == np.sign(promised))
    return np.asarray(both_nan | (got == promised) | overflow)


def _overflow(dtype: DType, bound: Array | float) -> Any:
    """The smallest exact value that may round to infinity with an error of `bound` ULP. With `-bound`: the smallest
    one that must."""
    largest = np.longdouble(dtype.largest)
    spacing = np.longdouble(2.0 ** (2 - dtype.precision - dtype.lowest_exponent))
    return np.maximum(largest + spacing / 2 - bound * spacing, largest / 2)


def ulp(values: Array, dtype: DType) -> Array:
    """The spacing of a floating dtype at each value. It is a power of two, at least the smallest subnormal number."""
    _, exponents = np.frexp(values)
    exponents = np.where(np.isfinite(values), exponents - 1, 0)
    lowest, highest = dtype.lowest_exponent, 1 - dtype.lowest_exponent
    exponents = np.clip(np.where(values == 0, lowest, exponents), lowest, highest)
    return np.asarray(np.ldexp(np.longdouble(1), exponents - (dtype.precision - 1)))


def _describe(actual: Array, expected: Array, wrong: Array, error: Array, limit: str = "") -> Difference:
    """The difference, described by its worst position, or by the first wrong one if no error was measured."""
    count = int(np.count_nonzero(wrong))
    finite_error = np.where(wrong, error, -1.0)
    place = np.unravel_index(int(np.argmax(finite_error)), wrong.shape)
    if not wrong[place]:
        place = np.unravel_index(int(np.argmax(wrong)), wrong.shape)
    worst = float(np.asarray(error)[place])
    size = f" ({worst:.3g} ULP off{limit})" if worst > 0 else ""
    where = "" if wrong.ndim == 0 else f" at {tuple(int(axis) for axis in place)}"
    message = f"{count} of {wrong.size} wrong; worst{where}: got {actual[place]!r}, promised {expected[place]!r}{size}"
    got, promised = actual[wrong], expected[wrong]
    return Difference(message, worst, got=got, promised=promised, where=wrong, symptom=symptom(got, promised))
