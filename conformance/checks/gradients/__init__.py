"""gradients: do autograd's gradients agree with the closed form, and are the values the same as without gradients?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from conformance.checks.comparison import beyond_contract
from conformance.checks.gradients import second_order, tracking
from conformance.checks.gradients.closed_form import promised_gradients
from conformance.checks.gradients.incoming import incoming_of
from conformance.checks.literals import arguments_text, tensor_literal
from conformance.checks.repeatable import DETERMINISTIC, is_no_deterministic_kernel
from conformance.checks.steps import (
    Lines,
    arguments,
    assigned,
    called_form,
    compared,
    held,
    held_to_plain,
    indented,
    near_sums,
    parts_of,
)
from conformance.drawing.layouts import WRITABLE
from conformance.execution import devices
from conformance.execution.broken import Broken
from conformance.execution.evidence import EvidenceBuilder
from conformance.execution.execution import Execution, flatten
from conformance.execution.promise import fits
from conformance.execution.tensors import Operand, dtype_name, to_array
from conformance.numeric.accuracy import Sums, compare_exact, compare_sums, dtypes_differ, equal_bits
from conformance.numeric.dtypes import DTYPES, Array, DType
from conformance.results.model import Cell, Failure, FailureKind
from conformance.samples.sample import Sample
from conformance.spec.contract import Form, Spec
from conformance.spec.expressions import around

NAME = "gradients"

ANY_ORDER = "a second backward pass gives other bits, within the bound: the device adds in no fixed order"


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
    chosen = _leaves(execution)
    if not chosen:
        return
    passed = backward(execution, execution.form, chosen)
    promise = promised(execution, passed.incoming)
    require_closed_form(execution, passed, promise, evidence)
    _require_repeated(execution, passed, evidence)
    for form in (execution.form, *_another_form(execution)):
        leaves = _leaves_of(execution, form, chosen)
        if form is not execution.form and leaves:
            require_closed_form(execution, backward(execution, form, leaves), promise, evidence)
        _require_same_without_gradients(execution, form, chosen)
    tracking.examine(execution, chosen)
    second_order.examine(execution, evidence)
    evidence.compared(execution.sample, *(array for array in passed.gradients[0] if array is not None))


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


def _leaves(execution: Execution) -> tuple[int, ...]:
    """The leaves, as indices of operands: every operand that can have a gradient, or for one sample in three a single
    one.

    The digest decides, not `pick`: the gradients are in the fingerprint, which must stay comparable with older runs.
    """
    places = tuple(place for place, operand in enumerate(execution.operands) if operand.inexact)
    digest = execution.sample.digest
    return places if digest % 3 or not places else (places[digest // 3 % len(places)],)


def _leaves_of(execution: Execution, form: Form, chosen: tuple[int, ...]) -> tuple[int, ...]:
    """The chosen leaves of which a form does not read the number."""
    return tuple(place for place in chosen if f"{execution.promise.operand_names[place]}.item()" not in form.call)


def backward(execution: Execution, form: Form, leaves: tuple[int, ...]) -> Backward:
    """Call a form on new memory and take the gradients of the leaves. Raises `Broken`."""
    again = execution.again()
    targets = [again.operands[place].tensor.requires_grad_(True) for place in leaves]
    tensors = _tracked_results(execution, again, form, leaves)
    incoming = incoming_of(execution, tensors)
    call = _text(execution, form, leaves, incoming)
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
    _require_same_values(execution, form, [to_array(tensor) for tensor in tensors], "with gradients to take")
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


def _text(execution: Execution, form: Form, leaves: tuple[int, ...], incoming: list[Operand | None]) -> str:
    """The forward call and the backward pass as an expression. The incoming gradients are named `incoming`."""
    used = [place for place, operand in enumerate(incoming) if operand is not None]
    names = execution.promise.operand_names
    given = ", ".join(f"incoming[{place}]" for place in used)
    before, after = ("[", "]") if len(incoming) == 1 and used else ("[(", f")[i] for i in {used}]")
    of = f", [{', '.join(names[place] for place in leaves)}], [{given}])"
    return around(form.call, f"torch.autograd.grad({before}", f"{after}{of}")


# --- what is compared ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PromisedGradients:
    """The promised gradients."""

    sums: list[Sums | None]
    """the gradient of each operand in exact arithmetic"""
    bound: Any
    """the ULPs that each term may be off: one number or an array"""


def promised(execution: Execution, incoming: list[Operand | None]) -> PromisedGradients | None:
    """The gradients that every form must give for these incoming gradients; None if the bound is infinite."""
    gradient = execution.spec.gradient
    assert gradient is not None
    bound = gradient.bound(execution.dtype, **execution.sample.by_name) if gradient.bound else 0.0
    if np.isinf(bound).all():
        return None
    return PromisedGradients(
        promised_gradients(execution, [None if operand is None else operand.array for operand in incoming]), bound
    )


def require_closed_form(
    execution: Execution, passed: Backward, promise: PromisedGradients | None, evidence: EvidenceBuilder
) -> None:
    if promise is None:
        return
    first, *again = passed.gradients
    repeated = [parts for parts in again if not _equal(parts, first)]
    for place, actual in (pair for parts in (first, *repeated) for pair in zip(passed.leaves, parts)):
        operand, name = execution.operands[place], execution.promise.operand_names[place]
        sums = promise.sums[place]
        assert sums is not None, f"the spec's gradient says nothing of {name}"
        if actual is None:
            if not sums.magnitude.any():
                continue
            raise Broken(FailureKind.GRADIENT_MISSING, f"no gradient reached {name}", passed.call, "a gradient")
        if actual.dtype != operand.array.dtype:
            raise Broken.differs(
                dtypes_differ(actual.dtype.name, operand.dtype), passed.call, about=f"gradient of {name}"
            )
        passed_through = _inexact_dtypes(operand, execution.arrays)
        rounded_again = 0.71 if len(passed_through) > 1 else 0.0
        wrong, worst = compare_sums(actual, sums, passed_through, promise.bound + rounded_again)
        evidence.measured(worst, execution.sample)
        if wrong is not None:
            raise Broken.differs(wrong, passed.call, "the closed form", about=f"gradient of {name}")


def _require_repeated(execution: Execution, passed: Backward, evidence: EvidenceBuilder) -> None:
    """Raise `Broken` if a second backward pass gives other bits, which only a device may that adds in no fixed order.
    There two passes must give the same if torch is asked for kernels that are deterministic; it may have none."""
    if devices.adds_in_fixed_order(execution.device):
        return _require_same_bits(passed, "")
    if len(passed.gradients) < 2:
        return
    if not _repeats(passed):
        evidence.note(ANY_ORDER)
    with devices.deterministic_algorithms():
        try:
            _require_same_bits(backward(execution, execution.form, passed.leaves), DETERMINISTIC)
        except Broken as broken:
            if not is_no_deterministic_kernel(broken):
                raise


def _require_same_bits(passed: Backward, about: str) -> None:
    if not _repeats(passed):
        message = "the second backward pass gave other bits"
        raise Broken(FailureKind.VARIES, message, passed.call, "the bits of the first", about=about)


def _repeats(passed: Backward) -> bool:
    """Whether all backward passes gave the same bits."""
    return all(_equal(parts, passed.gradients[0]) for parts in passed.gradients[1:])


def _equal(ones: list[Array | None], others: list[Array | None]) -> bool:
    return all(
        one is other or (one is not None and other is not None and equal_bits(one, other))
        for one, other in zip(ones, others)
    )


def _inexact_dtypes(operand: Operand, results: list[Array]) -> list[DType]:
    """The inexact dtypes that a gradient passes through: the operand's and those of the results."""
    names = dict.fromkeys([operand.dtype, *(array.dtype.name for array in results)])
    return [DTYPES[name] for name in names if DTYPES[name].inexact]


