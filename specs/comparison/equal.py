"""torch.equal: whether two tensors have the same shape and equal elements."""

from dataclasses import replace

import numpy as np

from conformance.spec import ALL, PROMOTED, VALUE, Cost, Draw, Form, Law, Refusal, Spec
from conformance.spec.families import binary, comparison


def arguments(draw: Draw):
    """The second tensor mostly has the shape and the values of the first, of which one may be another."""
    shape, dtypes = draw.shape(), draw.promotable_dtypes()
    first = draw.tensor(shape, dtype=dtypes[0])
    second = draw.tensor(draw.choice((shape, shape, shape, draw.broadcastable(shape), draw.shape())), dtype=dtypes[1])
    kind = draw.choice(("the same values", "one other value", "any values"))
    if kind != "any values":
        second = replace(first, dtype=dtypes[1]) if second.shape == shape else comparison.with_values_of(first, second)
    if kind == "one other value":
        place = draw.integer(0, 99)
        one, other = draw.choice((("0", "-0.0"), ("1", "nan"), ("0", "-1"), ("1", "max")))
        first, second = (edited(tensor, place, value) for tensor, value in ((first, one), (second, other)))
    return {"input": first, "other": second}


def edited(tensor, place, landmark):
    """The tensor with a special value at a place."""
    return replace(tensor, values=replace(tensor.values, edits=(*tensor.values.edits, (place, landmark))))


def oracle(input, other):
    """NaN equals nothing, and zeros of either sign are equal."""
    first, second = comparison.numbers(input, other)
    return first.shape == second.shape and bool(np.all(first == second))


SAME_SHAPE = "input.shape == other.shape"

spec = Spec(
    operation="torch.equal",
    summary="Whether two tensors have the same shape and, in the promoted dtype, equal elements, as a Python boolean.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.equal.html",
    arguments=arguments,
    forms=(
        Form("torch.equal(input, other)"),
        Form("torch.equal(input=input, other=other)"),
        Form("input.equal(other)"),
        Form("input.equal(other=other)"),
    ),
    dtypes=ALL,
    oracle=oracle,
    returns=VALUE,
    common_dtype=PROMOTED,
    modes=(),
    refusals=(
        Refusal("a number as the second tensor", "torch.equal(input, 1)", TypeError),
        Refusal("a list as the first tensor", "torch.equal([1.0], other)", TypeError),
        Refusal("a call with one tensor", "torch.equal(input)", TypeError),
        Refusal("an out", "torch.equal(input, other, out=out)", TypeError),
    ),
    laws=(
        Law("the order of the tensors does not matter", "torch.equal(other, input)", "torch.equal(input, other)"),
        Law(
            "tensors of one shape are equal exactly if all their elements are",
            "torch.equal(input, other)",
            "torch.eq(input, other).all().item()",
            when=SAME_SHAPE,
        ),
        Law(
            "a tensor is equal to itself unless it holds NaN",
            "torch.equal(input, input)",
            "not torch.isnan(input).any().item()",
        ),
        Law(
            "a tensor is equal to its row-major copy unless it holds NaN",
            "torch.equal(input, input.contiguous().clone()), torch.equal(input.contiguous().clone(), input)",
            "(not torch.isnan(input).any().item(),) * 2",
        ),
        Law(
            "a last element that differs is noticed",
            "row = input.flatten()\ntorch.equal(torch.cat([row, row.new_ones(1)]), torch.cat([row, row.new_zeros(1)]))",
            "False",
        ),
        Law("a tensor is not equal to one of another rank", "torch.equal(input, input[None])", "False"),
        Law(
            "tensors without elements differ by their shapes",
            "torch.equal(torch.ones(0, 2), torch.ones(0, 3)), torch.equal(torch.ones(0, 2), torch.zeros(0, 2))",
            "False, True",
        ),
    ),
    # A tensor that is not row-major, or of another dtype, is copied first.
    cost=Cost(dtypes=(), workload=binary.workload, reference="elementwise"),
)
