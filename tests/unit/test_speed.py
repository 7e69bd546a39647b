"""Times of two torches: what pairs of them say, and what is timed again."""

from __future__ import annotations

import random
import re
from dataclasses import replace

import pytest

from conformance.gate import changes
from conformance.gate.decision import INCOMPLETE, SAFE, UNSAFE, Comparison
from conformance.gate.output import as_markdown, as_page
from conformance.gate.times.speed import OPEN, SAME, Judgement, Pairs, Speed, judge
from conformance.gate.times.stopwatch import NotTimed, Stopwatch, changes_of, time_all, timed_cells
from conformance.numeric.intervals import Interval
from conformance.spec import loader
from tests import SPECS

# --- what pairs say -----------------------------------------------------------------------------------------------


def pairs(count: int, ratio: float, spread: float = 0.03, control: float = 1.0, seed: int = 0) -> Pairs:
    draw = random.Random(seed)
    candidate = tuple(ratio * draw.lognormvariate(0, spread) for _ in range(count))
    return Pairs(candidate, tuple(control * draw.lognormvariate(0, spread) for _ in range(count)))


@pytest.mark.parametrize(
    "count, ratio, spread, control, word",
    [
        (32, 1.0, 0.03, 1.0, SAME),
        (32, 1.25, 0.03, 1.0, changes.SLOWER),
        (32, 0.8, 0.03, 1.0, changes.FASTER),
        (32, 1.25, 0.03, 1.25, OPEN),  # the control differs as much
        (128, 1.25, 0.03, 1.4, OPEN),  # for good: the control says nothing of the candidate
        (128, 0.8, 0.03, 1.4, SAME),
        (128, 0.4, 0.03, 3.0, OPEN),
        (128, 1.02, 0.03, 1.4, SAME),
        (32, 1.1, 0.03, 1.0, OPEN),
        (32, 1.25, 0.5, 1.0, OPEN),
        (6, 3.0, 0.01, 1.0, OPEN),  # too few
    ],
)
def test_pairs_are_judged_by_their_interval(count, ratio, spread, control, word):
    judged = judge(pairs(count, ratio, spread, control), 100)
    assert judged.word == word and judged.margin >= 1.1
    assert (judged.more > 0) == (word == OPEN)


def test_an_open_judgement_says_how_many_pairs_would_decide():
    judged = judge(pairs(32, 1.2, 0.12), 100)
    assert judged.word == OPEN and f"{judged.more:,} more pairs would decide" in judged.words
    assert judge(pairs(32 + 4 * judged.more, 1.2, 0.12), 100).word == changes.SLOWER


def test_what_is_twice_as_fast_is_doubted():
    assert "is the benchmark broken?" in judge(pairs(32, 0.3), 100).words
    assert "broken" not in judge(pairs(32, 0.8), 100).words


def test_equal_torches_are_hardly_ever_called_slower():
    # 3,000 judgements at a chance of 0.05 / 100 / 3 each: one or more with a chance of 0.4, three with one of 0.02.
    words = [judge(pairs(32, 1.0, 0.2, seed=seed), 100).word for seed in range(3000)]
    assert sum(word in (changes.SLOWER, changes.FASTER) for word in words) < 3


SLOWER = Judgement(changes.SLOWER, Interval(1.2, 1.3, 1.4), 1.1, 32)
HARDLY = Judgement(OPEN, Interval(0.9, 1.2, 1.4), 1.1, 32)
LIKELY = Judgement(OPEN, Interval(1.05, 1.2, 1.4), 1.1, 32)
EQUAL = Judgement(SAME, Interval(0.99, 1, 1.01), 1.1, 32)
CELL = "specs/joining/cat.py::perf[cpu-small]"


