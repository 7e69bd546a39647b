"""torch.stack: joins tensors of one shape along a new dimension."""

from math import prod

import numpy as np

from conformance.spec import (
    ALL,
    CELL_DTYPE,
    DATA_MOVEMENT,
    DENSE,
    PROMOTED,
    Cost,
    Draw,
    Form,
    Law,
    Output,
    Refusal,
    Spec,
)

from ._dtypes import JOINED_KINDS
from ._workloads import growth_workload, workload


def arguments(draw: Draw):
    shape = draw.shape()
    mixed = draw.choice((False, False, False, True))
    count = draw.tensor_count((1, 2, 3, 4, 2, 9), prod(shape)) if prod(shape) <= 64 else draw.integer(1, 3)
    kinds = draw.choice(JOINED_KINDS)
    return {
        "tensors": [
            draw.tensor(shape, dtype=draw.partner(kinds) if mixed and number else CELL_DTYPE) for number in range(count)
        ],
        "dim": draw.dim(len(shape) + 1),
    }


def oracle(tensors, dim):
    return np.stack(tensors, dim)


def stacks_one_element(dtype, tensors, dim):
    """A single entry in all, at another dimension than the first."""
    return len(tensors) == 1 and tensors[0].numel == 1 and dim % (tensors[0].rank + 1) > 0


spec = Spec(
    operation="torch.stack",
    summary="Joins tensors of one shape along a new dimension, which stands at dim of the result; dtypes promote.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.stack.html",
    arguments=arguments,
    forms=(
        Form("torch.stack(tensors, dim)"),
        Form("torch.stack(tensors=list(tensors), dim=dim)"),
        Form("torch.stack(tensors, axis=dim)"),
        Form("torch.stack(tensors)", when="dim == 0"),
        Form("torch.stack(tensors, dim, out=out)"),
    ),
    dtypes=ALL,
    oracle=oracle,
    outputs=(Output(dtype=PROMOTED),),
    # Channels-last tensors give a result of their own order in memory.
    memory=DENSE,
    refusals=(
        Refusal("an empty list of tensors", "torch.stack([])", (RuntimeError, ValueError)),
        Refusal("an empty tuple of tensors, with out=", "torch.stack((), out=out)", (RuntimeError, ValueError)),
        Refusal("one tensor in place of a sequence", "torch.stack(tensors[0], dim)", TypeError),
        Refusal("a number among the tensors", "torch.stack([*tensors, 1], dim)", TypeError),
        Refusal("None among the tensors", "torch.stack([*tensors, None], dim)", TypeError),
        Refusal("a dim that is no whole number", "torch.stack(tensors, 0.0)", TypeError),
        Refusal("a dim past the last dimension", "torch.stack(tensors, tensors[0].dim() + 1)", IndexError),
        Refusal("a dim before the first dimension", "torch.stack(tensors, -tensors[0].dim() - 2)", IndexError),
        Refusal(
            "a dim past the last dimension, with out=",
            "torch.stack(tensors, tensors[0].dim() + 1, out=out)",
            IndexError,
        ),
        Refusal(
            "a dim before the first dimension, with out=",
            "torch.stack(tensors, -tensors[0].dim() - 2, out=out)",
            IndexError,
        ),
        Refusal("tensors of different ranks", "torch.stack([*tensors, tensors[0].unsqueeze(0)], dim)", RuntimeError),
        Refusal(
            "tensors of different sizes",
            "torch.stack([torch.zeros(2, 3, dtype=dtype), torch.zeros(2, 4, dtype=dtype)])",
            RuntimeError,
        ),
        Refusal("a size of 1 beside a larger one", "torch.stack([out, out[:1]])", RuntimeError),
        Refusal("an empty vector beside a longer one", "torch.stack([out, out[:0]])", RuntimeError),
        Refusal("tensors of different sizes, with out=", "torch.stack([out[:2], out[:1]], out=out)", RuntimeError),
        Refusal(
            "an out that shares memory with a tensor",
            "torch.stack([out.view(1, 3)[0]], out=out.view(1, 3))",
            RuntimeError,
        ),
        Refusal(
            "a boolean out for elements of another dtype",
            "torch.stack([out, out], out=torch.zeros(2, 3) > 0)",
            (RuntimeError, TypeError),
            when="dtype != 'bool'",
        ),
        Refusal(
            "dtypes that do not promote",
            "torch.stack([torch.zeros(2, dtype=torch.int32), torch.zeros(2, dtype=torch.uint16)])",
            RuntimeError,
        ),
    ),
    gradient=DATA_MOVEMENT,
    laws=(
        Law(
            "unbind undoes stack",
            "torch.unbind(torch.stack(tensors, dim), dim)",
            "[t.to(torch.stack(tensors, dim).dtype) for t in tensors]",
        ),
        Law(
            "stacking is cat along a new dimension",
            "torch.stack(tensors, dim)",
            "torch.cat([t.unsqueeze(dim) for t in tensors], dim)",
        ),
        Law(
            "a dim counted from either end of the result gives the same tensor",
            "torch.stack(tensors, dim)",
            "torch.stack(tensors, dim - tensors[0].dim() - 1 if dim >= 0 else dim + tensors[0].dim() + 1)",
        ),
        Law(
            "a tensor that comes twice is stacked twice",
            "torch.stack([tensors[0], tensors[0]], dim)",
            "np.stack([array(tensors[0])] * 2, dim)",
        ),
        Law(
            "row-major tensors stack to a row-major tensor",
            "torch.stack([t.flatten().reshape(t.shape) for t in tensors], dim).is_contiguous()",
            "True",
        ),
    ),
    cost=Cost(workload=workload, growth_workload=growth_workload),
    predicates=(stacks_one_element,),
)
