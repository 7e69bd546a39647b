"""forms: does every public form of the operation give the same bits?"""

from __future__ import annotations

from typing import Any

from conformance.checks.calls import require_same_values, result_of
from conformance.checks.in_place import examine_in_place, reproduce_in_place
from conformance.checks.outs import examine_out
from conformance.checks.outs_script import reproduce_out
from conformance.checks.parts import part_of_check
from conformance.checks.steps import (
    Lines,
    arguments,
    assigned,
    called_form,
    count_of,
    held,
    held_to_oracle,
    held_to_plain,
    indented,
    is_value,
    left_alone,
    parts_of,
    remembered,
)
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
        execution.require_untouched(call=form.call)
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


def reproduce(execution: Execution, cell: Cell, failure: Failure) -> Lines:
    """The steps that hold what a form gives, and where, to what the first form gives."""
    form = called_form(execution, failure)
    if form.takes_out:
        return reproduce_out(execution, form, failure)
    if form.writes:
        return reproduce_in_place(execution, form, failure)
    if failure.kind is FailureKind.ARGUMENT_CHANGED:
        made = [*assigned(execution.form.call), *assigned(form.call)]
        return [*arguments(execution), *remembered(execution), *made, *left_alone(execution)]
    lines = [*arguments(execution), *assigned(execution.form.call, "expected"), *assigned(form.call)]
    return lines if failure.kind is FailureKind.RAISED else [*lines, *_held_to_first(execution, form, failure)]


def _held_to_first(execution: Execution, form: Form, failure: Failure) -> Lines:
    if is_value(execution):
        return held(f"the result of {form.name}", "result", "expected")
    count = count_of(execution)
    names, plain = parts_of(execution, count), parts_of(execution, count, "expected")
    if failure.kind is FailureKind.CONTAINER:
        return held("the container", "type(result).__name__", "type(expected).__name__")
    if failure.kind is FailureKind.COUNT:
        return held("number of results", "len(result)", "len(expected)")
    if failure.kind is FailureKind.STRIDES:
        return [line for one, other in zip(names, plain) for line in _layout_held(one, other)]
    if failure.kind is FailureKind.SHARING:
        return _sharing_held(execution, names, plain)
    if not form.same_bits:
        held_one_by_one = (held_to_oracle(execution, failure, names, place) for place in range(count))
        return [line for lines in held_one_by_one for line in lines]
    return held_to_plain(execution, failure, names, plain)


def _layout_held(one: str, other: str) -> Lines:
    of_other = f"({other}.stride(), {other}.storage_offset())"
    return held(f"strides and offset of {one}", f"({one}.stride(), {one}.storage_offset())", of_other)


def _sharing_held(execution: Execution, names: list[str], plain: list[str]) -> Lines:
    """The steps that hold each result to being a view of an argument where that of the first form is one, and else to
    memory of its own."""
    lines = [f"argument_storages = storages({', '.join(execution.promise.operand_names)})"]
    for one, other, tensor in zip(names, plain, execution.tensors):
        if tensor.numel():
            shared, wanted = (f"storages({name})[0] in argument_storages" for name in (one, other))
            lines += held(f"{one} is a view", shared, wanted)
            alone = held(f"{one} shares memory with {other}", f"shares({one}, {other})", "False")
            lines += [f"if storages({other})[0] not in argument_storages:", *indented(alone)]
    return lines
