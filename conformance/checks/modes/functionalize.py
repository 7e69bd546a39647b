"""Functionalised, the operation, its in-place form and a write through a view must agree with the plain call."""

from __future__ import annotations

from typing import Any

import torch

from conformance.checks.comparison import disagreement
from conformance.checks.modes.writes import WRITTEN, can_be_written, require_same_when_written, write_held, written
from conformance.checks.steps import Lines, arguments, assigned, held, held_to_plain, parts_of
from conformance.execution.broken import Broken
from conformance.execution.execution import Execution, flatten
from conformance.numeric.dtypes import ALL
from conformance.results.model import Failure, FailureKind
from conformance.spec.contract import Form
from conformance.spec.expressions import function_text

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


def reproduce(execution: Execution, failure: Failure) -> Lines:
    """The steps that functionalise the call, its in-place form, or a write through a view, and hold what it gives to
    the plain call."""
    names = execution.promise.tensor_names
    if failure.about == WRITTEN:
        call = function_text("call", written(execution), ", ".join(names))
        return write_held(execution, call, f"torch.func.functionalize(call)({', '.join(names)})", failure)
    form = next((one for one in execution.spec.forms if failure.call.endswith(f" of {one.name}")), execution.form)
    made = (f"{form.writes} = {form.writes}.clone()",) if form.writes else ()
    lines = [*arguments(execution), *assigned(execution.form.call, "expected"), *arguments(execution), ""]
    lines += function_text("call", form.call, ", ".join(names), made).splitlines()
    lines += ["", f"result = torch.func.functionalize(call)({', '.join(names)})"]
    if failure.kind is FailureKind.RAISED:
        return lines
    count = len(execution.tensors)
    if failure.kind is FailureKind.COUNT:
        return [*lines, *held("number of results", "len(result)", str(count))]
    plain = parts_of(execution, count, "expected")
    return [*lines, *held_to_plain(execution, failure, parts_of(execution, count), plain, bit_exact=False)]
