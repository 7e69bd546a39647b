"""vmap over one tensor argument must agree with a loop over its slices."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from conformance.checks.comparison import NothingToCompare, disagreement
from conformance.checks.literals import arguments_text, array_literal, tensor_literal
from conformance.checks.steps import Lines, arguments, held, held_to_plain, parts_of
from conformance.execution.broken import Broken
from conformance.execution.execution import Execution
from conformance.numeric.dtypes import ALL
from conformance.results.model import Failure, FailureKind
from conformance.samples.sample import TensorSample
from conformance.spec.expressions import function_text

DTYPES_IN_ROTATION = ALL

BATCH = 3
"""The number of slices."""


def batched_place(execution: Execution) -> int:
    """The index of the operand that is batched for this sample."""
    return execution.sample.pick("operand under vmap", len(execution.operands))


def batched_name(execution: Execution) -> str:
    """The name of the argument that is batched for this sample, or that holds the tensor; empty if there is none."""
    names = execution.promise.operand_names
    return names[batched_place(execution)].partition("[")[0] if names else ""


def require_agreement(execution: Execution) -> None:
    """Batch one of the tensors along one of its dimensions. For views it is the first, which leaves slices
    contiguous."""
    if not execution.operands:
        raise NothingToCompare
    place = batched_place(execution)
    loop = slices_of(execution, place)
    at = _dimension(execution, place)
    stand_ins = [operand.tensor for operand in execution.operands]
    stand_ins[place] = torch.stack([one.operands[place].tensor for one in loop], at)
    in_dims: list[Any] = [None] * len(stand_ins)
    in_dims[place] = at

    def call(*tensors: Any) -> Any:
        return tuple(execution.results_with(tensors))

    batched = torch.vmap(call, in_dims=tuple(in_dims))(*stand_ins)
    for step, one in enumerate(loop):
        difference = disagreement(one, [result[step] for result in batched])
        if difference is not None:
            text = f"torch.vmap over {execution.promise.operand_names[place]} of {execution.form.name}, in_dims={at}"
            raise Broken.differs(difference, text, "the loop over the slices", about=f"slice {step}")


def _dimension(execution: Execution, place: int) -> int:
    """The dimension along which the slices are put together."""
    rank = execution.operands[place].sample.rank
    return 0 if execution.spec.memory.of else execution.sample.pick("dimension under vmap", rank + 1)


def slices_of(execution: Execution, place: int) -> list[Execution]:
    """The executions of the single slices of a batch."""
    return [_with_other_values(execution, place, step) for step in range(BATCH)]


def _with_other_values(execution: Execution, place: int, step: int) -> Execution:
    """The execution with other values of the same kind in tensor number `place`. Step 0 has the same values, and so has
    a step whose call would not be valid, or would end the process."""
    if step == 0:
        return execution.again()
    counter = iter(range(len(execution.operands)))

    def other(tensor: TensorSample) -> TensorSample:
        if next(counter) != place:
            return tensor
        return tensor.with_other_values(step)

    sample = execution.sample.with_tensors(other)
    return execution.of_sample(sample) if execution.may_ask(sample) else execution.again()


def reproduce(execution: Execution, failure: Failure) -> Lines:
    """The steps that make the call on a batch of one tensor, and hold a slice of what it gives to the call on that
    slice."""
    place = batched_place(execution)
    loop = slices_of(execution, place)
    at = _dimension(execution, place)
    operand = execution.operands[place]
    batch = np.stack([one.operands[place].array for one in loop], at)
    lines = [
        *arguments(execution),
        *function_of_one(execution, place),
        f"batch = {array_literal(batch, operand.dtype)}",
        f"result = torch.vmap(call, in_dims={at})(batch)",
    ]
    if failure.kind is FailureKind.RAISED:
        return lines
    step = next((step for step in range(BATCH) if failure.about == f"slice {step}"), 0)
    one, count = loop[step], len(execution.tensors)
    names = [f"torch.select({name}, 0, {step})" for name in parts_of(execution, count)]
    expected = f"expected = call({tensor_literal(one.operands[place])})"
    if failure.kind is FailureKind.COUNT:
        return [*lines, *held("number of results", "len(result)", str(count))]
    return [
        *lines,
        expected,
        *held_to_plain(one, failure, names, parts_of(execution, count, "expected"), bit_exact=False),
    ]


def function_of_one(execution: Execution, place: int) -> Lines:
    """The definition of `call`, a function of one tensor."""
    names = execution.promise.operand_names
    if "[" not in names[place]:
        return ["", *function_text("call", execution.form.call, names[place]).splitlines(), ""]
    stand_ins = ["batched" if at == place else f"given_{at}" for at in range(len(names))]
    kept = [f"given_{at} = {name}" for at, name in enumerate(names) if at != place]
    made = arguments_text(execution.sample, stand_ins, execution.dtype, (names[place].partition("[")[0],))
    return [*kept, "", *function_text("call", execution.form.call, "batched", tuple(made)).splitlines(), ""]
