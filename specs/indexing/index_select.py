"""torch.index_select: the entries of a tensor at the given positions along one dimension."""

from math import prod

import numpy as np

from conformance.spec import (
    ALL,
    DATA_MOVEMENT,
    Cost,
    Draw,
    Form,
    Law,
    Refusal,
    Spec,
    UnsupportedMode,
    dense,
)
from conformance.spec.families.dimension import dims_of_another_type, dims_out_of_range, dims_out_of_range_with_out


def arguments(draw: Draw):
    shape, dim = draw.shape_and_dim()
    size = shape[dim] if shape else 1
    return {
        "input": draw.tensor(shape),
        "dim": dim,
        "index": draw.index(index_shape(draw, shape, size), 0, size, dtype=draw.choice(("int64", "int64", "int32"))),
    }


def index_shape(draw: Draw, shape: tuple[int, ...], size: int) -> tuple[int, ...]:
    """A vector, or one position without dimensions. A tensor without dimensions has one entry, to be named once."""
    if not shape:
        return draw.choice(((1,), ()))
    if size == 0:
        return (0,)
    if draw.choice((False, False, False, True)):
        return ()
    return draw.shape(1, 1) if prod(shape) <= 4 * size else (draw.size(),)


def oracle(input, dim, index):
    return np.take(input, np.atleast_1d(index), axis=dim) if input.ndim else input


FILLED = "input.rank > 0 and input.numel > 0"
"""Where a count of the repeats is exact."""


def repeats_a_position_in_memory(dtype, input, dim, index):
    """Four or more positions are one number in memory, along the last dimension that has several entries."""
    one_each = all(size == 1 for size in input.shape[dim % input.rank + 1 :]) if input.rank else True
    return "float" in dtype and one_each and index.numel >= 4 and index.strides == (0,)


def index_is_empty(dtype, input, dim, index):
    """The index has no elements."""
    return index.numel == 0


def index_is_a_number(dtype, input, dim, index):
    """The index has no dimensions."""
    return index.rank == 0


def scratch(dtype, input, dim, index):
    """What does not lie row by row may be copied first."""
    return () if {input.layout.kind, index.layout.kind} == {"contiguous"} else None


def workload(size):
    """As many rows as there are, in any order and with repeats."""
    rows = size // 64
    return {"input": dense((rows, 64)), "dim": 0, "index": dense((rows,), "index", "int64", high=rows)}


