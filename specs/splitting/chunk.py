"""torch.chunk: cuts a tensor into at most so many views of equal length along a dimension."""

from conformance.spec import (
    ALL,
    DATA_MOVEMENT,
    SEVERAL,
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
)
