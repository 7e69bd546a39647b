"""In-place forms: what they write to their argument, or how they make it lie, and that they return the argument."""

from __future__ import annotations

from typing import Any

from conformance.checks.calls import require_refused, require_same_values, result_of
from conformance.checks.steps import (
    Lines,
    arguments,
    assigned,
    held,
    held_to_plain,
    left_alone,
    refusal_held,
    remembered,
)
from conformance.execution.broken import Broken
from conformance.execution.devices import has_addresses, has_strides
from conformance.execution.execution import Execution
from conformance.execution.tensors import layout_of, storage_address
from conformance.results.model import Failure, FailureKind
from conformance.samples.sample import TensorSample
from conformance.samples.strides import same_strides
from conformance.spec.contract import Form, View


def examine_in_place(execution: Execution, form: Form) -> bool:
    """Call an in-place form. False if it does not fit the sample."""
    if not execution.writes_in_place(form):
        return False
    if execution.spec.reshapes(form):
        _require_reshaped(execution, form)
        return True
    return _examine_written(execution, form)


# --- what a form writes -------------------------------------------------------------------------------------------


def _examine_written(execution: Execution, form: Form) -> bool:
    """The argument lies where it lay, and holds the result. One whose elements share memory with each other must be
    refused."""
    target = execution.sample.by_name[form.writes]
    if target.layout.kind in ("overlapping", "lazy"):
        return False
    again = execution.again()
    if _repeats(target):
        require_refused(again, form)
        return True
    returned = _returned(again, form)
    require_same_values(execution, form, returned, bit_exact=False)
    _require_place(again, form, View(target.shape, target.strides, target.offset))
    again.require_untouched(but=form.writes, call=form.call)
    return True


# --- how a form makes its argument lie ----------------------------------------------------------------------------


def _require_reshaped(execution: Execution, form: Form) -> None:
    """The argument lies where the spec says that the result does, and nothing was written to its memory. Whoever saved
    it for a gradient is told by its version."""
    again = execution.again()
    target = next(operand for operand in again.operands if operand.tensor is again.names[form.writes])
    before, version = layout_of(target.tensor), target.tensor._version
    returned = _returned(again, form)
    require_same_values(execution, form, returned)
    for view in execution.promise.views or ():
        _require_place(again, form, view, about=form.name)
    again.require_untouched(but=form.writes, call=form.call)
    if not target.is_untouched:
        message = "the memory of the argument was written to"
        raise Broken(FailureKind.ARGUMENT_CHANGED, message, form.call, about=form.name)
    if layout_of(returned) != before and returned._version == version:
        raise Broken(FailureKind.TRACKING, "the argument is still of the same version", form.call, "a later one")


# --- the argument -------------------------------------------------------------------------------------------------


def _returned(again: Execution, form: Form) -> Any:
    """What a form returns: the argument itself, in the same memory. Raises `Broken` if it is anything else."""
    target = again.names[form.writes]
    address = storage_address(target) if has_addresses(again.device) else None
    returned = result_of(again, form)
    if returned is not target:
        raise Broken(FailureKind.CONTAINER, "did not return the argument itself", form.call, f"{form.writes} itself")
    if address is not None and storage_address(target) != address:
        raise Broken(FailureKind.SHARING, "the argument has other memory", form.call, "the memory that it had")
    return returned


def _require_place(again: Execution, form: Form, view: View, about: str = "") -> None:
    """Raise `Broken` unless the argument of a form lies there. `about` names the form where that is what it is for."""
    target = again.names[form.writes]
    shape, strides, offset = layout_of(target)
    if shape != view.shape:
        message = f"the argument has the shape {shape}"
        raise Broken(FailureKind.SHAPE, message, form.call, f"{view.shape}", about=about)
    lies = same_strides(shape, strides, view.strides) and offset == view.offset
    if target.numel() and has_strides(again.device) and not lies:
        message = f"the argument has the strides {strides} and the offset {offset}"
        promised = f"strides {view.strides}, offset {view.offset}"
        raise Broken(FailureKind.STRIDES, message, form.call, promised, about=about)


def _repeats(target: TensorSample) -> bool:
    """Whether elements of a tensor share memory with each other."""
    return target.numel > 0 and any(step == 0 and size > 1 for step, size in zip(target.strides, target.shape))


# --- scripts ------------------------------------------------------------------------------------------------------


def reproduce_in_place(execution: Execution, form: Form, failure: Failure) -> Lines:
    """The steps for a form that writes to an argument: it must return that, holding the result, or be refused."""
    lines, name = arguments(execution), form.writes
    reshapes = execution.spec.reshapes(form)
    if _repeats(execution.sample.by_name[name]) and not reshapes:
        classes = (RuntimeError, TypeError)
        return [*lines, *remembered(execution), *refusal_held(form.call, classes), *left_alone(execution)]
    lines += [*assigned(execution.form.call, "expected"), *arguments(execution)]
    if failure.kind is FailureKind.ARGUMENT_CHANGED:
        whole = f"{name}.untyped_storage().cpu().tolist()"
        kept = [f"whole_before = {whole}"] if reshapes else []
        alone = [f'compare("bytes of the argument", {whole}[: len(whole_before)], whole_before)'] if reshapes else []
        others = remembered(execution, but=name), left_alone(execution, but=name)
        return [*lines, *kept, *others[0], *assigned(form.call), *alone, *others[1]]
    before = [f"address, version = {name}.untyped_storage().data_ptr(), {name}._version"]
    lines += [*before, *assigned(form.call)]
    if failure.kind is FailureKind.RAISED:
        return lines
    if failure.kind is FailureKind.CONTAINER:
        return [*lines, *held("the argument itself is returned", f"result is {name}", "True")]
    if failure.kind is FailureKind.SHARING:
        return [
            *lines,
            *held("it has the memory that it had", f"{name}.untyped_storage().data_ptr() == address", "True"),
        ]
    if failure.kind is FailureKind.TRACKING:
        return [*lines, *held("it is of a later version", f"{name}._version > version", "True")]
    if failure.kind in (FailureKind.SHAPE, FailureKind.STRIDES):
        return [*lines, *_place_held(execution, form, failure)]
    return [*lines, *held_to_plain(execution, failure, [name], ["expected"], bit_exact=False)]


def _place_held(execution: Execution, form: Form, failure: Failure) -> Lines:
    """The step that holds the argument to its promised shape, or to its strides and offset."""
    target, name = execution.sample.by_name[form.writes], form.writes
    views = execution.promise.views if execution.spec.reshapes(form) else None
    view = views[0] if views else View(target.shape, target.strides, target.offset)
    if failure.kind is FailureKind.SHAPE:
        return held(f"shape of {name}", f"tuple({name}.shape)", repr(view.shape))
    wanted = tuple(step for step, size in zip(view.strides, view.shape) if size > 1)
    return held(
        f"strides and offset of {name}", f"(strides({name}), {name}.storage_offset())", repr((wanted, view.offset))
    )