spec = Spec(
    operation="torch.index_select",
    summary="The entries at the positions in index along dim, in its order, repeats included; always new memory.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.index_select.html",
    arguments=arguments,
    forms=(
        Form("torch.index_select(input, dim, index)"),
        Form("torch.index_select(input=input, dim=dim, index=index)"),
        Form("input.index_select(dim, index)"),
        Form("input.index_select(dim=dim, index=index)"),
        Form("torch.index_select(input, dim, index, out=out)"),
    ),
    dtypes=ALL,
    oracle=oracle,
    unsupported_modes=(
        UnsupportedMode(
            "inductor",
            RuntimeError,
            "no code is generated for the gradient of one position, whose index has no dimension",
            when="gradients and index.rank == 0",
        ),
    ),
    refusals=(
        Refusal(
            "a position past the last entry",
            "torch.index_select(input, dim, index + input.shape[dim])",
            (IndexError, RuntimeError),
            when=FILLED + " and index.numel > 0",
            poisons=True,
        ),
        Refusal(
            "a position below 0",
            "torch.index_select(input, dim, -1 - index)",
            (IndexError, RuntimeError),
            when="input.numel > 0 and index.numel > 0",
            poisons=True,
        ),
        Refusal(
            "a position past the last entry behind valid ones",
            "torch.index_select(input, dim, F.pad(index.reshape(-1), (0, 1), value=input.shape[dim]))",
            (IndexError, RuntimeError),
            when=FILLED + " and index.numel > 0",
            poisons=True,
        ),
        Refusal(
            "a position past the last entry of the last dimension",
            "torch.index_select(torch.ones(2, 3, dtype=dtype), 1, torch.tensor([0, 3]))",
            (IndexError, RuntimeError),
            poisons=True,
        ),
        Refusal(
            "a position below 0 in the last dimension",
            "torch.index_select(torch.ones(2, 3, dtype=dtype), 1, torch.tensor([0, -1]))",
            (IndexError, RuntimeError),
            poisons=True,
        ),
        Refusal(
            "a position past the last entry of a vector",
            "torch.index_select(out, 0, torch.tensor([2, 3]))",
            (IndexError, RuntimeError),
            poisons=True,
        ),
        Refusal(
            "a position in a dimension of size 0",
            "torch.index_select(torch.ones(0, 3, dtype=dtype), 0, torch.tensor([0]))",
            (IndexError, RuntimeError),
            poisons=True,
        ),
        Refusal(
            "two positions in a tensor without dimensions",
            "torch.index_select(input, 0, torch.tensor([0, 0]))",
            (IndexError, RuntimeError),
            when="input.rank == 0",
        ),
        Refusal(
            "no position in a tensor without dimensions",
            "torch.index_select(input, 0, index.reshape(-1)[:0])",
            (IndexError, RuntimeError),
            when="input.rank == 0",
        ),
        Refusal(
            "position 1 in a tensor without dimensions",
            "torch.index_select(input, 0, torch.tensor([1]))",
            (IndexError, RuntimeError),
            when="input.rank == 0",
            poisons=True,
        ),
        Refusal(
            "an index with two dimensions",
            "torch.index_select(input, dim, index.reshape(1, -1))",
            (IndexError, RuntimeError),
        ),
        Refusal(
            "an index with two dimensions, with out=",
            "torch.index_select(input, dim, index.reshape(1, -1), out=out)",
            (IndexError, RuntimeError),
        ),
        *dims_out_of_range("torch.index_select(input, {dim}, index)"),
        *dims_out_of_range_with_out("torch.index_select(input, {dim}, index, out=out)"),
        Refusal("a floating index", "torch.index_select(input, dim, index.double())", (IndexError, RuntimeError)),
        Refusal("a boolean index", "torch.index_select(input, dim, index > 0)", (IndexError, RuntimeError)),
        Refusal("an index of uint8", "torch.index_select(input, dim, index.byte())", (IndexError, RuntimeError)),
        Refusal("an index of int16", "torch.index_select(input, dim, index.short())", (IndexError, RuntimeError)),
        Refusal(
            "a floating index, with out=",
            "torch.index_select(input, dim, index.double(), out=out)",
            (IndexError, RuntimeError),
        ),
        Refusal("a list as index", "torch.index_select(input, dim, [0])", TypeError),
        Refusal("a number as index", "torch.index_select(input, dim, 0)", TypeError),
        *dims_of_another_type("torch.index_select(input, {dim}, index)"),
        Refusal("a call without an index", "torch.index_select(input, dim)", TypeError),
        Refusal("a list in place of the tensor", "torch.index_select([1, 2], 0, index)", TypeError),
        Refusal(
            "the input as its own out", "torch.index_select(out, 0, torch.tensor([2, 1, 0]), out=out)", RuntimeError
        ),
        Refusal(
            "a boolean out for elements of another dtype",
            "torch.index_select(out, 0, torch.tensor([0]), out=torch.zeros(1) > 0)",
            RuntimeError,
            when="dtype != 'bool'",
        ),
    ),
    gradient=DATA_MOVEMENT,
    laws=(
        Law(
            "selecting along dim is indexing with dim moved to the front",
            "torch.index_select(input, dim, index)",
            "input.movedim(dim, 0)[index.reshape(-1).long()].movedim(0, dim)",
            when="input.rank > 0",
        ),
        Law(
            "an index of all positions gives the tensor back",
            "torch.index_select(input, dim, torch.arange(input.shape[dim]))",
            "input",
            when="input.rank > 0",
        ),
        Law(
            "an index of all positions backwards is a flip",
            "torch.index_select(input, dim, torch.arange(input.shape[dim]).flip(0))",
            "torch.flip(input, [dim])",
            when="input.rank > 0",
        ),
        Law(
            "an index of one position is a select",
            "torch.index_select(input, dim, index.reshape(-1)[:1]).squeeze(dim)",
            "input.select(dim, index.reshape(-1)[0])",
            when="input.rank > 0 and index.numel > 0",
        ),
        Law(
            "indices of int32 and int64 give the same result",
            "torch.index_select(input, dim, index.int())",
            "torch.index_select(input, dim, index.long())",
        ),
    ),
    predicates=(index_is_a_number, index_is_empty, repeats_a_position_in_memory),
    cost=Cost(scratch=scratch, workload=workload),
)
