"""torch.Tensor.view: the same memory in another shape, or an error where the strides do not allow it."""

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

from ._sizes import filled_in, with_one_left_open


def arguments(draw: Draw):
    """`shape` is one that the strides allow, `impossible` another that they do not, or None."""
    input = draw.tensor(draw.shape())
    wanted = draw.factors(input.numel)
    impossible = None
    if view_strides(input.shape, input.strides, wanted) is None:
        wanted, impossible = cut(draw, input.shape), wanted
    return {"input": input, "shape": with_one_left_open(draw, wanted), "impossible": impossible}


def cut(draw, shape):
    """The shape with one dimension cut into several, which any strides allow."""
    place = draw.integer(0, len(shape) - 1)
    return (*shape[:place], *draw.factors(shape[place]), *shape[place + 1 :])


def oracle(input, shape, impossible):
    return np.reshape(input, shape)


def geometry(input, shape, impossible):
    shape = filled_in(input, shape)
    return [View(shape, view_strides(input.shape, input.strides, shape), input.offset)]


def workload(size):
    return {"input": dense((size // 64, 64)), "shape": (size // 64, 8, 8), "impossible": None}


spec = Spec(
    operation="torch.Tensor.view",
    summary="The elements in row-major order in another shape, never copied: strides that do not allow it are refused.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.Tensor.view.html",
    arguments=arguments,
    forms=(
        Form("input.view(shape)"),
        Form("input.view(*shape)", when="len(shape) > 0"),
        Form("input.view(size=shape)"),
        Form("input.view(list(shape))"),
        Form("input.view(torch.Size(shape))", when="-1 not in shape"),
        Form("input.view_as(torch.empty(shape, dtype=torch.bool))", when="-1 not in shape"),
        Form("input.view_as(other=torch.empty(shape))", when="-1 not in shape"),
        Form("torch.reshape(input, shape)"),
    ),
    dtypes=ALL,
    oracle=oracle,
    memory=views("input", geometry),
    refusals=(
        Refusal(
            "a shape that the strides do not allow",
            "input.view(impossible)",
            RuntimeError,
            when="impossible is not None",
        ),
        Refusal(
            "view_as a tensor whose shape the strides do not allow",
            "input.view_as(torch.empty(impossible))",
            RuntimeError,
            when="impossible is not None",
        ),
        Refusal("a transposed matrix in one row", "torch.zeros(2, 3, dtype=dtype).t().view(6)", RuntimeError),
        Refusal(
            "a transposed matrix in one row of any length", "torch.zeros(2, 3, dtype=dtype).t().view(-1)", RuntimeError
        ),
        Refusal(
            "a matrix without its last column in one row", "torch.zeros(2, 3, dtype=dtype)[:, :2].view(4)", RuntimeError
        ),
        Refusal("an expanded tensor in one row", "torch.zeros(3, dtype=dtype).expand(2, 3).view(6)", RuntimeError),
        Refusal("a shape of more elements than the tensor has", "input.view(input.numel() + 1)", RuntimeError),
        Refusal(
            "a shape of fewer elements than the tensor has",
            "input.view(input.numel() - 1)",
            RuntimeError,
            when="input.numel > 1",
        ),
        Refusal("the shape () for several elements", "input.view(())", RuntimeError, when="input.numel != 1"),
        Refusal(
            "a size of -1 where the others do not divide the number of elements",
            "input.view(-1, input.numel() + 1)",
            RuntimeError,
            when="input.numel > 0",
        ),
        Refusal(
            "a size of -1 beside a smaller size that does not divide the number of elements",
            "input.view(-1, input.numel() - 1)",
            RuntimeError,
            when="input.numel > 2",
        ),
        Refusal("a size of -1 beside a size of 0", "input.view(-1, 0)", RuntimeError),
        Refusal("two sizes of -1", "input.view(-1, -1)", RuntimeError),
        Refusal("a size below -1", "input.view(-2)", RuntimeError),
        Refusal("two sizes below 0 whose product fits", "torch.zeros(4, dtype=dtype).view(-2, -2)", RuntimeError),
        Refusal("a size that is no whole number", "input.view(1.5)", TypeError),
        Refusal("a call without a shape", "input.view()", (TypeError, RuntimeError)),
    ),
    gradient=DATA_MOVEMENT,
    laws=(
        Law("viewing back restores the tensor", "input.contiguous().view(shape).view(input.shape)", "input"),
        Law("the view begins at the input's address", "input.view(shape).data_ptr()", "input.data_ptr()"),
        Law(
            "the input's own shape keeps the strides",
            "input.view(input.shape).stride()",
            "input.stride()",
            when="not {0, 1} & {*input.shape}",
        ),
        Law(
            "the view's storage is as large as the input's",
            "input.view(shape).untyped_storage().nbytes()",
            "input.untyped_storage().nbytes()",
        ),
        Law(
            "a contiguous copy can take any shape",
            "input.contiguous().view(impossible)",
            "input.reshape(impossible)",
            when="impossible is not None",
        ),
    ),
    cost=Cost(workload=workload, reference="view", growth_exponent=0.0),
)
