"""Parts of comparisons of two operands, element by element: they meet in the promoted dtype and give booleans."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from conformance.drawing.draw import Draw
from conformance.numeric.dtypes import Array, NumberKind, promote_operands
from conformance.samples.contents import resolve_dtype
from conformance.samples.sample import TensorSample
from conformance.spec.contract import Form, Law, Refusal
from conformance.spec.families import binary


def operands(draw: Draw, kinds: tuple[NumberKind, ...]) -> dict[str, Any]:
    """Two tensors, of which the second often holds the values of the first, so that equal numbers meet. In two dtypes
    they are one number rounded to each."""
    shapes, dtypes = draw.mutually_broadcastable_shapes(2), draw.promotable_dtypes(kinds)
    first, second = (draw.tensor(shape, dtype=dtype) for shape, dtype in zip(shapes, dtypes))
    return {"input": first, "other": with_values_of(first, second) if draw.boolean() else second}


def with_values_of(first: TensorSample, second: TensorSample) -> TensorSample:
    """The second tensor with the values of the first, so that equal numbers meet."""
    return replace(second, values=first.values)


def numbers(*arrays: Array) -> tuple[Array, ...]:
    """The operands for an oracle. Of booleans NumPy would compare the bytes, and any but 0 is True."""
    return tuple(array.view(np.uint8) != 0 if array.dtype == np.bool_ else array for array in arrays)


def has_a_number_of_another_dtype(dtype: str, input: TensorSample, other: TensorSample) -> bool:
    """A tensor without dimensions would have both compared in another dtype if it had one."""
    first, second = (resolve_dtype(one.dtype, dtype) for one in (input, other))
    plain, of_a_batch, beside_a_batch = (
        promote_operands(((first, input.rank + more), (second, other.rank + other_more)))
        for more, other_more in ((0, 0), (1, 0), (0, 1))
    )
    return not plain == of_a_batch == beside_a_batch


def forms(name: str, symbol: str) -> tuple[Form, ...]:
    """Every way to torch.`name`, whose operator is `symbol`."""
    return (
        *binary.functions(name),
        *binary.operators(symbol, name),
        *binary.reflected_operators(symbol),
        *binary.in_place(name),
        *binary.outs(name),
    )


def alias_forms(name: str) -> tuple[Form, ...]:
    """Another name of a comparison, as function, method, in-place method and with out=."""
    return (
        Form(f"torch.{name}(input, other)"),
        Form(f"torch.{name}(input=input, other=other)"),
        Form(f"input.{name}(other)"),
        Form(f"input.{name}_(other)", writes="input"),
        Form(f"torch.{name}(input, other, out=out)"),
    )


def refusals(name: str) -> tuple[Refusal, ...]:
    """The misuses that torch.`name` refuses."""
    return (
        *binary.shape_refusals(name),
        *binary.overlap_refusals(name),
        *binary.type_refusals(name),
        Refusal("None as the second operand", f"torch.{name}(input, None)", TypeError),
        Refusal("a number as the first operand of the function", f"torch.{name}(1, other)", TypeError),
        Refusal(
            "operands of dtypes that do not promote",
            f"torch.{name}(torch.ones(2, dtype=torch.uint64), torch.ones(2, dtype=torch.int64))",
            RuntimeError,
        ),
        Refusal(
            "the gradient of a comparison",
            f"torch.{name}(torch.ones(2, requires_grad=True), 1).sum().backward()",
            RuntimeError,
        ),
    )


def order_refusals(name: str, symbol: str) -> tuple[Refusal, ...]:
    """Complex numbers, and what else has no order."""
    return (
        *binary.operator_refusals(symbol),
        Refusal(
            "a complex tensor as the second operand",
            f"torch.{name}(torch.ones(2), torch.ones(2, dtype=torch.complex64))",
            NotImplementedError,
        ),
        Refusal("a complex number as the second operand", f"torch.ones(2) {symbol} 1j", NotImplementedError),
    )


def laws(name: str) -> tuple[Law, ...]:
    """What holds of every comparison torch.`name`."""
    call = f"torch.{name}(input, other)"
    return (
        Law(
            "operands that were broadcast before give the same result",
            f"torch.{name}(*torch.broadcast_tensors(input, other))",
            call,
            when=binary.SAME,
        ),
        Law(
            "the in-place method writes 1 where the comparison holds and 0 elsewhere",
            f"torch.broadcast_tensors(input, other)[0].clone().{name}_(other)",
            f"{call}.to(input.dtype)",
            when="input.rank > 0 or other.rank == 0",
        ),
        Law(
            "an out of another dtype receives 1 where the comparison holds and 0 elsewhere",
            f"torch.{name}(input, other, out=torch.empty(0, dtype=torch.float64))",
            f"{call}.to(torch.float64)",
        ),
        Law(
            "a tensor compared with itself in place gives what two tensors give",
            f"(same := input.clone()).{name}_(same)",
            f"torch.{name}(input, input).to(input.dtype)",
            when="input.dtype == 'subject'",
        ),
        Law(
            "fractions beside integers are compared in float32",
            f"(torch.{name}(input, 0.5), torch.{name}(input, 1.5))",
            f"(torch.{name}(input.to(torch.float32), 0.5), torch.{name}(input.to(torch.float32), 1.5))",
            when="dtype.startswith(('bool', 'int', 'uint')) and input.dtype == 'subject'",
        ),
        Law(
            "a whole number outside the range of the tensor is compared as it is",
            f"torch.{name}(input, -1)",
            f"torch.{name}(input.to(torch.int16), -1)",
            when="dtype == 'uint8' and input.dtype == 'subject'",
        ),
        Law(
            "whole numbers past the digits of a float are rounded before they are compared",
            f"torch.{name}(torch.tensor([2**53 + 1, 2**53 + 2]), torch.full((2,), 2.0**53, dtype=torch.float64))",
            f"torch.{name}(torch.tensor([0, 2]), 0)",
        ),
    )
