"""What scatter and scatter_add have in common: for each place of an index, a place of a tensor."""

import numpy as np

from conformance.spec import Refusal


def index_shape(draw, shape, dim):
    """Elsewhere than along dim at most the tensor's sizes; without dimensions one place or none."""
    if not shape:
        return ()
    place = dim % len(shape)
    sizes = [size if draw.choice((True, True, False)) else draw.integer(0, size) for size in shape]
    sizes[place] = min(sizes[place], shape[place])
    return tuple(sizes)


def source_shape(draw, index):
    """The index's sizes, or now and then larger ones; what lies beyond is not read."""
    grown = draw.integer(0, 2 ** len(index) - 1) if draw.choice((False, False, True)) else 0
    return tuple(size + 1 if grown >> place & 1 else size for place, size in enumerate(index))


def expands_an_index(dtype, input, dim, index, **rest):
    """One position for each row, shown everywhere in it; rows of the input have dimensions, and are wider."""
    return _shows_one_position(input, dim, index) and index.shape[2:] != input.shape[2:]


def expands_an_index_of_int32(dtype, input, dim, index, **rest):
    """One position of int32 for each row, shown everywhere in it."""
    return index.dtype == "int32" and _shows_one_position(input, dim, index)


def _shows_one_position(input, dim, index):
    steps = zip(index.strides[1:], index.shape[1:])
    return index.rank > 1 and dim % index.rank == 0 and all(step == 0 or size == 1 for step, size in steps)


def places(index, dim):
    """The places of a tensor that an index names, as NumPy takes them."""
    if index.ndim == 0:
        return ()
    found = list(np.indices(index.shape, sparse=True))
    found[dim] = index
    return tuple(found)


def read(source, index):
    """The part of a source that an index of its rank has places for."""
    return source[tuple(slice(0, size) for size in index.shape)]


def refusals_of(name):
    """The misuses of scatter and scatter_add by that name."""
    call = f"torch.{name}"
    filled = "input.rank > 0 and index.numel > 0"
    outside = (IndexError, RuntimeError)
    return (
        Refusal(
            "a position past the last entry",
            f"{call}(input, dim, index + input.shape[dim], src)",
            outside,
            when=filled,
            poisons=True,
        ),
        Refusal(
            "a position below 0",
            f"{call}(input, dim, -1 - index, src)",
            outside,
            when="index.numel > 0",
            poisons=True,
        ),
        Refusal(
            "a position past the last entry behind valid ones",
            f"{call}(torch.ones(3, dtype=dtype), 0, torch.arange(1, 4), torch.ones(3, dtype=dtype))",
            outside,
            poisons=True,
        ),
        Refusal(
            "a position in a dimension of size 0",
            f"{call}(torch.ones(0, dtype=dtype), 0, torch.tensor([0]), torch.ones(1, dtype=dtype))",
            outside,
            poisons=True,
        ),
        Refusal(
            "an index that is larger than the source",
            f"{call}(torch.ones(4, dtype=dtype), 0, torch.arange(3), torch.ones(2, dtype=dtype))",
            RuntimeError,
        ),
        Refusal(
            "an index that is larger than the tensor elsewhere than along dim",
            f"{call}(torch.ones(2, 3, dtype=dtype), 0, torch.zeros(2, 4).long(), torch.ones(2, 4, dtype=dtype))",
            RuntimeError,
        ),
        Refusal(
            "an index with fewer dimensions than the tensor",
            f"{call}(torch.ones(2, 3, dtype=dtype), 0, torch.tensor([0]), torch.ones(1, dtype=dtype))",
            RuntimeError,
        ),
        Refusal(
            "a source of another dtype",
            f"{call}(input, dim, index, "
            "torch.ones(index.shape, dtype=torch.int16 if dtype.is_complex else torch.complex64))",
            RuntimeError,
            when="index.numel > 0",
        ),
        Refusal(
            "a floating index",
            f"{call}(input, dim, index.double(), src)",
            outside,
            when="index.numel > 0",
        ),
        Refusal("a boolean index", f"{call}(input, dim, index > 0, src)", outside, when="index.numel > 0"),
        Refusal("an index of uint8", f"{call}(input, dim, index.byte(), src)", outside, when="index.numel > 0"),
        Refusal("a dim past the last dimension", f"{call}(input, max(input.dim(), 1), index, src)", IndexError),
        Refusal("a dim before the first dimension", f"{call}(input, -max(input.dim(), 1) - 1, index, src)", IndexError),
        Refusal("a dim that is no whole number", f"{call}(input, 0.0, index, src)", TypeError),
        Refusal("a list as the index", f"{call}(input, dim, [0], src)", TypeError),
        Refusal("a call without a source", f"{call}(input, dim, index)", TypeError),
        Refusal("None as the source", f"{call}(input, dim, index, None)", TypeError),
        Refusal("a list in place of the tensor", f"{call}([1, 2], 0, index, src)", TypeError),
        Refusal(
            "a floating index, with out=",
            f"{call}(torch.ones(3, dtype=dtype), 0, torch.ones(3), torch.ones(3, dtype=dtype), out=out)",
            outside,
        ),
    )
