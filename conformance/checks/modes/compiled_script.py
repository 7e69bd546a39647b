"""The part of a script that compiles a call, and holds what the compiled code gives to the plain call."""

from __future__ import annotations

from typing import Any

import torch

from conformance.checks.gradients.incoming import incoming_of
from conformance.checks.gradients.script import closed_form_held
from conformance.checks.literals import tensor_literal
from conformance.checks.modes.compiled import TOGETHER
from conformance.checks.modes.ways import Way, form_of, way_of_execution
from conformance.checks.modes.writes import write_held, written
from conformance.checks.steps import (
    Lines,
    arguments,
    assigned,
    held,
    held_to_plain,
    left_alone,
    parts_of,
    refusal_held,
    remembered,
    tuple_of,
)
from conformance.execution.execution import Execution
from conformance.execution.tensors import storage_address
from conformance.results.model import Failure, FailureKind
from conformance.spec.contract import ONE, Form
from conformance.spec.expressions import function_text, names_in


def compiled_held(execution: Execution, backend: str, failure: Failure) -> Lines:
    """The steps that compile a call as the sample says, and hold it to the plain call. Numbers among the arguments are
    global: those of an enclosing function would be taken for variables."""
    steps = _steps(execution, backend, failure)
    numbers = [name for name in execution.sample.by_name if name not in execution.promise.tensor_names]
    return [f"global {', '.join(numbers)}", *steps] if numbers and failure.about != TOGETHER else steps


def _steps(execution: Execution, backend: str, failure: Failure) -> Lines:
    if failure.about == TOGETHER:
        told = ["This call is right alone. Wrong is", *failure.call.splitlines()]
        return [*(f"# {line}" for line in told), 'print("This cannot be asked by a call alone.")', "sys.exit(125)"]
    way = way_of_execution(execution)
    form, names = form_of(execution, way), ", ".join(execution.promise.tensor_names)
    options = f"fullgraph=True, dynamic={way.is_dynamic}"
    run = f"torch.compile(call, backend={backend!r}, {options})({names})"
    if way.refusal is not None:
        return _refusal_held(execution, way, run)
    if way.writes:
        return write_held(execution, function_text("call", written(execution), names), run, failure)
    made = tuple(f"{name} = {_copy_text(execution, name)}" for name in names.split(", ") if way.is_made_inside and name)
    if form.takes_out:
        run, names = run.replace(f"({names})", f"({names}, out)"), f"{names}, out"
    lines = [*arguments(execution), *assigned(execution.form.call, "expected"), *arguments(execution)]
    lines += [f"out = {_out_text(execution)}"] if form.takes_out else []
    lines += ["", *function_text("call", form.call, names, made).splitlines(), ""]
    if failure.kind is FailureKind.NOT_COMPILED:
        return [*lines, *_runs_counted(backend, run)]
    if way.has_gradients:
        return [*lines, *_gradients_held(execution, run, failure)]
    kept = failure.kind is FailureKind.ARGUMENT_CHANGED
    lines += [*(remembered(execution, form.writes) if kept else []), *assigned(run)]
    return [*lines, *_compiled_held(execution, way, form, failure)]


def _compiled_held(execution: Execution, way: Way, form: Form, failure: Failure) -> Lines:
    """The steps that hold the result of compiled code, or what it wrote to, to the plain result."""
    count = len(execution.tensors)
    given = "out" if form.takes_out else form.writes if form.writes and not way.is_made_inside else "result"
    names, plain = parts_of(execution, count, given), parts_of(execution, count, "expected")
    if failure.kind is FailureKind.RAISED:
        return []
    if failure.kind is FailureKind.ARGUMENT_CHANGED:
        return left_alone(execution, form.writes)
    if failure.kind is FailureKind.COUNT:
        return held("number of results", "len(result)", str(count))
    if failure.kind is FailureKind.SHARING:
        return [line for one, tensor in zip(names, execution.tensors) for line in _sharing_held(execution, one, tensor)]
    if failure.kind is FailureKind.STRIDES:
        return [line for one, other in zip(names, plain) for line in _place_held(one, other)]
    return held_to_plain(execution, failure, names, plain, bit_exact=False)


