"""support: does the operation take exactly the dtypes that the spec says, and refuse the others?"""

from __future__ import annotations

from conformance.checks.steps import Lines, arguments, assigned, indented
from conformance.execution import devices
from conformance.execution.broken import Broken, summary
from conformance.execution.evidence import EvidenceBuilder
from conformance.execution.execution import Execution, attempt
from conformance.execution.promise import Promise
from conformance.results.model import Cell, Failure, FailureKind
from conformance.samples.sample import Sample
from conformance.spec.contract import Spec

NAME = "support"
REFUSES_WITH = (RuntimeError, TypeError, ValueError)
"""The classes that torch may raise for an unsupported dtype. `NotImplementedError` is a `RuntimeError`."""


def settle(spec: Spec, subject: str, device: str, evidence: EvidenceBuilder, sample: Sample | None) -> None:
    """Try one call in one dtype."""
    if sample is None:
        return
    execution, error = attempt(lambda: Execution(Promise(spec, sample, subject), device))
    if error is None:
        _, error = attempt(lambda: execution.call(spec.forms[0].call))
    else:
        devices.require_answer(error, device)
    evidence.compared(sample)
    if subject in spec.dtypes:
        if error is not None:
            raise Broken(
                FailureKind.NOT_TAKEN,
                f"{subject} is no longer taken: {summary(error)}",
                spec.forms[0].call,
                "support",
                error=error,
            )
        return
    if error is None:
        evidence.gain = True
        return
    if not isinstance(error, REFUSES_WITH):
        raise Broken(
            FailureKind.OTHER_CLASS,
            f"{subject} is refused with {summary(error)}",
            spec.forms[0].call,
            "RuntimeError or TypeError",
            error=error,
        )
    evidence.refused += 1
    evidence.refused_with("refused", error)


def reproduce(execution: Execution, cell: Cell, failure: Failure) -> Lines:
    """The steps that make the call, which must return, or be refused with one of the classes."""
    call = assigned(execution.form.call)
    if failure.kind is FailureKind.NOT_TAKEN:
        return [*arguments(execution), *call]
    names = ", ".join(one.__name__ for one in REFUSES_WITH)
    return [
        *arguments(execution),
        "try:",
        *indented(call),
        f"except ({names}) as error:",
        '    print("refused:", error)',
    ]
