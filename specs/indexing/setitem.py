"""torch.Tensor.__setitem__: values put to what an index of numbers, slices, None, `...`, tensors and masks names."""

import numpy as np

from conformance.spec import (
    ALL,
    COMPILED_MODES,
    COMPLEXES,
    FLOATS,
    PRESERVED,
    WIDE_UNSIGNED,
    Cost,
    Draw,
    Form,
    Gradient,
    Law,
    Refusal,
    Spec,
    UnsupportedMode,
    dense,
)

from ._index import basic_index, distinct_index_of_tensors, in_full, index_with_mask, is_basic, slices_alone

NUMBERS = (1, 0, 3, True, 0.1, -2.5, 0.1 - 2j)


def arguments(draw: Draw):
    """Where an index names a place twice, nothing is promised of which value is left, so that none does. `value` is a
    number or a tensor of a shape that broadcasts."""
    shape = draw.shape()
    kinds = (basic_index, slices_alone, distinct_index_of_tensors, index_with_mask) if shape else (basic_index,)
    kind = draw.choice(kinds)
    index = kind(draw, shape)
    value = draw.choice(NUMBERS)
    if draw.boolean():
        value = draw.tensor(() if kind is index_with_mask else draw.broadcastable(named(index, shape)))
    return {"input": draw.tensor(shape), "index": index, "value": value}


def named(index, shape):
    """The shape of what an index names, for which the order of the positions does not matter."""
    return in_full(tuple(np.zeros(part.shape, np.int64) if hasattr(part, "values") else part for part in index), shape)


def takes(dtype, input, index, value):
    """-2.5 needs a sign, and a complex number a complex dtype; wide unsigned integers are not put by tensors."""
    if isinstance(value, complex):
        return dtype in COMPLEXES and (is_basic(index) or dtype not in WIDE_UNSIGNED)
    if isinstance(value, float) and value < 0:
        return dtype in FLOATS + COMPLEXES
    return is_basic(index) or dtype not in WIDE_UNSIGNED


def oracle(input, index, value):
    result = np.array(input)
    result[index] = np.asarray(value).astype(input.dtype)
    return result


def gradient(incoming, results, input, index, value):
    """What was put there gives its gradient to the value, the rest to the input."""
    kept = np.array(incoming[0])
    put = np.array(kept[index])
    kept[index] = 0
    if not hasattr(value, "shape"):
        return {"input": kept}
    return {"input": kept, "value": put if put.size else np.zeros(value.shape, kept.dtype)}


def exactly(dtype, input, index, value):
    """Each term is an incoming gradient as it is."""
    return 0


def names_nothing_beside_a_mask(dtype, input, index, value):
    """The index holds a mask, and names nothing even if that is True everywhere."""
    masks = [part for part in index if getattr(part, "dtype", "") == "bool"]
    full = tuple(np.ones(part.shape, np.bool_) if part in masks else getattr(part, "live", part) for part in index)
    return bool(masks) and 0 in in_full(full, input.shape)


def is_wide_unsigned(dtype, input, index, value):
    """The elements are unsigned numbers of more than eight bits."""
    return dtype in WIDE_UNSIGNED


def names_tensors_apart(dtype, input, index, value):
    """A slice or a new dimension stands between tensors."""
    places = [place for place, part in enumerate(index) if hasattr(part, "values")]
    between = index[places[0] : places[-1]] if places else ()
    return any(part is None or part is ... or hasattr(part, "step") for part in between)


