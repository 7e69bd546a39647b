"""What the profile of a device declares is no failure there: that some calls are refused, and that subnormal numbers
may be taken for 0."""

from __future__ import annotations

import torch

from conformance.checks import Question
from conformance.engine.finding import Finding, examine
from conformance.execution import devices
from conformance.execution.evidence import EvidenceBuilder
from conformance.execution.execution import Execution
from conformance.numeric.accuracy import compare_exact
from conformance.numeric.symptoms import FLUSHED
from conformance.results.model import Cell, FailureKind
from conformance.spec.contract import Spec
from conformance.spec.devices import gaps_of, profile_of

FLUSHES = "subnormal numbers are taken for 0, as the profile of the device says"


class Declared:
    """What is declared of a device for one spec."""

    def __init__(self, spec: Spec, device: str) -> None:
        self._gaps = [gap for gap in gaps_of(spec.operation, device, str(torch.__version__)) if gap.checks]
        self._flushes = flushes(device)

    def is_gap(self, cell: Cell) -> bool:
        """Whether it is declared that the calls of a cell are refused."""
        return any(gap.lacks(cell) for gap in self._gaps)

    def left_of(
        self, finding: Finding, cell: Cell, asked: Question, execution: Execution, evidence: EvidenceBuilder
    ) -> Finding | None:
        """A finding, or None if it is declared. What is declared is evidence."""
        failure = finding.failure
        if self.is_gap(cell) and failure.kind in (FailureKind.RAISED, FailureKind.CHECK_FAILED) and failure.symptom:
            evidence.refused += 1
            evidence.refusals[f"{execution.form.call}: refused"] = failure.error
            evidence.compared(execution.sample)
            return None
        if self._flushes and _is_flushed(finding, asked, execution):
            evidence.note(FLUSHES)
            evidence.compared(execution.sample)
            return None
        return finding


def flushes(device: str) -> bool:
    """Whether subnormal numbers may be taken for 0: the profile of the device says so, and the device does it."""
    return bool(profile_of(device).flushes_subnormals) and devices.flushes_subnormals(device)


def _is_flushed(finding: Finding, asked: Question, execution: Execution) -> bool:
    """Whether a finding comes of subnormal numbers that are taken for 0: results alone, or arguments too. Then the same
    question is answered well with zeros in their place, and the results are the same."""
    if finding.failure.symptom == FLUSHED:
        return True
    promise = execution.promise.flushed()
    if promise is None:
        return False
    flushed = Execution(promise, execution.device, execution.form)
    again = examine(asked, flushed, EvidenceBuilder())
    if again is not None and again.failure.symptom != FLUSHED:
        return False
    return _gives_the_same(finding, flushed)


def _gives_the_same(finding: Finding, flushed: Execution) -> bool:
    """Whether the wrong elements are those of a result with zeros in place of subnormal arguments."""
    difference = finding.difference
    if difference is None or difference.where is None or difference.got is None:
        return True
    alike = [array for array in flushed.arrays if array.shape == difference.where.shape]
    return not alike or any(compare_exact(difference.got, array[difference.where]) is None for array in alike)
