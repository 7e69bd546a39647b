"""torch.scatter: a tensor with the entries of another, or one number, put to the places that an index names."""

import numpy as np

from conformance.spec import (
    BOOL,
    COMPLEXES,
    FLOATS,
    INTEGERS,
    Cost,
    Draw,
    Form,
    Gradient,
    Law,
    Refusal,
    Spec,
    UnsupportedMode,
    dense,
    rounded,
)
from conformance.spec.families.copies import scratch_of_copy

from ._scatter import expands_an_index, expands_an_index_of_int32, index_shape, places, read, refusals_of, source_shape

NUMBERS = (1, 0, 3, True, 0.1, -2.5, 0.1 - 2j)
EXACT_NUMBERS = (1, 0, 3, True, 0.5)
"""What every floating dtype holds, so that a sum or product rounds once."""


def arguments(draw: Draw):
    """`src` is a tensor or a number, and `reduce` is empty where nothing is reduced.

    Where an index names one place twice, nothing is promised of which entry is left; so only a number is put there.
    """
    shape, dim = draw.shape_and_dim()
    index = index_shape(draw, shape, dim)
    reduce = draw.choice(("", "", "", "add", "multiply"))
    number = draw.choice((False, False, True))
    size = shape[dim] if shape else 1
    width = draw.choice(("int64", "int64", "int32"))
    repeats = number and not reduce
    return {
        "input": draw.tensor(shape),
        "dim": dim,
        "index": draw.index(index, 0, size, dtype=width)
        if repeats
        else draw.distinct_index(index, dim, 0, size, dtype=width),
        "src": draw.choice(EXACT_NUMBERS if reduce else NUMBERS) if number else draw.tensor(source_shape(draw, index)),
        "reduce": reduce,
    }


def takes(dtype, input, dim, index, src, reduce):
    """-2.5 needs a sign, and a complex number a complex dtype."""
    if isinstance(src, complex):
        return dtype in COMPLEXES
    if isinstance(src, float) and src < 0:
        return dtype in FLOATS + COMPLEXES
    return True


def oracle(input, dim, index, src, reduce):
    """Booleans are added by or and multiplied by and."""
    result, where = np.array(input), places(index, dim)
    new = read(src, index) if hasattr(src, "shape") else np.asarray(src).astype(input.dtype)
    reductions = {"add": np.add, "multiply": np.multiply}
    result[where] = reductions[reduce](result[where], new) if reduce else new
    return result


def complex_bound(dtype, input, dim, index, src, reduce):
    """A product of complex numbers: the square root of 5, and that of 2 where it underflows in both parts."""
    return 3.66 if reduce == "multiply" else 0.71


def gradient(incoming, results, input, dim, index, src, reduce):
    """What was put there gives its gradient to the source, the rest to the input."""
    kept, where = np.array(incoming[0]), places(index, dim)
    kept[where] = 0
    if not hasattr(src, "shape"):
        return {"input": kept}
    put = np.zeros(src.shape, kept.dtype)
    put[tuple(slice(0, size) for size in index.shape)] = incoming[0][where]
    return {"input": kept, "src": put}


def exactly(dtype, input, dim, index, src, reduce):
    """Each term is an incoming gradient as it is."""
    return 0


def scratch(dtype, input, dim, index, src, reduce):
    """The input is copied in row-major order first, and positions of another width are converted."""
    return scratch_of_copy(dtype, input) if index.dtype == "int64" and input.rank and index.rank else None


def workload(size):
    """Each row in turn gets another one, in order."""
    rows = size // 64
    index = dense((rows, 64), "distinct", "int64", high=rows)
    return {"input": dense((rows, 64)), "dim": 0, "index": index, "src": dense((rows, 64)), "reduce": ""}


REDUCED = "reduce != ''"
PUT = "reduce == ''"
TENSOR = "hasattr(src, 'shape')"
NUMBER = f"not {TENSOR}"
GIVEN = "**({'reduce': reduce} if reduce else {})"
AS_LARGE = f"({NUMBER} or src.shape == index.shape)"
"""Autograd goes back to a source that has the shape of the index, as the documentation says."""

