"""torch.cat: joins tensors along a dimension that they already have."""

import numpy as np

from conformance.spec import (
    ALL,
    OUTDATED,
    PROMOTED,
    REFUTED,
    UPHELD,
    Claim,
    Draw,
    Form,
    Law,
    Output,
    Refusal,
    Spec,
)


def arguments(draw: Draw):
    shape = draw.shape(min_rank=1)
    dim = draw.dim(len(shape))
    place = dim % len(shape)
    sizes = [shape[place], *(draw.size() for _ in range(draw.integer(0, 3)))]
    mixed = draw.boolean() and draw.boolean()
    tensors = [
        draw.tensor(
            (*shape[:place], size, *shape[place + 1 :]),
            dtype=draw.partner() if mixed and number else "subject",
        )
        for number, size in enumerate(sizes)
    ]
    return {"tensors": tensors, "dim": dim}


# A tensor of shape (0,) is passed over whatever dim says, as in the first releases.
SIZED = "all(tensor.shape != (0,) for tensor in tensors)"


def oracle(tensors, dim):
    return np.concatenate(tensors, dim)


spec = Spec(
    operation="torch.cat",
    summary="Joins tensors along a dimension they have; every other size must agree, dtypes promote.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.cat.html",
    arguments=arguments,
    forms=(
        Form("torch.cat(tensors, dim)"),
        Form("torch.cat(tensors=list(tensors), dim=dim)"),
        Form("torch.cat(tensors)", when="dim == 0"),
        Form("torch.concat(tensors, dim)"),
        Form("torch.concatenate(tensors, dim)"),
        Form("torch.concatenate(tensors, axis=dim)"),
        Form("torch.cat(tensors, dim, out=out)"),
    ),
    dtypes=ALL,
    oracle=oracle,
    outputs=(Output(dtype=PROMOTED),),
    refusals=(
        Refusal("no tensors", "torch.cat([])", (RuntimeError, ValueError)),
        Refusal("not a sequence", "torch.cat(tensors[0], dim)", TypeError),
        Refusal("dim past the end", "torch.cat(tensors, tensors[0].dim())", IndexError, when=SIZED),
        Refusal("dim before the start", "torch.cat(tensors, -tensors[0].dim() - 1)", IndexError, when=SIZED),
        Refusal("dim past the end, with out", "torch.cat(tensors, tensors[0].dim(), out=out)", IndexError, when=SIZED),
        Refusal("a tensor without dimensions", "torch.cat([torch.zeros((), dtype=dtype)] * 2)", RuntimeError),
        Refusal(
            "a size that differs elsewhere",
            "torch.cat([torch.zeros(2, 3, dtype=dtype), torch.zeros(2, 4, dtype=dtype)])",
            RuntimeError,
        ),
        Refusal(
            "ranks that differ",
            "torch.cat([torch.zeros(2, 3, dtype=dtype), torch.zeros(2, dtype=dtype)])",
            RuntimeError,
        ),
    ),
    laws=(
        Law(
            "split undoes cat",
            "torch.split(torch.cat(tensors, dim), [tensor.shape[dim] for tensor in tensors], dim)",
            "[tensor.to(torch.cat(tensors, dim).dtype) for tensor in tensors]",
        ),
        Law("one tensor is itself", "torch.cat(tensors[:1], dim)", "tensors[0]"),
        Law("cat in two steps", "torch.cat([torch.cat(tensors[:1], dim), *tensors[1:]], dim)", "torch.cat(tensors, dim)"),
    ),
    claims=(
        Claim(
            "rows-and-columns",
            "001 4.1.1(1)",
            "Two 2x3 tensors of ones join to 4x3 along dim 0 and to 2x6 along dim 1.",
            UPHELD,
            """
            t = torch.ones(2, 3)
            torch.equal(torch.cat([t, t], 0), torch.ones(4, 3)) and torch.equal(torch.cat([t, t], 1), torch.ones(2, 6))
            """,
        ),
        Claim(
            "long-raises",
            "001 4.1.1(1)",
            "Only floating tensors can be joined; long ones raise.",
            REFUTED,
            "raises('torch.cat([torch.tensor([1]), torch.tensor([2])])', RuntimeError, TypeError)",
            note="every dtype joins, and mixed ones promote",
        ),
    ),
)
