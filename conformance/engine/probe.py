"""The choice of the sample that settles which dtypes are supported. Needs no torch."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np

from conformance.execution.promise import Promise
from conformance.numeric.allowed import Allowed
from conformance.samples.sample import Sample, tensors_in
from conformance.spec.contract import Spec

PROBE_SAMPLES = 240
"""The number of samples that are drawn to find the probe if no cell is asked of samples."""


class SupportProbe:
    """Finds the sample that shows best whether a dtype is taken. `may_ask(sample, dtype)`: whether it is a valid call
    that a process survives."""

    def __init__(self, spec: Spec, may_ask: Callable[[Sample, str], bool]) -> None:
        self._spec, self._may_ask = spec, may_ask
        self.sample: Sample | None = None

    def consider(self, sample: Sample) -> None:
        """Keep the sample if it is more informative than the present one."""
        known = self.sample
        if (known is None or _informativeness(sample) > _informativeness(known)) and self._computes(sample):
            self.sample = sample

    def _computes(self, sample: Sample) -> bool:
        """Whether the call may be made in every dtype that the device has, and computes at least one element. Otherwise
        it does not show whether a dtype is taken."""
        if not all(self._may_ask(sample, dtype) for dtype in self._spec.dtypes if dtype not in self._spec.lacking):
            return False
        if not all(tensor.numel for tensor in sample.tensors):
            return False
        try:
            promised = Promise(self._spec, sample, self._spec.dtypes[-1]).promised
        except Exception:  # the checks that are asked of the sample tell it
            return False
        return all(_has_elements(answer) for answer in promised)


def _has_elements(answer: Any) -> bool:
    if isinstance(answer, Allowed):
        return prod(answer.shape) > 0
    return np.size(getattr(answer, "array", answer)) > 0


def _informativeness(sample: Sample) -> tuple[bool, bool, int, int]:
    """A key that prefers samples of one dtype and rank 1, with a tensor for each argument that may be one. A second
    dtype can become the dtype of the computation, 0-d tensors can bypass torch's dtype check, torch special-cases some
    other ranks, and a number in the place of a tensor has no dtype that could be refused."""
    tensors = sample.tensors
    given = sum(bool(tensors_in(value)) for _, value in sample.arguments)
    return not sample.is_mixed, all(tensor.rank for tensor in tensors), given, -sum(tensor.rank for tensor in tensors)
