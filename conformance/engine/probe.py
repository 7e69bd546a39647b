"""The sample by which the support of dtypes is settled."""

from __future__ import annotations

import numpy as np

from conformance.execution.execution import Execution
from conformance.samples.sample import Sample
from conformance.spec.contract import Spec

SETTLED_BY = 60
"""Samples among which the one that settles the support of dtypes is found, where nothing else is asked."""


class Typical:
    """The sample by which the support of dtypes is settled: one that says most of it."""

    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        self.sample: Sample | None = None

    def look_at(self, sample: Sample) -> None:
        """Keep the sample if it says more than the one known.

        A tensor without dimensions may be copied unseen, and a tensor of another dtype may have the call done in that
        one. Of the others vectors are taken, so that every seed asks alike: torch has code of its own for them here
        and there.
        """
        known = self.sample
        if (known is None or _tells(sample) > _tells(known)) and self._computes(sample):
            self.sample = sample

    def _computes(self, sample: Sample) -> bool:
        """Whether a call on the sample has something to compute, so that it shows whether a dtype is taken."""
        if not all(tensor.numel for tensor in sample.tensors):
            return False
        promised = Execution(self._spec, sample, self._spec.dtypes[-1], "cpu").promised
        return all(np.size(getattr(answer, "array", answer)) for answer in promised)


def _tells(sample: Sample) -> tuple[bool, bool, int]:
    tensors = sample.tensors
    one_dtype = not any(tensor.dtype.startswith("partner") for tensor in tensors)
    return one_dtype, all(tensor.rank for tensor in tensors), -sum(tensor.rank for tensor in tensors)
