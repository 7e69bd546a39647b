"""Which results autograd must track, and which writes it must refuse, for the check of gradients."""

from __future__ import annotations

from typing import Any

import torch

from conformance.checks.steps import Lines, arguments, assigned, indented, tuple_of
from conformance.execution.broken import Broken
from conformance.execution.devices import has_addresses
from conformance.execution.execution import Execution, attempt, flatten
from conformance.execution.tensors import dtype_name, storage_address
from conformance.numeric.dtypes import DTYPES
from conformance.results.model import Failure, FailureKind
from conformance.spec.contract import ONE, Form

WRITTEN_WHILE_TRACKED = "written to with gradients to take"


def require_tracked(tensors: list[Any], all_leaves: bool, call: str) -> None:
    """Raise `Broken` unless the right results require gradients. Every inexact result must if all inexact arguments do,
    at least one must if only some do, and an exact result must not."""
    inexact = [tensor for tensor in tensors if DTYPES[dtype_name(tensor)].inexact]
    promised = "requires_grad of floating and complex results alone"
    if any(tensor.requires_grad for tensor in tensors if not any(tensor is one for one in inexact)):
        raise Broken(FailureKind.TRACKING, "a result of whole numbers asks for a gradient", call, promised)
    if inexact and not (all if all_leaves else any)(tensor.requires_grad for tensor in inexact):
        raise Broken(FailureKind.TRACKING, "a result asks for no gradient", call, promised)


def require_known_as_views(execution: Execution, tensors: list[Any], call: str) -> None:
    """Raise `Broken` if a result is an alias of an argument and autograd does not know it as a view. A write to it
    would then not reach the gradient of the argument."""
    for tensor in tensors:
        may_be_unknown = tensor.numel() and tensor.requires_grad and not (tensor._is_view() or tensor.is_leaf)
        if may_be_unknown and _is_alias(execution, tensor):
            raise Broken(
                FailureKind.TRACKING, "autograd does not know that a result is a view", call, "a view of the argument"
            )


def _is_alias(execution: Execution, tensor: Any) -> bool:
    """Whether a result shares memory with an argument: by its address, or as the spec says where there are none."""
    if not has_addresses(execution.device):
        return execution.promise.views is not None
    return storage_address(tensor) in {storage_address(one.tensor) for one in execution.operands if one.tensor.numel()}


def examine(execution: Execution, leaves: tuple[int, ...]) -> None:
    """Pick one in-place form or out variant, for some samples. If an argument requires a gradient, it must raise: in
    the forward call or in the backward pass."""
    form = _form_that_writes(execution)
    if form is None or execution.sample.pick("write while tracked", 4):
        return
    if form.takes_out:
        _require_refused(execution, form, leaves, out=_out(execution))
    elif form.writes in {execution.promise.operand_names[place] for place in leaves}:
        _require_refused(execution, form, leaves)


def _form_that_writes(execution: Execution) -> Form | None:
    """One of the in-place forms and out variants that fit the sample, if there is one."""
    forms = [
        form
        for form in execution.spec.forms
        if (form.takes_out or execution.writes_in_place(form)) and execution.promise.fits(form.when)
    ]
    return forms[execution.sample.pick("form that writes while tracked", len(forms))] if forms else None


def _out(execution: Execution) -> Any:
    outs = tuple(torch.zeros_like(tensor) for tensor in execution.tensors)
    return outs[0] if execution.spec.returns == ONE else outs


def _require_refused(execution: Execution, form: Form, leaves: tuple[int, ...], **extra: Any) -> None:
    again = execution.again()
    for place in leaves:
        again.operands[place].tensor.requires_grad_(True)

    def forward_and_backward() -> None:
        results = flatten(again.call(form.call, **extra), form.call)
        torch.autograd.backward([result.sum() for result in results if result.requires_grad])

    _, error = attempt(forward_and_backward)
    if not isinstance(error, RuntimeError):
        raise Broken.not_refused(error, form.call, "RuntimeError", about=WRITTEN_WHILE_TRACKED)
    again.require_untouched()


def reproduce(execution: Execution, leaves: tuple[int, ...], failure: Failure) -> Lines:
    """The steps that write where gradients are to be taken, which must be refused."""
    form = _form_that_writes(execution)
    assert form is not None
    names = [execution.promise.operand_names[place] for place in leaves]
    outs = [f"torch.zeros({tuple(one.shape)}, dtype={one.dtype})" for one in execution.tensors]
    given = outs[0] if execution.spec.returns == ONE else tuple_of(outs)
    return [
        *arguments(execution),
        *(f"{name}.requires_grad_()" for name in names),
        *([f"out = {given}"] if form.takes_out else []),
        "try:",
        *indented(assigned(form.call)),
        "    results = result if isinstance(result, (list, tuple)) else (result,)",
        "    torch.autograd.backward([one.sum() for one in results if one.requires_grad])",
        "except RuntimeError as error:",
        '    print("refused:", error)',
        "else:",
        '    expect("the call and its backward pass", "accepted", "refused with RuntimeError")',
    ]
