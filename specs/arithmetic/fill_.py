"""torch.fill and the method fill_: a tensor in which every element is one value."""

import numpy as np

from conformance.spec import (
    ALL,
    CELL_DTYPE,
    COMPLEXES,
    FLOATS,
    INTEGERS,
    PRESERVED,
    WIDE_UNSIGNED,
    WRITABLE,
    Cost,
    Draw,
    Form,
    Gradient,
    Law,
    Refusal,
    Spec,
    TensorSample,
    UnsupportedMode,
    dense,
)

NUMBERS = (0, 1, 3, 100, True, False, -1, 0.1, 2.5, -1e-3, float("inf"), float("-inf"), float("nan"), 1 + 2j, 0.1 - 3j)
SIGNED = tuple(name for name in INTEGERS if name != "uint8")


def arguments(draw: Draw):
    """A number, or a tensor without dimensions; of another dtype that is 0 or 1, which every dtype has."""
    filled = draw.tensor(draw.shape(), layout=WRITABLE)
    if draw.boolean():
        return {"input": filled, "value": draw.choice(NUMBERS)}
    other = draw.partner(("bool", "integer"))
    if other == CELL_DTYPE:
        return {"input": filled, "value": draw.tensor(())}
    return {"input": filled, "value": draw.tensor((), dtype=other, kinds=("counting",), landmarks=("0", "1"))}


def takes(dtype, input, value):
    """A number must be one of the dtype: no fraction among integers, no number below 0 among unsigned ones."""
    if isinstance(value, TensorSample):
        return True
    if isinstance(value, complex):
        return dtype in COMPLEXES
    if isinstance(value, float):
        return dtype in FLOATS + COMPLEXES
    return value in (0, 1) or dtype in SIGNED + FLOATS + COMPLEXES or (value >= 0 and dtype != "bool")


def oracle(input, value):
    return np.full(input.shape, value)


def gradient(incoming, results, input, value):
    """What was there before is gone; the value is in every place."""
    return {"input": np.zeros_like(incoming[0]), "value": incoming[0]}


def exactly(dtype, input, value):
    """What is passed on is not rounded."""
    return 0.0


def workload(size):
    return {"input": dense((size // 64, 64)), "value": 1.5}


spec = Spec(
    operation="torch.fill",
    summary="A tensor like input of which every element is value, a number or a 0-d tensor; fill_ writes in place.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.Tensor.fill_.html",
    arguments=arguments,
    forms=(
        Form("torch.fill(input, value)"),
        Form("torch.fill(input=input, value=value)"),
        Form("input.clone().fill_(value)"),
        Form("input.clone().fill_(value=value)"),
        Form("input.fill_(value)", writes="input"),
        Form("input.fill_(value=value)", writes="input"),
        Form("torch.fill_(input, value)", writes="input"),
        Form("input.fill_(value.item())", when="hasattr(value, 'rank') and value.dtype == 'subject'", writes="input"),
    ),
    dtypes=ALL,
    oracle=oracle,
    memory=PRESERVED,
    unsupported_modes=(
        UnsupportedMode(
            "vmap",
            RuntimeError,
            "a batch of values does not fit into one tensor",
            when="batched == 'value' and 'fill_' in form",
        ),
    ),
    refusals=(
        Refusal("a tensor with a dimension as the value", "torch.fill(input, torch.ones(1))", RuntimeError),
        Refusal("a tensor with a dimension as the value, in place", "torch.ones(2).fill_(torch.ones(2))", RuntimeError),
        Refusal("a complex number for real ones", "torch.ones(2).fill_(1j)", RuntimeError),
        Refusal("a number too large for the dtype", "torch.ones(2, dtype=torch.int8).fill_(300)", RuntimeError),
        Refusal("an infinite number for integers", "torch.ones(2, dtype=torch.int8).fill_(math.inf)", RuntimeError),
        Refusal("None as the value", "torch.fill(input, None)", TypeError),
        Refusal("a string as the value", "input.fill_('1')", TypeError),
        Refusal("a call without a value", "input.fill_()", TypeError),
        Refusal("a number in place of the tensor", "torch.fill(1.0, 2)", TypeError),
        Refusal("an out", "torch.fill(input, 0, out=out)", TypeError),
        Refusal("a leaf of a graph", "torch.ones(2, requires_grad=True).fill_(0)", RuntimeError),
    ),
    # The gradient of the input is 0 and has no graph, where gradgradcheck counts the others wrongly.
    gradient=Gradient(terms=gradient, bound=exactly, source="the value is passed on as it is", has_differences=False),
    laws=(
        Law(
            "a tensor that was filled is what full_like makes",
            "torch.fill(input, value)",
            "torch.full_like(input, value)",
            when="not hasattr(value, 'rank')",
        ),
        Law(
            "all elements are alike",
            "torch.fill(input, value).flatten()[:1].expand(input.numel())",
            "torch.fill(input, value).flatten()",
            when="input.numel",
        ),
        Law("a fraction is cut for integers", "torch.ones(2, dtype=torch.int8).fill_(2.75).tolist()", "[2, 2]"),
        Law("every number but 0 is True", "torch.zeros(2, dtype=torch.bool).fill_(0.5).tolist()", "[True, True]"),
        Law(
            "the elements of an expanded tensor are filled together",
            "torch.zeros(1, dtype=dtype).expand(3).fill_(1)",
            "torch.ones(3, dtype=dtype)",
        ),
        Law(
            "filling a column leaves the others as they were",
            "(table := torch.zeros(3, 3, dtype=dtype))[:, 1].fill_(1).sum() + table.sum()",
            "torch.full((2, 3), 1, dtype=dtype).sum()",
            when=f"dtype not in {WIDE_UNSIGNED}",
        ),
    ),
    takes=takes,
    cost=Cost(workload=workload),
)
