"""Times of two torches: what pairs of them say, and what is timed again."""

from __future__ import annotations

import random
import re
from dataclasses import replace

import pytest

from conformance.gate import changes
from conformance.gate.decision import INCOMPLETE, SAFE, UNSAFE, Comparison
from conformance.gate.output import as_markdown, as_page
from conformance.gate.times.speed import SAME, UNDECIDED, Judgement, PairedRatios, Speed, judge
from conformance.gate.times.stopwatch import NotTimed, Stopwatch, changes_of, time_all, timed_cells
from conformance.numeric.intervals import Interval
from conformance.spec import loader
from tests import SPECS
from tests.fake_results import side

# --- what pairs say -----------------------------------------------------------------------------------------------


def pairs(count: int, ratio: float, spread: float = 0.03, control: float = 1.0, seed: int = 0) -> PairedRatios:
    draw = random.Random(seed)
    candidate = tuple(ratio * draw.lognormvariate(0, spread) for _ in range(count))
    return PairedRatios(candidate, tuple(control * draw.lognormvariate(0, spread) for _ in range(count)))


@pytest.mark.parametrize(
    "count, ratio, spread, control, word",
    [
        (32, 1.0, 0.03, 1.0, SAME),
        (32, 1.25, 0.03, 1.0, changes.SLOWER),
        (32, 0.8, 0.03, 1.0, changes.FASTER),
        (32, 1.25, 0.03, 1.25, UNDECIDED),  # the control differs as much
        (128, 1.25, 0.03, 1.4, UNDECIDED),  # for good: the control says nothing of the candidate
        (128, 0.8, 0.03, 1.4, SAME),
        (128, 0.4, 0.03, 3.0, UNDECIDED),
        (128, 1.02, 0.03, 1.4, SAME),
        (32, 1.1, 0.03, 1.0, UNDECIDED),
        (32, 1.25, 0.5, 1.0, UNDECIDED),
        (6, 3.0, 0.01, 1.0, UNDECIDED),  # too few
    ],
)
def test_pairs_are_judged_by_their_interval(count, ratio, spread, control, word):
    judged = judge(pairs(count, ratio, spread, control), 100)
    assert judged.verdict == word and judged.margin >= 1.1
    assert (judged.pairs_needed > 0) == (word == UNDECIDED)


def test_an_open_judgement_says_how_many_pairs_would_decide():
    judged = judge(pairs(32, 1.2, 0.12), 100)
    assert judged.verdict == UNDECIDED and f"{judged.pairs_needed:,} more pairs would decide" in judged.summary
    assert judge(pairs(32 + 4 * judged.pairs_needed, 1.2, 0.12), 100).verdict == changes.SLOWER


def test_what_is_twice_as_fast_is_doubted():
    assert "is the benchmark broken?" in judge(pairs(32, 0.3), 100).summary
    assert "broken" not in judge(pairs(32, 0.8), 100).summary


def test_equal_torches_are_hardly_ever_called_slower():
    # 3,000 judgements at a chance of 0.05 / 100 / 3 each: one or more with a chance of 0.4, three with one of 0.02.
    words = [judge(pairs(32, 1.0, 0.2, seed=seed), 100).verdict for seed in range(3000)]
    assert sum(word in (changes.SLOWER, changes.FASTER) for word in words) < 3


SLOWER = Judgement(verdict=changes.SLOWER, ratio=Interval(1.2, 1.3, 1.4), margin=1.1, pairs=32)
HARDLY = Judgement(verdict=UNDECIDED, ratio=Interval(0.9, 1.2, 1.4), margin=1.1, pairs=32)
LIKELY = Judgement(verdict=UNDECIDED, ratio=Interval(1.05, 1.2, 1.4), margin=1.1, pairs=32)
EQUAL = Judgement(verdict=SAME, ratio=Interval(0.99, 1, 1.01), margin=1.1, pairs=32)
CELL = "specs/joining/cat.py::perf[cpu-small]"


def speed_of(first, ratios, **fields):
    """A workload of cat with a first judgement."""
    return Speed(
        cell=CELL,
        operation="torch.cat",
        device="cpu",
        workload="small",
        call="torch.cat(tensors, dim)",
        first=first,
        pairs=ratios,
        **fields,
    )


def compared(*speeds):
    """A comparison of one cell, with times."""
    return Comparison(
        baseline=side("A"),
        candidate=side("B"),
        planned=(CELL,),
        compared=(CELL,),
        outcomes=1,
        equal=1,
        changes=tuple(changes_of(speeds)),
        speeds=speeds,
    )