def _require_same_values(execution: Execution, form: Form, arrays: list[Array], how: str) -> None:
    """Raise `Broken` unless values are bit-exact with those of the first form without gradients. In place another
    kernel may run, and a form that has not the same bits goes another path; then the accuracy of the spec applies."""
    for place, (array, plain) in enumerate(zip(arrays, execution.arrays)):
        difference = compare_exact(array, plain)
        if difference is not None and (form.writes or not form.same_bits):
            difference = beyond_contract(execution, place, arrays)
        if difference is not None:
            raise Broken.differs(difference, form.call, "the same bits", about=f"other values {how}")


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
    _require_same_values(execution, form, arrays, how)
    given = {id(operand.tensor) for operand in again.operands}
    if any(tensor.requires_grad and id(tensor) not in given for tensor in tensors):
        raise Broken(FailureKind.TRACKING, f"a result asks for a gradient {how}", form.call, "none tracked")


def _another_form(execution: Execution) -> list[Form]:
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


def reproduce(execution: Execution, cell: Cell, failure: Failure) -> Lines:
    """The steps that take the gradients, and hold them to the closed form; those of second derivatives and of writes
    are in the modules that ask them."""
    if failure.about in (second_order.SECOND, *second_order.DIFFERENCES):
        return second_order.reproduce(execution, failure)
    if failure.about == tracking.WRITTEN_WHILE_TRACKED:
        return tracking.reproduce(execution, _leaves(execution), failure)
    for form, leaves in _backward_calls(execution):
        passed = incoming_of(execution, execution.tensors)
        if failure.call == _text(execution, form, leaves, passed):
            return _backward_held(execution, form, leaves, passed, failure)
    return _forward_held(execution, called_form(execution, failure), failure)


