"""Values written as Python that makes them again, bit for bit, and that a person can read."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Callable, Sequence
from math import prod
from typing import Any

import numpy as np

from conformance.execution.tensors import Operand
from conformance.numeric.dtypes import DTYPES, FLOATS, Array
from conformance.samples.contents import is_lazy, resolve_dtype
from conformance.samples.sample import Layout, Sample
from conformance.samples.strides import contiguous_strides
from conformance.samples.values import landmark

MOST_NUMBERS = 2000
"""A storage of more elements than this is not written as numbers."""

_WITHOUT_DTYPE = ("bool", "int64", "float32", "complex64")
"""The dtypes that torch.tensor gives to plain numbers."""


class Code(str):
    """Python text whose repr is the text itself."""

    def __repr__(self) -> str:
        return str(self)


def arguments_text(sample: Sample, tensors: Sequence[str], dtype: str, names: Sequence[str] = ()) -> list[str]:
    """An assignment for each argument, or for those of some `names`, with the tensors written as `tensors`, in a cell
    of a dtype."""

    def dtype_literal(role: str) -> Code:
        return Code(f"torch.{resolve_dtype(role, dtype)}")

    arguments = sample.replace_tensors(map(Code, tensors), dtype_literal)
    return [f"{name} = {written(value)}" for name, value in arguments.items() if not names or name in names]


def written(value: Any) -> str:
    """An argument as Python. Numbers that are not finite have no literal of their own."""
    if isinstance(value, tuple):
        parts = ", ".join(map(written, value))
        return f"({parts},)" if len(value) == 1 else f"({parts})"
    if isinstance(value, list):
        return f"[{', '.join(map(written, value))}]"
    if isinstance(value, float):
        return float_text(value, repr(value))
    return _complex(value, _plain_float) if isinstance(value, complex) else repr(value)


def tensor_literal(operand: Operand) -> str:
    """An operand as an expression. Storage, strides and offset are named unless it is contiguous and alone in its
    storage."""
    layout, shape = operand.sample.layout, operand.sample.shape
    if _is_plain(layout, len(operand.pristine), shape):
        text = array_literal(operand.pristine.reshape(shape), operand.dtype)
    else:
        storage = array_literal(operand.pristine, operand.dtype)
        text = f"{storage}.as_strided({shape}, {layout.strides}, {layout.offset})"
    return lazy_text(text, layout, operand.dtype)


def lazy_text(text: str, layout: Layout, dtype: str) -> str:
    """A tensor as an expression with the conjugate or negative bit that its layout has."""
    if not is_lazy(layout, dtype):
        return text
    return f"{text}.conj()" if DTYPES[dtype].kind == "complex" else f"torch._neg_view({text})"


def _is_plain(layout: Layout, size: int, shape: tuple[int, ...]) -> bool:
    """Whether a tensor in this layout, in a storage of this size, is what torch.tensor makes."""
    return layout.strides == contiguous_strides(shape) and layout.offset == 0 and size == prod(shape)


def array_literal(values: Array, dtype: str) -> str:
    """A new tensor with these elements as an expression: as numbers, or compressed if there are too many."""
    if values.size == 0:
        return f"torch.empty({values.shape}, dtype=torch.{dtype})"
    if values.size > MOST_NUMBERS:
        return _large(values, dtype)
    if dtype == "bool" and (values.view(np.uint8) > 1).any():  # any byte but 0 is true
        return f"torch.tensor({values.view(np.uint8).tolist()}, dtype=torch.uint8).view(torch.bool)"
    named = "" if dtype in _WITHOUT_DTYPE else f", dtype=torch.{dtype}"
    return f"torch.tensor({_nested(values, _number_of(dtype))}{named})"


def numbers_literal(values: Array) -> str:
    """The elements of an array as nested lists of Python's own numbers, in full precision. None stays None."""
    return _nested(values, _exactly)


def _nested(values: Array, number: Callable[[Any], str]) -> str:
    if np.ndim(values) == 0:
        return number(values[()] if isinstance(values, np.ndarray) else values)
    return f"[{', '.join(_nested(part, number) for part in values)}]"


def _number_of(dtype: str) -> Callable[[Any], str]:
    """What writes an element of a dtype: in as few digits as tell it from its neighbours."""
    kind, largest = DTYPES[dtype].kind, abs(float(landmark(dtype, "lowest"))) if dtype in FLOATS else 0.0

    def of_element(value: Any) -> str:
        if kind == "complex":
            return _complex(value, _plain_float)
        if kind != "float":
            return repr(value.item())
        whole, short = repr(float(value)), str(value)
        # torch.tensor refuses what is above the largest number, though it would round to that.
        is_another = type(value)(float(short)) != value or abs(float(short)) > largest
        return float_text(float(value), whole if len(whole) <= 9 or is_another else short)

    return of_element


def _exactly(value: Any) -> str:
    if value is None:
        return "None"
    if isinstance(value, (complex, np.complexfloating)):
        return _complex(value, _plain_float)
    if isinstance(value, (bool, int, np.bool_, np.integer)):
        return repr(value.item() if isinstance(value, np.generic) else value)
    return _plain_float(value)


def _plain_float(value: Any) -> str:
    return float_text(float(value), repr(float(value)))


def float_text(value: float, text: str) -> str:
    """A number as text, or what makes it if it is not finite."""
    return text if np.isfinite(value) else f'float("{value!r}")'


def _complex(value: Any, part: Callable[[Any], str]) -> str:
    """A complex number. A literal with j loses the sign of a zero."""
    number = complex(value)
    signed = any(one == 0 and np.signbit(one) for one in (number.real, number.imag))
    if signed or not np.isfinite(number):
        return f"complex({part(number.real)}, {part(number.imag)})"
    return repr(number)


def _large(values: Array, dtype: str) -> str:
    """Many elements: one number, consecutive ones, or compressed."""
    flat, kind = np.ravel(values), DTYPES[dtype].kind
    shape = "" if values.ndim == 1 else f".view({values.shape})"
    if kind != "complex" and (flat.view(np.uint8).reshape(flat.size, -1) == flat[:1].view(np.uint8)).all():
        return f"torch.full({values.shape}, {_number_of(dtype)(flat[0])}, dtype=torch.{dtype})"
    if kind in ("signed", "unsigned", "float") and (flat == flat[0] + np.arange(flat.size)).all():
        return f"torch.arange({int(flat[0])}, {int(flat[0]) + flat.size}).to(torch.{dtype}){shape}"
    packed = base64.b85encode(zlib.compress(flat.tobytes(), 9)).decode()
    content = f"bytearray(zlib.decompress(base64.b85decode({packed!r})))"
    return f"torch.frombuffer({content}, dtype=torch.{dtype}){shape}"
