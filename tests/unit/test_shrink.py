"""Samples made small: for faults of many kinds, how small the result is, and how many samples were asked for it."""

from __future__ import annotations

from itertools import count
from random import Random

import numpy as np
import pytest

from conformance.drawing.choices import Choice, redrawn
from conformance.engine import shrink
from conformance.engine.search import draw_all
from conformance.results.model import Cell
from conformance.samples.contents import contents
from conformance.samples.sample import dense
from conformance.spec import Draw, loader
from tests import SPECS

SPECS_TRIED = {name: loader.load(next(SPECS.rglob(f"{name}.py"))) for name in ("cat", "topk", "mul", "norm", "view")}
DRAWN = {name: draw_all(spec, 300, 0) for name, spec in SPECS_TRIED.items()}


def always(sample):
    return True


def holds_nan(sample):
    return any(np.isnan(contents(one, "float32")).any() for one in sample.tensors if one.promotes)


def is_strided(sample):
    return any(one.layout.kind != "contiguous" and one.numel > 1 for one in sample.tensors)


def is_long(sample):
    return any(size > 32 for one in sample.tensors for size in one.shape)


def has_three_dimensions(sample):
    return any(one.rank >= 3 for one in sample.tensors)


def is_one_in_eight(sample):
    """As of a check that asks one of eight questions of each sample."""
    return sample.pick("one of eight questions", 8) == 0


SMALL = [
    # the fault, and the most elements and dimensions of one tensor, landmarks and unusual layouts of the result
    (always, 1, 1, 0, 0),
    (holds_nan, 2, 2, 1, 0),
    (is_strided, 4, 3, 0, 1),
    (is_long, 130, 3, 0, 0),
    (has_three_dimensions, 8, 3, 0, 0),
    (is_one_in_eight, 8, 3, 3, 2),
]


def found(name, shows, first, most=shrink.MOST_ASKS):
    """The smallest sample found, and the number of samples that were asked."""
    asks = count()

    def asked(sample):
        next(asks)
        return shows(sample)

    return shrink.smallest(SPECS_TRIED[name], first, asked, most), next(asks)


def showing(name, shows):
    """The first samples of a spec that show a fault."""
    return [one for one in DRAWN[name] if shows(one.sample)][:5]


@pytest.mark.parametrize("name", SPECS_TRIED)
@pytest.mark.parametrize(("shows", "elements", "rank", "landmarks", "unusual"), SMALL)
def test_the_result_is_small_wherever_the_search_begins(name, shows, elements, rank, landmarks, unusual):
    for first in showing(name, shows):
        sample, asks = found(name, shows, first)
        assert shows(sample) and asks <= shrink.MOST_ASKS
        largest = max(sample.tensors, key=lambda one: one.numel)
        assert largest.numel <= elements, sample
        assert max(one.rank for one in sample.tensors) <= rank, sample
        assert sum(len(one.values.edits) for one in sample.tensors) <= landmarks, sample
        assert sum(one.layout.kind != "contiguous" for one in sample.tensors) <= unusual, sample


def test_other_arguments_and_tensors_are_made_small_too():
    def takes_the_last_dimension(sample):
        return sample.by_name["k"] >= 3 and sample.by_name["largest"]

    (_, first, *_) = showing("topk", takes_the_last_dimension)
    small = found("topk", takes_the_last_dimension, first)[0].by_name
    assert (small["k"], small["dim"], small["ordered"]) == (3, 0, False) and small["input"].shape == (3,)

    def joins_two_with_elements(sample):
        return sum(one.numel > 0 for one in sample.tensors) >= 2

    (first, *_) = showing("cat", joins_two_with_elements)
    small = found("cat", joins_two_with_elements, first)[0].by_name
    assert [one.shape for one in small["tensors"]] == [(1,), (1,)]


def test_few_samples_are_asked():
    """Each of them takes a call of torch, or one on each side of a gate."""
    asks = [found(name, shows, showing(name, shows)[0])[1] for name in SPECS_TRIED for shows, *_ in SMALL]
    assert sum(asks) / len(asks) < 70, asks


def test_no_more_samples_are_asked_than_may_be():
    for most in (0, 1, 12):
        for first in showing("cat", holds_nan):
            assert found("cat", holds_nan, first, most)[1] <= most
    assert shrink.most_asks(Cell("modes", "inductor")) < shrink.most_asks(Cell("values", "float32"))


def test_every_sample_that_is_asked_is_one_that_the_spec_draws():
    """torch.topk takes no k above the size of its dimension."""

    def fits(sample):
        given = sample.by_name
        shape = given["input"].shape
        assert 0 <= given["k"] <= (shape[given["dim"]] if shape else 1)
        return given["k"] == 2

    for first in showing("topk", fits):
        assert found("topk", fits, first)[0].by_name["input"].numel == 2


def test_numbers_go_to_the_choices_of_their_range():
    def arguments(draw: Draw):
        sizes = [draw.integer(0, 9) for _ in range(draw.integer(0, 4))]
        return {"input": dense(tuple(sizes)), "dim": draw.integer(-3, 3)}

    choices = [Choice(0, 4, 2), Choice(0, 9, 5), Choice(0, 9, 6), Choice(-3, 3, 2)]
    fewer = redrawn(arguments, [Choice(0, 4, 1), *choices[1:]])
    assert fewer is not None and fewer.sample.by_name["input"].shape == (5,) and fewer.sample.by_name["dim"] == 2
    more = redrawn(arguments, [Choice(0, 4, 3), *choices[1:]])
    assert more is not None and more.sample.by_name["input"].shape == (5, 6, 2)
    drawn = {redrawn(arguments, [Choice(0, 4, 3), *choices[1:]], Random(seed)) for seed in range(20)}
    assert len({one.sample.by_name["input"].shape[2] for one in drawn if one is not None}) > 2


def test_arguments_that_cannot_be_drawn_are_passed_over():
    def endless(draw: Draw):
        while draw.integer(0, 9) == 0:
            pass
        return {}

    def refusing(draw: Draw):
        draw.require(draw.integer(0, 9) > 0)
        return {"share": 1 / draw.integer(0, 9)}

    assert redrawn(endless, [Choice(0, 9, 0)]) is None
    assert redrawn(refusing, [Choice(0, 9, 0)]) is None
    assert redrawn(refusing, [Choice(0, 9, 1), Choice(0, 9, 0)]) is None
    assert redrawn(refusing, [Choice(0, 9, 1), Choice(0, 9, 4)]) is not None
