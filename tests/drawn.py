"""What tests draw: shapes and tensors, from fixed seeds."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st

from conformance.drawing.draw import Draw
from conformance.engine.search import numbers
from conformance.samples.sample import TensorSample

QUICK = settings(max_examples=200, deadline=None, database=None, derandomize=True)


def tensor_samples() -> st.SearchStrategy[TensorSample]:
    """A tensor of any shape, layout and values."""
    return st.none().map(_tensor)


def shapes() -> st.SearchStrategy[tuple[int, ...]]:
    return st.none().map(_shape)


def _tensor(_: None) -> TensorSample:
    draw = Draw(numbers())
    return draw.tensor(draw.shape())


def _shape(_: None) -> tuple[int, ...]:
    return Draw(numbers()).shape()
