"""torch.Tensor.expand_as: a view of a tensor in the shape of another."""

import numpy as np

from conformance.spec import ALL, DATA_MOVEMENT, Cost, Draw, Form, Law, Refusal, Spec, dense, views

from ._expansion import expanded


def arguments(draw: Draw):
    """Of the other tensor the shape alone counts: it may have another dtype and any layout."""
    shape, wanted = draw.expansion()
    sizes = tuple(have if size == -1 else size for have, size in zip((1,) * (len(wanted) - len(shape)) + shape, wanted))
    return {"input": draw.tensor(shape), "other": draw.tensor(sizes, dtype=draw.choice(("bool", "int32", "uint8")))}


def oracle(input, other):
    return np.broadcast_to(input, other.shape)


def geometry(input, other):
    """In the input's memory, with stride 0 where it repeats."""
    return expanded(input, other.shape)


def workload(size):
    return {"input": dense((size // 64, 1)), "other": dense((8, size // 64, 64))}


spec = Spec(
    operation="torch.Tensor.expand_as",
    summary="A view of stride 0 in the shape of the other tensor, to which sizes of 1 and new dimensions repeat.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.Tensor.expand_as.html",
    arguments=arguments,
    forms=(
        Form("input.expand_as(other)"),
        Form("input.expand_as(other=other)"),
        Form("input.expand(other.shape)"),
        Form("input.expand(*other.size())", when="other.rank > 0"),
        Form("torch.broadcast_to(input, other.shape)"),
    ),
    dtypes=ALL,
    oracle=oracle,
    memory=views("input", geometry),
    refusals=(
        Refusal(
            "another tensor whose last size differs",
            "torch.ones(2, 3, dtype=dtype).expand_as(torch.ones(2, 4))",
            RuntimeError,
        ),
        Refusal(
            "another tensor whose last size is 1",
            "torch.ones(2, 3, dtype=dtype).expand_as(torch.ones(2, 1))",
            RuntimeError,
        ),
        Refusal(
            "another tensor of fewer dimensions",
            "input.expand_as(input[0])",
            RuntimeError,
            when="input.rank > 0 and input.shape[0] > 0",
        ),
        Refusal("another tensor without elements", "torch.ones(3, dtype=dtype).expand_as(torch.ones(0))", RuntimeError),
        Refusal("a tuple in place of the other tensor", "input.expand_as((1,))", TypeError),
        Refusal("a number in place of the other tensor", "input.expand_as(3)", TypeError),
        Refusal("a call without another tensor", "input.expand_as()", TypeError),
        Refusal("a list in place of the tensor", "torch.Tensor.expand_as([1], other)", TypeError),
        Refusal(
            "an in-place call on an expanded tensor",
            "input.expand_as(torch.ones(2, *input.shape)).mul_(True)",
            RuntimeError,
            when="input.numel > 0",
        ),
    ),
    gradient=DATA_MOVEMENT,
    laws=(
        Law("a tensor expands to its own shape", "input.expand_as(input)", "input"),
        Law("the result has the other tensor's shape", "input.expand_as(other).shape", "other.shape"),
        Law(
            "an other tensor on no memory gives the same view",
            "input.expand_as(torch.empty(other.shape, device='meta')).stride()",
            "input.expand_as(other).stride()",
        ),
        Law(
            "the other tensor's dtype does not matter",
            "input.expand_as(other.to(dtype))",
            "input.expand_as(other)",
        ),
        Law(
            "a new dimension repeats the tensor",
            "input.expand_as(torch.ones(3, *input.shape))",
            "torch.stack((input, input, input))",
        ),
        Law(
            "the view's storage is as large as the input's",
            "input.expand_as(other).untyped_storage().nbytes()",
            "input.untyped_storage().nbytes()",
        ),
    ),
    cost=Cost(workload=workload, reference="view", growth_exponent=0.0),
)