spec = Spec(
    operation="torch.scatter",
    summary="input with src put, added or multiplied to the places index[i][j] along dim; src may be a number.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.Tensor.scatter_.html",
    arguments=arguments,
    takes=takes,
    forms=(
        Form(f"torch.scatter(input, dim, index, src, {GIVEN})"),
        Form("torch.scatter(input, dim, index, src)", when=PUT),
        Form("torch.scatter(input=input, dim=dim, index=index, src=src)", when=f"{PUT} and {TENSOR}"),
        Form("torch.scatter(input=input, dim=dim, index=index, value=src)", when=f"{PUT} and {NUMBER}"),
        Form(
            "torch.scatter(input=input, dim=dim, index=index, src=src, reduce=reduce)", when=f"{REDUCED} and {TENSOR}"
        ),
        Form(
            "torch.scatter(input=input, dim=dim, index=index, value=src, reduce=reduce)", when=f"{REDUCED} and {NUMBER}"
        ),
        Form("input.scatter(dim, index, src)", when=PUT),
        Form("input.scatter(dim, index, src, reduce=reduce)", when=REDUCED),
        Form("input.scatter(dim, index, value=src)", when=f"{PUT} and {NUMBER}"),
        Form("input.scatter_(dim, index, src)", when=PUT, writes="input"),
        Form("input.scatter_(dim, index, src, reduce=reduce)", when=REDUCED, writes="input"),
        Form("input.scatter_(dim, index, value=src)", when=f"{PUT} and {NUMBER}", writes="input"),
        Form("torch.scatter(input, dim, index, src, out=out)", when=PUT),
        Form("torch.scatter(input, dim, index, src, reduce=reduce, out=out)", when=REDUCED),
    ),
    dtypes=BOOL + INTEGERS + FLOATS + COMPLEXES,
    oracle=oracle,
    accuracy=rounded(
        complex_bound,
        "Brent, Percival & Zimmermann, Error bounds on complex floating-point multiplication, 2007, theorem 2",
    ),
    unsupported_modes=(
        UnsupportedMode("forward", NotImplementedError, "a reduction has no derivative", when=REDUCED),
        UnsupportedMode(
            "forward",
            RuntimeError,
            "autograd goes back to a source that has the shape of the index",
            when=f"{PUT} and not {AS_LARGE}",
        ),
    ),
    refusals=(
        *refusals_of("scatter"),
        Refusal(
            "a reduction that there is none of", "torch.scatter(input, dim, index, src, reduce='mean')", RuntimeError
        ),
        Refusal("None as the reduction", "torch.scatter(input, dim, index, src, reduce=None)", TypeError),
        Refusal("a string as the source", "torch.scatter(input, dim, index, '1')", TypeError),
        Refusal(
            "a complex number for real elements",
            "torch.scatter(input, dim, index, 1j)",
            RuntimeError,
            when="'complex' not in dtype and dtype != 'bool' and index.numel > 0",
        ),
    ),
    gradient=Gradient(
        terms=gradient, bound=exactly, source="each term is an incoming gradient as it is", when=f"{PUT} and {AS_LARGE}"
    ),
    laws=(
        Law(
            "gathering from the same places gives the source back",
            "torch.gather(torch.scatter(input, dim, index, src), dim, index)",
            "src[tuple(slice(0, size) for size in index.shape)]",
            when=f"{PUT} and {TENSOR}",
        ),
        Law(
            "putting what is there already changes nothing",
            "torch.scatter(input, dim, index, torch.gather(input, dim, index))",
            "input",
            when="input.numel > 0 or index.numel > 0",
        ),
        Law(
            "a number is a source of nothing but that number",
            "torch.scatter(input, dim, index, src)",
            "torch.scatter(input, dim, index, torch.full(index.shape, src, dtype=dtype))",
            when=f"{PUT} and {NUMBER}",
        ),
        Law(
            "NaN is put as it is",
            "torch.scatter(input, dim, index, math.nan)",
            "torch.scatter(input, dim, index, torch.full(index.shape, math.nan, dtype=dtype))",
            when="dtype in ('float16', 'bfloat16', 'float32', 'float64')",
        ),
        Law(
            "the reduction add is scatter_add where no place is named twice",
            "torch.scatter(input, dim, index, src, reduce='add')",
            "torch.scatter_add(input, dim, index, src)",
            when=f"{TENSOR}",
        ),
        Law(
            "positions of int32 and int64 give the same result",
            "torch.scatter(input, dim, index.int(), src)",
            "torch.scatter(input, dim, index.long(), src)",
        ),
        Law(
            "no position leaves the tensor as it is",
            "torch.scatter(input, dim, index[:0], src)",
            "input",
            when="index.rank > 0",
        ),
    ),
    predicates=(expands_an_index, expands_an_index_of_int32),
    cost=Cost(
        scratch=scratch,
        dtypes=(*BOOL, *INTEGERS, "float32", "float64", *COMPLEXES),
        workload=workload,
        reference="elementwise",
    ),
)
