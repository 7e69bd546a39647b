"""What operations that take a tensor to another dtype have in common."""

import numpy as np

from conformance.spec import CELL_DTYPE, COMPLEXES, INTEGERS, WIDE_UNSIGNED, Memory, View, contents, dense


def source(draw):
    """A tensor of the dtype of the cell, which leaves nothing to do, or of any that promotes with it.

    Small whole numbers are often asked for, as every dtype has them.
    """
    dtype = draw.partner() if draw.boolean() else CELL_DTYPE
    if dtype != CELL_DTYPE and draw.boolean():
        return draw.tensor(draw.shape(), dtype=dtype, kinds=("counting", "few"), landmarks=("0", "1"))
    return draw.tensor(draw.shape(), dtype=dtype)


def takes_source(dtype, input, **rest):
    """Whether each number has a place in a dtype: C leaves open what becomes of a fraction out of its range.

    A complex number becomes real only with a warning.
    """
    if input.dtype == CELL_DTYPE:
        return True
    array = contents(input, dtype)
    if array.dtype.name == dtype or (array.dtype.kind == "c" and dtype not in COMPLEXES):
        return False
    if dtype not in INTEGERS + WIDE_UNSIGNED or array.dtype.kind in "biu":
        return True
    whole, limits = np.trunc(array.astype(np.float64)), np.iinfo(dtype)
    return bool(np.all((whole >= limits.min) & (whole < float(limits.max))))


def itself(input, copy=False, **rest):
    """The tensor where nothing changes; else None, which is a copy."""
    return [View(input.shape, input.strides, input.offset)] if input.dtype == CELL_DTYPE and not copy else None


ITSELF = Memory("input", itself, "preserved")


def scratch(dtype, input, **rest):
    """What lies in order is converted in one pass."""
    return () if input.layout.kind == "contiguous" else None


def gradient(incoming, results, input, **rest):
    """The gradient is converted back; of a complex one a real tensor gets the real part."""
    back = incoming[0]
    return {"input": back if input.dtype.kind == "c" else back.real}


def gradient_bound(dtype, input, **rest):
    """One rounding, to the dtype of the tensor."""
    return 1.0


SOURCE = "IEEE 754-2019, section 5.4.2"


def workload(size):
    return {"input": dense((size // 64, 64), dtype="float64")}


NAMES = {
    "bool": "bool", "uint8": "byte", "int8": "char", "int16": "short", "int32": "int", "int64": "long",
    "float16": "half", "bfloat16": "bfloat16", "float32": "float", "float64": "double",
    "complex64": "cfloat", "complex128": "cdouble",
}  # fmt: skip
"""The method that converts to each dtype."""
