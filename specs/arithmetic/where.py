"""torch.where: of two tensors the first where a condition holds, the second elsewhere."""

import numpy as np

from conformance.spec import (
    ALL,
    DATA_MOVEMENT,
    PRESERVED,
    PROMOTED,
    WIDE_UNSIGNED,
    Cost,
    Draw,
    Form,
    Law,
    Output,
    Refusal,
    Spec,
    UnsupportedMode,
    dense,
    mixes_real_and_complex,
)
from conformance.spec.families import binary
from conformance.spec.families.binary import FIRST_NUMBER, NUMBER, SAME

from ._elementwise import bfloat16_beside_a_complex_number, number_of_another_dtype


def arguments(draw: Draw):
    condition, input_shape, other_shape = draw.mutually_broadcastable_shapes(3)
    dtypes = draw.promotable_dtypes()
    return {
        "condition": draw.mask(condition),
        "input": draw.tensor(input_shape, dtype=dtypes[0]),
        "other": draw.tensor(other_shape, dtype=dtypes[1]),
    }


def oracle(condition, input, other):
    return np.where(condition, input, other)


def real_beside_complex(dtype, condition, input, other):
    """The result is complex and one of the tensors is real."""
    return mixes_real_and_complex(dtype, (input, other))


def workload(size):
    return {"condition": dense((size // 64, 64), "mask", "bool", high=4), **binary.workload(size)}


def growth_workload(size):
    """A mask without a pattern that processors could learn while it is short."""
    return {**workload(size), "condition": dense((size // 64, 64), "mask", "bool", high=8)}


spec = Spec(
    operation="torch.where",
    summary="input where condition is true, other where it is false; all three broadcast, dtypes promote.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.where.html",
    arguments=arguments,
    forms=(
        Form("torch.where(condition, input, other)"),
        Form("torch.where(condition=condition, input=input, other=other)"),
        Form("input.where(condition, other)"),
        Form("input.where(condition=condition, other=other)"),
        Form("torch.where(condition, input, other.item())", when=NUMBER),
        Form("torch.where(condition, input.item(), other)", when=FIRST_NUMBER),
        Form("input.where(condition, other.item())", when=NUMBER),
        Form("torch.where(condition, input, other, out=out)"),
    ),
    dtypes=ALL,
    oracle=oracle,
    outputs=(Output(dtype=PROMOTED),),
    memory=PRESERVED,
    pointwise=True,
    unsupported_modes=(
        UnsupportedMode(
            "inductor",
            RuntimeError,
            "no code is generated for the unsigned integers of more than eight bits",
            when="dtype in ('uint16', 'uint32', 'uint64')",
        ),
    ),
    refusals=(
        Refusal("a condition of integers", "torch.where(condition.to(torch.int64), input, other)", RuntimeError),
        Refusal("a condition of floats", "torch.where(condition.to(torch.float32), input, other)", RuntimeError),
        Refusal(
            "a condition of floats, by the method", "input.where(condition.to(torch.float32), other)", RuntimeError
        ),
        Refusal("a Python boolean as the condition", "torch.where(True, input, other)", TypeError),
        Refusal("a call with one choice", "torch.where(condition, input)", TypeError),
        Refusal("a string as the second choice", "torch.where(condition, input, 'other')", TypeError),
        Refusal(
            "choices whose shapes do not broadcast",
            "torch.where(condition, input, input.new_zeros(input.shape[-1] + 2))",
            RuntimeError,
            when="input.rank > 0 and input.shape[-1] != 1",
        ),
        Refusal(
            "a condition whose shape does not broadcast with the choices",
            "torch.where(torch.ones(input.shape[-1] + 2, dtype=torch.bool), input, other)",
            RuntimeError,
            when="input.rank > 0 and input.shape[-1] != 1",
        ),
        Refusal(
            "a condition whose shape does not broadcast with the choices, with out=",
            "torch.where(torch.ones(2, dtype=torch.bool), torch.ones(3, dtype=dtype), out, out=out)",
            RuntimeError,
        ),
        Refusal(
            "choices of dtypes that do not promote",
            "torch.where(condition, torch.ones(1, dtype=torch.uint16), torch.ones(1, dtype=torch.int8))",
            RuntimeError,
        ),
        Refusal(
            "an out that overlaps a choice in part",
            "torch.where(torch.ones(2, dtype=torch.bool), out[:-1], out[:-1], out=out[1:])",
            RuntimeError,
        ),
        Refusal(
            "an expanded tensor as out",
            "torch.where(torch.ones(3, dtype=torch.bool), out, out, out=out[:1].expand(3))",
            RuntimeError,
        ),
        Refusal("a string as out", "torch.where(condition, input, other, out='out')", TypeError),
    ),
    gradient=DATA_MOVEMENT,
    laws=(
        Law(
            "the opposite condition with exchanged choices gives the same result",
            "torch.where(~condition, other, input)",
            "torch.where(condition, input, other)",
        ),
        Law(
            "two equal choices give that choice",
            "torch.where(condition, input, input)",
            "torch.broadcast_tensors(input, condition)[0]",
        ),
        Law(
            "arguments that were broadcast before give the same result",
            "torch.where(*torch.broadcast_tensors(condition, input, other))",
            "torch.where(condition, input, other)",
            when=SAME,
        ),
        Law(
            "a choice of 1 is what masked_fill fills in",
            "torch.broadcast_tensors(other, condition, input)[0].masked_fill(condition, 1)",
            "torch.where(torch.broadcast_tensors(condition, input)[0], torch.ones((), dtype=other.dtype), other)",
            when=f"other.dtype == 'subject' and dtype not in {WIDE_UNSIGNED}",
        ),
        Law(
            "a condition alone gives the positions where it holds",
            "torch.where(condition)",
            "torch.nonzero(condition, as_tuple=True)",
        ),
        Law(
            "a tensor alone gives the positions of what is not 0",
            "torch.where(input)",
            "torch.nonzero(input, as_tuple=True)",
            when=f"input.dtype == 'subject' and dtype not in {WIDE_UNSIGNED}",
        ),
        Law(
            "two Python numbers give the dtype that tensors of them give",
            "torch.where(condition, 1, 2.5)",
            "torch.where(condition, torch.tensor(1.0), torch.tensor(2.5))",
        ),
        Law(
            "a fraction as choice does not widen a tensor of floats",
            "torch.where(condition, torch.ones(1, dtype=torch.float16), 2.5).dtype",
            "torch.float16",
        ),
        Law(
            "a fraction as choice turns integers into float32",
            "torch.where(condition, torch.ones(1, dtype=torch.int8), 2.5).dtype",
            "torch.float32",
        ),
    ),
    predicates=(bfloat16_beside_a_complex_number, number_of_another_dtype, real_beside_complex),
    cost=Cost(
        workload=workload,
        growth_workload=growth_workload,
        reference="elementwise",
    ),
)
