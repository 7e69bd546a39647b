"""Samples: pure data, every layout faithful, every shape reached. Random parts are drawn from fixed seeds."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.drawing.draw import Draw, layouts
from conformance.execution.tensors import make, to_array
from conformance.numeric.dtypes import DTYPES
from conformance.samples.sample import Layout, Sample, TensorSample, Values
from conformance.samples.serial import from_data, to_data
from conformance.samples.strides import view_strides
from conformance.samples.values import KINDS, LANDMARKS, fill, landmark, pool

QUICK = settings(max_examples=200, deadline=None, database=None, derandomize=True)


@st.composite
def tensor_samples(draw):
    drawn = Draw(draw)
    return drawn.tensor(drawn.shape())


@QUICK
@given(tensor_samples(), st.sampled_from(tuple(DTYPES)))
def test_a_tensor_shows_what_its_array_says_in_every_layout_and_dtype(sample, dtype):
    operand = make(sample, dtype, "cpu")
    assert tuple(operand.tensor.shape) == sample.shape == operand.array.shape
    assert str(operand.tensor.dtype) == f"torch.{dtype}"
    assert tuple(operand.tensor.stride()) == sample.strides and operand.tensor.storage_offset() == sample.offset
    assert to_array(operand.tensor).tobytes() == operand.array.tobytes() or dtype == "bfloat16"
    assert operand.untouched()


@QUICK
@given(tensor_samples())
def test_a_sample_comes_back_from_json_as_it_was(tensor):
    sample = Sample((("input", tensor), ("dim", -1), ("p", math.inf), ("sizes", (1, 2)), ("flag", None)))
    again = from_data(json.loads(json.dumps(to_data(sample))))
    assert again == sample and again.digest == sample.digest


def test_a_changed_input_is_noticed_wherever_it_lies():
    layout = layouts.build("sliced", (3, 2), 2)
    operand = make(TensorSample((3, 2), layout, Values("normal", 5)), "float32", "cpu")
    operand.tensor[2, 1] += 1
    assert not operand.untouched()


@pytest.mark.parametrize("kind", layouts.KINDS)
def test_every_layout_stays_inside_its_storage(kind):
    for shape in [(), (0,), (1,), (5,), (2, 3), (3, 0, 2), (2, 3, 4, 5), (1, 2, 1, 3, 1)]:
        for detail in range(64):
            layout = layouts.build(kind, shape, detail) if kind != "contiguous" else layouts.contiguous(shape)
            if 0 in shape:
                continue
            last = layout.offset + sum((size - 1) * stride for size, stride in zip(shape, layout.strides))
            assert 0 <= last < layout.storage, (shape, detail, layout)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("kind", KINDS)
def test_values_are_the_same_on_every_call_and_of_the_dtype(dtype, kind):
    first, second = (fill(Values(kind, 12345), dtype, 40) for _ in range(2))
    assert first.tobytes() == second.tobytes() and first.dtype == DTYPES[dtype].numpy


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


@st.composite
def shapes(draw):
    return Draw(draw).shape()


def test_shapes_reach_every_regime():
    """Drawn from one fixed seed: no chance of a false alarm."""
    seen: list[tuple[int, ...]] = []

    @settings(max_examples=300, database=None, deadline=None, derandomize=True)
    @given(shapes())
    def collect(shape):
        seen.append(shape)

    collect()
    numel = [math.prod(shape) for shape in seen]
    assert (
        any(shape == () for shape in seen) and any(0 in shape for shape in seen) and any(1 in shape for shape in seen)
    )
    assert {len(shape) for shape in seen} >= {0, 1, 2, 3, 4, 5}
    assert sum(any(size >= 7 for size in shape) for shape in seen) > 40
    assert sum(count > 32768 for count in numel) >= 3
    assert any(512 < size < 1024 and size % 2 for shape in seen for size in shape)


@QUICK
@given(tensor_samples(), st.data())
def test_view_strides_say_what_torchs_view_does(sample, data):
    wanted = Draw(data.draw).factors(sample.numel)
    tensor = torch.empty(max(sample.layout.storage, 1)).as_strided(sample.shape, sample.strides, sample.offset)
    strides = view_strides(sample.shape, sample.strides, wanted)
    try:
        view = tensor.view(wanted)
    except RuntimeError:
        assert strides is None
        return
    assert strides is not None
    assert all(size <= 1 or a == b for size, a, b in zip(wanted, strides, view.stride()))


def test_a_layout_is_hashable_data():
    assert len({Layout("contiguous", (1,), 0, 3), Layout("contiguous", (1,), 0, 3)}) == 1
