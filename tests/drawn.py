"""What tests draw: shapes and tensors, from fixed seeds."""

from __future__ import annotations

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from conformance.drawing.draw import Draw
from conformance.engine.search import numbers
from conformance.samples.sample import TensorSample

QUICK = settings(max_examples=200, deadline=None, database=None, derandomize=True)


@st.composite
def tensor_samples(draw: Any) -> TensorSample:
    """A tensor of any shape, layout and values."""
    drawn = Draw(numbers())
    return drawn.tensor(drawn.shape())


@st.composite
def shapes(draw: Any) -> tuple[int, ...]:
    return Draw(numbers()).shape()
