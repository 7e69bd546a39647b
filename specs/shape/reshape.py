"""torch.reshape: the same elements in another shape, as a view where the strides allow it."""

import numpy as np

from conformance.spec import (
    ALL,
    REFUTED,
    Claim,
    Draw,
    Form,
    Law,
    Refusal,
    Spec,
    View,
    view_strides,
    views,
)


def arguments(draw: Draw):
    input_shape = draw.shape()
    shape = draw.factors(int(np.prod(input_shape)))
    if shape and 0 not in shape and draw.boolean():
        place = draw.integer(0, len(shape) - 1)
        shape = (*shape[:place], -1, *shape[place + 1 :])
    return {"input": draw.tensor(input_shape), "shape": shape}


def oracle(input, shape):
    return np.reshape(input, shape)


def geometry(input, shape):
    """A view wherever runs of dimensions can be cut or merged without moving an element."""
    known = int(np.prod([size for size in shape if size != -1]))
    shape = tuple(input.numel // known if size == -1 else size for size in shape)
    strides = view_strides(input.shape, input.strides, shape)
    return None if strides is None else [View(shape, strides, input.offset)]


spec = Spec(
    operation="torch.reshape",
    summary="The elements in row-major order in another shape; a view where the strides allow, else a copy.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.reshape.html",
    arguments=arguments,
    forms=(
        Form("torch.reshape(input, shape)"),
        Form("torch.reshape(input=input, shape=shape)"),
        Form("input.reshape(shape)"),
        Form("input.reshape(*shape)", when="len(shape) > 0"),
        Form("input.reshape(list(shape))"),
    ),
    dtypes=ALL,
    oracle=oracle,
    memory=views("input", geometry),
    refusals=(
        Refusal("too many elements asked for", "torch.reshape(input, (input.numel() + 1,))", RuntimeError),
        Refusal("-1 that does not divide", "torch.reshape(input, (-1, input.numel() + 1))", RuntimeError, when="input.numel > 0"),
        Refusal("-1 beside 0", "torch.reshape(input, (-1, 0))", RuntimeError),
        Refusal("two sizes of -1", "torch.reshape(input, (-1, -1))", RuntimeError),
        Refusal("a size below -1", "torch.reshape(input, (-2,))", RuntimeError),
        Refusal("a size that is no whole number", "torch.reshape(input, (1.5,))", TypeError),
    ),
    laws=(
        Law("reshaping back restores", "torch.reshape(torch.reshape(input, shape), input.shape)", "input"),
        Law("flattening first changes nothing", "input.reshape(-1).reshape(shape)", "input.reshape(shape)", when="input.numel > 0"),
    ),
    claims=(
        Claim(
            "copies-always",
            "000 Tensors",
            "reshape copies the data into new memory.",
            REFUTED,
            """
            t = torch.arange(5.0)
            not shares(t, t.reshape(5, 1))
            """,
            note="a contiguous tensor is shared",
            contradicts="shares-when-contiguous",
        ),
    ),
)
