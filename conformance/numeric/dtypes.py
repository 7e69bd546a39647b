"""The dtypes of torch that the suite knows, their NumPy dtypes, and how they promote.

Everything here is written out by hand and asks nothing of torch, so that a torch that promotes wrongly cannot agree
with itself. Source: "Tensor Attributes", section "torch.dtype", of torch's documentation.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, get_args

import ml_dtypes
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class DType:
    """One dtype of torch."""

    name: str
    """torch's name, such as float32"""
    kind: str
    """bool, unsigned, signed, float or complex"""
    numpy: np.dtype[Any]
    precision: int = 0
    """number of bits of the significand, the implicit one included; 0 for exact types"""
    lowest_exponent: int = 0
    """exponent of the smallest normal number"""

    @property
    def inexact(self) -> bool:
        return self.precision > 0

    @property
    def largest(self) -> float:
        """The largest finite number of a floating dtype."""
        return (2.0 - 2.0 ** (1 - self.precision)) * 2.0 ** (1 - self.lowest_exponent)

    @property
    def category(self) -> str:
        """The kind, with floats of 16 bits apart as "half"."""
        return "half" if self.kind == "float" and self.numpy.itemsize == 2 else self.kind


_FLOAT_LIMITS = {"float16": (11, -14), "bfloat16": (8, -126), "float32": (24, -126), "float64": (53, -1022)}


def _dtype(name: str, kind: str, component: str = "") -> DType:
    numpy = np.dtype(ml_dtypes.bfloat16) if name == "bfloat16" else np.dtype(name)
    return DType(name, kind, numpy, *_FLOAT_LIMITS.get(component or name, (0, 0)))


DTYPES: dict[str, DType] = {
    dtype.name: dtype
    for dtype in (
        _dtype("bool", "bool"),
        _dtype("uint8", "unsigned"),
        _dtype("int8", "signed"),
        _dtype("int16", "signed"),
        _dtype("int32", "signed"),
        _dtype("int64", "signed"),
        _dtype("uint16", "unsigned"),
        _dtype("uint32", "unsigned"),
        _dtype("uint64", "unsigned"),
        _dtype("float16", "float"),
        _dtype("bfloat16", "float"),
        _dtype("float32", "float"),
        _dtype("float64", "float"),
        _dtype("complex64", "complex", "float32"),
        _dtype("complex128", "complex", "float64"),
    )
}


def itemsize(name: str) -> int:
    """The number of bytes of one element."""
    return DTYPES[name].numpy.itemsize


BOOL = ("bool",)
INTEGERS = ("uint8", "int8", "int16", "int32", "int64")
WIDE_UNSIGNED = ("uint16", "uint32", "uint64")
FLOATS = ("float16", "bfloat16", "float32", "float64")
COMPLEXES = ("complex64", "complex128")
ALL = BOOL + INTEGERS + WIDE_UNSIGNED + FLOATS + COMPLEXES

NumberKind = Literal["bool", "integer", "float", "complex"]
NUMBER_KINDS: tuple[NumberKind, ...] = get_args(NumberKind)
"""Kinds of numbers, from the lowest category of type promotion to the highest."""

REAL_KINDS: tuple[NumberKind, ...] = ("bool", "integer", "float")

_CATEGORY = {"bool": 0, "unsigned": 1, "signed": 1, "float": 2, "complex": 3}

# Each entry is the dtype that the row's dtype and the column's dtype promote to. "-": torch refuses the pair. c64 and
# c128 are the complex dtypes.
_PROMOTION = """
           bool uint8 int8 int16 int32 int64 float16 bfloat16 float32 float64 c64 c128
bool       bool uint8 int8 int16 int32 int64 float16 bfloat16 float32 float64 c64 c128
uint8      uint8 uint8 int16 int16 int32 int64 float16 bfloat16 float32 float64 c64 c128
int8       int8 int16 int8 int16 int32 int64 float16 bfloat16 float32 float64 c64 c128
int16      int16 int16 int16 int16 int32 int64 float16 bfloat16 float32 float64 c64 c128
int32      int32 int32 int32 int32 int32 int64 float16 bfloat16 float32 float64 c64 c128
int64      int64 int64 int64 int64 int64 int64 float16 bfloat16 float32 float64 c64 c128
uint16     - - - - - - float16 bfloat16 float32 float64 - -
uint32     - - - - - - float16 bfloat16 float32 float64 - -
uint64     - - - - - - float16 bfloat16 float32 float64 - -
float16    float16 float16 float16 float16 float16 float16 float16 float32 float32 float64 c64 c128
bfloat16   bfloat16 bfloat16 bfloat16 bfloat16 bfloat16 bfloat16 float32 bfloat16 float32 float64 c64 c128
float32    float32 float32 float32 float32 float32 float32 float32 float32 float32 float64 c64 c128
float64    float64 float64 float64 float64 float64 float64 float64 float64 float64 float64 c128 c128
c64        c64 c64 c64 c64 c64 c64 c64 c64 c64 c128 c64 c128
c128       c128 c128 c128 c128 c128 c128 c128 c128 c128 c128 c128 c128
"""


