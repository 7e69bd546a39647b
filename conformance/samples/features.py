"""What is special about a sample, in words. Faults show where several features meet, so samples are chosen by them."""

from __future__ import annotations

import math
import re
from typing import Any

from conformance.samples.sample import Argument, DTypeSample, Sample, SliceSample, TensorSample

VECTOR = 16
"""No vector lane of a processor holds more elements than a multiple of this; what is left over is a tail."""

_VALUES = re.compile(r": (values|landmark) ")


def features(sample: Sample) -> frozenset[str]:
    """The features of a sample: of each argument its layout, landmarks, kind of values, rank and size, or its value."""
    found = {feature for name, value in sample.arguments for feature in _of_argument(name, value)}
    return frozenset(found | _of_several(sample.tensors))


def structure(sample: Sample) -> frozenset[str]:
    """The features of a sample, save the values of its tensors: all that a compiler sees."""
    return frozenset(word for word in features(sample) if not _VALUES.search(word))


def _of_several(tensors: tuple[TensorSample, ...]) -> set[str]:
    """What sets the tensors of a sample apart from each other, or that their shapes do not."""
    if len(tensors) < 2:
        return set()
    differ: dict[str, set[Any]] = {
        "shapes differ": {tensor.shape for tensor in tensors},
        "dtypes differ": {tensor.dtype for tensor in tensors},
        "numbers beside tensors": {tensor.rank == 0 for tensor in tensors},
        "empty beside others": {tensor.numel == 0 for tensor in tensors},
    }
    found = {feature for feature, kinds in differ.items() if len(kinds) > 1}
    return found if "shapes differ" in found else found | {"shapes agree"}


def _of_argument(name: str, value: Argument) -> list[str]:
    if isinstance(value, TensorSample):
        return [f"{name}: {feature}" for feature in _of_tensor(value)]
    if isinstance(value, tuple):
        parts = [feature for part in value for feature in _of_argument(f"{name}[]", part)]
        return [f"{name}: {'many' if len(value) > 15 else min(len(value), 4)} parts", *parts]
    return [f"{name}: {_of_scalar(value)}"]


def _of_tensor(tensor: TensorSample) -> list[str]:
    found = [
        f"layout {tensor.layout.kind}",
        f"values {tensor.values.kind}",
        f"rank {tensor.rank}",
        f"size {_size(tensor.numel)}",
        f"dtype {tensor.dtype}",
        *(f"landmark {landmark}" for _, landmark in tensor.values.edits),
    ]
    if tensor.numel > VECTOR and tensor.numel % VECTOR:
        found.append("a tail")
    if 1 in tensor.shape:
        found.append("a dimension of one")
    return found


def _size(count: int) -> str:
    """A class of sizes: torch takes other paths for one element, for vectors, and for several threads."""
    limits = (("none", 0), ("one", 1), ("small", VECTOR), ("vectors", 2048), ("middle", 32768))
    return next((word for word, limit in limits if count <= limit), "large")


def _of_scalar(value: object) -> str:
    """Small whole numbers and flags as they are, others by their sign and kind."""
    if isinstance(value, DTypeSample):
        return f"dtype {value.dtype}"
    if isinstance(value, SliceSample):
        return "slice " + ":".join(_of_scalar(part) for part in (value.start, value.stop, value.step))
    if isinstance(value, float) and not value.is_integer():
        return ("negative" if value < 0 else "positive") + " fraction" if math.isfinite(value) else str(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) > 2:
        return "below -2" if value < 0 else "above 2"
    return repr(value) if not isinstance(value, complex) else "complex"