def _backward_calls(execution: Execution) -> Iterator[tuple[Form, tuple[int, ...]]]:
    """The forms whose gradients are taken, with the leaves of each."""
    chosen = _leaves(execution)
    yield execution.form, chosen
    for form in _another_form(execution):
        yield form, _leaves_of(execution, form, chosen)


def _names_of(execution: Execution, leaves: Sequence[int]) -> list[str]:
    return [execution.promise.operand_names[place] for place in leaves]


def _tracked(execution: Execution, form: Form, leaves: Sequence[int]) -> Lines:
    """The steps that make leaves of arguments, and the arguments aliases of them, or copies if they are written to."""
    names = _names_of(execution, leaves)
    lines = [f"leaves = [{', '.join(names)}]", "for leaf in leaves:", "    leaf.requires_grad_()"]
    if execution.sample.pick("hidden leaves", 2):
        hidden = [
            f"torch.ops.aten.alias({name})" if name in names else name for name in execution.promise.operand_names
        ]
        lines += arguments_text(execution.sample, hidden, execution.dtype, execution.promise.tensor_names)
    return [*lines, f"{form.writes} = {form.writes}.clone()"] if form.writes else lines


def _backward_held(
    execution: Execution, form: Form, leaves: tuple[int, ...], incoming: list[Operand | None], failure: Failure
) -> Lines:
    """The steps that take the gradients of a form in one backward pass, or in two."""
    results = parts_of(execution, len(execution.tensors))
    used = [place for place, operand in enumerate(incoming) if operand is not None]
    given = ", ".join(tensor_literal(incoming[place]) for place in used)  # type: ignore[arg-type]
    lines = [*arguments(execution), *_tracked(execution, form, leaves), *assigned(form.call)]
    if failure.kind is FailureKind.TRACKING:
        return [*lines, *_tracking_held(execution, results, leaves)]
    pairs = f"zip([{', '.join(results[place] for place in used)}], [{given}])"
    lines += [
        f"used = [(one, given) for one, given in {pairs} if one.requires_grad]",
        "outputs, incoming = [one for one, _ in used], [given for _, given in used]",
    ]
    taken = "torch.autograd.grad(outputs, leaves, incoming, retain_graph=True, allow_unused=True)"
    kept = failure.kind is FailureKind.ARGUMENT_CHANGED
    lines += ["bytes_before = memory_of(*leaves, *incoming)"] if kept else []
    lines.append(f"gradients = {taken}")
    if kept:
        return [
            *lines,
            'compare("bytes of leaves and incoming gradients", memory_of(*leaves, *incoming), bytes_before)',
        ]
    if failure.kind is FailureKind.VARIES:
        again = [f"again = {taken}", 'compare("the second pass", as_lists(again), as_lists(gradients))']
        return [*lines, *again]
    if failure.kind is FailureKind.RAISED:
        return lines
    return [*lines, *closed_form_held(execution, leaves, incoming, failure)]


