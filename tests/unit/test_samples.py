"""Samples: pure data, every layout faithful, every shape reached. Random parts are drawn from fixed seeds."""

from __future__ import annotations

import json
import math
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings

from conformance.drawing import layouts
from conformance.drawing.draw import PARTNERS, Draw
from conformance.numeric.dtypes import DTYPES, NUMBER_KINDS, REAL_KINDS, category, partners, promote
from conformance.samples.contents import contents, resolve_dtype
from conformance.samples.features import features
from conformance.samples.sample import DTypeSample, Layout, Sample, SliceSample, Values, as_sample
from conformance.samples.serial import describe, from_data, to_data
from conformance.samples.strides import channels_last_strides, is_channels_last
from conformance.samples.values import fill
from conformance.samples.vocabulary import LAYOUTS, VALUES, Partner
from tests.drawn import QUICK, shapes, tensor_samples


@QUICK
@given(tensor_samples())
def test_a_sample_comes_back_from_json_as_it_was(tensor):
    sample = Sample((("input", tensor), ("dim", -1), ("p", math.inf), ("sizes", (1, 2)), ("flag", None)))
    again = from_data(json.loads(json.dumps(to_data(sample))))
    assert again == sample and again.digest == sample.digest


def test_a_partner_comes_back_from_json_and_one_of_an_older_suite_is_told():
    draw = Draw(Random(0).randint)
    data = to_data(draw.tensor((2,), dtype=Partner(3, ("integer", "float"))))
    assert from_data(json.loads(json.dumps(data))).dtype == Partner(3, ("integer", "float"))
    with pytest.raises(ValueError, match="the dtype of a sample that was read: there is no dtype 'partner12'"):
        from_data({**data, "dtype": "partner12"})


@pytest.mark.parametrize("subject", DTYPES)
def test_a_partner_is_another_dtype_of_its_kinds_that_promotes_and_every_one_is_reached(subject):
    for kinds in (NUMBER_KINDS, REAL_KINDS, ("integer",), ("complex",)):
        found = {resolve_dtype(Partner(place, kinds), subject) for place in range(PARTNERS)}
        assert found == (set(partners(subject, kinds)) or {subject})
        for other in found - {subject}:
            assert NUMBER_KINDS[category(other)] in kinds and promote(subject, other)


INDEX = as_sample(
    {"index": (slice(1, None, -2), ..., None, 3), "kept": DTypeSample("subject"), "other": DTypeSample("int16")}
)


def test_slices_dtypes_and_the_ellipsis_come_back_from_json_as_they_were():
    again = from_data(json.loads(json.dumps(to_data(INDEX))))
    assert again == INDEX and again.digest == INDEX.digest and {again} == {INDEX}
    assert describe(INDEX).splitlines() == [
        "index = (slice(1, None, -2), Ellipsis, None, 3)",
        "kept = the cell's dtype",
        "other = int16",
    ]


def test_slices_and_dtypes_are_data_until_the_call():
    assert INDEX.by_name["index"][0] == SliceSample(1, None, -2) and INDEX.by_name["kept"].dtype == "subject"
    live = INDEX.replace_tensors((), {"subject": "float32", "int16": "int16"}.get)
    assert live == {"index": (slice(1, None, -2), ..., None, 3), "kept": "float32", "other": "int16"}


def test_features_tell_slices_and_dtypes_apart():
    found = features(INDEX)
    assert {"index[]: slice 1:None:-2", "index[]: Ellipsis", "kept: dtype subject", "other: dtype int16"} <= found


def test_slices_are_drawn_of_every_kind():
    draw = Draw(Random(1).randint)
    drawn = [draw.slice(5) for _ in range(300)]
    assert all(one.step is None or one.step > 0 for one in drawn)
    assert {one.start is None for one in drawn} == {True, False} == {one.step is None for one in drawn}
    assert any(one.start is not None and one.start < -5 for one in drawn) and any((one.stop or 0) > 5 for one in drawn)
    assert Draw(lambda low, high: max(low, min(0, high))).slice(5) == slice(None)
    assert draw.dtype(("float64",)) == DTypeSample("float64")


