"""Functionalised, the operation, its in-place form and a write through a view must agree with the plain call."""

from __future__ import annotations

from typing import Any

import torch

from conformance.checks.comparison import disagreement
from conformance.checks.modes.writes import can_be_written, require_same_when_written
from conformance.execution.broken import Broken
from conformance.execution.execution import Execution, flatten
from conformance.numeric.dtypes import ALL
from conformance.spec.contract import Form

DTYPES_IN_ROTATION = ALL


def require_agreement(execution: Execution) -> None:
    """Functionalise the first form, and the first in-place form that fits the sample."""
    in_place = [form for form in execution.spec.forms if execution.writes_in_place(form)]
    for form in (execution.form, *in_place[:1]):
        again = execution.again()
        tensors = torch.func.functionalize(_call(again, form))(*(operand.tensor for operand in again.operands))
        difference = disagreement(execution, tensors)
        if difference is not None:
            raise Broken.differs(difference, f"torch.func.functionalize of {form.name}", "the plain call")
    is_lacking = any(lack.mode == "functionalize" and not lack.when for lack in execution.spec.unsupported_modes)
    if can_be_written(execution.spec, execution.sample) and not is_lacking:
        require_same_when_written(execution, "torch.func.functionalize", _written)


def _written(execution: Execution, expression: str) -> Any:
    def call(*tensors: Any) -> Any:
        return execution.call(expression, **execution.arguments_with(tensors))

    return torch.func.functionalize(call)(*(operand.tensor for operand in execution.operands))


def _call(execution: Execution, form: Form) -> Any:
    def call(*tensors: Any) -> Any:
        arguments = execution.arguments_with(tensors)
        if form.writes:
            arguments[form.writes] = arguments[form.writes].clone()
        return tuple(flatten(execution.call(form.call, **arguments), form.call))

    return call


def reproduce(execution: Execution, names: str) -> list[str]:
    """The lines that make the functionalised call."""
    return [f"print(torch.func.functionalize(call)({names}))"]
