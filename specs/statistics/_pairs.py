"""What maximum and minimum have in common: the extreme of two elements."""

import numpy as np

from conformance.spec import Draw, Form, Law, Open, Refusal, contents, dense

from ._extremes import comparable, is_minus_zero


def two_operands(draw: Draw):
    input_shape, other_shape = draw.mutually_broadcastable_shapes(2)
    return {"input": draw.tensor(input_shape), "other": draw.tensor(other_shape)}


def extreme_of_two(choose, input, other):
    """What np.maximum or np.minimum chooses; NaN wins; zeros of different signs tie."""
    chosen = choose(comparable(input), comparable(other))
    return Open(np.asarray(chosen).astype(input.dtype), zeros=~(is_minus_zero(input) == is_minus_zero(other)))


def shared_by_equals(incoming, is_chosen, input, other):
    """The incoming gradient goes to the element that is chosen; equal ones get half of it each."""
    first = np.where(input == other, 0.5, is_chosen)
    return {"input": incoming * first, "other": incoming * (1 - first)}


def halves_bound(dtype, input, other):
    """Halving a subnormal number rounds, and so does converting to another dtype. Nothing is promised of NaN."""
    arrays = [contents(one, dtype).astype(np.float64) for one in (input, other)]
    return np.inf if any(np.isnan(array).any() for array in arrays) else 2


def workload_of_two(size):
    shape = (size // 64, 64)
    return {"input": dense(shape), "other": dense(shape, "few")}


def forms_of_two(name, short):
    """Calls of torch.`name` of two tensors, also by the name `short`."""
    return (
        Form(f"torch.{name}(input, other)"),
        Form(f"torch.{name}(input=input, other=other)"),
        Form(f"input.{name}(other)"),
        Form(f"torch.{short}(input, other)"),
        Form(f"torch.{short}(input, other=other)"),
        Form(f"input.{short}(other)"),
        Form(f"torch.{name}(input, other, out=out)"),
        Form(f"torch.{short}(input, other, out=out)"),
    )


def refusals_of_two(name):
    """Misuses of torch.`name`."""
    return (
        Refusal(
            "operands whose shapes do not broadcast",
            f"torch.{name}(torch.ones(3, dtype=dtype), torch.ones(2, dtype=dtype))",
            RuntimeError,
        ),
        Refusal(
            "operands whose shapes do not broadcast, with out=",
            f"torch.{name}(torch.ones(3, dtype=dtype), torch.ones(2, dtype=dtype), out=out)",
            RuntimeError,
        ),
        Refusal("a number as the second operand", f"torch.{name}(input, 1)", TypeError),
        Refusal("a call with one operand", f"torch.{name}(input)", TypeError),
        Refusal("a list in place of the tensor", f"torch.{name}([1.0], other)", TypeError),
        Refusal(
            "complex operands",
            f"torch.{name}(torch.ones(2, dtype=torch.complex64), torch.ones(2, dtype=torch.complex64))",
            RuntimeError,
        ),
    )


def laws_of_two(name):
    """The order of the operands, and the dtype in which they meet."""
    return (
        Law(
            "the order of the operands does not matter",
            f"torch.{name}(other, input) + 0",
            f"torch.{name}(input, other) + 0",
            when="dtype != 'bool'",
        ),
        Law(
            "operands of two dtypes meet in the one that they promote to",
            f"torch.{name}(input, other.double())",
            f"torch.{name}(input.double(), other.double())",
            when="other.rank > 0 or input.rank == 0",
        ),
    )
