"""The part of a script that calls an out variant with the kind of out that showed a failure."""

from __future__ import annotations

from typing import Any

import numpy as np

from conformance.checks.literals import arguments_text, array_literal, tensor_literal
from conformance.checks.outs import (
    OF_ANOTHER_DTYPE,
    OF_EACH_OTHER,
    Given,
    another_dtype,
    argument_to_write_to,
    examine_kind,
    kinds_of_out,
    made_out,
    poison_of,
    poisoned,
)
from conformance.checks.steps import (
    Lines,
    arguments,
    assigned,
    held,
    held_to_plain,
    indented,
    left_alone,
    numbers_held,
    parts_of,
    refusal_held,
    remembered,
    tuple_of,
)
from conformance.execution.broken import Broken
from conformance.execution.execution import Execution
from conformance.execution.tensors import dtype_name, layout_of, storage_elements, to_array
from conformance.results.model import Failure, FailureKind
from conformance.samples.strides import contiguous_strides
from conformance.spec.contract import ONE, Form


def reproduce_out(execution: Execution, form: Form, failure: Failure) -> Lines:
    """The steps that call an out variant with the kind of out that showed the failure."""
    kind = next((one for one in kinds_of_out(execution, form) if _breaks(execution, form, one, failure)), None)
    steps = [_steps(execution, form, one, failure) for one in ((kind,) if kind else kinds_of_out(execution, form))]
    return [line for lines in steps for line in lines]


def _breaks(execution: Execution, form: Form, kind: str, failure: Failure) -> bool:
    try:
        examine_kind(execution.again(), form, kind)
    except Broken as broken:
        return broken.kind is failure.kind
    except Exception:
        return failure.kind is FailureKind.CHECK_FAILED
    return False


def _steps(execution: Execution, form: Form, kind: str, failure: Failure) -> Lines:
    if kind == "of an argument":
        return _steps_in_memory_of_an_argument(execution, form, failure)
    if kind == OF_EACH_OTHER:
        return _steps_in_the_same_memory(execution, form, failure)
    if kind == OF_ANOTHER_DTYPE:
        return _steps_of_another_dtype(execution, form)
    outs = [made_out(execution, form, tensor, kind) for tensor in execution.tensors]
    if any(out is None for out in outs):
        return []
    names = parts_of(execution, len(outs), "out")
    made = f"out = {_as_given(execution, [out_literal(out) for out in outs])}"
    if kind == "refused":
        refused = refusal_held(form.call, (RuntimeError, TypeError))
        if failure.kind is not FailureKind.ARGUMENT_CHANGED:
            return [*arguments(execution), made, *refused]
        lines = [*arguments(execution), made, *remembered(execution), _out_remembered(names)]
        return [*lines, *refused, _out_left_alone(names), *left_alone(execution)]
    lines = [*arguments(execution), *assigned(execution.form.call, "expected"), made]
    return [*lines, *_written_held(execution, form, names, failure, outs)]


def _written_held(execution: Execution, form: Form, names: list[str], failure: Failure, outs: Given) -> Lines:
    """The steps that hold an out to the result of the first form, or its place to where it lay."""
    call, plain = assigned(form.call), parts_of(execution, len(names), "expected")
    if failure.kind is FailureKind.RAISED:
        return ['warnings.simplefilter("error")', *call]
    if failure.kind is FailureKind.CONTAINER:
        results = parts_of(execution, len(names))
        same = (held("out itself is returned", f"{one} is {other}", "True") for one, other in zip(results, names))
        return [*call, *(line for lines in same for line in lines)]
    if failure.kind is FailureKind.STRIDES:
        place = ", ".join(f"({one}.shape, {one}.stride(), {one}.storage_offset(), storages({one}))" for one in names)
        return [f"place = [{place}]", *call, *held("where out lies", f"[{place}]", "place")]
    if failure.kind is FailureKind.ARGUMENT_CHANGED:
        return [*remembered(execution), *call, *left_alone(execution), *_gaps_held(names, outs)]
    if failure.kind is FailureKind.COUNT:
        return [*call, *held("number of results", "len(result)", "len(expected)")]
    return [*call, *held_to_plain(execution, failure, names, plain, bit_exact=False)]


def _gaps_held(names: list[str], outs: Given) -> Lines:
    """The steps that hold what lies beside the elements of an out to what lay there."""
    lines: Lines = []
    for name, out in zip(names, outs):
        poison = repr(poison_of(dtype_name(out), 1)[0].item()).replace("nan", 'float("nan")')
        lines += [
            f"{name}.fill_({poison})  # all of its storage held this",
            f"size = {name}.untyped_storage().nbytes() // {name}.element_size()",
            f"beside = {name}.as_strided((size,), (1,), 0).tolist()",
            f'compare("numbers beside the elements of out", beside, [{poison}] * size)',
        ]
    return lines


