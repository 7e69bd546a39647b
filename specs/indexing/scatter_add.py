"""torch.scatter_add: a tensor with the entries of another added to the places that an index names."""

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
    Sums,
    UnsupportedMode,
    dense,
    ulps,
)

from ._scatter import expands_an_index, expands_an_index_of_int32, index_shape, places, read, refusals_of, source_shape


def arguments(draw: Draw):
    shape, dim = draw.shape_and_dim()
    index = index_shape(draw, shape, dim)
    size = shape[dim] if shape else 1
    return {
        "input": draw.tensor(shape),
        "dim": dim,
        "index": draw.index(index, 0, size, dtype=draw.choice(("int64", "int64", "int32"))),
        "src": draw.tensor(source_shape(draw, index)),
    }


def oracle(input, dim, index, src):
    """Booleans are added by or; whole numbers wrap; sums of floats are added in any order."""
    where, new = places(index, dim), read(src, index)
    if input.dtype.kind in "biu":
        return accumulated(np.logical_or if input.dtype.kind == "b" else np.add, input, where, new)
    sizes = [np.asarray(np.abs(array)) for array in (input, new)]
    return Sums(
        accumulated(np.add, input, where, new),
        accumulated(np.add, sizes[0], where, sizes[1]),
        accumulated(np.add, np.ones(input.shape, np.int64), where, 1),
    )


def accumulated(add, array, where, new):
    """A copy to which something is added at each place, as often as it is named."""
    result = np.array(array)
    add.at(result, where, new)
    return result


def of_each_term(dtype, input, dim, index, src):
    """The terms are the entries as they are; additions count by their number."""
    return 0


def gradient(incoming, results, input, dim, index, src):
    """Each entry that was added gets the gradient of its place."""
    added = np.zeros(src.shape, incoming[0].dtype)
    added[tuple(slice(0, size) for size in index.shape)] = incoming[0][places(index, dim)]
    return {"input": incoming[0], "src": added}


def scratch(dtype, input, dim, index, src):
    """Positions may be sorted first; nothing is promised of what that takes."""
    return None


def workload(size):
    """Each row in turn gets another one, in order."""
    rows = size // 64
    index = dense((rows, 64), "index", "int64", high=64)
    return {"input": dense((rows, 64)), "dim": 1, "index": index, "src": dense((rows, 64))}


spec = Spec(
    operation="torch.scatter_add",
    summary="input with the entries of src added to the places index[i][j] along dim, repeats included.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.Tensor.scatter_add_.html",
    arguments=arguments,
    forms=(
        Form("torch.scatter_add(input, dim, index, src)"),
        Form("torch.scatter_add(input=input, dim=dim, index=index, src=src)"),
        Form("input.scatter_add(dim, index, src)"),
        Form("input.scatter_add(dim=dim, index=index, src=src)"),
        Form("input.scatter_add_(dim, index, src)", writes="input"),
        Form("input.scatter_add_(dim=dim, index=index, src=src)", writes="input"),
        Form("torch.scatter_add(input, dim, index, src, out=out)"),
    ),
    dtypes=BOOL + INTEGERS + FLOATS + COMPLEXES,
    oracle=oracle,
    accuracy=ulps(of_each_term, "Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., section 4.2"),
    unsupported_modes=(
        UnsupportedMode(
            "forward",
            RuntimeError,
            "autograd goes back to a source that has the shape of the index",
            when="src.shape != index.shape",
        ),
    ),
    refusals=(
        *refusals_of("scatter_add"),
        Refusal("a number as the source", "torch.scatter_add(input, dim, index, 1)", TypeError),
    ),
    gradient=Gradient(
        terms=gradient,
        bound=of_each_term,
        source="each term is an incoming gradient as it is",
        when="src.shape == index.shape",  # as the documentation says
    ),
    laws=(
        Law(
            "adding nothing changes no element",
            "torch.scatter_add(input, dim, index, torch.zeros_like(src)) == input",
            "input == input",
        ),
        Law(
            "no position leaves the tensor as it is",
            "torch.scatter_add(input, dim, index[:0], src)",
            "input",
            when="index.rank > 0",
        ),
        Law(
            "ones added to zeros count how often each place is named",
            "torch.scatter_add(torch.zeros(input.numel(), dtype=torch.int64), 0, index.reshape(-1).long(), "
            "torch.ones(index.numel(), dtype=torch.int64))",
            "torch.bincount(index.reshape(-1), minlength=input.numel())",
            when="input.rank == 1",
        ),
        Law(
            "positions of int32 and int64 give the same result",
            "torch.scatter_add(input, dim, index.int(), src)",
            "torch.scatter_add(input, dim, index.long(), src)",
            when="dtype in ('int32', 'int64', 'uint8', 'bool')",
        ),
        Law(
            "the sum grows by what is added",
            "torch.scatter_add(input, dim, index, src).sum()",
            "input.sum() + src[tuple(slice(0, size) for size in index.shape)].sum()",
            when="dtype == 'int64'",
        ),
    ),
    predicates=(expands_an_index, expands_an_index_of_int32),
    cost=Cost(dtypes=(), scratch=scratch, workload=workload, reference="elementwise"),
)
