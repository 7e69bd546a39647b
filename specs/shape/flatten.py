"""torch.flatten: several dimensions made one, as a view where the strides allow it."""

from math import prod

import numpy as np

from conformance.spec import ALL, DATA_MOVEMENT, Cost, Draw, Form, Law, Refusal, Spec, View, dense, view_strides, views
from conformance.spec.families.copies import scratch_of_copy


def arguments(draw: Draw):
    """Two dims in order, each counted from either end."""
    shape = draw.shape()
    if draw.boolean():
        return {"input": draw.tensor(shape), "start_dim": 0, "end_dim": -1}
    rank = max(len(shape), 1)
    start = draw.integer(0, rank - 1)
    end = draw.integer(start, rank - 1)
    return {
        "input": draw.tensor(shape),
        "start_dim": start - rank if draw.boolean() else start,
        "end_dim": end - rank if draw.boolean() else end,
    }


def flattened(shape, start_dim, end_dim):
    """The shape with the sizes from one dimension to the other as one; without dimensions it is (1,)."""
    if not shape:
        return (1,)
    start, end = start_dim % len(shape), end_dim % len(shape)
    return (*shape[:start], prod(shape[start : end + 1]), *shape[end + 1 :])


def oracle(input, start_dim, end_dim):
    return np.reshape(input, flattened(input.shape, start_dim, end_dim))


def geometry(input, start_dim, end_dim):
    """One dimension alone is the tensor itself; several are a view where each can be merged with the next."""
    if input.rank and start_dim % input.rank == end_dim % input.rank:
        return [View(input.shape, input.strides, input.offset)]
    shape = flattened(input.shape, start_dim, end_dim)
    strides = view_strides(input.shape, input.strides, shape)
    return None if strides is None else [View(shape, strides, input.offset)]


def scratch(dtype, input, start_dim, end_dim):
    """Where the result is no view it is a copy in row-major order."""
    return scratch_of_copy(dtype, input)


def workload(size):
    return {"input": dense((size // 64, 8, 8)), "start_dim": 1, "end_dim": -1}


WHOLE = "start_dim % max(input.rank, 1) == 0 and end_dim % max(input.rank, 1) == max(input.rank, 1) - 1"

spec = Spec(
    operation="torch.flatten",
    summary="The dimensions from start_dim to end_dim as one in row-major order; a view where the strides allow.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.flatten.html",
    arguments=arguments,
    forms=(
        Form("torch.flatten(input, start_dim, end_dim)"),
        Form("torch.flatten(input=input, start_dim=start_dim, end_dim=end_dim)"),
        Form("torch.flatten(input)", when=WHOLE),
        Form("torch.flatten(input, start_dim)", when="end_dim % max(input.rank, 1) == max(input.rank, 1) - 1"),
        Form("torch.flatten(input, end_dim=end_dim)", when="start_dim % max(input.rank, 1) == 0"),
        Form("input.flatten(start_dim, end_dim)"),
        Form("input.flatten(start_dim=start_dim, end_dim=end_dim)"),
        Form("input.flatten()", when=WHOLE),
        Form("nn.Flatten(start_dim, end_dim)(input)"),
        Form("nn.Flatten()(input)", when="input.rank > 1 and start_dim == 1 and end_dim == -1"),
    ),
    dtypes=ALL,
    oracle=oracle,
    memory=views("input", geometry),
    refusals=(
        Refusal("a start_dim past the last dimension", "torch.flatten(input, max(input.dim(), 1))", IndexError),
        Refusal("a start_dim before the first dimension", "torch.flatten(input, -max(input.dim(), 1) - 1)", IndexError),
        Refusal("an end_dim past the last dimension", "torch.flatten(input, 0, max(input.dim(), 1))", IndexError),
        Refusal(
            "an end_dim before the first dimension", "torch.flatten(input, 0, -max(input.dim(), 1) - 1)", IndexError
        ),
        Refusal(
            "an end_dim in front of the start_dim",
            "torch.flatten(input, input.dim() - 1, input.dim() - 2)",
            RuntimeError,
            when="input.rank > 1",
        ),
        Refusal(
            "an end_dim in front of the start_dim, by the method",
            "input.flatten(-1, 0)",
            RuntimeError,
            when="input.rank > 1",
        ),
        Refusal("a start_dim that is no whole number", "torch.flatten(input, 0.0)", TypeError),
        Refusal("True as the start_dim", "torch.flatten(input, True)", TypeError),
        Refusal("None as the end_dim", "torch.flatten(input, 0, None)", TypeError),
        Refusal("a list in place of the tensor", "torch.flatten([[1, 2]])", TypeError),
    ),
    gradient=DATA_MOVEMENT,
    laws=(
        Law(
            "flattening is a reshape to one size of -1",
            "torch.flatten(input)",
            "input.reshape(-1)",
            when="input.numel > 0",
        ),
        Law(
            "flattening twice gives what flattening once gives",
            "torch.flatten(torch.flatten(input))",
            "torch.flatten(input)",
        ),
        Law(
            "reshaping back restores the tensor",
            "torch.flatten(input, start_dim, end_dim).reshape(input.shape)",
            "input",
        ),
        Law(
            "unflatten undoes it",
            "torch.flatten(input, start_dim, end_dim).unflatten("
            "(first := start_dim % input.dim()), input.shape[first : end_dim % input.dim() + 1])",
            "input",
            when="input.rank > 0 and input.numel > 0",
        ),
        Law("a tensor without dimensions gets one", "list(torch.flatten(input).shape)", "[1]", when="input.rank == 0"),
        Law(
            "one dimension alone gives the tensor itself",
            "input.flatten(-1, -1) is input",
            "True",
            when="input.rank > 0",
        ),
        Law(
            "a contiguous tensor is viewed",
            "torch.flatten(input.contiguous(), start_dim, end_dim).is_contiguous()",
            "True",
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
