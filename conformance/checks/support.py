"""support: does the operation take the dtypes that the spec says, on this device, and refuse the others?"""

from __future__ import annotations

from conformance.execution.evidence import Evidence
from conformance.execution.execution import Broken, Execution, attempt, summary
from conformance.samples.sample import Sample
from conformance.spec.contract import Spec

NAME = "support"
REFUSES_WITH = (RuntimeError, TypeError, ValueError)
"""What torch raises for a dtype that it does not take; `NotImplementedError` is a `RuntimeError`."""


def settle(spec: Spec, subject: str, device: str, evidence: Evidence, sample: Sample | None = None) -> None:
    """Try one call in one dtype."""
    if sample is None:
        return
    execution, error = attempt(lambda: Execution(spec, sample, subject, device))
    if error is None:
        _, error = attempt(lambda: execution.call(spec.forms[0].call))
    evidence.compared(sample)
    if subject in spec.dtypes:
        if error is not None:
            raise Broken(f"{subject} is no longer taken: {summary(error)}", spec.forms[0].call, "support")
        return
    if error is None:
        evidence.note(f"gain: {subject} is taken, the spec does not ask for it")
        return
    if not isinstance(error, REFUSES_WITH):
        raise Broken(f"{subject} is refused with {summary(error)}", spec.forms[0].call, "RuntimeError or TypeError")
    evidence.refused += 1
    evidence.note(f"refused: {type(error).__name__}")