@pytest.mark.parametrize(
    "fresh, word, status",
    [
        ((SLOWER, LIKELY, SLOWER), changes.SLOWER, UNSAFE),
        ((SLOWER, HARDLY, SLOWER, LIKELY), changes.SLOWER, UNSAFE),
        ((SLOWER, SLOWER), UNDECIDED, INCOMPLETE),
        ((SLOWER, SLOWER, HARDLY), UNDECIDED, INCOMPLETE),
        # the control differs by more than the candidate
        ((SLOWER, SLOWER, replace(SLOWER, control=1.5)), UNDECIDED, INCOMPLETE),
        ((SLOWER, SLOWER, replace(SLOWER, verdict=changes.FASTER, ratio=Interval(0.6, 0.7, 0.8))), SAME, SAFE),
        ((SLOWER, EQUAL), SAME, SAFE),
    ],
)
def test_only_what_fresh_processes_repeat_is_slower(fresh, word, status):
    speed = speed_of(SLOWER, pairs(32, 1.3), fresh=fresh)
    assert speed.verdict == word
    found = compared(speed)
    assert found.status == status
    assert '<svg class="times"' in as_page(found) and "1.30 times as long" in as_page(found)
    assert ("slower" in as_markdown(found)) == (status == UNSAFE)


def test_pictures_share_an_axis_and_keep_their_labels_apart():
    wild = PairedRatios((1.0,) * 30 + (1e-3, 1e3), ())
    equal = [
        replace(speed_of(EQUAL, some), cell=f"{CELL}{n}", workload=str(n))
        for n, some in enumerate((pairs(32, 1), wild))
    ]
    much = replace(SLOWER, ratio=Interval(7.5, 8, 8.5))
    slow = speed_of(much, pairs(32, 8.0), fresh=(much,) * 3)
    apart = limits_of([*equal, slow])[0]
    assert limits_of(equal)[0] == limits_of(equal)[1]
    for low, high in (*limits_of(equal), apart):
        assert 0 < low < high < 300
    assert limits_of(equal)[0][1] - limits_of(equal)[0][0] > 2 * (apart[1] - apart[0])
    page = as_page(compared(*equal))
    assert re.findall(r'text-anchor="(\w+)">([^<]+)<', page)[:3] == [
        ("end", "0.909"),
        ("middle", "1"),
        ("start", "1.1"),
    ]


def limits_of(speeds):
    """Where the margins of each picture stand, in the order of the page."""
    page = as_page(compared(*speeds))
    places = [float(place) for place in re.findall(r'class="limit" d="M([\d.]+) ', page)]
    return list(zip(places[::2], places[1::2]))


class Scripted(Stopwatch):
    """Says what it is told to say, instead of taking times."""

    def __init__(self, *judgements):
        self.judgements, self.restarts = list(judgements), 0

    def judged(self, timed, workloads):
        judgement = self.judgements.pop(0)
        if isinstance(judgement, NotTimed):
            raise judgement
        return judgement, pairs(32, 1.0)

    def restart(self):
        self.restarts += 1


@pytest.mark.parametrize(
    "judgements, word, restarts",
    [
        ((EQUAL,), SAME, 0),
        ((HARDLY, EQUAL), SAME, 1),
        ((HARDLY, HARDLY, EQUAL), SAME, 2),
        ((HARDLY, HARDLY, HARDLY), UNDECIDED, 2),
        ((HARDLY, SLOWER, SLOWER, LIKELY, SLOWER), changes.SLOWER, 4),
        ((HARDLY, SLOWER, SLOWER, EQUAL), SAME, 3),
        ((SLOWER, HARDLY, SLOWER, SLOWER, SLOWER), changes.SLOWER, 4),
        ((SLOWER, HARDLY, HARDLY, HARDLY, SLOWER, SLOWER), UNDECIDED, 5),
        ((SLOWER, SLOWER, NotTimed("died")), UNDECIDED, 2),
    ],
)
def test_what_is_open_is_timed_again_in_fresh_processes(judgements, word, restarts):
    watch = Scripted(*judgements)
    file = SPECS / "joining" / "cat.py"
    timed = timed_cells("cat", file, loader.load(file), "cpu")[:1]
    speeds, gaps = time_all(watch, timed, lambda *_: None)
    assert [speed.verdict for speed in speeds] == [word]
    assert gaps == [str(one) for one in judgements if isinstance(one, NotTimed)]
    assert not watch.judgements and watch.restarts == restarts


def test_a_workload_that_stays_open_makes_a_gate_inconclusive():
    judged = judge(pairs(128, 1.1), 100)
    speed = speed_of(judged, pairs(128, 1.1))
    found = compared(speed)
    assert (found.status, found.decision) == (INCOMPLETE, "INCONCLUSIVE")
    assert "1 workloads inconclusive, such as" in found.line() and "more pairs would decide" in found.line()
