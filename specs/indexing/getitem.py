"""torch.Tensor.__getitem__: what an index of numbers, slices, None, `...`, tensors and masks names."""

from dataclasses import replace

import numpy as np

from conformance.spec import (
    ALL,
    DATA_MOVEMENT,
    WIDE_UNSIGNED,
    Cost,
    Draw,
    Form,
    Law,
    Refusal,
    Spec,
    TensorSample,
    UnsupportedMode,
    contiguous_strides,
    dense,
    views,
)

from ._index import basic_index, index_of_tensors, index_with_mask, is_basic, slices_alone, view_of


def arguments(draw: Draw):
    shape = draw.shape()
    kinds = (basic_index, slices_alone, index_of_tensors, index_with_mask) if shape else (basic_index,)
    return {"input": draw.tensor(shape), "index": draw.choice(kinds)(draw, shape)}


def oracle(input, index):
    return np.asarray(input)[index]


def geometry(input, index):
    """Numbers and slices give a view, tensors and masks a copy."""
    return [view_of(input, index)] if is_basic(index) else None


def scratch(dtype, input, index):
    """Nothing is promised of what is worked out of positions and masks."""
    return () if is_basic(index) else None


def lies_in_another_order(dtype, input, index):
    """The input or a tensor of positions does not lie in row-major order."""
    tensors = [input, *(part for part in index if isinstance(part, TensorSample))]
    return len(tensors) > 1 and any(one.strides != contiguous_strides(one.shape) for one in tensors)


