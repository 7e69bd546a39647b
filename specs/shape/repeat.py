"""torch.Tensor.repeat: a new tensor that holds the tensor several times along each dimension."""

import numpy as np

from conformance.spec import ALL, DATA_MOVEMENT, Cost, Draw, Form, Law, Refusal, Spec, dense

MOST_ELEMENTS = 80_000
"""Results are no larger, so that samples stay cheap."""


def arguments(draw: Draw):
    """As many repeats as there are dimensions, or some more in front."""
    shape = draw.shape()
    numel = int(np.prod(shape))
    repeats = []
    for _ in range(len(shape) + draw.choice((0, 0, 1, 2))):
        count = draw.choice((1, 2, 3, 0, 1))
        repeats.append(count if numel * count <= MOST_ELEMENTS else 1)
        numel *= max(repeats[-1], 1)
    return {"input": draw.tensor(shape), "repeats": tuple(repeats)}


def oracle(input, repeats):
    return np.tile(input, repeats)


def scratch(dtype, input, repeats):
    """The order of the dimensions is worked out in tensors of int64: the number that is added, places, places plus that
    number, and both in turns.

    Source: repeat in aten/src/ATen/native/TensorShape.cpp, which returns before that where a number of repeats is 0.
    """
    if input.layout.kind != "contiguous":
        return None
    count = len(repeats)
    return () if 0 in repeats else (8, 8 * count, 8 * count, 16 * count) if count else (8,)


def workload(size):
    return {"input": dense((size // 512, 64)), "repeats": (2, 4)}


ONES = "((1,) * input.dim())"

spec = Spec(
    operation="torch.Tensor.repeat",
    summary="A copy that holds the tensor repeats[i] times along dimension i; more repeats make dimensions in front.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.Tensor.repeat.html",
    arguments=arguments,
    forms=(
        Form("input.repeat(repeats)"),
        Form("input.repeat(*repeats)", when="len(repeats) > 0"),
        Form("input.repeat(repeats=repeats)"),
        Form("input.repeat(list(repeats))"),
        Form("input.repeat(torch.Size(repeats))"),
        Form("torch.tile(input, repeats)", when="not {*repeats} <= {1}"),
        Form("input.tile(repeats)", when="not {*repeats} <= {1}"),
    ),
    dtypes=ALL,
    oracle=oracle,
    refusals=(
        Refusal(
            "fewer repeats than the tensor has dimensions",
            "input.repeat(repeats[: input.dim() - 1])",
            RuntimeError,
            when="input.rank > 0",
        ),
        Refusal("no repeats for a vector", "torch.ones(3, dtype=dtype).repeat(())", RuntimeError),
        Refusal(
            "a negative number of repeats",
            "input.repeat(*repeats[1:], -1)",
            RuntimeError,
            when="len(repeats) > 0 and 0 not in input.shape and 0 not in repeats",
        ),
        Refusal("a number of repeats that is no whole number", "input.repeat(1.5)", TypeError),
        Refusal("repeats in a tuple and beside it", "input.repeat(repeats, 2)", TypeError),
        Refusal("None as the repeats", "input.repeat(None)", TypeError),
        Refusal("a call without repeats", "input.repeat()", TypeError),
        Refusal("a list in place of the tensor", "torch.Tensor.repeat([1, 2], 2)", TypeError),
    ),
    gradient=DATA_MOVEMENT,
    laws=(
        Law("repeats of 1 copy the tensor", f"input.repeat({ONES})", "input"),
        Law(
            "repeating along a new dimension is expanding it",
            f"input.repeat(3, *{ONES})",
            "input.expand(3, *input.shape)",
        ),
        Law(
            "repeating along the first dimension is joining the tensor to itself",
            f"input.repeat(2, *{ONES}[1:])",
            "torch.cat((input, input))",
            when="input.rank > 0",
        ),
        Law(
            "the first of the tiles is the tensor",
            "input.repeat(repeats)[(0,) * (len(repeats) - input.dim()) + tuple(slice(0, n) for n in input.shape)]",
            "input",
            when="0 not in repeats",
        ),
        Law(
            "each size is the input's times its repeats",
            "list(input.repeat(repeats).shape)[len(repeats) - input.dim() :]",
            "[size * count for size, count in zip(input.shape, repeats[len(repeats) - input.dim() :])]",
        ),
        Law(
            "a copy is returned even for repeats of 1",
            f"input.repeat({ONES}).data_ptr() == input.data_ptr()",
            "False",
            when="input.numel > 0",
        ),
    ),
    cost=Cost(scratch=scratch, workload=workload),
)
