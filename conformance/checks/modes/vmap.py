"""vmap over one tensor argument must agree with a loop over its slices."""

from __future__ import annotations

from typing import Any

import torch

from conformance.checks.comparison import NothingToCompare, disagreement
from conformance.checks.literals import tensor_literal
from conformance.execution.broken import Broken
from conformance.execution.execution import Execution
from conformance.numeric.dtypes import ALL
from conformance.samples.sample import TensorSample

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
    rank = execution.operands[place].sample.rank
    at = 0 if execution.spec.memory.of else execution.sample.pick("dimension under vmap", rank + 1)
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


def reproduce(execution: Execution, names: str) -> list[str]:
    """The lines that make the call on a batch of one argument."""
    place = batched_place(execution)
    name = execution.promise.operand_names[place]
    if "[" in name:
        return [f"# vmap over {name} of {names}"]
    loop = [one.operands[place] for one in slices_of(execution, place)]
    in_dims = ", ".join(f"{0 if other == name else None}" for other in names.split(", "))
    return [
        f"{name} = torch.stack([{', '.join(tensor_literal(operand) for operand in loop)}])",
        f"print(torch.vmap(call, in_dims=({in_dims},))({names}))",
    ]
