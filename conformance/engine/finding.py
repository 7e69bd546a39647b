"""The outcome of one question to one execution."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from msgspec.structs import replace

from conformance.checks import Question
from conformance.execution import device_memory, ending
from conformance.execution.broken import Broken, summary
from conformance.execution.device_memory import DeviceLacksMemory, require_memory
from conformance.execution.evidence import EvidenceBuilder
from conformance.execution.execution import Execution
from conformance.execution.global_state import GlobalState, Left
from conformance.execution.resources import require_resources
from conformance.numeric.accuracy import Difference
from conformance.results.codec import one_line
from conformance.results.model import Failure, FailureKind
from conformance.samples.sample import Sample
from conformance.samples.serial import sample_text
from conformance.spec.modules import place_in_spec


@dataclass(frozen=True)
class Finding:
    """A failure, the sample and the dtype that showed it, whether it repeats, and how values differ."""

    failure: Failure
    sample: Sample | None = None
    dtype: str = ""
    repeats: bool = True
    difference: Difference | None = None
    failed: int = 0
    """the number of samples of its cell that failed so"""

    def record(self) -> Failure:
        """The failure with its sample, as a record."""
        sample = sample_text(self.sample)
        return replace(self.failure, sample=sample, dtype=self.dtype, repeats=self.repeats, failed=self.failed)


def found(broken: Broken, execution: Execution) -> Finding:
    """What is broken as a finding."""
    failure = broken.failure(execution.form.call)
    return Finding(failure, execution.sample, execution.dtype, difference=broken.difference)


def examine(asked: Question, execution: Execution, evidence: EvidenceBuilder) -> Finding | None:
    """Ask one question of one execution. A broken promise is a finding, and so is an error of the check itself. What no
    check raises, such as `SystemExit`, is the call's. Raises `SystemLacks`."""

    def ask(again: bool) -> Finding | None:
        return _examine(asked, execution.again() if again else execution, evidence)

    return with_memory(ask, evidence, execution.device, partial(found, execution=execution))


def with_memory(
    ask: Callable[[bool], Finding | None], evidence: EvidenceBuilder, device: str, found: Callable[[Broken], Finding]
) -> Finding | None:
    """What `ask(again)` finds, which is asked again if the device has no memory. If it still has none, that is counted
    by the evidence. If it has far more than enough, the call is at fault."""
    if device == "cpu":
        return ask(False)
    before = evidence.copy()
    try:
        return ask(False)
    except DeviceLacksMemory:
        evidence.become(before)
        device_memory.release(device)
    try:
        return ask(True)
    except DeviceLacksMemory as lack:
        evidence.become(before)
        if device_memory.has_spare_memory(device):
            how = f"though {device_memory.SPARE >> 20} MiB of memory were left"
            return found(Broken.raised(lack.error, "", "a result", how=how))
        evidence.lacks_memory(str(lack))
        return None


def _examine(asked: Question, execution: Execution, evidence: EvidenceBuilder) -> Finding | None:
    call = execution.form.call
    try:
        asked.ask(execution, evidence)
    except Broken as broken:
        require_memory(broken, execution.device)
        require_resources(broken.__cause__)
        return found(broken, execution)
    except Exception as error:
        require_memory(error, execution.device)
        require_resources(error)
        place = place_in_spec(error, execution.spec.oracle)
        where = f" at {place}" if ":" in place else ""
        message = f"the check could not be made: {summary(error)}{where}"
        failure = Broken(FailureKind.CHECK_FAILED, message, call, error=error).failure()
    except BaseException as error:
        failure = Broken.raised(error, call, "a result").failure()
    else:
        return None
    return Finding(failure, execution.sample, execution.dtype)


def examine_watched(
    asked: Question, execution: Execution, evidence: EvidenceBuilder, state: GlobalState, slow: bool = False
) -> Finding | None:
    """Ask one question, and whether the call left the global state as it was. In any case the state is restored.

    What is changed once alone, as by a module that is imported when it is first needed, is no finding.
    """
    finding = examine(asked, execution, evidence)
    if not _left(state, execution, slow) or finding is not None:
        return finding
    examine(asked, execution.again(), EvidenceBuilder())
    left = _left(state, execution, slow)
    if not left:
        return None
    failure = Failure(
        kind=FailureKind.STATE,
        message=f"left the global state changed: {one_line(', '.join(str(one) for one in left))}",
        about=left[0].watched.name,
        call=execution.form.call,
        promised="the global state left as it was",
    )
    return Finding(failure, execution.sample, execution.dtype)


def _left(state: GlobalState, execution: Execution, slow: bool) -> list[Left]:
    """What the call left changed that its spec does not name. All is restored, or the process is to be replaced."""
    left = state.restored(slow)
    if any(one.lasts for one in left):
        ending.replace_process()
    return [one for one in left if one.lasts or one.watched.name not in execution.spec.changes]
