"""torch.take: the entries of a tensor at positions counted as if it were flat."""

import numpy as np

from conformance.spec import (
    BOOL,
    COMPLEXES,
    DATA_MOVEMENT,
    FLOATS,
    INTEGERS,
    Cost,
    Draw,
    Form,
    Law,
    Refusal,
    Spec,
    contiguous_strides,
    dense,
)


def arguments(draw: Draw):
    input = draw.tensor(draw.shape())
    shape = draw.shape() if input.numel else draw.choice(((0,), (2, 0), (0, 3)))
    return {"input": input, "index": draw.index(shape, -input.numel, input.numel)}


def oracle(input, index):
    return np.take(input, index)


def takes_one_position(dtype, input, index):
    return index.rank == 0


def repeats_a_position_in_memory(dtype, input, index):
    """Four or more positions in a row are one number in memory."""
    row = 1
    for size, stride in zip(reversed(index.shape), reversed(index.strides)):
        if size > 1 and stride:
            break
        row *= size
    return "float" in dtype and row >= 4


def takes_one_position_of_a_strided_input(dtype, input, index):
    return index.rank == 0 and input.strides != contiguous_strides(input.shape)


FILLED = "input.numel > 0 and index.numel > 0"
"""Where a count of the repeats is exact."""


def workload(size):
    """An eighth of the elements, in no order: each costs a miss of the cache."""
    index = dense((max(size // 512, 1), 64), "index", "int64", high=size)
    return {"input": dense((size // 64, 64)), "index": index}


def growth_workload(size):
    """In order, so that caches are not what is measured."""
    shape = (size // 64, 64)
    return {"input": dense(shape), "index": dense(shape, "counting", "int64")}


spec = Spec(
    operation="torch.take",
    summary="The entries at the positions in index, in row-major order, below 0 from the end; shaped like index.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.take.html",
    arguments=arguments,
    forms=(
        Form("torch.take(input, index)"),
        Form("torch.take(input=input, index=index)"),
        Form("input.take(index)"),
        Form("input.take(index=index)"),
        Form("torch.take(input, index, out=out)"),
    ),
    dtypes=BOOL + INTEGERS + FLOATS + COMPLEXES,
    oracle=oracle,
    refusals=(
        Refusal(
            "a position past the last element",
            "torch.take(input, torch.tensor([input.numel()]))",
            IndexError,
            poisons=True,
        ),
        Refusal(
            "a position before the first element",
            "torch.take(input, torch.tensor([-input.numel() - 1]))",
            IndexError,
            poisons=True,
        ),
        Refusal(
            "positions that are all past the last element",
            "torch.take(input, index + 2 * input.numel())",
            IndexError,
            when=FILLED,
            poisons=True,
        ),
        Refusal(
            "a position past the last element behind valid ones",
            "torch.take(input, torch.cat([index.reshape(-1), torch.tensor([input.numel()])]))",
            IndexError,
            poisons=True,
        ),
        Refusal(
            "a position before the first element behind valid ones",
            "torch.take(input, torch.cat([index.reshape(-1), torch.tensor([-input.numel() - 1])]))",
            IndexError,
            poisons=True,
        ),
        Refusal(
            "a position past the last element, by the method",
            "input.take(torch.tensor(input.numel()))",
            IndexError,
            poisons=True,
        ),
        Refusal(
            "a position in a tensor without elements",
            "torch.take(torch.ones(2, 0, dtype=dtype), torch.tensor([0]))",
            IndexError,
            poisons=True,
        ),
        Refusal("an index of int32", "torch.take(input, index.int())", (IndexError, RuntimeError)),
        Refusal("an index of uint8", "torch.take(input, index.byte())", (IndexError, RuntimeError)),
        Refusal("a floating index", "torch.take(input, index.double())", (IndexError, RuntimeError)),
        Refusal("a boolean index", "torch.take(input, index > 0)", (IndexError, RuntimeError)),
        Refusal("an index of int32, with out=", "torch.take(input, index.int(), out=out)", (IndexError, RuntimeError)),
        Refusal("a list as index", "torch.take(input, [0])", TypeError),
        Refusal("a number as index", "torch.take(input, 0)", TypeError),
        Refusal("a call without an index", "torch.take(input)", TypeError),
        Refusal("a list in place of the tensor", "torch.take([1, 2], index)", TypeError),
        Refusal(
            "a position in a tensor without elements, with out=",
            "torch.take(torch.ones(0, dtype=dtype), torch.tensor([0, 1, 2]), out=out)",
            IndexError,
            poisons=True,
        ),
        Refusal("the input as its own out", "torch.take(out, torch.tensor([2, 1, 0]), out=out)", RuntimeError),
        Refusal(
            "a boolean out for elements of another dtype",
            "torch.take(out, torch.tensor([0]), out=torch.zeros(1) > 0)",
            RuntimeError,
            when="dtype != 'bool'",
        ),
    ),
    gradient=DATA_MOVEMENT,
    laws=(
        Law("taking is indexing of the flattened tensor", "torch.take(input, index)", "input.reshape(-1)[index]"),
        Law(
            "an index of all positions gives the tensor back",
            "torch.take(input, torch.arange(input.numel()).reshape(input.shape))",
            "input",
        ),
        Law(
            "an index of all positions counted from the end gives the tensor back",
            "torch.take(input, torch.arange(-input.numel(), 0).reshape(input.shape))",
            "input",
        ),
        Law(
            "a position counted from either end gives the same element",
            "torch.take(input, index % input.numel())",
            "torch.take(input, index)",
            when="input.numel > 0",
        ),
        Law("the result has the shape of the index", "torch.take(input, index).shape", "index.shape"),
    ),
    cost=Cost(workload=workload, growth_workload=growth_workload, reference="elementwise"),
    predicates=(takes_one_position, takes_one_position_of_a_strided_input, repeats_a_position_in_memory),
)
