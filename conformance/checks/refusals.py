"""refusals: does every misuse raise the promised class and leave the arguments as they were?"""

from __future__ import annotations

from typing import Any

import torch

from conformance.execution.devices import synchronize
from conformance.execution.evidence import Evidence
from conformance.execution.execution import Broken, Execution, attempt, summary
from conformance.execution.tensors import to_array
from conformance.spec.contract import Refusal

NAME = "refusals"
SHARE = 6


def examine(execution: Execution, evidence: Evidence) -> None:
    """Try each refusal that fits the sample; the class that was raised is noted."""
    for refusal in execution.spec.refusals:
        if execution.fits(refusal.when) and not (refusal.poisons and execution.device != "cpu"):
            _try(execution, refusal, evidence)
    if execution.device != "cpu":
        _mixed_devices(execution, evidence)


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


def _mixed_devices(execution: Execution, evidence: Evidence) -> None:
    """One of several tensors left on the CPU is refused, unless it is a number or nothing is computed."""
    if execution.spec.memory.of:
        return
    shaped = [place for place, operand in enumerate(execution.operands) if operand.sample.rank]
    if len(shaped) < 2:
        return
    place = shaped[execution.sample.digest % len(shaped)]
    tensors = [operand.tensor for operand in execution.operands]
    tensors[place] = tensors[place].cpu()
    _, error = attempt(lambda: execution.results_with(tensors))
    if not isinstance(error, RuntimeError):
        got = "accepted" if error is None else f"raised {summary(error)}"
        name = execution.operand_names[place]
        raise Broken(f"{name} on the CPU beside {execution.device}: {got}", execution.form.call, "RuntimeError")
    evidence.note(f"tensors on two devices: {type(error).__name__}")
    evidence.compared(execution.sample)


def try_alone(execution: Execution, refusal: Refusal) -> str:
    """Try a refusal that the process may not survive; how it was broken, or nothing."""
    out = torch.full((3,), 7, dtype=getattr(torch, execution.dtype), device=execution.device)

    def call() -> None:
        execution.call(refusal.call, out=out)
        synchronize(execution.device)

    _, error = attempt(call)
    if isinstance(error, (*refusal.classes, RuntimeError)):
        return ""
    return f"{refusal.title}: {'accepted' if error is None else 'raised ' + summary(error)}"
