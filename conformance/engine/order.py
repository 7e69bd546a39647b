"""The order of samples: those that bring features together for the first time come first."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Sequence
from itertools import combinations

from conformance.samples.features import features
from conformance.samples.sample import Sample

Features = Callable[[Sample], Iterable[str]]


def in_order(samples: Sequence[Sample], of: Features = features) -> list[int]:
    """The numbers of the samples. Each next sample is the one with the most pairs of features that none before had.

    Once every pair was met the count begins anew. Equal samples keep their order. Most faults show where two features
    meet; this is the greedy algorithm of pairwise testing (Cohen, Dalal, Fredman, Patton: The AETG system, 1997).
    """
    masks = _pairs(samples, of)
    order: list[int] = []
    left = set(range(len(samples)))
    while left:
        taken = list(_greedy({number: masks[number] for number in left}))
        order += taken
        left.difference_update(taken)
    return order


def _pairs(samples: Sequence[Sample], of: Features) -> list[int]:
    """For each sample the set of its pairs of features, as the bits of a number."""
    bits: dict[tuple[str, ...], int] = {}
    masks = []
    for sample in samples:
        words = sorted(of(sample))
        mask = 0
        for pair in (*combinations(words, 2), *((word,) for word in words), ()):
            mask |= 1 << bits.setdefault(pair, len(bits))
        masks.append(mask)
    return masks


def _greedy(masks: dict[int, int]) -> Iterable[int]:
    """One pass, until no sample that is left has a new pair. A gain only shrinks, so that it is worked out anew only
    for the sample that seems best."""
    heap = [(-mask.bit_count(), number) for number, mask in masks.items()]
    heapq.heapify(heap)
    met = 0
    while heap:
        _, number = heapq.heappop(heap)
        gain = (masks[number] & ~met).bit_count()
        if heap and (-gain, number) > heap[0]:
            heapq.heappush(heap, (-gain, number))
            continue
        if gain == 0:
            return
        met |= masks[number]
        yield number