def out_literal(out: Any) -> str:
    """An out full of poison as an expression."""
    dtype, (shape, strides, offset) = dtype_name(out), layout_of(out)
    if not out.numel():
        return f"torch.empty({shape}, dtype=torch.{dtype})"
    size = storage_elements(out)
    poison = repr(to_array(out).ravel()[0].item()).replace("nan", 'float("nan")')
    if (strides, offset, size) == (contiguous_strides(shape), 0, out.numel()):
        return f"torch.full({shape}, {poison}, dtype=torch.{dtype})"
    return f"torch.full(({size},), {poison}, dtype=torch.{dtype}).as_strided({shape}, {strides}, {offset})"


def _as_given(execution: Execution, outs: list[str]) -> str:
    return outs[0] if execution.spec.returns == ONE else tuple_of(outs)


def _steps_of_another_dtype(execution: Execution, form: Form) -> Lines:
    dtype, promised = another_dtype(execution, form)
    if promised is None:
        return []
    out = poisoned(execution.arrays[0], dtype, "exact", "cpu")
    return [
        *arguments(execution),
        *remembered(execution),
        f"out = {out_literal(out)}",
        *assigned(form.call),
        *held("out itself is returned", "result is out", "True"),
        *held("dtype of out", "out.dtype", f"torch.{dtype}"),
        *numbers_held(execution, "out", promised, dtype),
        *left_alone(execution),
    ]


def _steps_in_memory_of_an_argument(execution: Execution, form: Form, failure: Failure) -> Lines:
    at = execution.sample.pick("shared out", len(execution.tensors))
    result = execution.tensors[at]
    place = argument_to_write_to(execution, result)
    if place is None:
        return []
    operand, shape = execution.operands[place], tuple(result.shape)
    beside = np.concatenate([operand.pristine, poison_of(operand.dtype, result.numel() + 2)])
    shift = execution.sample.pick("elements before a shared out", 3)
    in_place = shape == operand.sample.shape and shift == 0
    strides = operand.sample.strides if in_place else contiguous_strides(shape)
    outs = [f"torch.empty_like({first})" for first in parts_of(execution, len(execution.tensors), "expected")]
    outs[at] = f"memory.as_strided({shape}, {strides}, {operand.sample.offset + shift})"
    literals = [tensor_literal(one) for one in execution.operands]
    layout = (operand.sample.shape, operand.sample.strides, operand.sample.offset)
    literals[place] = f"memory.as_strided({', '.join(map(str, layout))})"
    return [
        *arguments(execution),
        *assigned(execution.form.call, "expected"),
        f"memory = {array_literal(beside, operand.dtype)}",
        *arguments_text(execution.sample, literals, execution.dtype, execution.promise.tensor_names),
        f"out = {_as_given(execution, outs)}",
        *_refused_or_right(execution, form, failure),
    ]


def _steps_in_the_same_memory(execution: Execution, form: Form, failure: Failure) -> Lines:
    largest = max(one.numel() * one.element_size() for one in execution.tensors)
    starts = (0, execution.sample.pick("elements between shared outs", 2))
    outs = [
        f"memory.view({one.dtype}).as_strided({tuple(one.shape)}, {contiguous_strides(tuple(one.shape))}, {start})"
        for one, start in zip(execution.tensors, starts)
    ]
    return [
        *arguments(execution),
        *assigned(execution.form.call, "expected"),
        f"memory = torch.zeros({largest // 8 + 4}, dtype=torch.int64)",
        f"out = {tuple_of(outs)}",
        *_refused_or_right(execution, form, failure),
    ]


def _refused_or_right(execution: Execution, form: Form, failure: Failure) -> Lines:
    """The steps that make a call with shared memory, which must be refused with RuntimeError, or be right."""
    names = parts_of(execution, len(execution.tensors), "out")
    plain = parts_of(execution, len(execution.tensors), "expected")
    changed = failure.kind is FailureKind.ARGUMENT_CHANGED
    return [
        *([_out_remembered(names)] if changed else []),
        "try:",
        *indented(assigned(form.call)),
        "except RuntimeError as error:",
        '    print("refused:", error)',
        *(indented([_out_left_alone(names)]) if changed else []),
        "else:",
        *indented(held_to_plain(execution, failure, parts_of(execution, len(names)), plain, bit_exact=False)),
    ]


def _out_remembered(names: list[str]) -> str:
    return f"out_before = memory_of({', '.join(names)})"


def _out_left_alone(names: list[str]) -> str:
    return f'compare("bytes of the refused out", memory_of({", ".join(names)}), out_before)'
