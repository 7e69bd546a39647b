"""torch.unsqueeze: a view with one more dimension, of size 1."""

import numpy as np

from conformance.spec import ALL, DATA_MOVEMENT, Cost, Draw, Form, Law, Refusal, Spec, View, dense, views


def arguments(draw: Draw):
    """`dim` is a place in the result, which has one dimension more than the input."""
    shape = draw.shape()
    return {"input": draw.tensor(shape), "dim": draw.dim(len(shape) + 1)}


def oracle(input, dim):
    return np.expand_dims(input, dim)


def geometry(input, dim):
    """The stride of the new dimension is the step over what lies behind it, 1 at the end."""
    place = dim % (input.rank + 1)
    stride = input.shape[place] * input.strides[place] if place < input.rank else 1
    shape = (*input.shape[:place], 1, *input.shape[place:])
    return [View(shape, (*input.strides[:place], stride, *input.strides[place:]), input.offset)]


def workload(size):
    return {"input": dense((size // 64, 64)), "dim": 1}


spec = Spec(
    operation="torch.unsqueeze",
    summary="A view with a dimension of size 1 put in at the place dim, counted in the result from either end.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.unsqueeze.html",
    arguments=arguments,
    forms=(
        Form("torch.unsqueeze(input, dim)"),
        Form("torch.unsqueeze(input=input, dim=dim)"),
        Form("input.unsqueeze(dim)"),
        Form("input.unsqueeze(dim=dim)"),
        Form("input.unsqueeze_(dim)", writes="input"),
        Form("input.unsqueeze_(dim=dim)", writes="input"),
        Form("input[None]", when="dim in (0, -1 - input.rank)"),
        Form("input[..., None]", when="dim in (-1, input.rank)"),
    ),
    dtypes=ALL,
    oracle=oracle,
    memory=views("input", geometry),
    refusals=(
        Refusal(
            "a dim past the place behind the last dimension", "torch.unsqueeze(input, input.dim() + 1)", IndexError
        ),
        Refusal("a dim before the first place", "torch.unsqueeze(input, -input.dim() - 2)", IndexError),
        Refusal("a dim past the end, by the method", "input.unsqueeze(input.dim() + 1)", IndexError),
        Refusal("a dim past the end, in place", "input.unsqueeze_(input.dim() + 1)", IndexError),
        Refusal("a dim before the first place, in place", "input.unsqueeze_(-input.dim() - 2)", IndexError),
        Refusal("a dim that is no whole number", "torch.unsqueeze(input, 0.0)", TypeError),
        Refusal("True as the dim", "torch.unsqueeze(input, True)", TypeError),
        Refusal("None as the dim", "torch.unsqueeze(input, None)", TypeError),
        Refusal("a tuple of dims", "torch.unsqueeze(input, (0,))", TypeError),
        Refusal("a call without a dim", "torch.unsqueeze(input)", TypeError),
        Refusal("a list in place of the tensor", "torch.unsqueeze([1], 0)", TypeError),
    ),
    gradient=DATA_MOVEMENT,
    laws=(
        Law("squeeze undoes unsqueeze", "torch.unsqueeze(input, dim).squeeze(dim)", "input"),
        Law("the new dimension has size 1", "torch.unsqueeze(input, dim).shape[dim]", "1"),
        Law("the view begins at the input's address", "torch.unsqueeze(input, dim).data_ptr()", "input.data_ptr()"),
        Law(
            "a dim below 0 counts from behind the result's last dimension",
            "torch.unsqueeze(input, dim % (input.dim() + 1))",
            "torch.unsqueeze(input, dim)",
        ),
        Law(
            "unsqueeze_ leaves the shape of the tensor that it was viewed from",
            "(input[...].unsqueeze_(dim), input.shape)[1]",
            "input.shape",
        ),
    ),
    cost=Cost(workload=workload, reference="view", growth_exponent=0.0),
)
