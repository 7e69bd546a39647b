"""torch.broadcast_to: a tensor shown in a larger shape that it broadcasts to."""

import numpy as np

from conformance.spec import (
    ALL,
    MOVED,
    Cost,
    Draw,
    Form,
    Law,
    Refusal,
    Spec,
    View,
    broadcast_strides,
    dense,
    views,
)


def arguments(draw: Draw):
    """A size of -1 keeps that of the input, as it does in expand."""
    input_shape, wanted = draw.expansion()
    return {"input": draw.tensor(input_shape), "shape": wanted}


def filled_in(input, shape):
    """The shape with the input's own size in place of each -1."""
    own = (1,) * (len(shape) - len(input.shape)) + tuple(input.shape)
    return tuple(have if size == -1 else size for have, size in zip(own, shape))


def oracle(input, shape):
    return np.broadcast_to(input, filled_in(input, shape))


def geometry(input, shape):
    shape = filled_in(input, shape)
    return [View(shape, broadcast_strides(input.shape, input.strides, shape), input.offset)]


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
            "a size that differs",
            "torch.broadcast_to(input, (*input.shape[:-1], input.shape[-1] + 1))",
            RuntimeError,
            when="input.rank > 0 and input.shape[-1] != 1",
        ),
        Refusal(
            "a larger size made 1",
            "torch.broadcast_to(input, (*input.shape[:-1], 1))",
            RuntimeError,
            when="input.rank > 0 and input.shape[-1] != 1",
        ),
        Refusal("a multiple of the size", "torch.broadcast_to(torch.zeros(3, dtype=dtype), (6,))", RuntimeError),
        Refusal("fewer dimensions", "torch.broadcast_to(input, input.shape[1:])", RuntimeError, when="input.rank > 0"),
        Refusal("a new size of -1", "torch.broadcast_to(input, (-1, *input.shape))", RuntimeError),
        Refusal("a size below -1", "torch.broadcast_to(torch.zeros(1, dtype=dtype), (-2,))", RuntimeError),
        Refusal("a new size below -1", "torch.broadcast_to(torch.zeros(3, dtype=dtype), (-2, 3))", RuntimeError),
        Refusal("a number for a shape", "torch.broadcast_to(input, 3)", TypeError),
        Refusal("a size that is no whole number", "torch.broadcast_to(input, (1.5,))", TypeError),
        Refusal("no shape", "torch.broadcast_to(input)", TypeError),
        Refusal("no tensor", "torch.broadcast_to(1, (2,))", TypeError),
    ),
    gradient=MOVED,
    cost=Cost(workload=workload, numpy="np.broadcast_to(input, shape)", growth=0.0),
    laws=(
        Law(
            "it is what broadcasting against that shape gives",
            "torch.broadcast_to(input, shape)",
            "torch.broadcast_tensors(input, torch.empty(shape))[0]",
            when="-1 not in shape",
        ),
        Law("its own shape changes nothing", "torch.broadcast_to(input, input.shape).stride()", "input.stride()"),
        Law(
            "the copy of it is broadcast too",
            "torch.broadcast_to(input.contiguous(), shape)",
            "torch.broadcast_to(input, shape).contiguous()",
        ),
        Law(
            "in two steps it is the same",
            "torch.broadcast_to(torch.broadcast_to(input, shape), (2, *torch.broadcast_to(input, shape).shape))[1]",
            "torch.broadcast_to(input, shape)",
        ),
        Law(
            "the storage stays as large",
            "torch.broadcast_to(input, shape).untyped_storage().nbytes()",
            "input.untyped_storage().nbytes()",
        ),
    ),
)
