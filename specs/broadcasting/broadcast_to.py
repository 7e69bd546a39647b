"""torch.broadcast_to: a tensor seen in a larger shape, as broadcasting sees it."""

import numpy as np

from conformance.spec import ALL, Draw, Form, Law, Refusal, Spec, View, views


def arguments(draw: Draw):
    shape = draw.shape()
    return {"input": draw.tensor(draw.broadcastable(shape)), "size": shape}


def oracle(input, size):
    return np.broadcast_to(input, size)


def geometry(input, size):
    """Stride 0 where a dimension repeats or is new, the input's stride everywhere else."""
    missing = len(size) - input.rank
    strides = [0] * missing
    for have, want, stride in zip(input.shape, size[missing:], input.strides):
        strides.append(0 if have == 1 and want != 1 else stride)
    return [View(size, tuple(strides), input.offset)]


spec = Spec(
    operation="torch.broadcast_to",
    summary="A view in the given shape: dimensions inserted in front, sizes of 1 repeated, nothing copied.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.broadcast_to.html",
    arguments=arguments,
    forms=(
        Form("torch.broadcast_to(input, size)"),
        Form("torch.broadcast_to(input=input, size=size)"),
        Form("input.broadcast_to(size)"),
        Form("input.broadcast_to(list(size))"),
        Form("input.expand(size)"),
    ),
    dtypes=ALL,
    oracle=oracle,
    memory=views("input", geometry),
    refusals=(
        Refusal(
            "a size other than 1 that differs",
            "torch.broadcast_to(input, (*input.shape[:-1], input.shape[-1] + 1))",
            RuntimeError,
            when="input.rank > 0 and input.shape[-1] != 1",
        ),
        Refusal(
            "fewer dimensions than the tensor has",
            "torch.broadcast_to(input, input.shape[1:])",
            RuntimeError,
            when="input.rank > 0",
        ),
        Refusal("no size", "torch.broadcast_to(input)", TypeError),
        Refusal("a size that is no whole number", "torch.broadcast_to(input, (1.5,))", TypeError),
        Refusal("no tensor", "torch.broadcast_to(1.0, (2,))", TypeError),
    ),
    laws=(
        Law("the same as NumPy", "torch.broadcast_to(input, size)", "np.broadcast_to(array(input), size)"),
        Law("its own shape changes nothing", "torch.broadcast_to(input, input.shape)", "input"),
        Law(
            "the first slice is the tensor",
            "torch.broadcast_to(input, (3, *input.shape))[0]",
            "input",
        ),
    ),
)