@pytest.mark.parametrize(
    "fresh, word, status",
    [
        ((SLOWER, LIKELY, SLOWER), changes.SLOWER, UNSAFE),
        ((SLOWER, HARDLY, SLOWER, LIKELY), changes.SLOWER, UNSAFE),
        ((SLOWER, SLOWER), OPEN, INCOMPLETE),
        ((SLOWER, SLOWER, HARDLY), OPEN, INCOMPLETE),
        # the control differs by more than the candidate
        ((SLOWER, SLOWER, replace(SLOWER, control=1.5)), OPEN, INCOMPLETE),
        ((SLOWER, SLOWER, replace(SLOWER, word=changes.FASTER, ratio=Interval(0.6, 0.7, 0.8))), SAME, SAFE),
        ((SLOWER, EQUAL), SAME, SAFE),
    ],
)
def test_only_what_fresh_processes_repeat_is_slower(fresh, word, status):
    call = "torch.cat(tensors, dim)"
    speed = Speed(CELL, "torch.cat", "cpu", "small", call, SLOWER, pairs(32, 1.3), fresh=fresh)
    assert speed.word == word
    found = Comparison(
        {"torch": "A"}, {"torch": "B"}, (CELL,), (CELL,), 1, 1, tuple(changes_of([speed])), speeds=(speed,)
    )
    assert found.status == status
    assert '<svg class="times"' in as_page(found) and "1.30 times as long" in as_page(found)
    assert ("slower" in as_markdown(found)) == (status == UNSAFE)


def test_pictures_share_an_axis_and_keep_their_labels_apart():
    wild = Pairs((1.0,) * 30 + (1e-3, 1e3), ())
    equal = [
        Speed(f"{CELL}{n}", "torch.cat", "cpu", str(n), "", EQUAL, some) for n, some in enumerate((pairs(32, 1), wild))
    ]
    much = replace(SLOWER, ratio=Interval(7.5, 8, 8.5))
    slow = Speed(CELL, "torch.cat", "cpu", "small", "", much, pairs(32, 8.0), fresh=(much,) * 3)
    apart = limits_of([*equal, slow])[0]
    assert limits_of(equal)[0] == limits_of(equal)[1]
    for low, high in (*limits_of(equal), apart):
        assert 0 < low < high < 300
    assert limits_of(equal)[0][1] - limits_of(equal)[0][0] > 2 * (apart[1] - apart[0])
    page = as_page(Comparison({"torch": "A"}, {"torch": "B"}, (), (), 1, 1, speeds=tuple(equal)))
    assert re.findall(r'text-anchor="(\w+)">([^<]+)<', page)[:3] == [
        ("end", "0.909"),
        ("middle", "1"),
        ("start", "1.1"),
    ]


def limits_of(speeds):
    """Where the margins of each picture stand, in the order of the page."""
    page = as_page(Comparison({"torch": "A"}, {"torch": "B"}, (), (), 1, 1, speeds=tuple(speeds)))
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
        ((HARDLY, HARDLY, HARDLY), OPEN, 2),
        ((HARDLY, SLOWER, SLOWER, LIKELY, SLOWER), changes.SLOWER, 4),
        ((HARDLY, SLOWER, SLOWER, EQUAL), SAME, 3),
        ((SLOWER, HARDLY, SLOWER, SLOWER, SLOWER), changes.SLOWER, 4),
        ((SLOWER, HARDLY, HARDLY, HARDLY, SLOWER, SLOWER), OPEN, 5),
        ((SLOWER, SLOWER, NotTimed("died")), OPEN, 2),
    ],
)
def test_what_is_open_is_timed_again_in_fresh_processes(judgements, word, restarts):
    watch = Scripted(*judgements)
    file = SPECS / "joining" / "cat.py"
    timed = timed_cells("cat", file, loader.load(file), "cpu")[:1]
    speeds, gaps = time_all(watch, timed, lambda *_: None)
    assert [speed.word for speed in speeds] == [word]
    assert gaps == [str(one) for one in judgements if isinstance(one, NotTimed)]
    assert not watch.judgements and watch.restarts == restarts


def test_a_workload_that_stays_open_makes_a_gate_inconclusive():
    judged = judge(pairs(128, 1.1), 100)
    speed = Speed(CELL, "torch.cat", "cpu", "small", "torch.cat(tensors, dim)", judged, pairs(128, 1.1))
    found = Comparison({"torch": "A"}, {"torch": "B"}, (CELL,), (CELL,), 1, 1, speeds=(speed,))
    assert (found.status, found.word) == (INCOMPLETE, "INCONCLUSIVE")
    assert "1 workloads inconclusive, such as" in found.line() and "more pairs would decide" in found.line()
