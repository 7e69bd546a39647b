"""The outcome of one question to one execution."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

from msgspec.structs import replace

from conformance.checks import Question
from conformance.execution.broken import Broken, summary
from conformance.execution.evidence import EvidenceBuilder
from conformance.execution.execution import Execution
from conformance.results.model import Failure, FailureKind
from conformance.samples.sample import Sample
from conformance.samples.serial import sample_text


@dataclass(frozen=True)
class Finding:
    """A failure, the sample and the dtype that showed it, and whether it repeats."""

    failure: Failure
    sample: Sample | None = None
    dtype: str = ""
    repeats: bool = True

    def record(self) -> Failure:
        """The failure with its sample, as a record."""
        return replace(self.failure, sample=sample_text(self.sample), dtype=self.dtype, repeats=self.repeats)


def examine(asked: Question, execution: Execution, evidence: EvidenceBuilder) -> Finding | None:
    """Ask one question of one execution. A broken promise is a finding, and so is an error of the check itself."""
    call = execution.form.call
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            asked.ask(execution, evidence)
    except Broken as broken:
        return Finding(broken.failure(call), execution.sample, execution.dtype)
    except Exception as error:
        message = f"the check could not be made: {summary(error)}"
        failure = Failure(kind=FailureKind.CHECK_FAILED, message=message, error=type(error).__name__, call=call)
        return Finding(failure, execution.sample, execution.dtype)
    return None
