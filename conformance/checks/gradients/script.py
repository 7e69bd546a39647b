"""The steps of a script that take gradients and hold them to what is promised."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from conformance.checks.gradients import second_order, tracking
from conformance.checks.gradients.backward import (
    another_form,
    backward_text,
    leaves_in,
    leaves_of,
)
from conformance.checks.gradients.comparison import inexact_dtypes, promised
from conformance.checks.gradients.incoming import incoming_of
from conformance.checks.literals import arguments_text, tensor_literal
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
from conformance.execution.execution import Execution
from conformance.execution.tensors import Operand, dtype_name
from conformance.numeric.dtypes import DTYPES
from conformance.results.model import Cell, Failure, FailureKind
from conformance.spec.contract import Form


def reproduce(execution: Execution, cell: Cell, failure: Failure) -> Lines:
    """The steps that take the gradients, and hold them to the closed form; those of second derivatives and of writes
    are in the modules that ask them."""
    if failure.about in (second_order.SECOND, *second_order.DIFFERENCES):
        return second_order.reproduce(execution, failure)
    if failure.about == tracking.WRITTEN_WHILE_TRACKED:
        return tracking.reproduce(execution, leaves_in(execution), failure)
    for form, leaves in _backward_calls(execution):
        passed = incoming_of(execution, execution.tensors)
        if failure.call == backward_text(execution, form, leaves, passed):
            return _backward_held(execution, form, leaves, passed, failure)
    return _forward_held(execution, called_form(execution, failure), failure)


def _backward_calls(execution: Execution) -> Iterator[tuple[Form, tuple[int, ...]]]:
    """The forms whose gradients are taken, with the leaves of each."""
    chosen = leaves_in(execution)
    yield execution.form, chosen
    for form in another_form(execution):
        yield form, leaves_of(execution, form, chosen)


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
        dtypes = inexact_dtypes(operand, execution.arrays)
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
    count, chosen = len(execution.tensors), leaves_in(execution)
    lines = [*arguments(execution), *assigned(execution.form.call, "expected"), *arguments(execution)]
    mode = next((mode for mode in ("no_grad", "inference_mode") if mode in failure.message), "")
    if mode:
        lines += _views_that_ask(execution, chosen) if mode == "no_grad" else []
        lines += [f"with torch.{mode}():", *indented(assigned(form.call))]
    else:
        lines += [*_tracked(execution, form, leaves_of(execution, form, chosen)), *assigned(form.call)]
    if failure.kind is FailureKind.RAISED:
        return lines
    results = parts_of(execution, count)
    if failure.kind is FailureKind.TRACKING:
        given = ", ".join(execution.promise.operand_names)
        asking = [f"{one}.requires_grad and not any({one} is given for given in [{given}])" for one in results]
        return [*lines, *held("results that ask for a gradient", f"[{', '.join(asking)}]", repr([False] * count))]
    bit_exact = form.same_bits and not form.writes
    return [*lines, *held_to_plain(execution, failure, results, parts_of(execution, count, "expected"), bit_exact)]
