"""Calls with gradients to take, and their backward passes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

from conformance.checks.comparison import beyond_contract
from conformance.checks.gradients import tracking
from conformance.checks.gradients.incoming import incoming_of
from conformance.execution.broken import Broken
from conformance.execution.execution import Execution, flatten
from conformance.execution.tensors import Operand, to_array
from conformance.numeric.accuracy import compare_exact
from conformance.numeric.dtypes import Array
from conformance.results.model import FailureKind
from conformance.spec.contract import Form
from conformance.spec.expressions import around


@dataclass(frozen=True)
class Backward:
    """One forward call and its backward passes."""

    call: str
    """the forward call and the backward pass as an expression"""
    incoming: list[Operand | None]
    """the incoming gradient of each result"""
    leaves: tuple[int, ...]
    """the leaves, as indices of operands"""
    gradients: list[list[Array | None]]
    """for each backward pass the gradient of each leaf"""


def leaves_in(execution: Execution) -> tuple[int, ...]:
    """The leaves, as indices of operands: every operand that can have a gradient, or for one sample in three a single
    one.

    The digest decides, not `pick`: the gradients are in the fingerprint, which must stay comparable with older runs.
    """
    places = tuple(place for place, operand in enumerate(execution.operands) if operand.inexact)
    digest = execution.sample.digest
    return places if digest % 3 or not places else (places[digest // 3 % len(places)],)


def leaves_of(execution: Execution, form: Form, chosen: tuple[int, ...]) -> tuple[int, ...]:
    """The chosen leaves of which a form does not read the number."""
    return tuple(place for place in chosen if f"{execution.promise.operand_names[place]}.item()" not in form.call)


def backward(execution: Execution, form: Form, leaves: tuple[int, ...]) -> Backward:
    """Call a form on new memory and take the gradients of the leaves. Raises `Broken`."""
    again = execution.again()
    targets = [again.operands[place].tensor.requires_grad_(True) for place in leaves]
    tensors = _tracked_results(execution, again, form, leaves)
    incoming = incoming_of(execution, tensors)
    call = backward_text(execution, form, leaves, incoming)
    tracking.require_tracked(tensors, len(leaves) == sum(operand.inexact for operand in again.operands), call)
    if form is execution.form:
        tracking.require_known_as_views(again, tensors, call)
    passes = 1 if execution.sample.pick("repeated backward pass", 4) else 2
    used = [(one, operand) for one, operand in zip(tensors, incoming) if operand is not None and one.requires_grad]
    try:
        found = _taken([one for one, _ in used], targets, [operand.tensor for _, operand in used], passes)
    except Exception as error:
        raise Broken.raised(error, call, "a gradient") from error
    if not form.writes:
        _require_untouched([*again.operands, *(operand for _, operand in used)], call)
    return Backward(call, incoming, leaves, [[_array(part) for part in parts] for parts in found])


def _tracked_results(execution: Execution, again: Execution, form: Form, leaves: tuple[int, ...]) -> list[Any]:
    """The results of a form called on tensors that require gradients. Raises `Broken` unless their values are those of
    `execution`, which requires none."""
    if execution.sample.pick("hidden leaves", 2):
        _hide_leaves(again, leaves)
    if form.writes:
        again.names[form.writes] = again.names[form.writes].clone()
    try:
        tensors = flatten(again.call(form.call), form.call)
    except Broken:
        raise
    except Exception as error:
        raise Broken.raised(error, form.call, "a result", how="with gradients to take") from error
    require_same_values(execution, form, [to_array(tensor) for tensor in tensors], "with gradients to take")
    return tensors


def _require_untouched(operands: list[Operand], call: str) -> None:
    for operand in operands:
        if not operand.is_untouched:
            raise Broken(
                FailureKind.ARGUMENT_CHANGED,
                "the backward pass changed an argument or an incoming gradient",
                call,
                "both left as they were",
            )


def _hide_leaves(execution: Execution, leaves: tuple[int, ...]) -> None:
    """Replace the leaves by aliases, so that the arguments are results of other calls, as they mostly are in a
    network."""
    tensors = [operand.tensor for operand in execution.operands]
    for place in leaves:
        tensors[place] = torch.ops.aten.alias(tensors[place])
    execution.names.update(execution.arguments_with(tensors))


def _taken(results: list[Any], targets: list[Any], incoming: list[Any], passes: int) -> list[list[Any]]:
    """The gradients of each backward pass. The graph is kept for the next pass."""
    if not results:
        return [[None] * len(targets)]
    return [
        list(torch.autograd.grad(results, targets, incoming, retain_graph=left > 0, allow_unused=True))
        for left in reversed(range(passes))
    ]


def _array(gradient: Any) -> Array | None:
    return None if gradient is None else to_array(gradient)


def backward_text(execution: Execution, form: Form, leaves: tuple[int, ...], incoming: list[Operand | None]) -> str:
    """The forward call and the backward pass as an expression. The incoming gradients are named `incoming`."""
    used = [place for place, operand in enumerate(incoming) if operand is not None]
    names = execution.promise.operand_names
    given = ", ".join(f"incoming[{place}]" for place in used)
    before, after = ("[", "]") if len(incoming) == 1 and used else ("[(", f")[i] for i in {used}]")
    of = f", [{', '.join(names[place] for place in leaves)}], [{given}])"
    return around(form.call, f"torch.autograd.grad({before}", f"{after}{of}")


def require_same_values(execution: Execution, form: Form, arrays: list[Array], how: str) -> None:
    """Raise `Broken` unless values are bit-exact with those of the first form without gradients. In place another
    kernel may run, and a form that has not the same bits goes another path; then the accuracy of the spec applies."""
    for place, (array, plain) in enumerate(zip(arrays, execution.arrays)):
        difference = compare_exact(array, plain)
        if difference is not None and (form.writes or not form.same_bits):
            difference = beyond_contract(execution, place, arrays)
        if difference is not None:
            raise Broken.differs(difference, form.call, "the same bits", about=f"other values {how}")


def another_form(execution: Execution) -> list[Form]:
    """One of the other forms that fit the sample, if there is one. Out variants do not support autograd."""
    forms = [
        form
        for form in execution.spec.forms[1:]
        if "out=" not in form.call
        and form.differentiable
        and execution.promise.fits(form.when)
        and (not form.writes or execution.writes_in_place(form))
    ]
    return [forms[execution.sample.pick("form with gradients", len(forms))]] if forms else []
