"""torch.cat: joins tensors along a dimension that they already have."""

from math import prod

import numpy as np

from conformance.spec import (
    ALL,
    CELL_DTYPE,
    DATA_MOVEMENT,
    DENSE,
    LAYOUTS,
    PROMOTED,
    REFUTED,
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

EMPTY = (0,)
"""The shape of a tensor that is passed over, whatever the shape of the others, as in the first releases."""


def arguments(draw: Draw):
    images = draw.integer(0, 9) == 9
    layout = ("channels_last",) if images else LAYOUTS
    shape = tuple(draw.size(smallest=1) for _ in range(4)) if images else draw.shape(min_rank=1)
    dim = draw.dim(len(shape))
    place = dim % len(shape)
    count = draw.tensor_count((1, 2, 3, 4, 2, 10), prod(shape)) if prod(shape) <= 64 else draw.integer(1, 3)
    sizes = [shape[place], *(draw.size() for _ in range(count - 1))]
    shapes = [(*shape[:place], size, *shape[place + 1 :]) for size in sizes]
    if draw.choice((False, False, False, True)):
        shapes.insert(draw.integer(0, len(shapes)), EMPTY)
    mixed = draw.choice((False, False, False, True))
    kinds = draw.choice(JOINED_KINDS)
    tensors = [
        draw.tensor(each, dtype=draw.partner(kinds) if mixed and number else CELL_DTYPE, layout=layout)
        for number, each in enumerate(shapes)
    ]
    return {"tensors": tensors, "dim": dim}


SIZED = "all(tensor.shape != (0,) for tensor in tensors)"


def oracle(tensors, dim):
    kept = [tensor for tensor in tensors if tensor.shape != EMPTY]
    return np.concatenate(kept, dim) if kept else tensors[0]


def joins_one_element(dtype, tensors, dim):
    """A single entry in all, joined along another dimension than the first."""
    return sum(tensor.numel for tensor in tensors) == 1 and dim % max(tensor.rank for tensor in tensors) > 0


def passes_over_another_dtype(dtype, tensors, dim):
    return not all(tensor.numel for tensor in tensors) and len({tensor.dtype for tensor in tensors}) > 1


spec = Spec(
    operation="torch.cat",
    summary="Joins tensors along a dimension they have; every other size must agree, dtypes promote.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.cat.html",
    arguments=arguments,
    forms=(
        Form("torch.cat(tensors, dim)"),
        Form("torch.cat(tensors=list(tensors), dim=dim)"),
        Form("torch.cat(tensors, axis=dim)"),
        Form("torch.cat(tensors)", when="dim == 0"),
        Form("torch.concat(tensors, dim)"),
        Form("torch.concat(list(tensors))", when="dim == 0"),
        Form("torch.concatenate(tensors, dim)"),
        Form("torch.concatenate(tensors, axis=dim)"),
        Form("torch.cat(tensors, dim, out=out)"),
        Form("torch.concat(tensors, dim, out=out)"),
        Form("torch.concatenate(tensors, dim, out=out)"),
    ),
    dtypes=ALL,
    oracle=oracle,
    outputs=(Output(dtype=PROMOTED),),
    # Channels-last tensors join to a channels-last one; else the order of dimensions in memory is open.
    memory=DENSE,
    refusals=(
        Refusal("an empty list of tensors", "torch.cat([])", (RuntimeError, ValueError)),
        Refusal("an empty tuple of tensors, with out=", "torch.cat((), out=out)", (RuntimeError, ValueError)),
        Refusal("one tensor in place of a sequence", "torch.cat(tensors[0], dim)", TypeError),
        Refusal("a number among the tensors", "torch.cat([*tensors, 1], dim)", TypeError),
        Refusal("None among the tensors", "torch.cat([*tensors, None], dim)", TypeError),
        Refusal("a dim that is no whole number", "torch.cat(tensors, 0.0)", TypeError),
        Refusal("a dim past the last dimension", "torch.cat(tensors, tensors[0].dim())", IndexError, when=SIZED),
        Refusal(
            "a dim before the first dimension", "torch.cat(tensors, -tensors[0].dim() - 1)", IndexError, when=SIZED
        ),
        Refusal(
            "a dim past the last dimension, with out=",
            "torch.cat(tensors, tensors[0].dim(), out=out)",
            IndexError,
            when=SIZED,
        ),
        Refusal(
            "a dim before the first dimension, with out=",
            "torch.cat(tensors, -tensors[0].dim() - 1, out=out)",
            IndexError,
            when=SIZED,
        ),
        Refusal("tensors without dimensions", "torch.cat([torch.zeros((), dtype=dtype)] * 2)", RuntimeError),
        Refusal(
            "a tensor without dimensions behind others",
            "torch.cat([*tensors, torch.zeros((), dtype=dtype)], dim)",
            RuntimeError,
        ),
        Refusal("an element of a vector beside the vector", "torch.cat([out, out[0]], out=out)", RuntimeError),
        Refusal(
            "tensors that differ in a size beside dim",
            "torch.cat([torch.zeros(2, 3, dtype=dtype), torch.zeros(2, 4, dtype=dtype)])",
            RuntimeError,
        ),
        Refusal(
            "tensors that differ in a size beside dim, with out=",
            "torch.cat([torch.zeros(2, 3, dtype=dtype), torch.zeros(4, 3, dtype=dtype)], 1, out=out)",
            RuntimeError,
        ),
        Refusal(
            "an empty matrix that differs in a size beside dim",
            "torch.cat([torch.zeros(2, 3, dtype=dtype), torch.zeros(0, 4, dtype=dtype)])",
            RuntimeError,
        ),
        Refusal(
            "tensors of different ranks", "torch.cat([tensors[0], tensors[0].unsqueeze(0)])", RuntimeError, when=SIZED
        ),
        Refusal("an out that is one of the tensors", "torch.cat([out], out=out)", RuntimeError),
        Refusal("an expanded tensor as out", "torch.cat([out, out], out=out[:1].expand(6))", RuntimeError),
        Refusal(
            "a boolean out for elements of another dtype",
            "torch.cat([out, out], out=torch.zeros(6) > 0)",
            (RuntimeError, TypeError),
            when="dtype != 'bool'",
        ),
        Refusal(
            "dtypes that do not promote",
            "torch.cat([torch.zeros(2, dtype=torch.int32), torch.zeros(2, dtype=torch.uint16)])",
            RuntimeError,
        ),
    ),
    gradient=DATA_MOVEMENT,
    laws=(
        Law(
            "split undoes cat",
            "torch.split(torch.cat(tensors, dim), [tensor.shape[dim] for tensor in tensors], dim)",
            "[tensor.to(torch.cat(tensors, dim).dtype) for tensor in tensors]",
            when=SIZED,
        ),
        Law("joining one tensor gives its elements", "torch.cat(tensors[:1], dim)", "tensors[0]"),
        Law(
            "joining in two steps gives the same tensor",
            "torch.cat([torch.cat(tensors[:1], dim), *tensors[1:]], dim)",
            "torch.cat(tensors, dim)",
        ),
        Law(
            "a tensor that comes twice is joined twice",
            "torch.cat([tensors[0], tensors[0]], dim)",
            "np.concatenate([array(tensors[0])] * 2, dim)",
            when=SIZED,
        ),
        Law(
            "a dim counted from either end gives the same tensor",
            "torch.cat(tensors, dim)",
            "torch.cat(tensors, dim - tensors[0].dim() if dim >= 0 else dim + tensors[0].dim())",
            when=SIZED,
        ),
        Law(
            "row-major tensors join to a row-major tensor",
            "torch.cat([t.flatten().reshape(t.shape) for t in tensors], dim).is_contiguous()",
            "True",
        ),
    ),
    cost=Cost(workload=workload, growth_workload=growth_workload),
    claims=(
        Claim(
            name="rows-and-columns",
            source="001 4.1.1(1)",
            statement="Two 2x3 tensors of ones join to 4x3 along dim 0 and to 2x6 along dim 1.",
            verdict=UPHELD,
            check="""
            t = torch.ones(2, 3)
            torch.equal(torch.cat([t, t], 0), torch.ones(4, 3)) and torch.equal(torch.cat([t, t], 1), torch.ones(2, 6))
            """,
        ),
        Claim(
            name="adds-no-dimension",
            source="001 4.1.1(1)",
            statement=(
                "The tensors are joined along a dimension they have; the result has no more dimensions than they do."
            ),
            verdict=UPHELD,
            check="""
            a, b = torch.randn(2, 3, 4), torch.randn(2, 3, 4)
            joined = [torch.cat([a, b], dim) for dim in range(3)]
            shapes = [tuple(t.shape) for t in joined] == [(4, 3, 4), (2, 6, 4), (2, 3, 8)]
            shapes and all(torch.equal(t.chunk(2, dim)[1], b) for dim, t in enumerate(joined))
            """,
        ),
        Claim(
            name="long-raises",
            source="001 4.1.1(1)",
            statement="Only floating tensors can be joined; long ones raise.",
            verdict=REFUTED,
            check="raises('torch.cat([torch.tensor([1]), torch.tensor([2])])', RuntimeError, TypeError)",
            note="every dtype joins, and mixed ones promote",
        ),
        Claim(
            name="builds-training-set",
            source="001 5.2",
            statement="A hundred samples of each of two classes join along dim 0 to the 200 samples to learn from.",
            verdict=UPHELD,
            check="""
            ones = torch.ones(100, 2)
            first, second = torch.normal(1.7 * ones, 1) + 1, torch.normal(-1.7 * ones, 1) + 1
            samples, labels = torch.cat([first, second]), torch.cat([torch.zeros(100), torch.ones(100)])
            samples.shape == (200, 2) and labels.shape == (200,) and torch.equal(samples[100:], second)
            """,
        ),
        Claim(
            name="four-and-five-classes",
            source="003 27-28",
            statement="Four classes of 32x8 scores and five more join along dim 0 to nine.",
            verdict=UPHELD,
            check="""
            a, b = torch.rand(4, 32, 8), torch.rand(5, 32, 8)
            joined = torch.cat([a, b], 0)
            joined.shape == (9, 32, 8) and torch.equal(joined[:4], a) and torch.equal(joined[4:], b)
            """,
        ),
        Claim(
            name="rows-or-columns-of-matrices",
            source="003 27-28",
            statement="4x4 and 5x4 join by rows to 9x4; 4x5 and 4x3 join by columns to 4x8.",
            verdict=UPHELD,
            check="""
            rows = torch.cat([torch.rand(4, 4), torch.rand(5, 4)], 0)
            columns = torch.cat([torch.rand(4, 5), torch.rand(4, 3)], 1)
            rows.shape == (9, 4) and columns.shape == (4, 8)
            """,
        ),
        Claim(
            name="only-joined-size-may-differ",
            source="003 27-28",
            statement="Ranks must agree, and sizes wherever the tensors are not joined.",
            verdict=UPHELD,
            check="""
            a, wide, flat = torch.rand(2, 3, 4), torch.rand(2, 5, 4), torch.rand(3, 4)
            fits = torch.cat([a, wide], 1).shape == (2, 8, 4)
            fits and all(raises(call, RuntimeError) for call in (
                "torch.cat([a, wide], 0)", "torch.cat([a, wide], 2)", "torch.cat([a, flat], 0)"))
            """,
            note="a vector without entries is let pass beside any shape",
        ),
        Claim(
            name="batches-of-images",
            source="003 27-28",
            statement="Four and five 3x32x32 images join along dim 0 to a batch of nine.",
            verdict=UPHELD,
            check="torch.cat([torch.rand(4, 3, 32, 32), torch.rand(5, 3, 32, 32)], dim=0).shape == (9, 3, 32, 32)",
        ),
        Claim(
            name="alpha-channel",
            source="003 27-28",
            statement="An alpha channel joins three colour channels along dim 1.",
            verdict=UPHELD,
            check="""
            colour, alpha = torch.rand(4, 3, 32, 32), torch.rand(4, 1, 32, 32)
            joined = torch.cat([colour, alpha], dim=1)
            joined.shape == (4, 4, 32, 32) and torch.equal(joined[:, 3:], alpha)
            """,
        ),
        Claim(
            name="width-doubles-along-dim-3",
            source="003 27-28",
            statement="Two tensors of 4x3x16x32 join along dim 3 to 4x3x16x64.",
            verdict=UPHELD,
            check="torch.cat([torch.rand(4, 3, 16, 32)] * 2, dim=3).shape == (4, 3, 16, 64)",
        ),
        Claim(
            name="dim-3-joins-top-and-bottom",
            source="003 27-28",
            statement="Joining along dim 3 puts the upper and the lower half of a picture together.",
            verdict=REFUTED,
            check="""
            top, bottom = torch.rand(4, 3, 16, 32), torch.rand(4, 3, 16, 32)
            torch.cat([top, bottom], dim=3).shape[2] == 32
            """,
            note="dim 3 is the width: the halves come to stand side by side",
            contradicts="dim-2-joins-top-and-bottom",
        ),
        Claim(
            name="dim-2-joins-top-and-bottom",
            source="003 27-28",
            statement="Joining the halves along dim 2 gives whole pictures of 32x32.",
            verdict=UPHELD,
            check="""
            top, bottom = torch.rand(4, 3, 16, 32), torch.rand(4, 3, 16, 32)
            whole = torch.cat([top, bottom], dim=2)
            whole.shape == (4, 3, 32, 32) and torch.equal(whole[:, :, 16:], bottom)
            """,
        ),
        Claim(
            name="other-sizes-raise",
            source="003 27-28",
            statement=(
                "Pictures of two heights cannot join along dim 0: a RuntimeError says that sizes must match but there."
            ),
            verdict=UPHELD,
            check="""
            try:
                torch.cat([torch.rand(4, 3, 32, 32), torch.rand(4, 3, 16, 32)], dim=0)
                said = ""
            except RuntimeError as error:
                said = str(error)
            "must match except in dimension 0" in said
            """,
        ),
        Claim(
            name="numpy-concat",
            source="003 27-28",
            statement="cat is torch's shorter name of NumPy's concat.",
            verdict=UPHELD,
            check="""
            a, b = torch.rand(2, 3), torch.rand(4, 3)
            joined, arrays = torch.cat([a, b]), [a.cpu().numpy(), b.cpu().numpy()]
            np.array_equal(joined.cpu().numpy(), np.concatenate(arrays)) and torch.equal(torch.concat([a, b]), joined)
            """,
        ),
    ),
    predicates=(joins_one_element, passes_over_another_dtype),
)
