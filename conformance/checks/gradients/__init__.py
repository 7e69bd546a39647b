"""gradients: do autograd's gradients agree with the closed form, and are the values the same as without gradients?"""

from __future__ import annotations

import torch

from conformance.checks.gradients import second_order, tracking
from conformance.checks.gradients.backward import (
    another_form,
    backward,
    leaves_in,
    leaves_of,
    require_same_values,
)
from conformance.checks.gradients.comparison import promised, require_closed_form, require_repeated
from conformance.checks.gradients.script import reproduce
from conformance.drawing.layouts import WRITABLE
from conformance.execution.broken import Broken
from conformance.execution.evidence import EvidenceBuilder
from conformance.execution.execution import Execution, flatten
from conformance.execution.promise import fits
from conformance.execution.tensors import to_array
from conformance.results.model import FailureKind
from conformance.samples.sample import Sample
from conformance.spec.contract import Form, Spec

__all__ = ["NAME", "conditions", "examine", "parts", "reproduce"]

NAME = "gradients"


def conditions(spec: Spec) -> tuple[str, ...]:
    """The conditions on samples of what is asked; empty ones always hold."""
    return (spec.gradient.when,) if spec.gradient else ()


def parts(spec: Spec, sample: Sample, dtype: str) -> tuple[str, ...]:
    """One part, or none if the spec promises no gradient for a sample."""
    return ("",) if spec.gradient is not None and fits(sample, dtype, spec.gradient.when) else ()


def examine(execution: Execution, evidence: EvidenceBuilder) -> None:
    """Compare the gradients of the first form, and of one other form, with the closed form."""
    gradient = execution.spec.gradient
    if gradient is None or not execution.promise.fits(gradient.when):
        return
    chosen = leaves_in(execution)
    if not chosen:
        return
    passed = backward(execution, execution.form, chosen)
    promise = promised(execution, passed.incoming)
    require_closed_form(execution, passed, promise, evidence)
    require_repeated(execution, passed, evidence)
    for form in (execution.form, *another_form(execution)):
        leaves = leaves_of(execution, form, chosen)
        if form is not execution.form and leaves:
            require_closed_form(execution, backward(execution, form, leaves), promise, evidence)
        _require_same_without_gradients(execution, form, chosen)
    tracking.examine(execution, chosen)
    second_order.examine(execution, evidence)
    evidence.compared(execution.sample, *(array for array in passed.gradients[0] if array is not None))


def _require_same_without_gradients(execution: Execution, form: Form, leaves: tuple[int, ...]) -> None:
    """Raise `Broken` unless a call under no_grad or inference_mode gives the same values, and results that autograd
    does not track. The call may write to a leaf there."""
    inference = execution.sample.pick("inference mode", 2) == 1
    how = "under inference_mode" if inference else "under no_grad"
    again = execution.again()
    if form.writes and again.sample.by_name[form.writes].layout.kind not in WRITABLE:
        return
    with torch.inference_mode() if inference else torch.no_grad():
        for place in () if inference else leaves:
            again.operands[place].tensor.requires_grad_(True)
        tensors = flatten(again.call(form.call), form.call)
        arrays = [to_array(tensor) for tensor in tensors]
    require_same_values(execution, form, arrays, how)
    given = {id(operand.tensor) for operand in again.operands}
    if any(tensor.requires_grad and id(tensor) not in given for tensor in tensors):
        raise Broken(FailureKind.TRACKING, f"a result asks for a gradient {how}", form.call, "none tracked")
