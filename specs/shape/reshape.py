"""torch.reshape: the same elements in another shape, as a view where the strides allow it."""

import numpy as np

from conformance.spec import (
    ALL,
    AMBIGUOUS,
    DATA_MOVEMENT,
    REFUTED,
    UPHELD,
    Claim,
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

from ._copies import scratch_of_copy
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
    claims=(
        Claim(
            name="copies-always",
            source="000 Tensors",
            statement="reshape copies the data into new memory.",
            verdict=REFUTED,
            check="""
            t = torch.arange(5.0)
            not shares(t, t.reshape(5, 1))
            """,
            note="a contiguous tensor is shared",
            contradicts="shares-when-contiguous",
        ),
        Claim(
            name="rows-by-columns",
            source="000 Tensors",
            statement="reshape(a, b) shows the same data as a rows of b.",
            verdict=UPHELD,
            check="torch.arange(6).reshape(3, 2).tolist() == [[0, 1], [2, 3], [4, 5]]",
        ),
        Claim(
            name="shares-when-contiguous",
            source="001 4.1.3(1)",
            statement="What is reshaped from a contiguous tensor uses its memory: a change of one shows in the other.",
            verdict=UPHELD,
            check="""
            t = torch.arange(8)
            cube = torch.reshape(t, (-1, 2, 2))
            t[0] = 99
            shares(t, cube) and cube[0, 0, 0] == 99
            """,
            contradicts="copies-always",
        ),
        Claim(
            name="shares-only-if-contiguous",
            source="001 4.1.3(1)",
            statement=(
                "Memory is shared when the input is contiguous, so it might be thought that all others are copied."
            ),
            verdict=AMBIGUOUS,
            check="""
            m = torch.arange(6.0).reshape(2, 3)
            part = m[:, :2]
            not shares(m.t().reshape(6), m) and not part.is_contiguous() and shares(part.reshape(2, 1, 2), m)
            """,
            note="contiguity is enough and not needed: strides that allow the shape give a view too",
        ),
        Claim(
            name="minus-one-is-worked-out",
            source="001 4.1.3(1)",
            statement="One size of -1 follows from the number of elements and the other sizes.",
            verdict=UPHELD,
            check="""
            t = torch.arange(8)
            t.reshape(-1, 2, 2).shape == (2, 2, 2) and raises("t.reshape(-1, 3)", RuntimeError)
            """,
        ),
        Claim(
            name="size-must-match",
            source="001 4.1.3(1)",
            statement="The new shape must have as many elements as the input.",
            verdict=UPHELD,
            check="raises('torch.arange(8).reshape(3, 3)', RuntimeError)",
        ),
    ),
)
