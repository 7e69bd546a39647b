"""determinism: does the same call give the same bits, and the same or nearly the same with one thread?"""

from __future__ import annotations

import torch

from conformance.checks.comparison import disagreement, same_bits
from conformance.execution.broken import Broken
from conformance.execution.evidence import EvidenceBuilder
from conformance.execution.execution import Execution
from conformance.results.model import FailureKind

NAME = "determinism"

SAME = "one thread and several give the same bits"
NEARLY = "one thread gives other bits than several, within the contract"


def examine(execution: Execution, evidence: EvidenceBuilder) -> None:
    """Call again on new memory, and once more with one thread."""
    if not same_bits(execution, execution.again().tensors):
        raise Broken(
            FailureKind.VARIES, "the second call gave other bits", execution.form.call, "the bits of the first"
        )
    single = _with_one_thread(execution)
    if not same_bits(execution, single.tensors):
        difference = disagreement(execution, single.tensors)
        if difference is not None:
            raise Broken.differs(difference, execution.form.call, "the results of several", about="with one thread")
        evidence.notes[:] = [NEARLY]
    elif NEARLY not in evidence.notes:
        evidence.note(SAME)
    evidence.compared(execution.sample)


def _with_one_thread(execution: Execution) -> Execution:
    again = execution.again()
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        again.tensors  # noqa: B018 -- computed here, with one thread
    finally:
        torch.set_num_threads(threads)
    return again
