"""The choice of the sample that settles which dtypes are supported. Needs no torch."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np

from conformance.execution.promise import Promise
from conformance.numeric.allowed import Allowed
from conformance.numeric.dtypes import DTYPES
from conformance.samples.sample import Sample, tensors_in
from conformance.spec.contract import Spec

PROBE_SAMPLES = 240
"""The number of samples that are drawn to find the probe if no cell is asked of samples."""

SEVERAL, MANY = 2, 1000
"""The number of elements from which on more do not show more, and that from which on torch may work in parts."""


class SupportProbe:
    """Finds the sample that shows best whether a dtype is taken. `may_ask(sample, dtype)`: whether it is a valid call
    that a process survives."""

    def __init__(self, spec: Spec, may_ask: Callable[[Sample, str], bool]) -> None:
        self._spec, self._may_ask = spec, may_ask
        self.sample: Sample | None = None
        self._best: tuple[int, ...] = ()

    def consider(self, sample: Sample) -> None:
        """Keep the sample if it is more informative than the present one."""
        most = _informativeness(sample, SEVERAL)
        if most > self._best and (found := _informativeness(sample, self._elements(sample))) > self._best:
            self.sample, self._best = sample, found

    def _elements(self, sample: Sample) -> int:
        """The number of elements of the smallest argument, or result where no argument is a tensor.

        It is 0 where the call does not show whether a dtype is taken: nothing is computed, or it may not be made in
        every dtype."""
        if not all(self._may_ask(sample, dtype) for dtype in self._spec.dtypes if dtype not in self._spec.lacking):
            return 0
        if not all(tensor.numel for tensor in sample.tensors):
            return 0
        try:
            promised = Promise(self._spec, sample, self._spec.dtypes[-1]).promised
        except Exception:  # the checks that are asked of the sample tell it
            return 0
        results = min(_elements_of(answer) for answer in promised)
        return min((tensor.numel for tensor in sample.tensors), default=results) if results else 0


def _elements_of(answer: Any) -> int:
    if isinstance(answer, Allowed):
        return prod(answer.shape)
    return int(np.size(getattr(answer, "array", answer)))


def _informativeness(sample: Sample, elements: int) -> tuple[int, ...]:
    """A key that prefers samples of one dtype and rank 1, with a tensor for each argument that may be one, of which the
    smallest has several `elements`, and not very many. Empty where there are none.

    A second dtype, that of a tensor or one that is named, can become the dtype of the computation. 0-d tensors and
    single elements can bypass torch's dtype check, many elements and some other ranks are special cases of torch, and a
    number in the place of a tensor has no dtype that could be refused.
    """
    if not elements:
        return ()
    tensors = sample.tensors
    given = sum(bool(tensors_in(value)) for _, value in sample.arguments)
    names_a_dtype = any(isinstance(value, str) and value in DTYPES for _, value in sample.arguments)
    ranks = sum(tensor.rank for tensor in tensors)
    has_rank = all(tensor.rank for tensor in tensors)
    return not sample.is_mixed, not names_a_dtype, has_rank, given, min(elements, SEVERAL), elements < MANY, -ranks
