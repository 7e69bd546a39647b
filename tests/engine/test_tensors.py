"""Samples made live: tensors show what their arrays say, and the tables of values are torch's."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from conformance.drawing import layouts
from conformance.drawing.draw import Draw
from conformance.engine.search import numbers
from conformance.execution.tensors import make, to_array
from conformance.numeric.dtypes import DTYPES
from conformance.samples.contents import content_of
from conformance.samples.sample import TensorSample, Values
from conformance.samples.strides import view_strides
from conformance.samples.values import landmark, pool
from conformance.samples.vocabulary import LANDMARKS
from tests.drawn import QUICK, tensor_samples


@QUICK
@given(tensor_samples(), st.sampled_from(tuple(DTYPES)))
def test_a_tensor_shows_what_its_array_says_in_every_layout_and_dtype(sample, dtype):
    operand = make(content_of(sample, dtype), "cpu")
    assert tuple(operand.tensor.shape) == sample.shape == operand.array.shape
    assert str(operand.tensor.dtype) == f"torch.{dtype}"
    assert tuple(operand.tensor.stride()) == sample.strides and operand.tensor.storage_offset() == sample.offset
    assert to_array(operand.tensor).tobytes() == operand.array.tobytes() or dtype == "bfloat16"
    assert operand.is_untouched


def test_a_changed_input_is_noticed_wherever_it_lies():
    layout = layouts.build("sliced", (3, 2), 2)
    operand = make(content_of(TensorSample((3, 2), layout, Values("normal", 5)), "float32"), "cpu")
    operand.tensor[2, 1] += 1
    assert not operand.is_untouched


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
def test_log_uniform_values_span_the_whole_exponent_range(dtype):
    values = np.abs(pool(dtype, "log_uniform").astype(np.float64))
    limits = torch.finfo(getattr(torch, dtype))
    assert values.min() < limits.tiny and values[np.isfinite(values)].max() > limits.max / 4


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
def test_landmarks_are_what_torch_calls_them(dtype):
    limits = torch.finfo(getattr(torch, dtype))
    assert float(landmark(dtype, "max")) == limits.max and float(landmark(dtype, "lowest")) == limits.min
    assert float(landmark(dtype, "subnormal")) == limits.smallest_normal * limits.eps
    assert np.signbit(landmark(dtype, "-0.0")) and np.isnan(landmark(dtype, "nan"))
    present = {float(value).hex() for value in pool(dtype, "landmarks")[:2000]}
    assert {float(landmark(dtype, name)).hex() for name in LANDMARKS} <= present


@QUICK
@given(tensor_samples(), st.data())
def test_view_strides_say_what_torchs_view_does(sample, data):
    wanted = Draw(numbers()).factors(sample.numel)
    tensor = torch.empty(max(sample.layout.storage, 1)).as_strided(sample.shape, sample.strides, sample.offset)
    strides = view_strides(sample.shape, sample.strides, wanted)
    try:
        view = tensor.view(wanted)
    except RuntimeError:
        assert strides is None
        return
    assert strides is not None
    assert all(size <= 1 or a == b for size, a, b in zip(wanted, strides, view.stride()))
