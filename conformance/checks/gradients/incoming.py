"""Incoming gradients of a sample's results, with drawn layouts and values and not just ones."""

from __future__ import annotations

from random import Random
from typing import Any

from conformance.drawing.layouts import build, contiguous
from conformance.execution.execution import Execution
from conformance.execution.tensors import Operand, dtype_name, make
from conformance.numeric.dtypes import DTYPES
from conformance.samples.contents import content_of
from conformance.samples.sample import TensorSample, Values
from conformance.samples.values import SEEDS
from conformance.samples.vocabulary import CELL_DTYPE

_LAYOUTS = ("contiguous", "contiguous", "permuted", "expanded", "sliced", "offset", "lazy")


def incoming_of(execution: Execution, tensors: list[Any]) -> list[Operand | None]:
    """An incoming gradient for each floating or complex result, None for the others. It depends on the sample alone.

    If there are several results, some of them may get None too, as in a network whose loss uses only some results.
    """
    random = Random(execution.sample.digest)
    found: list[Operand | None] = []
    for tensor in tensors:
        dtype = dtype_name(tensor)
        drawn = _tensor(execution, tuple(tensor.shape), random)
        found.append(make(content_of(drawn, dtype), execution.device) if DTYPES[dtype].inexact else None)
    return _some(found, random)


def _tensor(execution: Execution, shape: tuple[int, ...], random: Random) -> TensorSample:
    gradient = execution.spec.gradient
    assert gradient is not None
    kind = random.choice(_LAYOUTS)
    layout = contiguous(shape) if kind == "contiguous" or not shape else build(kind, shape, random.randrange(64))
    filling = random.choice(gradient.kinds)
    seed = random.randrange(SEEDS) if filling != "counting" else 0
    count = 0 if filling == "constant" else random.choice((0, 0, 1, 2))
    edits = tuple((random.randrange(100), random.choice(gradient.landmarks)) for _ in range(count))
    return TensorSample(shape, layout, Values(filling, seed, edits), CELL_DTYPE)


def _some(found: list[Operand | None], random: Random) -> list[Operand | None]:
    given = [place for place, operand in enumerate(found) if operand is not None]
    if len(given) < 2 or random.random() < 0.5:
        return found
    kept = set(random.sample(given, random.randrange(1, len(given))))
    return [operand if place in kept else None for place, operand in enumerate(found)]