@cache
def _promotions() -> dict[tuple[str, str], str]:
    table: dict[tuple[str, str], str] = {(name, name): name for name in DTYPES}
    names = {"c64": "complex64", "c128": "complex128"}
    columns, *rows = ([names.get(word, word) for word in line.split()] for line in _PROMOTION.strip().splitlines())
    for row, *results in rows:
        for column, result in zip(columns, results):
            if result != "-":
                table[row, column] = table[column, row] = result
    return table


def promote(first: str, second: str) -> str:
    """The dtype to which two tensors of one or more dimensions promote. Raises `KeyError` if torch refuses the pair."""
    return _promotions()[first, second]


@cache
def partners(name: str, kinds: tuple[NumberKind, ...] = NUMBER_KINDS) -> tuple[str, ...]:
    """The other dtypes of some kinds of numbers that `name` promotes with.

    float16 and a complex dtype are not partners. If one of the two tensors is 0-d, they promote to complex32, which the
    suite does not know.
    """
    promotes = [other for other in DTYPES if other != name and (name, other) in _promotions()]
    unknown = {"float16", "complex"}
    pairs = {other: {_half_or_kind(name), _half_or_kind(other)} for other in promotes}
    return tuple(other for other in promotes if pairs[other] != unknown and NUMBER_KINDS[category(other)] in kinds)


def _half_or_kind(name: str) -> str:
    return name if name == "float16" else DTYPES[name].kind


def promote_operands(operands: tuple[tuple[str, int], ...]) -> str:
    """The dtype to which (dtype, rank) operands promote. An operand of rank 0 counts only if its category is higher.

    Source: "Tensor Attributes", section "torch.dtype", on type promotion.
    """
    ranked = _promote_all([name for name, rank in operands if rank > 0])
    scalars = _promote_all([name for name, rank in operands if rank == 0])
    if ranked is None or scalars is None:
        return ranked or scalars or "float32"
    if category(scalars) <= category(ranked):
        return ranked
    if DTYPES[scalars].kind == "complex" and DTYPES[ranked].kind == "float":
        return {"float64": "complex128"}.get(ranked, "complex64")
    return scalars if DTYPES[scalars].inexact else promote(ranked, scalars)


def _promote_all(names: list[str]) -> str | None:
    result = None
    for name in names:
        result = name if result is None else promote(result, name)
    return result


def category(name: str) -> int:
    """0 for bool, 1 for integers, 2 for floats, 3 for complex."""
    return _CATEGORY[DTYPES[name].kind]


def real_of(name: str) -> str:
    """The dtype of the parts of a complex dtype; any other dtype as it is."""
    return {"complex64": "float32", "complex128": "float64"}.get(name, name)


def wide_of(name: str) -> np.dtype[Any]:
    """The NumPy dtype in which an oracle computes for `name`: wider for an inexact dtype, the same for an exact one."""
    wide = {"float64": np.longdouble, "complex64": np.complex128, "complex128": np.clongdouble}
    dtype = DTYPES[name]
    return np.dtype(wide.get(name, np.float64)) if dtype.inexact else dtype.numpy


def wide(array: Array) -> Array:
    """The same numbers in the widest dtype that NumPy has for their kind, floating or complex."""
    return array.astype(np.clongdouble if array.dtype.kind == "c" else np.longdouble)


def accumulator_of(array: Array) -> str:
    """The dtype in which torch adds up the numbers of an array, if it is wider than their own: float32 for halves.
    Empty means that they are added up as they are."""
    return "float32" if array.dtype.name in ("float16", "bfloat16") else ""


def accumulator_ulp(name: str) -> float:
    """The ULP of the dtype in which torch computes for dtype `name`, in ULPs of `name`: of float32 for halves."""
    return {"float16": 2.0**-13, "bfloat16": 2.0**-16}.get(name, 1.0)


def ascending(array: Array, dim: int) -> Array:
    """The array sorted along `dim`, with NaN last.

    NumPy alone leaves the NaN of bfloat16 at any position, and sorts float16 wrongly on processors with AVX512-FP16
    (NumPy 2.4.6: one array of few values in thirty). Both are sorted as float32.
    """
    if array.dtype in (DTYPES["float16"].numpy, DTYPES["bfloat16"].numpy):
        return np.sort(array.astype(np.float32), axis=dim).astype(array.dtype)
    return np.sort(array, axis=dim)


def convert(array: Array, dtype: str) -> Array:
    """An array in another dtype. Conversions to float16 and bfloat16 go through float32, as torch's do."""
    target = DTYPES[dtype].numpy
    if array.dtype == target:
        return array
    if dtype in ("float16", "bfloat16"):
        array = array.astype(np.float32)
    return array.astype(target)
