"""torch.gather: for each place of an index, the entry of a tensor at that place but for one dimension."""

import numpy as np

from conformance.spec import (
    ALL,
    BOOL,
    COMPLEXES,
    DATA_MOVEMENT,
    INTEGERS,
    WIDE_UNSIGNED,
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
        "index": draw.index(index_shape(draw, shape, dim), 0, size, dtype=draw.choice(("int64", "int64", "int32"))),
        "sparse_grad": draw.boolean(),
    }


def index_shape(draw: Draw, shape: tuple[int, ...], dim: int) -> tuple[int, ...]:
    """Any size along dim, elsewhere at most the input's; no dimensions and one dimension stand for each other."""
    if len(shape) < 2 and draw.choice((False, False, False, True)):
        return () if shape and shape[0] else (draw.size() if not shape else 0,)
    if not shape:
        return ()
    place = dim % len(shape)
    sizes = list(shape)
    if draw.boolean():
        sizes = [size if draw.boolean() else draw.integer(0, size) for size in shape]
    sizes[place] = draw.choice((shape[place], draw.size(), shape[place] + 1)) if shape[place] else 0
    return tuple(sizes)


def oracle(input, dim, index, sparse_grad):
    if input.ndim == 0:
        return np.full(index.shape, input)
    if index.ndim == 0:
        return input[index]
    places = list(np.indices(index.shape, sparse=True))
    places[dim] = index
    return input[tuple(places)]


def asks_a_sparse_gradient_at_int32(dtype, input, dim, index, sparse_grad):
    """Without dimensions, on either side, the gradient takes over the index; sparse tensors keep int64 ones only."""
    return sparse_grad and index.dtype == "int32" and 0 in (input.rank, index.rank)


def expands_an_index_of_int32(dtype, input, dim, index, sparse_grad):
    """A column of int32 positions, shown in every column."""
    strides = index.strides
    expanded = len(strides) > 1 and not any(strides[1:])
    return index.dtype == "int32" and expanded and dim % max(input.rank, 1) == 0


def index_is_int32(dtype, input, dim, index, sparse_grad):
    """Before 2.8 gather took int64 alone."""
    return index.dtype == "int32"


FILLED = "input.rank > 0 and index.numel > 0"
"""Where a count of the repeats is exact."""


def scratch(dtype, input, dim, index, sparse_grad):
    """Positions of another width are converted first, and halves may be gathered by way of float32."""
    return () if index.dtype == "int64" else None


def workload(size):
    rows = size // 64
    index = dense((rows, 64), "index", "int64", high=64)
    return {"input": dense((rows, 64)), "dim": 1, "index": index, "sparse_grad": False}


