"""refusals: does every misuse raise the promised class and leave the arguments as they were?"""

from __future__ import annotations

from typing import Any

import torch

from conformance.execution import Broken, Execution, attempt, summary
from conformance.ledger import Evidence
from conformance.spec import Refusal
from conformance.tensors import to_array

NAME = "refusals"
SHARE = 6


def examine(execution: Execution, evidence: Evidence) -> None:
    """Try each refusal that fits the sample; the class that was raised is noted."""
    for refusal in execution.spec.refusals:
        if execution.fits(refusal.when):
            _try(execution, refusal, evidence)


def _try(execution: Execution, refusal: Refusal, evidence: Evidence) -> None:
    out: Any = torch.full((3,), 7, dtype=getattr(torch, execution.dtype), device=execution.device)
    before = to_array(out).tobytes()
    _, error = attempt(lambda: execution.call(refusal.call, out=out))
    promised = " or ".join(kind.__name__ for kind in refusal.classes)
    if error is None:
        raise Broken(f"{refusal.title}: accepted", refusal.call, promised)
    if not isinstance(error, refusal.classes):
        raise Broken(f"{refusal.title}: raised {summary(error)}", refusal.call, promised)
    execution.untouched()
    if tuple(out.shape) != (3,) or to_array(out).tobytes() != before:
        raise Broken(f"{refusal.title}: out was changed by the refused call", refusal.call, "out left as it was")
    evidence.note(f"{refusal.title}: {type(error).__name__}")
    evidence.compared(execution.sample)
