"""The sample by which the support of dtypes is settled. Needs no torch."""

from __future__ import annotations

import numpy as np

from conformance.execution.promise import Promise
from conformance.samples.sample import Sample
from conformance.spec.contract import Spec

PROBE_SAMPLES = 60
"""Samples among which the probe is found where no cell is asked of samples."""


class SupportProbe:
    """Finds the sample that says most of whether a dtype is taken."""

    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        self.sample: Sample | None = None

    def consider(self, sample: Sample) -> None:
        """Keep the sample if it is more informative than the one known."""
        known = self.sample
        if (known is None or _informativeness(sample) > _informativeness(known)) and self._computes(sample):
            self.sample = sample

    def _computes(self, sample: Sample) -> bool:
        """Whether a call on the sample has something to compute, so that it shows whether a dtype is taken."""
        if not all(tensor.numel for tensor in sample.tensors):
            return False
        promised = Promise(self._spec, sample, self._spec.dtypes[-1]).promised
        return all(np.size(getattr(answer, "array", answer)) for answer in promised)


def _informativeness(sample: Sample) -> tuple[bool, bool, int]:
    """One dtype and rank 1 are preferred: 0-d tensors can bypass torch's dtype check, a second dtype can have the call
    computed in that one, and torch has code of its own for some other ranks."""
    tensors = sample.tensors
    one_dtype = not any(tensor.dtype.startswith("partner") for tensor in tensors)
    return one_dtype, all(tensor.rank for tensor in tensors), -sum(tensor.rank for tensor in tensors)
