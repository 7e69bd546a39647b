"""torch.broadcast_to: a tensor shown in a larger shape that it broadcasts to."""

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
    dense,
    views,
)

from ._expansion import expanded, filled_in


def arguments(draw: Draw):
    """A size of -1 keeps that of the input, as it does in expand."""
    input_shape, wanted = draw.expansion()
    return {"input": draw.tensor(input_shape), "shape": wanted}


def oracle(input, shape):
    return np.broadcast_to(input, filled_in(input, shape))


def geometry(input, shape):
    """In the input's memory, with stride 0 where it repeats."""
    return expanded(input, shape)


def workload(size):
    return {"input": dense((size // 64, 1)), "shape": (8, size // 64, 64)}


spec = Spec(
    operation="torch.broadcast_to",
    summary="A view in a larger shape: missing dimensions in front and sizes of 1 repeat, nothing is copied.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.broadcast_to.html",
    arguments=arguments,
    forms=(
        Form("torch.broadcast_to(input, shape)"),
        Form("torch.broadcast_to(input=input, size=shape)"),
        Form("torch.broadcast_to(input, list(shape))"),
        Form("input.broadcast_to(shape)"),
        Form("input.broadcast_to(*shape)", when="len(shape) > 0"),
        Form("input.broadcast_to(size=shape)"),
        Form("input.expand(shape)"),
    ),
    dtypes=ALL,
    oracle=oracle,
    memory=views("input", geometry),
    refusals=(
        Refusal(
            "a size that differs from the input's",
            "torch.broadcast_to(input, (*input.shape[:-1], input.shape[-1] + 1))",
            RuntimeError,
            when="input.rank > 0 and input.shape[-1] != 1",
        ),
        Refusal(
            "a size of 1 for a larger one of the input",
            "torch.broadcast_to(input, (*input.shape[:-1], 1))",
            RuntimeError,
            when="input.rank > 0 and input.shape[-1] != 1",
        ),
        Refusal(
            "a size that is a multiple of the input's",
            "torch.broadcast_to(torch.zeros(3, dtype=dtype), (6,))",
            RuntimeError,
        ),
        Refusal(
            "a shape of fewer dimensions than the input's",
            "torch.broadcast_to(input, input.shape[1:])",
            RuntimeError,
            when="input.rank > 0",
        ),
        Refusal("a size of -1 for a new dimension", "torch.broadcast_to(input, (-1, *input.shape))", RuntimeError),
        Refusal("a size below -1", "torch.broadcast_to(torch.zeros(1, dtype=dtype), (-2,))", RuntimeError),
        Refusal(
            "a size below -1 for a new dimension",
            "torch.broadcast_to(torch.zeros(3, dtype=dtype), (-2, 3))",
            RuntimeError,
        ),
        Refusal("a number as the shape", "torch.broadcast_to(input, 3)", TypeError),
        Refusal("a size that is no whole number", "torch.broadcast_to(input, (1.5,))", TypeError),
        Refusal("a call without a shape", "torch.broadcast_to(input)", TypeError),
        Refusal("a number in place of the tensor", "torch.broadcast_to(1, (2,))", TypeError),
    ),
    gradient=DATA_MOVEMENT,
    cost=Cost(workload=workload, reference="view", growth_exponent=0.0),
    laws=(
        Law(
            "the result is what broadcast_tensors gives beside a tensor of that shape",
            "torch.broadcast_to(input, shape)",
            "torch.broadcast_tensors(input, torch.empty(shape))[0]",
            when="-1 not in shape",
        ),
        Law(
            "the input's own shape keeps the strides",
            "torch.broadcast_to(input, input.shape).stride()",
            "input.stride()",
        ),
        Law(
            "a contiguous copy of the input gives the same elements",
            "torch.broadcast_to(input.contiguous(), shape)",
            "torch.broadcast_to(input, shape).contiguous()",
        ),
        Law(
            "broadcasting in two steps gives the same elements",
            "torch.broadcast_to(torch.broadcast_to(input, shape), (2, *torch.broadcast_to(input, shape).shape))[1]",
            "torch.broadcast_to(input, shape)",
        ),
        Law(
            "the view's storage is as large as the input's",
            "torch.broadcast_to(input, shape).untyped_storage().nbytes()",
            "input.untyped_storage().nbytes()",
        ),
    ),
)
