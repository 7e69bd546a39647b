"""vmap over one tensor argument equals the loop over its slices."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch

from conformance.checks.comparison import disagreement
from conformance.execution.execution import Broken, Execution
from conformance.numeric.dtypes import ALL
from conformance.samples.sample import Argument, Sample, TensorSample

SHARE = 4
FIRST = 0
DTYPES = ALL

BATCH = 3


def batched_place(execution: Execution) -> int:
    """Which of the operands is batched for this sample."""
    return execution.sample.digest % len(execution.operands)


def ask(execution: Execution) -> bool:
    """Batch one of the tensors, by turns, along any dimension; for views the first, which leaves slices contiguous."""
    place = batched_place(execution)
    loop = slices_of(execution, place)
    at = 0 if execution.spec.memory.of else execution.sample.digest // 8 % (execution.operands[place].sample.rank + 1)
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
            text = f"torch.vmap over {execution.operand_names[place]} of {execution.form.call}, in_dims={at}"
            raise Broken(f"slice {step}: {difference.message}", text, "the loop over the slices")
    return True


def slices_of(execution: Execution, place: int) -> list[Execution]:
    """The executions that the batch stands for."""
    return [_with_other_values(execution, place, step) for step in range(BATCH)]


def _with_other_values(execution: Execution, place: int, step: int) -> Execution:
    """The execution with tensor number `place` holding other values of its kind; for step 0 the same."""
    if step == 0:
        return execution.again()
    counter = iter(range(len(execution.operands)))

    def other(argument: Argument) -> Argument:
        if isinstance(argument, tuple):
            return tuple(other(part) for part in argument)
        if not isinstance(argument, TensorSample) or next(counter) != place:
            return argument
        kind = "few" if argument.values.kind == "counting" else argument.values.kind
        return replace(argument, values=replace(argument.values, kind=kind, seed=argument.values.seed ^ step))

    sample = Sample(tuple((name, other(value)) for name, value in execution.sample.arguments))
    return Execution(execution.spec, sample, execution.dtype, execution.device)
