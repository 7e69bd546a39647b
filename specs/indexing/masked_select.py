"""torch.masked_select: the entries of a tensor where a mask is True, as a vector."""

import numpy as np

from conformance.spec import (
    BOOL,
    COMPILED_MODES,
    COMPLEXES,
    DATA_MOVEMENT,
    FLOATS,
    INTEGERS,
    Cost,
    Draw,
    Form,
    Law,
    Refusal,
    Spec,
    UnsupportedMode,
    contents,
    dense,
)


def arguments(draw: Draw):
    shape = draw.shape()
    broadcast = draw.choice(("neither", "mask", "input", "both"))
    return {
        "input": draw.tensor(draw.broadcastable(shape) if broadcast in ("input", "both") else shape),
        "mask": draw.mask(draw.broadcastable(shape) if broadcast in ("mask", "both") else shape),
    }


def oracle(input, mask):
    values, chosen = np.broadcast_arrays(input, mask)
    return values[chosen]


def selects_more_than_there_is(dtype, input, mask):
    """The mask repeats entries, and more are selected than the input has, which are more than two."""
    _, chosen = np.broadcast_arrays(np.empty(input.shape, bool), contents(mask, dtype))
    return 2 < input.numel < int(chosen.sum())


GROWN = "torch.broadcast_to(mask, torch.broadcast_shapes(input.shape, mask.shape))"


def scratch(dtype, input, mask):
    """How many elements to take, and for each of the mask how many come before it, as int64; with threads more."""
    in_rows = {input.layout.kind, mask.layout.kind} == {"contiguous"}
    return (8, 8 * mask.numel) if in_rows and input.shape == mask.shape and mask.numel <= 32768 else None


def workload(size):
    """About half of the elements."""
    shape = (size // 64, 64)
    return {"input": dense(shape), "mask": dense(shape, "mask", "bool", high=4)}


def growth_workload(size):
    """A mask without a pattern that processors could learn while it is short."""
    return {**workload(size), "mask": dense((size // 64, 64), "mask", "bool", high=8)}


spec = Spec(
    operation="torch.masked_select",
    summary="The entries where mask is True, in row-major order, as a new vector; input and mask broadcast.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.masked_select.html",
    arguments=arguments,
    forms=(
        Form("torch.masked_select(input, mask)"),
        Form("torch.masked_select(input=input, mask=mask)"),
        Form("input.masked_select(mask)"),
        Form("input.masked_select(mask=mask)"),
        Form("torch.masked_select(input, mask, out=out)"),
    ),
    dtypes=BOOL + INTEGERS + FLOATS + COMPLEXES,
    oracle=oracle,
    refusals=(
        Refusal("a mask of uint8", "torch.masked_select(input, mask.byte())", (RuntimeError, TypeError)),
        Refusal("a mask of uint8, by the method", "input.masked_select(mask.byte())", (RuntimeError, TypeError)),
        Refusal("a mask of whole numbers", "torch.masked_select(input, mask.long())", (RuntimeError, TypeError)),
        Refusal("a mask of floats", "torch.masked_select(input, mask.float())", (RuntimeError, TypeError)),
        Refusal(
            "a mask of uint8, with out=", "torch.masked_select(input, mask.byte(), out=out)", (RuntimeError, TypeError)
        ),
        Refusal("a mask whose shape does not broadcast", "torch.masked_select(out, torch.ones(2) > 0)", RuntimeError),
        Refusal(
            "a mask of as many entries in another shape",
            "torch.masked_select(torch.ones(2, 3, dtype=dtype), torch.ones(6) > 0)",
            RuntimeError,
        ),
        Refusal(
            "a mask whose first size differs",
            "torch.masked_select(torch.ones(2, 3, dtype=dtype), torch.ones(3, 3) > 0)",
            RuntimeError,
        ),
        Refusal(
            "a mask whose shape does not broadcast, with out=",
            "torch.masked_select(torch.ones(3, dtype=dtype), torch.ones(2) > 0, out=out)",
            RuntimeError,
        ),
        Refusal("a list as the mask", "torch.masked_select(input, [True])", TypeError),
        Refusal("a Python boolean as the mask", "torch.masked_select(input, True)", TypeError),
        Refusal("a call without a mask", "torch.masked_select(input)", TypeError),
        Refusal("a list in place of the tensor", "torch.masked_select([1, 2], mask)", TypeError),
        Refusal("the input as its own out", "torch.masked_select(out, torch.ones(3) > 0, out=out)", RuntimeError),
        Refusal(
            "a boolean out for elements of another dtype",
            "torch.masked_select(out, torch.ones(3) > 0, out=torch.zeros(3) > 0)",
            RuntimeError,
            when="dtype != 'bool'",
        ),
    ),
    gradient=DATA_MOVEMENT,
    unsupported_modes=(
        UnsupportedMode("vmap", RuntimeError, "the slices have results of different sizes", when="batched == 'mask'"),
        UnsupportedMode("meta", NotImplementedError, "the size of the result depends on values"),
        UnsupportedMode("fake", RuntimeError, "the size of the result depends on values"),
        *(
            UnsupportedMode(mode, RuntimeError, "the size of the result depends on values", when="'out=out' in form")
            for mode in COMPILED_MODES
        ),
    ),
    laws=(
        Law(
            "the result has as many entries as the broadcast mask has True",
            "list(torch.masked_select(input, mask).shape)",
            f"[{GROWN}.sum().item()]",
        ),
        Law(
            "selecting is indexing with the mask",
            "torch.masked_select(input, mask)",
            "input[mask].reshape(-1)",
            when="input.shape == mask.shape",
        ),
        Law(
            "selecting is take at the positions of True",
            "torch.masked_select(input, mask)",
            "torch.take(input, torch.nonzero(mask.reshape(-1)).reshape(-1))",
            when="input.shape == mask.shape",
        ),
        Law(
            "masked_scatter puts the selected entries back",
            "torch.zeros_like(input).masked_scatter(mask, torch.masked_select(input, mask))",
            "torch.where(mask, input, torch.zeros_like(input))",
            when="input.shape == mask.shape",
        ),
        Law(
            "a mask of True alone selects every entry",
            "torch.masked_select(input, torch.ones_like(input, dtype=torch.bool))",
            "input.reshape(-1)",
        ),
    ),
    cost=Cost(
        scratch=scratch,
        workload=workload,
        growth_workload=growth_workload,
        reference="elementwise",
    ),
    predicates=(selects_more_than_there_is,),
)
