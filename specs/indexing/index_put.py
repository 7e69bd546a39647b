"""torch.index_put: a tensor with values put, or added, to the places that several indices or a mask name together."""

import numpy as np

from conformance.spec import (
    BOOL,
    COMPLEXES,
    FLOATS,
    INTEGERS,
    PRESERVED,
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


def arguments(draw: Draw):
    """Indices count from either end. Where they name a place twice, nothing is promised of which value is left; so the
    first index names no position twice unless values are added."""
    shape = draw.shape(min_rank=1, smallest=1) if draw.integer(0, 5) else (*draw.shape(0, 2), draw.size())
    accumulate = draw.boolean()
    count = draw.integer(1, min(len(shape), 3))
    if draw.choice((False, False, True)):
        indices, common = (draw.mask(shape[:count]),), (1,)
    elif accumulate:
        common = draw.shape(0, 2)
        if np.prod(common) * np.prod(shape[count:]) > 60_000:
            common = (2,)
        shapes = [(0,) if 0 in shape[:count] else draw.broadcastable(common) for _ in range(count)]
        indices = tuple(anywhere(draw, *one) for one in zip(shapes, shape))
        common = np.broadcast_shapes(*(index.shape for index in indices))
    else:
        common = (draw.integer(0, shape[0]),)
        first = draw.distinct_index(common, 0, low := draw.choice((0, -shape[0])), low + shape[0])
        others = () if 0 in shape[1:count] else shape[1:count]
        indices = (first, *(anywhere(draw, draw.choice((common, (1,), ())), size) for size in others))
    result = (*common, *shape[len(indices) if indices[0].dtype != "bool" else count :])
    values = () if indices[0].dtype == "bool" and not draw.boolean() else draw.broadcastable(result)
    return {
        "input": draw.tensor(shape),
        "indices": indices,
        "values": draw.tensor(values),
        "accumulate": accumulate,
    }


def anywhere(draw, shape, size):
    """Positions in a dimension of some size, from either end."""
    return draw.index(shape, -size, size, dtype=draw.choice(("int64", "int64", "int32")))


def accumulated(add, input, indices, new):
    """A copy to which something is added at each place, as often as it is named."""
    result = np.array(input)
    add.at(result, indices, np.array(np.broadcast_to(new, result[indices].shape)))  # NumPy 2.4 misreads what is smaller
    return result


def oracle(input, indices, values, accumulate):
    """Booleans are added by or; whole numbers wrap; sums of floats are added in any order."""
    if not accumulate:
        result = np.array(input)
        result[indices] = values
        return result
    if input.dtype.kind in "biu":
        return accumulated(np.logical_or if input.dtype.kind == "b" else np.add, input, indices, values)
    return Sums(
        accumulated(np.add, input, indices, values),
        accumulated(np.add, np.abs(input), indices, np.abs(values)),
        accumulated(np.add, np.ones(input.shape, np.int64), indices, 1),
    )


def of_each_term(dtype, input, indices, values, accumulate):
    """The terms are the values as they are; additions count by their number."""
    return 0


def gradient(incoming, results, input, indices, values, accumulate):
    """Each value gets the gradients of the places it was put to; what was replaced gets none."""
    kept = np.array(incoming[0])
    if not accumulate:
        kept[indices] = 0
    put = incoming[0][indices]
    return {"input": kept, "values": put if put.size else np.zeros(values.shape, kept.dtype)}


def names_nothing(dtype, input, indices, values, accumulate):
    """One of the indices has no element."""
    return any(index.numel == 0 for index in indices)


def adds_by_tensors_of_other_shapes(dtype, input, indices, values, accumulate):
    """Values are added, by several index tensors of different shapes, one of which names a dimension of one place."""
    shapes = {index.shape for index in indices}
    return accumulate and len(shapes) > 1 and 1 in input.shape[: len(indices)]


def workload(size):
    """As many rows as there are, in any order."""
    rows = size // 64
    index = dense((rows,), "distinct", "int64", high=rows)
    return {"input": dense((rows, 64)), "indices": (index,), "values": dense((rows, 64)), "accumulate": False}


PUT = "not accumulate"
MASKED = "indices[0].dtype == 'bool'"
LISTED = f"not {MASKED}"
ONE_PLACE_EACH = "all(stride or size < 2 for size, stride in zip(input.shape, input.strides))"
"""An expanded tensor is still written to in place, with a warning that this is deprecated."""
FILLED = f"{LISTED} and 0 not in input.shape and all(index.numel for index in indices)"
OUTSIDE = (IndexError, RuntimeError)

spec = Spec(
    operation="torch.index_put",
    summary="input with values put at the places that the indices name together, or added there if accumulate is True.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.Tensor.index_put_.html",
    arguments=arguments,
    forms=(
        Form("torch.index_put(input, indices, values, accumulate)"),
        Form("torch.index_put(input=input, indices=indices, values=values, accumulate=accumulate)"),
        Form("torch.index_put(input, indices, values)", when=PUT),
        Form("torch.index_put(input, list(indices), values, accumulate)"),
        Form("input.index_put(indices, values, accumulate)"),
        Form("input.index_put(indices=indices, values=values, accumulate=accumulate)"),
        Form("input.index_put(indices, values)", when=PUT),
        Form("input.index_put_(indices, values, accumulate)", when=ONE_PLACE_EACH, writes="input"),
        Form("input.index_put_(indices, values)", when=f"{PUT} and {ONE_PLACE_EACH}", writes="input"),
        Form("torch.index_put_(input, indices, values, accumulate=accumulate)", when=ONE_PLACE_EACH, writes="input"),
    ),
    dtypes=BOOL + INTEGERS + FLOATS + COMPLEXES,
    oracle=oracle,
    accuracy=ulps(of_each_term, "Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., section 4.2"),
    memory=PRESERVED,
    unsupported_modes=(
        UnsupportedMode(
            "vmap",
            (RuntimeError, IndexError),
            "the slices have masks of different counts",
            when=f"{MASKED} and batched.startswith('indices')",
        ),
    ),
    refusals=(
        Refusal(
            "a position past the last entry",
            "torch.index_put(input, (indices[0] * 0 + input.shape[0], *indices[1:]), values, accumulate)",
            OUTSIDE,
            when=FILLED,
            poisons=True,
        ),
        Refusal(
            "a position before the first entry",
            "torch.index_put(input, (indices[0] * 0 - input.shape[0] - 1, *indices[1:]), values, accumulate)",
            OUTSIDE,
            when=FILLED,
            poisons=True,
        ),
        Refusal(
            "more indices than the tensor has dimensions",
            "torch.index_put(torch.ones(3, dtype=dtype), (torch.tensor([0]),) * 2, torch.ones(1, dtype=dtype))",
            IndexError,
        ),
        Refusal(
            "indices whose shapes do not broadcast",
            "torch.index_put(torch.ones(3, 3, dtype=dtype), (torch.arange(2), torch.arange(3)), values.new_ones(()))",
            IndexError,
        ),
        Refusal(
            "a mask of another size than the tensor",
            "torch.index_put(torch.ones(3, dtype=dtype), (torch.ones(2) > 0,), torch.ones((), dtype=dtype))",
            IndexError,
        ),
        Refusal(
            "values whose shape does not broadcast",
            "torch.index_put(torch.ones(3, dtype=dtype), (torch.arange(3),), torch.ones(2, dtype=dtype))",
            RuntimeError,
        ),
        Refusal(
            "more values than the mask has places",
            "torch.index_put(torch.ones(3, dtype=dtype), (torch.arange(3) > 0,), torch.ones(3, dtype=dtype))",
            RuntimeError,
        ),
        Refusal(
            "values of another dtype",
            "torch.index_put(input, indices, values.to(torch.int16 if dtype.is_complex else torch.complex64))",
            RuntimeError,
            when=FILLED,
        ),
        Refusal("a floating index", "torch.index_put(input, (indices[0].double(),), values)", IndexError),
        Refusal("an index of int16", "torch.index_put(input, (indices[0].short(),), values)", IndexError),
        Refusal("a tensor in place of the indices", "torch.index_put(input, indices[0] > 0, values)", TypeError),
        Refusal("None among the indices", "torch.index_put(input, (None, *indices), values)", TypeError),
        Refusal("a number as the values", "torch.index_put(input, indices, 1)", TypeError),
        Refusal("a number as accumulate", "torch.index_put(input, indices, values, 1)", TypeError),
        Refusal("a call without values", "torch.index_put(input, indices)", TypeError),
        Refusal("a list in place of the tensor", "torch.index_put([1, 2], indices, values)", TypeError),
    ),
    gradient=Gradient(terms=gradient, bound=of_each_term, source="each term is an incoming gradient as it is"),
    laws=(
        Law(
            "reading from the same places gives the values back",
            "torch.index_put(input, indices, values)[indices]",
            "values.expand(input[indices].shape)",
            when=PUT,
        ),
        Law(
            "putting what is there already changes nothing",
            "torch.index_put(input, indices, input[indices])",
            "input",
        ),
        Law(
            "the call is an assignment",
            "((copy := input.clone()).__setitem__(indices, values), copy)[1]",
            "torch.index_put(input, indices, values)",
            when=PUT,
        ),
        Law(
            "adding nothing changes no element",
            "torch.index_put(input, indices, torch.zeros_like(values), True) == input",
            "input == input",
        ),
        Law(
            "a mask names the places that nonzero lists",
            "torch.index_put(input, indices, values, accumulate)",
            "torch.index_put(input, torch.nonzero(indices[0], as_tuple=True), values, accumulate)",
            when=MASKED,
        ),
    ),
    predicates=(adds_by_tensors_of_other_shapes, names_nothing),
    cost=Cost(dtypes=(), workload=workload, reference="elementwise"),
)
