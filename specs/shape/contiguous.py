"""torch.Tensor.contiguous: the tensor itself where it lies row by row already, else a copy that does."""

import numpy as np

from conformance.spec import ALL, Draw, Form, Law, Refusal, Spec, View, contiguous_strides, views


def arguments(draw: Draw):
    return {"input": draw.tensor(draw.shape())}


def oracle(input):
    return np.copy(input)


def geometry(input):
    """The tensor's own memory where it lies row by row already, else a copy."""
    if input.numel == 0:
        return [View(input.shape, input.strides, input.offset)]
    wanted = contiguous_strides(input.shape)
    lies_in_rows = all(size == 1 or have == want for size, have, want in zip(input.shape, input.strides, wanted))
    return [View(input.shape, input.strides, input.offset)] if lies_in_rows else None


spec = Spec(
    operation="torch.Tensor.contiguous",
    summary="The elements row by row in memory: the tensor itself if it already lies so, else a copy.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.Tensor.contiguous.html",
    arguments=arguments,
    forms=(
        Form("input.contiguous()"),
        Form("input.contiguous(memory_format=torch.contiguous_format)"),
        Form("input.clone(memory_format=torch.contiguous_format)"),
    ),
    dtypes=ALL,
    oracle=oracle,
    memory=views("input", geometry),
    refusals=(
        Refusal("a memory format that is none", "input.contiguous(memory_format=1)", TypeError),
        Refusal(
            "preserve_format where a copy is needed",
            "torch.zeros(2, 3, dtype=dtype).t().contiguous(memory_format=torch.preserve_format)",
            RuntimeError,
        ),
        Refusal(
            "channels-last for a tensor that has not four dimensions",
            "input.contiguous(memory_format=torch.channels_last)",
            RuntimeError,
            when="input.rank != 4",
        ),
    ),
    laws=(
        Law("is_contiguous says so", "input.contiguous().is_contiguous()", "True"),
        Law(
            "what lies row by row comes back itself",
            "input.contiguous() is input",
            "input.is_contiguous()",
        ),
        Law(
            "the strides are those of a new tensor",
            "input.contiguous().stride()",
            "torch.empty(input.shape).stride()",
            when="input.numel > 0 and all(size > 1 for size in input.shape)",
        ),
        Law(
            "channels-last keeps the elements",
            "input.contiguous(memory_format=torch.channels_last)",
            "input",
            when="input.rank == 4",
        ),
    ),
)