def _sharing_held(execution: Execution, name: str, plain: Any) -> Lines:
    """The step that holds a result to being a view of an argument if the plain one is."""
    if not plain.numel():
        return []
    shared = any(storage_address(plain) == storage_address(operand.tensor) for operand in execution.operands)
    arguments_of_it = ", ".join(execution.promise.operand_names)
    return held(f"{name} is a view", f"storages({name})[0] in storages({arguments_of_it})", str(shared))


def _place_held(one: str, other: str) -> Lines:
    places = (f"(strides({name}), {name}.storage_offset())" for name in (one, other))
    return held(f"strides and offset of {one}", *places)


def _refusal_held(execution: Execution, way: Way, run: str) -> Lines:
    assert way.refusal is not None
    names = execution.promise.tensor_names
    out = "out" in names_in(way.refusal.call)
    parameters = ", ".join((*names, "out") if out else names)
    call = function_text("call", way.refusal.call, parameters).splitlines()
    made = ["out = torch.full((3,), 7, dtype=dtype)"] if out else []
    lines = [*arguments(execution), *made, "", *call, "", *remembered(execution)]
    run = run.replace(f"({', '.join(names)})", f"({parameters})")
    lines += [*refusal_held(run, (Exception,)), *left_alone(execution)]
    return [*lines, *(held("out", "out.tolist()", "torch.full((3,), 7, dtype=dtype).tolist()") if out else [])]


def _runs_counted(backend: str, run: str) -> Lines:
    """The steps that count how often compiled code runs."""
    return [
        "from torch._dynamo.backends.registry import lookup_backend",
        "",
        "runs = []",
        "",
        "def counted(graph, inputs):",
        f"    compiled = lookup_backend({backend!r})(graph, inputs)",
        "    return lambda *given: (runs.append(1), compiled(*given))[1]",
        "",
        run.replace(f"backend={backend!r}", "backend=counted"),
        *held("runs of compiled code", "len(runs)", "1"),
    ]


def _gradients_held(execution: Execution, run: str, failure: Failure) -> Lines:
    """The steps that take the gradients of a compiled call, and hold them to the closed form."""
    leaves = tuple(place for place, operand in enumerate(execution.operands) if operand.inexact)
    incoming = incoming_of(execution, execution.tensors)
    used = [place for place, operand in enumerate(incoming) if operand is not None]
    results = parts_of(execution, len(execution.tensors))
    given = [f"{tensor_literal(one)}.resolve_conj().resolve_neg()" for one in incoming if one is not None]
    lines = [
        f"leaves = [{', '.join(execution.promise.operand_names[place] for place in leaves)}]",
        "for leaf in leaves:",
        "    leaf.requires_grad_()",
        *assigned(run),
    ]
    if failure.kind in (FailureKind.VALUES, FailureKind.DTYPE, FailureKind.SHAPE) and not failure.about:
        plain = parts_of(execution, len(results), "expected")
        return [*lines, *held_to_plain(execution, failure, results, plain, bit_exact=False)]
    lines += [
        f"outputs, incoming = [{', '.join(results[place] for place in used)}], [{', '.join(given)}]",
        "gradients = torch.autograd.grad(outputs, leaves, incoming, allow_unused=True)",
    ]
    return (
        lines
        if failure.kind is FailureKind.RAISED
        else [*lines, *closed_form_held(execution, leaves, incoming, failure)]
    )


def _copy_text(execution: Execution, name: str) -> str:
    if isinstance(execution.names[name], torch.Tensor):
        return f"{name}.clone()"
    return f"tuple(one.clone() if isinstance(one, torch.Tensor) else one for one in {name})"


def _out_text(execution: Execution) -> str:
    outs = [f"torch.zeros({tuple(one.shape)}, dtype={one.dtype})" for one in execution.tensors]
    return outs[0] if execution.spec.returns == ONE else tuple_of(outs)