def workload(size):
    """Every second row and column."""
    index = (slice(None, None, 2), slice(1, None, 2))
    return {"input": dense((size // 64, 64)), "index": index, "value": 1}


TENSOR = "hasattr(value, 'shape')"
MASKED = "any(getattr(part, 'dtype', '') == 'bool' for part in index)"
ONE_PLACE_EACH = "all(stride or size < 2 for size, stride in zip(input.shape, input.strides))"
"""An expanded tensor may be written to where the index names one of the places that share memory."""
FIRST = "input.numel > 0 and input.rank > 0"

spec = Spec(
    operation="torch.Tensor.__setitem__",
    summary="value, a number or a tensor that broadcasts, put to what the index names; all else stays as it is.",
    documentation="https://docs.pytorch.org/docs/stable/tensors.html",
    arguments=arguments,
    takes=takes,
    forms=(
        Form("(copy := input.clone()).__setitem__(index, value) or copy"),
        Form("copy = input.clone()\ncopy[index] = value\ncopy", title="an assignment"),
        Form(
            "copy = input.clone()\ncopy[index[0]] = value\ncopy",
            title="an assignment to one part",
            when="len(index) == 1",
        ),
        Form("operator.setitem(copy := input.clone(), index, value) or copy"),
        Form("operator.setitem(input, index, value) or input", when=ONE_PLACE_EACH, writes="input"),
        Form("input.__setitem__(index, value) or input", when=ONE_PLACE_EACH, writes="input"),
    ),
    dtypes=ALL,
    oracle=oracle,
    memory=PRESERVED,
    unsupported_modes=(
        UnsupportedMode(
            "vmap",
            (RuntimeError, IndexError),
            "what is not batched cannot be written to by what is",
            when="batched != 'input'",
        ),
        *(
            UnsupportedMode(
                mode,
                RuntimeError,
                "operator.setitem is not traced, as __setitem__ is",
                when="'operator.setitem' in form",
            )
            for mode in COMPILED_MODES
        ),
    ),
    refusals=(
        Refusal("a number past the last entry", "operator.setitem(input, input.shape[0], 1)", IndexError, when=FIRST),
        Refusal(
            "a number before the first entry", "operator.setitem(input, -input.shape[0] - 1, 1)", IndexError, when=FIRST
        ),
        Refusal(
            "a position past the last entry",
            "operator.setitem(input, torch.tensor([input.shape[0]]), 1)",
            (IndexError, RuntimeError),
            when=f"{FIRST} and dtype not in {WIDE_UNSIGNED}",
            poisons=True,
        ),
        Refusal("more numbers than dimensions", "operator.setitem(torch.ones(2, dtype=dtype), (0, 0), 1)", IndexError),
        Refusal(
            "a value whose shape does not broadcast",
            "operator.setitem(torch.ones(3, dtype=dtype), slice(None), torch.ones(2, dtype=dtype))",
            RuntimeError,
        ),
        Refusal(
            "a value of more dimensions than are named",
            "operator.setitem(torch.ones(3, dtype=dtype), 0, torch.ones(2, 1, dtype=dtype))",
            RuntimeError,
        ),
        Refusal(
            "a mask of another size", "operator.setitem(torch.ones(3, dtype=dtype), torch.ones(2) > 0, 1)", IndexError
        ),
        Refusal("a step below 0", "operator.setitem(torch.ones(3, dtype=dtype), slice(None, None, -1), 1)", ValueError),
        Refusal("a floating number as the index", "operator.setitem(torch.ones(3, dtype=dtype), 1.0, 1)", IndexError),
        Refusal(
            "a floating tensor as the index",
            "operator.setitem(torch.ones(3, dtype=dtype), torch.ones(1), 1)",
            IndexError,
        ),
        Refusal("a string as the value", "operator.setitem(torch.ones(3, dtype=dtype), 0, 'a')", TypeError),
        Refusal("None as the value", "operator.setitem(torch.ones(3, dtype=dtype), 0, None)", TypeError),
    ),
    gradient=Gradient(
        terms=gradient,
        bound=exactly,
        source="each term is an incoming gradient as it is",
        has_differences=False,  # a gradient may be the incoming tensor itself, which differences do not see change
    ),
    laws=(
        Law(
            "tensors with a slice between them put their dimensions first",
            "whole = torch.zeros(2, 2, 2, 2, dtype=dtype)\n"
            "whole[:, torch.tensor([0, 1]), :, torch.tensor([0, 1])] = torch.tensor([0, 1]).view(2, 1, 1).to(dtype)\n"
            "whole.nonzero().tolist()",
            "[[0, 1, 0, 1], [0, 1, 1, 1], [1, 1, 0, 1], [1, 1, 1, 1]]",
            when="dtype not in ('uint16', 'uint32', 'uint64')",
        ),
        Law(
            "reading what was written gives the value",
            "(operator.setitem(copy := input.clone(), index, value) or copy)[index]",
            "value.expand(input[index].shape)",
            when=TENSOR,
        ),
        Law(
            "writing what is there already changes nothing",
            "operator.setitem(copy := input.clone(), index, input[index]) or copy",
            "input",
        ),
        Law(
            "a number is a tensor of nothing but that number",
            "operator.setitem(copy := input.clone(), index, value) or copy",
            "operator.setitem(other := input.clone(), index, torch.full((), value, dtype=dtype)) or other",
            when=f"not {TENSOR}",
        ),
        Law(
            "the ellipsis fills the whole tensor",
            "operator.setitem(copy := input.clone(), ..., 1) or copy",
            "torch.ones_like(input)",
        ),
        Law(
            "writing to a view writes to the tensor",
            "input.clone().index_fill(0, torch.tensor([0]), 1)",
            "operator.setitem((copy := input.clone())[0], ..., 1) or copy",
            when=f"{FIRST} and dtype not in {WIDE_UNSIGNED}",
        ),
    ),
    predicates=(is_wide_unsigned, names_nothing_beside_a_mask, names_tensors_apart),
    cost=Cost(dtypes=(), workload=workload, reference="elementwise"),
)