@pytest.mark.parametrize("kind", LAYOUTS)
def test_every_layout_stays_inside_its_storage(kind):
    for shape in [(), (0,), (1,), (5,), (2, 3), (3, 0, 2), (2, 3, 4, 5), (1, 2, 1, 3, 1)]:
        for detail in range(64):
            layout = layouts.build(kind, shape, detail) if kind != "contiguous" else layouts.contiguous(shape)
            if 0 in shape:
                continue
            last = layout.offset + sum((size - 1) * stride for size, stride in zip(shape, layout.strides))
            assert 0 <= last < layout.storage, (shape, detail, layout)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("kind", VALUES)
def test_values_are_the_same_on_every_call_and_of_the_dtype(dtype, kind):
    first, second = (fill(Values(kind, 12345), dtype, 40) for _ in range(2))
    assert first.tobytes() == second.tobytes() and first.dtype == DTYPES[dtype].numpy


@pytest.mark.parametrize("dtype", DTYPES)
def test_divisors_hold_no_zero_in_any_dtype(dtype):
    assert fill(Values("nonzero", 777), dtype, 100_000).all()


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64", "complex64", "complex128"])
def test_spaced_numbers_lie_above_0_where_that_is_asked(dtype):
    anywhere, above = (fill(Values("spaced", 40, (), low), dtype, 90) for low in (0, 1))
    assert (anywhere.real < 0).any()
    assert (above.real > 0).all() and len(np.unique(above)) == 90


def test_a_distinct_index_holds_no_number_twice_along_its_dimension():
    draw = Draw(Random(4).randint)
    for shape, dim in [((), 0), ((5,), -1), ((3, 9), 0), ((7, 2, 4), -2), ((0, 5), 1)] * 20:
        index = contents(draw.distinct_index(shape, dim, 2, 7), "float32")
        assert index.shape == shape and ((index >= 2) & (index < 7)).all()
        rows = np.moveaxis(index, dim, -1).reshape(-1, shape[dim]) if shape else np.empty((0, 0))
        assert all(len(set(row)) == len(row) for row in rows)


def test_booleans_are_drawn_whose_byte_is_neither_0_nor_1():
    assert set(fill(Values("landmarks", 5), "bool", 1000).view(np.uint8)) == {0, 1, 2, 128, 255}
    assert {0, 1} < set(fill(Values("mask", 8, high=4), "bool", 1000).view(np.uint8))


def test_the_head_of_a_table_has_rows_apart_and_storage_beyond():
    layout = layouts.build("head", (2, 3), 0)
    assert layout == Layout("head", (4, 1), 0, 12)


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


def test_channels_last_strides_are_told_from_others():
    assert channels_last_strides((2, 3, 4, 5)) == (60, 1, 15, 3)
    assert is_channels_last((2, 3, 4, 5), (60, 1, 15, 3)) and is_channels_last((1, 2, 2, 1, 1), (4, 1, 2, 2, 2))
    assert not is_channels_last((2, 1, 4, 5), (20, 1, 5, 1))  # a single channel lies in rows as well
    assert not is_channels_last((2, 3, 4, 5), (60, 20, 5, 1))


def test_long_dimensions_and_many_tensors_are_drawn():
    draw = Draw(Random(0).randint)
    drawn = [draw.shape_and_dim() for _ in range(300)]
    assert sum(bool(shape) and shape[dim] > 5 for shape, dim in drawn) > 90
    assert sum(draw.tensor_count((1, 2), 8) > 15 for _ in range(300)) > 5
    assert max(draw.tensor_count((1, 2), 9) for _ in range(300)) == 2


def test_a_layout_is_hashable_data():
    assert len({Layout("contiguous", (1,), 0, 3), Layout("contiguous", (1,), 0, 3)}) == 1
