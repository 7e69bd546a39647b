"""Which form of an operation a check asks that asks one form of each sample."""

from __future__ import annotations

from conformance.execution.execution import Execution
from conformance.spec.contract import Form


def form_for(question: str, execution: Execution, derivative: bool = False) -> Form:
    """The first form for half of the samples. For the others one of those that fit, and neither write to an argument
    nor read a number from it; if the question is one of a `derivative`, one that has it."""
    others, sample = _others(execution, derivative), execution.sample
    if not others or sample.pick(f"another form for {question}", 2):
        return execution.spec.forms[0]
    return others[sample.pick(f"form for {question}", len(others))]


def any_form_for(question: str, execution: Execution) -> Form:
    """One of the forms that have a derivative, each as likely as every other: for what few samples are asked."""
    forms = [execution.spec.forms[0], *_others(execution, derivative=True)]
    return forms[execution.sample.pick(f"form for {question}", len(forms))]


def _others(execution: Execution, derivative: bool) -> list[Form]:
    return [
        form
        for form in execution.spec.forms[1:]
        if not (form.writes or form.takes_out)
        and keeps_tensors(form)
        and (form.differentiable or not derivative)
        and execution.promise.fits(form.when)
    ]


def keeps_tensors(form: Form) -> bool:
    """Whether a form reads no number from a tensor. That number is a constant to gradients and compilers."""
    return ".item()" not in form.call