spec = Spec(
    operation="torch.gather",
    summary="result[i][j][k] = input[i][index[i][j][k]][k] for dim 1, and so for each dim; shaped like index.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.gather.html",
    arguments=arguments,
    forms=(
        Form("torch.gather(input, dim, index, sparse_grad=sparse_grad)"),
        Form("torch.gather(input=input, dim=dim, index=index, sparse_grad=sparse_grad)"),
        Form("torch.gather(input, dim, index)"),
        Form("input.gather(dim, index)"),
        Form("input.gather(dim=dim, index=index, sparse_grad=sparse_grad)"),
        Form("torch.gather(input, dim, index, sparse_grad=sparse_grad, out=out)"),
    ),
    dtypes=ALL,
    oracle=oracle,
    unsupported_modes=(
        UnsupportedMode(
            "inductor",
            RuntimeError,
            "a sparse gradient has no storage, for which code would be generated",
            when="gradients and sparse_grad and 'sparse_grad' in form",
        ),
    ),
    refusals=(
        Refusal(
            "a position past the last entry",
            "torch.gather(input, dim, index + input.shape[dim])",
            (IndexError, RuntimeError),
            when=FILLED,
            poisons=True,
        ),
        Refusal(
            "a position below 0",
            "torch.gather(input, dim, -1 - index)",
            (IndexError, RuntimeError),
            when="index.numel > 0",
            poisons=True,
        ),
        Refusal(
            "a position past the last entry behind valid ones",
            "torch.gather(torch.ones(40, 1, dtype=dtype), 0, torch.arange(1, 41).reshape(40, 1))",
            (IndexError, RuntimeError),
            poisons=True,
        ),
        Refusal(
            "a position below 0 before valid ones",
            "torch.gather(torch.ones(1, 40, dtype=dtype), 1, torch.arange(-1, 39).reshape(1, 40))",
            (IndexError, RuntimeError),
            poisons=True,
        ),
        Refusal(
            "a position past the last entry in an expanded index",
            "torch.gather(torch.ones(3, 4, dtype=dtype), 0, torch.tensor([[0], [3]]).expand(2, 4))",
            (IndexError, RuntimeError),
            poisons=True,
        ),
        Refusal(
            "a position below 0 in an expanded index",
            "torch.gather(torch.ones(3, 4, dtype=dtype), 0, torch.tensor([[0], [-1]]).expand(2, 4))",
            (IndexError, RuntimeError),
            poisons=True,
        ),
        Refusal(
            "a position in a dimension of size 0",
            "torch.gather(torch.ones(0, 3, dtype=dtype), 0, torch.zeros(1, 3, dtype=torch.int64))",
            (IndexError, RuntimeError),
            poisons=True,
        ),
        Refusal(
            "position 1 in a tensor without dimensions",
            "torch.gather(input, dim, index + 1)",
            (IndexError, RuntimeError),
            when="input.rank == 0 and index.numel > 0",
            poisons=True,
        ),
        Refusal(
            "an index that is larger behind dim",
            "torch.gather(torch.ones(2, 3, dtype=dtype), 0, torch.zeros(2, 4, dtype=torch.int64))",
            RuntimeError,
        ),
        Refusal(
            "an index that is larger in front of dim",
            "torch.gather(torch.ones(2, 3, dtype=dtype), 1, torch.zeros(3, 3, dtype=torch.int64))",
            RuntimeError,
        ),
        Refusal(
            "an index with two more dimensions",
            "torch.gather(input, dim, index.reshape(1, 1, *index.shape))",
            (IndexError, RuntimeError),
            when="index.numel > 0",
        ),
        # Out is resized before the index is looked at, so where it must stay as it was it has the right shape.
        Refusal(
            "an index with fewer dimensions, with out=",
            "torch.gather(torch.ones(3, 1, dtype=dtype), 0, torch.tensor([0, 1, 2]), out=out)",
            (IndexError, RuntimeError),
        ),
        *dims_out_of_range("torch.gather(input, {dim}, index)"),
        *dims_out_of_range_with_out("torch.gather(input, {dim}, index, out=out)"),
        Refusal(
            "a floating index",
            "torch.gather(input, dim, index.double())",
            (IndexError, RuntimeError),
            when="index.numel > 0",
        ),
        Refusal(
            "a boolean index", "torch.gather(input, dim, index > 0)", (IndexError, RuntimeError), when="index.numel > 0"
        ),
        Refusal(
            "an index of uint8",
            "torch.gather(input, dim, index.byte())",
            (IndexError, RuntimeError),
            when="index.numel > 0",
        ),
        Refusal(
            "an index of int16",
            "torch.gather(input, dim, index.short())",
            (IndexError, RuntimeError),
            when="index.numel > 0",
        ),
        Refusal(
            "a floating index, with out=",
            "torch.gather(torch.ones(3, dtype=dtype), 0, torch.tensor([0.0, 1.0, 2.0]), out=out)",
            (IndexError, RuntimeError),
        ),
        Refusal("a list as index", "torch.gather(input, dim, [0])", TypeError),
        Refusal("a number as index", "torch.gather(input, dim, 0)", TypeError),
        *dims_of_another_type("torch.gather(input, {dim}, index)"),
        Refusal("a call without an index", "torch.gather(input, dim)", TypeError),
        Refusal("a number as sparse_grad", "torch.gather(input, dim, index, sparse_grad=1)", TypeError),
        Refusal("a list in place of the tensor", "torch.gather([1, 2], 0, index)", TypeError),
        Refusal("the input as its own out", "torch.gather(out, 0, torch.tensor([2, 1, 0]), out=out)", RuntimeError),
        Refusal(
            "a boolean out for elements of another dtype",
            "torch.gather(out, 0, torch.tensor([0]), out=torch.zeros(1) > 0)",
            RuntimeError,
            when="dtype != 'bool'",
        ),
    ),
    gradient=DATA_MOVEMENT,
    laws=(
        Law(
            "an index of the tensor's own positions gives the tensor back",
            "torch.gather(input, dim, torch.tensor(np.indices(input.shape)[dim]))",
            "input",
            when="input.rank > 0",
        ),
        Law(
            "one index for all rows is index_select",
            "torch.gather(input.reshape(1, -1).expand(3, -1), 1, index.reshape(1, -1).expand(3, -1))",
            "torch.index_select(input.reshape(1, -1).expand(3, -1), 1, index.reshape(-1))",
            when="index.numel > 0",
        ),
        Law(
            "gathering from a vector is take",
            "torch.gather(input, dim, index)",
            "torch.take(input, index.long())",
            when=f"input.rank == 1 and dtype not in {WIDE_UNSIGNED}",
        ),
        Law(
            "indices of int32 and int64 give the same result",
            "torch.gather(input, dim, index)",
            "torch.gather(input, dim, index.long())",
            when="index.dtype == 'int32'",
        ),
        Law("the result has the shape of the index", "torch.gather(input, dim, index).shape", "index.shape"),
    ),
    cost=Cost(
        scratch=scratch,
        dtypes=(*BOOL, *INTEGERS, "float32", "float64", *COMPLEXES),
        workload=workload,
        reference="elementwise",
    ),
    predicates=(asks_a_sparse_gradient_at_int32, expands_an_index_of_int32, index_is_int32),
)
