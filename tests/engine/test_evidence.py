"""Evidence: what is kept of a comparison."""

from __future__ import annotations

import numpy as np

from conformance.execution.evidence import EvidenceBuilder
from conformance.numeric.accuracy import Sums, compare_sums
from conformance.numeric.dtypes import DTYPES
from conformance.samples.sample import Sample


def test_evidence_keeps_the_bound_beside_the_worst_error() -> None:
    """Where terms cancel an error is that of the terms, and what may overflow has no bound."""
    exact = np.array([1.0, 0.0, 60000.0])
    sums = Sums(exact, np.array([1.0, 4096.0, 130000.0]), np.array([2, 3, 3]))
    evidence = EvidenceBuilder()
    difference, worst = compare_sums(np.array([1.0, 2.0, 100.0], np.float16), sums, [DTYPES["float16"]], 0.0)
    assert difference is None
    evidence.measured(worst, Sample(()))
    built = evidence.build()
    assert (built.worst_ulp, built.worst_bound, built.closest, built.of_terms) == (0.5, 2.0, 0.25, True)
