"""torch.stack: joins tensors of one shape along a new dimension."""

from math import prod

import numpy as np

from conformance.spec import (
    ALL,
    CELL_DTYPE,
    DATA_MOVEMENT,
    DENSE,
    OUTDATED,
    PROMOTED,
    UPHELD,
    Claim,
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
    claims=(
        Claim(
            name="three-matrices",
            source="001 4.1.1(2)",
            statement="Three 2x3 tensors stack to 3x2x3 along dim 0 and to 2x3x3 along dim 1.",
            verdict=UPHELD,
            check="""
            t = torch.ones(2, 3)
            torch.stack([t] * 3, 0).shape == (3, 2, 3) and torch.stack([t] * 3, 1).shape == (2, 3, 3)
            """,
        ),
        Claim(
            name="adds-a-dimension",
            source="001 4.1.1(2)",
            statement="A new dimension is put in at dim and the tensors are joined along it.",
            verdict=UPHELD,
            check="""
            parts = [torch.randn(2, 3) for _ in range(4)]
            stacked = {dim: torch.stack(parts, dim) for dim in range(-3, 3)}
            all(t.dim() == 3 and torch.equal(t.select(dim, 2), parts[2]) for dim, t in stacked.items())
            """,
        ),
        Claim(
            name="halves-of-pictures",
            source="003 27-28",
            statement="Upper and lower halves of 4x3x16x32 stack along dim 2 to 4x3x2x16x32, one index for each half.",
            verdict=UPHELD,
            check="""
            top, bottom = torch.rand(4, 3, 16, 32), torch.rand(4, 3, 16, 32)
            both = torch.stack([top, bottom], dim=2)
            both.shape == (4, 3, 2, 16, 32) and torch.equal(both[:, :, 0], top) and torch.equal(both[:, :, 1], bottom)
            """,
        ),
        Claim(
            name="two-classes",
            source="003 27-28",
            statement="Two classes of 32x8 scores stack to 2x32x8; the new index says which class.",
            verdict=UPHELD,
            check="""
            a, b = torch.rand(32, 8), torch.rand(32, 8)
            both = torch.stack([a, b], dim=0)
            both.shape == (2, 32, 8) and torch.equal(both[0], a) and torch.equal(both[1], b)
            """,
        ),
        Claim(
            name="sizes-must-be-equal",
            source="003 27-28",
            statement="All sizes must be the same: 32x8 and 30x8 raise a RuntimeError.",
            verdict=UPHELD,
            check="raises('torch.stack([torch.rand(32, 8), torch.rand(30, 8)])', RuntimeError)",
        ),
        Claim(
            name="error-wording",
            source="003 27-28",
            statement="The error says that sizes must match except in dimension 0.",
            verdict=OUTDATED,
            check="""
            try:
                torch.stack([torch.rand(32, 8), torch.rand(30, 8)], dim=0)
                said = ""
            except RuntimeError as error:
                said = str(error)
            "must match except in dimension 0" in said
            """,
            note="stack has a message of its own by now",
        ),
        Claim(
            name="six-classes",
            source="003 27-28",
            statement="Six tensors of 32x8 stack to 6x32x8.",
            verdict=UPHELD,
            check="torch.stack([torch.rand(32, 8) for _ in range(6)], dim=0).shape == (6, 32, 8)",
        ),
    ),
    predicates=(stacks_one_element,),
)