def closed_form_held(
    execution: Execution, leaves: tuple[int, ...], incoming: list[Operand | None], failure: Failure
) -> Lines:
    """The steps that hold gradients to the closed form: that which failed, or all."""
    promise = promised(execution, incoming)
    assert promise is not None
    lines: Lines = []
    for at, place in enumerate(leaves):
        operand, name = execution.operands[place], execution.promise.operand_names[place]
        sums, got = promise.sums[place], f"gradients[{at}]"
        if sums is None or (failure.about and failure.about != f"gradient of {name}"):
            continue
        if sums.magnitude.any():
            lines += held(f"there is a gradient of {name}", f"{got} is not None", "True")
        if failure.kind in (FailureKind.DTYPE, FailureKind.GRADIENT_MISSING):
            lines += held("its dtype", f"{got}.dtype", f"torch.{operand.dtype}") if sums.magnitude.any() else []
            continue
        if failure.kind is FailureKind.SHAPE:
            lines += held(f"shape of the gradient of {name}", f"tuple({got}.shape)", repr(tuple(sums.exact.shape)))
            continue
        dtypes = _inexact_dtypes(operand, execution.arrays)
        numbers, ulps = near_sums(sums, dtypes, promise.bound + (0.71 if len(dtypes) > 1 else 0.0))
        lines += compared(f"gradient of {name}", f"{got}.tolist()", numbers, operand.dtype, ulps)
    return lines


def _tracking_held(execution: Execution, results: Sequence[str], leaves: Sequence[int]) -> Lines:
    """The steps that hold the results to being tracked: inexact ones alone, and views of arguments as views."""
    inexact = [name for name, one in zip(results, execution.tensors) if DTYPES[dtype_name(one)].inexact]
    exact = [name for name in results if name not in inexact]
    every = len(leaves) == sum(operand.inexact for operand in execution.operands)
    lines: Lines = []
    if exact:
        lines += held("whole numbers that ask for a gradient", f"[{_asking(exact)}]", repr([False] * len(exact)))
    if inexact:
        asking = f"{'all' if every else 'any'}([{_asking(inexact)}])"
        lines += held("results ask for a gradient", asking, "True")
    for name in inexact:
        known = f"{name}._is_view() or {name}.is_leaf or not set(storages({name})) & set(storages(*leaves))"
        lines += held(f"autograd knows whether {name} is a view", f"bool({known})", "True")
    return lines


def _views_that_ask(execution: Execution, leaves: Sequence[int]) -> Lines:
    """The steps that make views of the leaves, which ask for a gradient."""
    names, every = _names_of(execution, leaves), execution.promise.operand_names
    views = [f"torch.ops.aten.alias({name}).requires_grad_()" if name in names else name for name in every]
    return arguments_text(execution.sample, views, execution.dtype, execution.promise.tensor_names)


def _asking(names: Sequence[str]) -> str:
    return ", ".join(f"{name}.requires_grad" for name in names)


def _forward_held(execution: Execution, form: Form, failure: Failure) -> Lines:
    """The steps that hold the values of a call with gradients to take, or with none recorded, to those of the plain
    one."""
    count, chosen = len(execution.tensors), _leaves(execution)
    lines = [*arguments(execution), *assigned(execution.form.call, "expected"), *arguments(execution)]
    mode = next((mode for mode in ("no_grad", "inference_mode") if mode in failure.message), "")
    if mode:
        lines += _views_that_ask(execution, chosen) if mode == "no_grad" else []
        lines += [f"with torch.{mode}():", *indented(assigned(form.call))]
    else:
        lines += [*_tracked(execution, form, _leaves_of(execution, form, chosen)), *assigned(form.call)]
    if failure.kind is FailureKind.RAISED:
        return lines
    results = parts_of(execution, count)
    if failure.kind is FailureKind.TRACKING:
        given = ", ".join(execution.promise.operand_names)
        asking = [f"{one}.requires_grad and not any({one} is given for given in [{given}])" for one in results]
        return [*lines, *held("results that ask for a gradient", f"[{', '.join(asking)}]", repr([False] * count))]
    bit_exact = form.same_bits and not form.writes
    return [*lines, *held_to_plain(execution, failure, results, parts_of(execution, count, "expected"), bit_exact)]
