"""torch.chunk: cuts a tensor into at most so many views of equal length along a dimension."""

from conformance.spec import (
    ALL,
    DATA_MOVEMENT,
    REFUTED,
    SEVERAL,
    UPHELD,
    Claim,
    Cost,
    Draw,
    Form,
    Law,
    Refusal,
    Spec,
    UnsupportedMode,
    dense,
    views,
)

from ._pieces import arrays_of, views_of


def arguments(draw: Draw):
    shape = draw.shape(min_rank=1)
    return {
        "input": draw.tensor(shape),
        "chunks": draw.integer(1, 9),
        "dim": draw.dim(len(shape)),
    }


def pieces(size: int, chunks: int) -> list[tuple[int, int]]:
    """Where each piece begins and ends: the length is rounded up, so the pieces may be fewer than asked for."""
    if size == 0:
        return [(0, 0)] * chunks
    length = -(-size // chunks)
    return [(start, min(start + length, size)) for start in range(0, size, length)]


def oracle(input, chunks, dim):
    return arrays_of(input, pieces(input.shape[dim], chunks), dim)


def geometry(input, chunks, dim):
    return views_of(input, pieces(input.shape[dim], chunks), dim)


def workload(size):
    return {"input": dense((8, size // 8)), "chunks": 8, "dim": 0}


spec = Spec(
    operation="torch.chunk",
    summary="Views of at most `chunks` consecutive pieces along dim, all of ceil(size / chunks) but the last.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.chunk.html",
    arguments=arguments,
    forms=(
        Form("torch.chunk(input, chunks, dim)"),
        Form("torch.chunk(input=input, chunks=chunks, dim=dim)"),
        Form("torch.chunk(input, chunks)", when="dim == 0"),
        Form("input.chunk(chunks, dim)"),
        Form("input.chunk(chunks=chunks, dim=dim)"),
        Form("input.chunk(chunks)", when="dim == 0"),
        # The unsafe one copies what carries a conjugate or negative bit.
        Form("torch.unsafe_chunk(input, chunks, dim)", when="input.layout.kind != 'lazy'"),
    ),
    dtypes=ALL,
    oracle=oracle,
    returns=SEVERAL,
    memory=views("input", geometry),
    unsupported_modes=(
        UnsupportedMode("vmap", RuntimeError, "unsafe_chunk has no batching rule", when="'unsafe_chunk' in form"),
    ),
    refusals=(
        Refusal("a number of 0 chunks", "torch.chunk(input, 0, dim)", RuntimeError),
        Refusal("a number of chunks below 0", "torch.chunk(input, -1, dim)", RuntimeError),
        Refusal("a number of 0 chunks, by the method", "input.chunk(0, dim)", RuntimeError),
        Refusal("a dim past the last dimension", "torch.chunk(input, chunks, input.dim())", IndexError),
        Refusal("a dim before the first dimension", "torch.chunk(input, chunks, -input.dim() - 1)", IndexError),
        Refusal("a dim past the last dimension, by the method", "input.chunk(1, input.dim())", IndexError),
        Refusal(
            "a tensor without dimensions",
            "torch.chunk(input[(0,) * input.dim()], 1)",
            RuntimeError,
            when="input.numel > 0",
        ),
        Refusal("a number of chunks that is no whole number", "torch.chunk(input, 2.0, dim)", TypeError),
        Refusal("True as the number of chunks", "torch.chunk(input, True, dim)", TypeError),
        Refusal("a list as the number of chunks", "torch.chunk(input, [input.shape[dim]], dim)", TypeError),
        Refusal("a call without a number of chunks", "torch.chunk(input)", TypeError),
        Refusal("a dim that is no whole number", "torch.chunk(input, chunks, 0.0)", TypeError),
        Refusal("a list in place of the tensor", "torch.chunk([1, 2], 1)", TypeError),
    ),
    gradient=DATA_MOVEMENT,
    laws=(
        Law("cat undoes chunk", "torch.cat(torch.chunk(input, chunks, dim), dim)", "input"),
        Law(
            "the method gives the function's views",
            "[part.data_ptr() for part in input.chunk(chunks, dim)]",
            "[part.data_ptr() for part in torch.chunk(input, chunks, dim)]",
        ),
        Law("there are never more chunks than asked for", "len(torch.chunk(input, chunks, dim)) <= chunks", "True"),
        Law(
            "chunking is a split by the length rounded up",
            "torch.chunk(input, chunks, dim)",
            "torch.split(input, -(-input.shape[dim] // chunks), dim)",
            when="input.shape[dim] > 0",
        ),
    ),
    cost=Cost(workload=workload, reference="view", growth_exponent=0.0),
    claims=(
        Claim(
            name="seven-into-three",
            source="001 4.1.1(3)",
            statement="2x7 chunked in three along dim 1 gives widths of 3, 3 and 1.",
            verdict=UPHELD,
            check="""
            parts = torch.chunk(torch.ones(2, 7), chunks=3, dim=1)
            [tuple(part.shape) for part in parts] == [(2, 3), (2, 3), (2, 1)]
            """,
        ),
        Claim(
            name="length-rounded-up",
            source="001 4.1.1(3)",
            statement="The pieces have the size over the count, rounded up; the last one holds the rest.",
            verdict=UPHELD,
            check="""
            cases = [(size, count, torch.arange(size).chunk(count)) for size in range(1, 13) for count in range(1, 13)]
            lengths = all(len(part) == math.ceil(size / count) for size, count, parts in cases for part in parts[:-1])
            lengths and all(torch.cat(parts).tolist() == list(range(size)) for size, _, parts in cases)
            """,
        ),
        Claim(
            name="equal-when-divisible",
            source="001 4.1.1(3)",
            statement="Where the count divides the size, all pieces are equal.",
            verdict=UPHELD,
            check="""
            lengths = {count: [len(part) for part in torch.arange(6).chunk(count)] for count in (1, 2, 3, 6)}
            lengths == {1: [6], 2: [3] * 2, 3: [2] * 3, 6: [1] * 6}
            """,
        ),
        Claim(
            name="last-is-smaller",
            source="001 4.1.1(3)",
            statement="Where the count does not divide the size, the last piece is smaller than the others.",
            verdict=REFUTED,
            check="""
            first, *_, last = torch.arange(4).chunk(3)
            len(last) < len(first)
            """,
            note="4 in 3 gives two pieces of 2: fewer than asked for, none of them smaller",
        ),
        Claim(
            name="returns-list",
            source="001 4.1.1(3)",
            statement="The pieces come in a list.",
            verdict=REFUTED,
            check="isinstance(torch.chunk(torch.ones(2, 7), 3, dim=1), list)",
            note="they come in a tuple, as the result that the document prints does",
        ),
        Claim(
            name="two-of-six",
            source="003 27-28",
            statement="chunk(2) of 6x32x8 gives two pieces of 3x32x8, as split(3) does.",
            verdict=UPHELD,
            check="""
            x = torch.rand(6, 32, 8)
            first, second = x.chunk(2, dim=0)
            torch.equal(first, x.split(3)[0]) and torch.equal(second, x.split(3)[1])
            """,
        ),
        Claim(
            name="argument-is-count",
            source="003 27-28",
            statement="The argument is how many pieces there will be.",
            verdict=REFUTED,
            check="all(len(torch.rand(6, 32, 8).chunk(count, dim=0)) == count for count in range(1, 7))",
            note="it is the most there can be: 6 in 4 gives three pieces",
        ),
        Claim(
            name="folds-of-a-permutation",
            source="003 Cross-validation",
            statement="K folds: each is held out once, and the other K-1 together are the rest of the samples.",
            verdict=UPHELD,
            check="""
            folds = torch.randperm(600).chunk(6)
            rest = [torch.cat([fold for place, fold in enumerate(folds) if place != held]) for held in range(6)]
            whole = torch.arange(600)
            all(torch.equal(torch.cat([fold, other]).sort().values, whole) for fold, other in zip(folds, rest))
            """,
        ),
    ),
)
