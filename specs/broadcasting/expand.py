"""torch.Tensor.expand: a view in which sizes of 1, and dimensions added in front, repeat."""

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
    """A size of -1 keeps that of the input."""
    input_shape, wanted = draw.expansion()
    return {"input": draw.tensor(input_shape), "sizes": wanted}


def oracle(input, sizes):
    return np.broadcast_to(input, filled_in(input, sizes))


def geometry(input, sizes):
    """In the input's memory, with stride 0 where it repeats."""
    return expanded(input, sizes)


def workload(size):
    return {"input": dense((size // 64, 1)), "sizes": (8, size // 64, 64)}


spec = Spec(
    operation="torch.Tensor.expand",
    summary="A view of stride 0 in which sizes of 1 and new dimensions in front repeat; -1 keeps a size.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.Tensor.expand.html",
    arguments=arguments,
    forms=(
        Form("input.expand(sizes)"),
        Form("input.expand(*sizes)", when="len(sizes) > 0"),
        Form("input.expand(list(sizes))"),
        Form("input.expand(size=sizes)"),
        Form("input.expand(torch.Size(sizes))", when="-1 not in sizes"),
        Form("input.expand_as(torch.empty(sizes, dtype=torch.bool))", when="-1 not in sizes"),
        Form("input.expand_as(other=torch.empty(sizes))", when="-1 not in sizes"),
        Form("torch.broadcast_to(input, sizes)"),
    ),
    dtypes=ALL,
    oracle=oracle,
    memory=views("input", geometry),
    refusals=(
        Refusal(
            "a size above 1 that grows",
            "input.expand(*input.shape[:-1], 2 * input.shape[-1])",
            RuntimeError,
            when="input.rank > 0 and input.shape[-1] > 1",
        ),
        Refusal(
            "a size above 1 that shrinks",
            "input.expand(*input.shape[:-1], 1)",
            RuntimeError,
            when="input.rank > 0 and input.shape[-1] > 1",
        ),
        Refusal("a size of 0 that grows", "torch.zeros(0, dtype=dtype).expand(1)", RuntimeError),
        Refusal(
            "fewer sizes than the input has dimensions",
            "input.expand(input.shape[1:])",
            RuntimeError,
            when="input.rank > 0",
        ),
        Refusal("a size of -1 for a new dimension", "input.expand(-1, *input.shape)", RuntimeError),
        Refusal("a size below -1", "torch.zeros(1, dtype=dtype).expand(-2)", RuntimeError),
        Refusal("a size below -1 beside a valid one", "torch.zeros(3, 1, dtype=dtype).expand(3, -4)", RuntimeError),
        Refusal("a size below -1 for a new dimension", "torch.zeros(3, dtype=dtype).expand(-2, 3)", RuntimeError),
        Refusal("a size that is no whole number", "input.expand(1.5)", TypeError),
        Refusal("a call without sizes", "input.expand()", TypeError),
        Refusal(
            "expand_as a tensor whose shape does not fit",
            "torch.zeros(3, dtype=dtype).expand_as(torch.empty(2))",
            RuntimeError,
        ),
        Refusal("a tuple in place of the tensor whose shape is taken", "input.expand_as((1,))", TypeError),
        Refusal(
            "an in-place call on an expanded tensor",
            "input.expand(2, *input.shape).mul_(True)",
            RuntimeError,
            when="input.numel > 0",
        ),
    ),
    gradient=DATA_MOVEMENT,
    laws=(
        Law(
            "a new dimension repeats the tensor",
            "input.expand(3, *input.shape)",
            "input.repeat(3, *[1 for _ in input.shape])",
        ),
        Law("sizes of -1 alone keep the strides", "input.expand([-1 for _ in input.shape]).stride()", "input.stride()"),
        Law(
            "new dimensions have stride 0",
            "input.expand(2, 3, *input.shape).stride()[:2]",
            "(0, 0)",
            when="0 not in input.shape",
        ),
        Law(
            "the view begins at the input's address",
            "input.expand(sizes).data_ptr()",
            "input.data_ptr()",
            when="0 not in sizes and 0 not in input.shape",
        ),
        Law(
            "the view's storage is as large as the input's",
            "input.expand(sizes).untyped_storage().nbytes()",
            "input.untyped_storage().nbytes()",
        ),
    ),
    cost=Cost(workload=workload, reference="view", growth_exponent=0.0),
)
