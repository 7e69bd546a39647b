"""Functionalised, the operation and its in-place form return the same bits."""

from __future__ import annotations

from typing import Any

import torch

from conformance.checks.comparison import disagreement
from conformance.execution.broken import Broken
from conformance.execution.execution import Execution, flatten
from conformance.numeric.dtypes import ALL
from conformance.spec.contract import Form

SHARE = 4
FIRST = 0
DTYPES = ALL


def ask(execution: Execution) -> bool:
    """The first form, and the first of those that write to an argument."""
    in_place = [form for form in execution.spec.forms if execution.writes_in_place(form)]
    for form in (execution.form, *in_place[:1]):
        again = execution.again()
        tensors = torch.func.functionalize(_call(again, form))(*(operand.tensor for operand in again.operands))
        difference = disagreement(execution, tensors)
        if difference is not None:
            raise Broken.differs(difference, f"torch.func.functionalize of {form.call}", "the plain call")
    return True


def _call(execution: Execution, form: Form) -> Any:
    def call(*tensors: Any) -> Any:
        arguments = execution.arguments_with(tensors)
        if form.writes:
            arguments[form.writes] = arguments[form.writes].clone()
        return tuple(flatten(execution.call(form.call, **arguments), form.call))

    return call


def reproduce(execution: Execution, names: str) -> list[str]:
    """The functionalised call."""
    return [f"print(torch.func.functionalize(call)({names}))"]
