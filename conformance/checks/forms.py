"""forms: does every public form of the operation give the same bits?"""

from __future__ import annotations

from typing import Any

from conformance.checks.calls import require_same_values, result_of
from conformance.checks.in_place import examine_in_place
from conformance.checks.outs import examine_out
from conformance.checks.parts import part_of_check
from conformance.checks.plain import call_lines
from conformance.execution.broken import Broken
from conformance.execution.devices import has_addresses, has_strides
from conformance.execution.evidence import EvidenceBuilder
from conformance.execution.execution import Execution
from conformance.execution.promise import fits
from conformance.execution.sharing import shows_writes_to
from conformance.execution.tensors import layout_of, storage_address
from conformance.results.model import Cell, Failure, FailureKind
from conformance.samples.sample import Sample
from conformance.spec.contract import Form, Spec

NAME = "forms"


def conditions(spec: Spec) -> tuple[str, ...]:
    """The conditions on samples of what is asked; empty ones always hold."""
    return tuple(form.when for form in spec.forms[1:])


def parts(spec: Spec, sample: Sample, dtype: str) -> tuple[str, ...]:
    """The forms that fit a sample."""
    return tuple(form.name for form in spec.forms[1:] if fits(sample, dtype, form.when))


def examine(execution: Execution, evidence: EvidenceBuilder) -> None:
    """Compare each form that fits the sample with the first form."""
    for form in execution.spec.forms[1:]:
        if execution.promise.fits(form.when):
            with part_of_check(execution, evidence):
                _examine(execution, form, evidence)


def _examine(execution: Execution, form: Form, evidence: EvidenceBuilder) -> None:
    if form.takes_out:
        if examine_out(execution, form):
            evidence.compared(execution.sample, part=form.name)
    elif form.writes:
        if examine_in_place(execution, form):
            evidence.compared(execution.sample, part=form.name)
    else:
        result = result_of(execution, form)
        require_same_values(execution, form, result)
        _require_same_memory(execution, form, result)
        execution.require_untouched()
        evidence.compared(execution.sample, part=form.name)


def _require_same_memory(execution: Execution, form: Form, result: Any) -> None:
    """Raise `Broken` unless a result has the container, the layout and the sharing of memory of the first form's. By
    another path the layout may be another."""
    if type(result) is not type(execution.result):
        raise Broken(
            FailureKind.CONTAINER, f"returned {type(result).__name__}", form.call, type(execution.result).__name__
        )
    for tensor, first in zip(execution.tensors_of(result), execution.tensors):
        if tensor.numel() and has_addresses(execution.device):
            _require_same_storage(execution, form, tensor, first)
        as_first = not form.same_bits or layout_of(tensor) == layout_of(first)
        if tensor.numel() and has_strides(execution.device) and not as_first:
            _, strides, offset = layout_of(tensor)
            raise Broken(
                FailureKind.STRIDES, f"strides are {strides}, offset {offset}", form.call, f"as {execution.form.call}"
            )
    if not has_addresses(execution.device):
        _require_same_when_written(execution, form)


def _require_same_storage(execution: Execution, form: Form, tensor: Any, first: Any) -> None:
    arguments = {storage_address(operand.tensor) for operand in execution.operands}
    address, wanted = storage_address(tensor), storage_address(first)
    if wanted in arguments and address != wanted:
        raise Broken(FailureKind.SHARING, "a result does not share the argument's memory", form.call, "a view")
    if wanted not in arguments and address in (*arguments, wanted):
        raise Broken(FailureKind.SHARING, "a result does not have memory of its own", form.call, "new memory")


def _require_same_when_written(execution: Execution, form: Form) -> None:
    """A write to a result reaches an argument if the spec promises a view, and only then."""
    again = execution.again()
    is_view = execution.promise.views is not None
    for tensor in again.tensors_of(again.call(form.call)):
        shared = any([shows_writes_to(tensor, operand.tensor) for operand in again.operands])
        if tensor.numel() and shared != is_view:
            message = f"a write to a result {'does not reach' if is_view else 'reaches'} an argument"
            raise Broken(FailureKind.SHARING, message, form.call, "a view" if is_view else "new memory")


def reproduce(execution: Execution, cell: Cell, failure: Failure) -> str:
    """The lines that print what the form gives, with the result of the first form as `out`."""
    return call_lines(execution, failure, execution.form.call) + f"print('promised:', {failure.promised!r})\n"
