"""torch.reshape: the same elements in another shape, as a view where the strides allow it."""

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
    View,
    dense,
    view_strides,
    views,
)
from conformance.spec.families.copies import scratch_of_copy

from ._sizes import filled_in, with_one_left_open


def arguments(draw: Draw):
    input_shape = draw.shape()
    shape = input_shape if draw.integer(0, 7) == 7 else draw.factors(int(np.prod(input_shape)))
    shape = with_one_left_open(draw, shape)
    return {"input": draw.tensor(input_shape), "shape": shape}


def oracle(input, shape):
    return np.reshape(input, shape)


def geometry(input, shape):
    """A view wherever runs of dimensions can be cut or merged without moving an element."""
    shape = filled_in(input, shape)
    strides = view_strides(input.shape, input.strides, shape)
    return None if strides is None else [View(shape, strides, input.offset)]


def scratch(dtype, input, shape):
    """Where the result is no view it is a copy in row-major order."""
    return scratch_of_copy(dtype, input)


def workload(size):
    return {"input": dense((size // 64, 64)), "shape": (size,)}


spec = Spec(
    operation="torch.reshape",
    summary="The elements in row-major order in another shape; a view where the strides allow, else a copy.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.reshape.html",
    arguments=arguments,
    forms=(
        Form("torch.reshape(input, shape)"),
        Form("torch.reshape(input=input, shape=shape)"),
        Form("torch.reshape(input, torch.Size(shape))", when="-1 not in shape"),
        Form("input.reshape(shape)"),
        Form("input.reshape(*shape)", when="len(shape) > 0"),
        Form("input.reshape(list(shape))"),
        Form("input.reshape_as(torch.empty(shape, dtype=torch.bool))", when="-1 not in shape"),
        Form("input.reshape_as(other=torch.empty(shape))", when="-1 not in shape"),
    ),
    dtypes=ALL,
    oracle=oracle,
    memory=views("input", geometry),
    refusals=(
        Refusal(
            "a shape of more elements than the tensor has", "torch.reshape(input, (input.numel() + 1,))", RuntimeError
        ),
        Refusal(
            "a shape of fewer elements than the tensor has",
            "input.reshape(input.numel() - 1)",
            RuntimeError,
            when="input.numel > 1",
        ),
        Refusal(
            "a shape with one size doubled",
            "input.reshape(*input.shape[:-1], 2 * input.shape[-1])",
            RuntimeError,
            when="input.numel > 0 and input.rank > 0",
        ),
        Refusal("the shape () for several elements", "torch.reshape(input, ())", RuntimeError, when="input.numel != 1"),
        Refusal(
            "a size of -1 where the others do not divide the number of elements",
            "torch.reshape(input, (-1, input.numel() + 1))",
            RuntimeError,
            when="input.numel > 0",
        ),
        Refusal(
            "a size of -1 beside a smaller size that does not divide the number of elements",
            "torch.reshape(input, (-1, input.numel() - 1))",
            RuntimeError,
            when="input.numel > 2",
        ),
        Refusal("a size of -1 beside a size of 0", "torch.reshape(input, (-1, 0))", RuntimeError),
        Refusal("two sizes of -1", "torch.reshape(input, (-1, -1))", RuntimeError),
        Refusal("a size below -1", "torch.reshape(input, (-2,))", RuntimeError),
        Refusal("two sizes below 0 whose product fits", "torch.zeros(4, dtype=dtype).reshape(-2, -2)", RuntimeError),
        Refusal("a size that is no whole number", "torch.reshape(input, (1.5,))", TypeError),
        Refusal("a call without a shape", "input.reshape()", (TypeError, RuntimeError), when="input.numel != 1"),
        Refusal("a list in place of the tensor", "torch.reshape([1, 2], (2, 1))", TypeError),
        Refusal("reshape_as a larger tensor", "input.reshape_as(torch.empty(input.numel() + 1))", RuntimeError),
        Refusal("a tuple in place of the tensor whose shape is taken", "input.reshape_as((1,))", TypeError),
    ),
    gradient=DATA_MOVEMENT,
    laws=(
        Law("reshaping back restores the tensor", "torch.reshape(torch.reshape(input, shape), input.shape)", "input"),
        Law(
            "a tensor that was flattened before gives the same elements",
            "input.reshape(-1).reshape(shape)",
            "input.reshape(shape)",
            when="input.numel > 0",
        ),
        Law("the input's own shape gives a view", "input.reshape(input.shape).data_ptr()", "input.data_ptr()"),
        Law(
            "reshaping gives what view gives of a contiguous tensor",
            "input.contiguous().view(shape)",
            "input.reshape(shape)",
        ),
    ),
    cost=Cost(
        scratch=scratch,
        workload=workload,
        reference="view",
        strided_reference="copy",
        growth_exponent=0.0,
    ),
)
