"""torch.minimum: the smaller of two elements, place by place; torch.min of two tensors."""

import numpy as np

from conformance.spec import (
    FLOATS,
    PRESERVED,
    PROMOTED,
    Cost,
    Draw,
    Form,
    Gradient,
    Law,
    Output,
    Ranked,
    Refusal,
    Spec,
    contents,
    dense,
)

from ._extremes import ORDERED, comparable


def arguments(draw: Draw):
    input_shape, other_shape = draw.mutually_broadcastable_shapes(2)
    return {"input": draw.tensor(input_shape), "other": draw.tensor(other_shape)}


def oracle(input, other):
    """NaN wins; zeros of either sign tie."""
    chosen = np.minimum(comparable(input), comparable(other))
    return Ranked(np.asarray(chosen).astype(input.dtype), 0)


def gradient(incoming, results, input, other):
    """It goes to the smaller element; equal ones get half of it each."""
    first = np.where(input == other, 0.5, input < other)
    return {"input": incoming[0] * first, "other": incoming[0] * (1 - first)}


def gradient_bound(dtype, input, other):
    """Halving a subnormal number rounds, and so does converting to another dtype. Nothing is promised of NaN."""
    arrays = [contents(one, dtype).astype(np.float64) for one in (input, other)]
    return np.inf if any(np.isnan(array).any() for array in arrays) else 2


def workload(size):
    shape = (size // 64, 64)
    return {"input": dense(shape), "other": dense(shape, "few")}


spec = Spec(
    operation="torch.minimum",
    summary="The smaller of input and other, broadcast and promoted; NaN if either is.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.minimum.html",
    arguments=arguments,
    forms=(
        Form("torch.minimum(input, other)"),
        Form("torch.minimum(input=input, other=other)"),
        Form("input.minimum(other)"),
        Form("torch.min(input, other)"),
        Form("torch.min(input, other=other)"),
        Form("input.min(other)"),
        Form("torch.minimum(input, other, out=out)"),
        Form("torch.min(input, other, out=out)"),
    ),
    dtypes=ORDERED,
    oracle=oracle,
    outputs=(Output(dtype=PROMOTED),),
    memory=PRESERVED,
    pointwise=True,
    refusals=(
        Refusal(
            "operands whose shapes do not broadcast",
            "torch.minimum(torch.ones(3, dtype=dtype), torch.ones(2, dtype=dtype))",
            RuntimeError,
        ),
        Refusal(
            "operands whose shapes do not broadcast, with out=",
            "torch.minimum(torch.ones(3, dtype=dtype), torch.ones(2, dtype=dtype), out=out)",
            RuntimeError,
        ),
        Refusal("a number as the second operand", "torch.minimum(input, 1)", TypeError),
        Refusal("a call with one operand", "torch.minimum(input)", TypeError),
        Refusal("a list in place of the tensor", "torch.minimum([1.0], other)", TypeError),
        Refusal(
            "complex operands",
            "torch.minimum(torch.ones(2, dtype=torch.complex64), torch.ones(2, dtype=torch.complex64))",
            RuntimeError,
        ),
    ),
    gradient=Gradient(
        terms=gradient,
        bound=gradient_bound,
        source="Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., section 2.2",
        has_differences=False,
    ),
    laws=(
        Law(
            "the order of the operands does not matter",
            "torch.minimum(other, input) + 0",
            "torch.minimum(input, other) + 0",
            when="dtype != 'bool'",
        ),
        Law(
            "operands of two dtypes meet in the one that they promote to",
            "torch.minimum(input, other.double())",
            "torch.minimum(input.double(), other.double())",
            when="other.rank > 0 or input.rank == 0",
        ),
        Law("a tensor is the smaller of it and itself", "torch.minimum(input, input)", "input"),
        Law(
            "the smaller and the larger are the two operands",
            "torch.minimum(input, other).double() + torch.maximum(input, other).double()",
            "input.double() + other.double()",
            when=f"dtype in {FLOATS[:3]} and all(not t.values.edits for t in (input, other))",
        ),
    ),
    cost=Cost(workload=workload, reference="elementwise"),
)
