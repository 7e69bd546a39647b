"""The order of samples: pairs of features are met early."""

from __future__ import annotations

from itertools import combinations
from typing import Any

from conformance.engine.order import in_order
from conformance.engine.search import draw_samples
from conformance.samples.features import features
from conformance.samples.sample import as_sample, dense
from conformance.spec.loader import load
from tests import SPECS


def met_within(samples, count):
    return len({pair for sample in samples[:count] for pair in combinations(sorted(features(sample)), 2)})


def test_the_order_has_every_sample_once():
    samples = [as_sample({"input": dense((size,)), "dim": dim}) for size in range(40) for dim in (-1, 0)]
    assert sorted(in_order(samples)) == list(range(80))
    assert in_order([]) == []


def test_a_sample_with_what_none_before_had_comes_first():
    plain = [as_sample({"input": dense((size,)), "flag": False}) for size in (3, 4, 5, 6, 7)]
    rare = as_sample({"input": dense((5, 0)), "flag": True})
    assert in_order([*plain, rare])[:2] in ([0, 5], [5, 0])


def test_pairs_are_met_earlier_than_as_drawn():
    spec = load(SPECS / "joining" / "cat.py")
    ordered = draw_samples(spec, 200, 0)
    drawn = sorted(ordered, key=lambda sample: sample.digest)  # an order that knows nothing of features
    assert met_within(ordered, 200) == met_within(drawn, 200)
    assert met_within(ordered, 30) > 1.1 * met_within(drawn, 30)


def test_features_tell_samples_apart():
    tensor = dense((3,))
    pairs: list[tuple[dict[str, Any], dict[str, Any]]] = [
        ({"input": tensor}, {"input": dense((3,), "few")}),
        ({"input": tensor}, {"input": dense(())}),
        ({"input": tensor}, {"input": dense((40000,))}),
        ({"p": 2.0}, {"p": float("inf")}),
        ({"p": 2.5}, {"p": -2.5}),
        ({"dim": 1}, {"dim": -1}),
        ({"flag": True}, {"flag": 1}),
        ({"sizes": (1, 2)}, {"sizes": (1, 2, 2)}),
    ]
    for one, other in pairs:
        assert features(as_sample(one)) != features(as_sample(other)), (one, other)
