"""torch.masked_fill: the entries of a tensor, with one value where a mask is True."""

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
    dense,
)

NUMBERS = (0, 1, 3, True, 0.1, -2.5, 1e-3, 0.1 - 2j)


def arguments(draw: Draw):
    """`value` is a number, or a tensor without dimensions."""
    shape = draw.shape()
    broadcast = draw.choice(("neither", "mask", "input"))
    return {
        "input": draw.tensor(draw.broadcastable(shape) if broadcast == "input" else shape),
        "mask": draw.mask(draw.broadcastable(shape) if broadcast == "mask" else shape),
        "value": draw.tensor(()) if draw.boolean() else draw.choice(NUMBERS),
    }


def takes(dtype, input, mask, value):
    """-2.5 needs a sign, and a complex number a complex dtype."""
    if isinstance(value, complex):
        return dtype in COMPLEXES
    if isinstance(value, float) and value < 0:
        return dtype in FLOATS + COMPLEXES
    return True


def oracle(input, mask, value):
    return np.where(mask, np.asarray(value).astype(input.dtype), input)


def gradient(incoming, results, input, mask, value):
    """What was filled gives its gradient to the value, the rest to the input."""
    filled, kept = np.where(mask, incoming[0], 0), np.where(mask, 0, incoming[0])
    return {"input": kept, "value": filled} if hasattr(value, "shape") else {"input": kept}


def exactly(dtype, input, mask, value):
    """Each term is an incoming gradient as it is."""
    return 0


def scratch(dtype, input, mask, value):
    """A value without dimensions is read as a number; nothing else is needed where nothing broadcasts."""
    return () if {input.layout.kind, mask.layout.kind} == {"contiguous"} and input.shape == mask.shape else None


def workload(size):
    """About half of the elements."""
    shape = (size // 64, 64)
    return {"input": dense(shape), "mask": dense(shape, "mask", "bool", high=4), "value": 1}


TENSOR = "hasattr(value, 'shape')"
ONE_PLACE_EACH = "all(stride or size < 2 for size, stride in zip(input.shape, input.strides))"
"""An expanded tensor is still filled in place, with a warning that this is deprecated."""

spec = Spec(
    operation="torch.masked_fill",
    summary="The entries of input, with value where mask is True; input and mask broadcast; value takes input's dtype.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.Tensor.masked_fill_.html",
    arguments=arguments,
    takes=takes,
    forms=(
        Form("torch.masked_fill(input, mask, value)"),
        Form("torch.masked_fill(input=input, mask=mask, value=value)"),
        Form("input.masked_fill(mask, value)"),
        Form("input.masked_fill(mask=mask, value=value)"),
        Form("torch.masked_fill(input, mask, value.item())", when=TENSOR, differentiable=False),
        Form("input.masked_fill_(mask, value)", when=ONE_PLACE_EACH, writes="input"),
        Form("input.masked_fill_(mask=mask, value=value)", when=ONE_PLACE_EACH, writes="input"),
    ),
    dtypes=BOOL + INTEGERS + FLOATS + COMPLEXES,
    oracle=oracle,
    pointwise=True,
    refusals=(
        Refusal("a mask of uint8", "torch.masked_fill(input, mask.byte(), 1)", RuntimeError),
        Refusal("a mask of whole numbers", "torch.masked_fill(input, mask.long(), 1)", RuntimeError),
        Refusal("a mask of floats, in place", "input.masked_fill_(mask.float(), 1)", RuntimeError),
        Refusal("a mask of uint8, by the method", "input.masked_fill(mask.byte(), 1)", RuntimeError),
        Refusal("a value of one dimension", "torch.masked_fill(input, mask, torch.ones(1, dtype=dtype))", RuntimeError),
        Refusal("a value of one dimension, in place", "input.masked_fill_(mask, torch.ones(1))", RuntimeError),
        Refusal(
            "a mask whose shape does not broadcast",
            "torch.masked_fill(torch.ones(2, 3, dtype=dtype), torch.ones(2) > 0, 1)",
            RuntimeError,
        ),
        Refusal(
            "a mask larger than the tensor, in place",
            "torch.ones(3, dtype=dtype).masked_fill_(torch.ones(2, 3) > 0, 1)",
            RuntimeError,
        ),
        Refusal(
            "a complex number for real elements",
            "torch.masked_fill(input, mask, 1j)",
            RuntimeError,
            when="'complex' not in dtype and dtype != 'bool' and input.numel > 0 and mask.numel > 0",
        ),
        Refusal(
            "a number that is out of range",
            "torch.masked_fill(input, mask, 300)",
            RuntimeError,
            when="dtype in ('uint8', 'int8') and input.numel > 0 and mask.numel > 0",
        ),
        Refusal("a list as the mask", "torch.masked_fill(input, [True], 1)", TypeError),
        Refusal("a Python boolean as the mask", "torch.masked_fill(input, True, 1)", TypeError),
        Refusal("a string as the value", "torch.masked_fill(input, mask, '1')", TypeError),
        Refusal("None as the value", "torch.masked_fill(input, mask, None)", TypeError),
        Refusal("a call without a value", "torch.masked_fill(input, mask)", TypeError),
        Refusal("a list in place of the tensor", "torch.masked_fill([1, 2], mask, 1)", TypeError),
    ),
    gradient=Gradient(terms=gradient, bound=exactly, source="each term is an incoming gradient as it is"),
    laws=(
        Law(
            "filling a second time changes nothing",
            "torch.masked_fill(torch.masked_fill(input, mask, value), mask, value)",
            "torch.masked_fill(input, mask, value)",
        ),
        Law(
            "a mask of False leaves the tensor as it is",
            "torch.masked_fill(input, torch.zeros(input.shape) > 0, value)",
            "input",
        ),
        Law(
            "a mask of True gives the value everywhere",
            "torch.masked_fill(input, torch.zeros(input.shape) == 0, value)",
            "torch.full(input.shape, value.item() if isinstance(value, torch.Tensor) else value, dtype=dtype)",
        ),
        Law(
            "what is left is what the opposite mask selects",
            "torch.masked_fill(input, mask, value)[~mask]",
            "input[~mask]",
            when="input.shape == mask.shape",
        ),
        *(
            Law(
                f"{number} is filled in as it is",
                f"torch.masked_fill(input, mask, {number})",
                f"torch.where(mask, torch.tensor({number}, dtype=dtype), input)",
                when="dtype in ('float16', 'bfloat16', 'float32', 'float64')",
            )
            for number in ("math.inf", "-math.inf", "math.nan")
        ),
        Law(
            "a tensor as the value is converted first",
            "torch.masked_fill(input, mask, value)",
            "torch.where(mask, value, input)",
            when=TENSOR,
        ),
        Law(
            "filling with 0 is a choice between the tensor and zeros",
            "torch.masked_fill(input, mask, 0)",
            "torch.where(mask, torch.zeros((), dtype=dtype), input)",
        ),
    ),
    cost=Cost(scratch=scratch, workload=workload, reference="elementwise"),
)