def workload(size):
    """Every second row and column."""
    return {"input": dense((size // 64, 64)), "index": (slice(None, None, 2), slice(1, None, 2))}


BASIC = "not any(hasattr(part, 'values') for part in index)"
TENSORS = f"not ({BASIC})"
MASKED = "any(getattr(part, 'dtype', '') == 'bool' for part in index)"
POSITIONS = f"{TENSORS} and not ({MASKED})"
FIRST = "input.numel > 0 and input.rank > 0"

spec = Spec(
    operation="torch.Tensor.__getitem__",
    summary="A view of what numbers, slices, None and `...` name; tensors of positions and masks give a copy.",
    documentation="https://docs.pytorch.org/docs/stable/tensor_view.html",
    arguments=arguments,
    forms=(
        Form("input[index]"),
        Form("input.__getitem__(index)"),
        Form("operator.getitem(input, index)"),
        Form("input[(*index,)]"),
        Form("input[index[0]]", when="len(index) == 1"),
        Form("input[index[0], index[1]]", when="len(index) == 2"),
    ),
    dtypes=ALL,
    oracle=oracle,
    memory=replace(views("input", geometry), strides="dense"),
    unsupported_modes=(
        UnsupportedMode(
            "vmap",
            (RuntimeError, IndexError),
            "the slices have masks of different counts",
            when=f"{MASKED} and batched == 'index'",
        ),
        UnsupportedMode("meta", NotImplementedError, "the size of the result depends on values", when=MASKED),
        UnsupportedMode("fake", RuntimeError, "the size of the result depends on values", when=MASKED),
    ),
    refusals=(
        Refusal("a number past the last entry", "input[input.shape[0]]", IndexError, when="input.rank > 0"),
        Refusal("a number before the first entry", "input[-input.shape[0] - 1]", IndexError, when="input.rank > 0"),
        Refusal(
            "a number past the last entry of the last dimension",
            "input[..., input.shape[-1]]",
            IndexError,
            when="input.rank > 0",
        ),
        Refusal(
            "a position past the last entry",
            "input[torch.tensor([input.shape[0]])]",
            IndexError,
            when=FIRST,
            poisons=True,
        ),
        Refusal(
            "a position before the first entry",
            "input[torch.tensor([-input.shape[0] - 1])]",
            IndexError,
            when=FIRST,
            poisons=True,
        ),
        Refusal("a number for a tensor without dimensions", "torch.ones((), dtype=dtype)[0]", IndexError),
        Refusal("more numbers than dimensions", "torch.ones(2, 3, dtype=dtype)[0, 0, 0]", IndexError),
        Refusal(
            "more tensors than dimensions",
            "torch.ones(2, dtype=dtype)[torch.tensor([0]), torch.tensor([0])]",
            IndexError,
        ),
        Refusal(
            "tensors whose shapes do not broadcast",
            "torch.ones(3, 3, dtype=dtype)[torch.arange(2), torch.arange(3)]",
            IndexError,
        ),
        Refusal("a mask of another size", "torch.ones(3, dtype=dtype)[torch.ones(2) > 0]", IndexError),
        Refusal("a mask of more dimensions", "torch.ones(3, dtype=dtype)[torch.ones(3, 1) > 0]", IndexError),
        Refusal("a step below 0", "torch.ones(3, dtype=dtype)[::-1]", ValueError),
        Refusal("a step of 0", "torch.ones(3, dtype=dtype)[::0]", ValueError),
        Refusal("a slice whose end is no whole number", "torch.ones(3, dtype=dtype)[:1.5]", TypeError),
        Refusal("a number that is no whole one", "torch.ones(3, dtype=dtype)[1.0]", IndexError),
        Refusal("a floating tensor as the index", "torch.ones(3, dtype=dtype)[torch.ones(1)]", IndexError),
        Refusal("an index of int16", "torch.ones(3, dtype=dtype)[torch.zeros(1, dtype=torch.int16)]", IndexError),
        Refusal("a string as the index", "torch.ones(3, dtype=dtype)['a']", (IndexError, TypeError)),
        Refusal("a dictionary as the index", "torch.ones(3, dtype=dtype)[{}]", (IndexError, TypeError)),
    ),
    gradient=DATA_MOVEMENT,
    laws=(
        Law(
            "tensors with a slice between them put their dimensions first",
            "torch.ones(2, 3, 4, 5, dtype=dtype)[:, torch.tensor([0, 1, 1]), :, torch.tensor([0, 3, 4])].shape",
            "torch.Size([3, 2, 4])",
        ),
        Law("the ellipsis alone gives the whole tensor", "input[...]", "input"),
        Law(
            "an ellipsis behind the index changes nothing",
            "input[(*index, ...)]",
            "input[index]",
            when="... not in index",
        ),
        Law("None in front adds a dimension", "input[(None, *index)]", "input[index].unsqueeze(0)", when=BASIC),
        Law("a number is a select", "input[input.shape[0] - 1]", "input.select(0, -1)", when=FIRST),
        Law(
            "a tensor without dimensions is a number",
            "input[torch.tensor(input.shape[0] - 1)]",
            "input[-1]",
            when=FIRST,
        ),
        Law("a list is a tensor of positions", "input[[0, -1]]", "input[torch.tensor([0, -1])]", when=FIRST),
        Law(
            "a tensor of positions is an index_select",
            "input[torch.tensor([input.shape[0] - 1, 0])]",
            "torch.index_select(input, 0, torch.tensor([input.shape[0] - 1, 0]))",
            when=f"{FIRST} and dtype not in {WIDE_UNSIGNED}",
        ),
        Law(
            "a mask names the places that nonzero lists",
            "input[input == input]",
            "input[torch.nonzero(input == input, as_tuple=True)]",
            when="input.rank > 0 and 'int' in dtype",
        ),
        Law("True is None that copies", "input[True]", "input[None].clone()"),
        Law(
            "a view is written through",
            "((copy := input.clone()).__getitem__(index).zero_(), copy.__getitem__(index).count_nonzero().item())[1]",
            "0",
            when=f"{BASIC} and dtype not in {WIDE_UNSIGNED}",
        ),
    ),
    predicates=(lies_in_another_order,),
    cost=Cost(
        scratch=scratch,
        workload=workload,
        reference="view",
        growth_exponent=0.0,
    ),
)
