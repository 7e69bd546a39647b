"""Parts of operations on two operands, `input` and `other`, that broadcast and promote."""

from __future__ import annotations

from typing import Any

from conformance.drawing.draw import Draw
from conformance.drawing.shapes import Shape
from conformance.numeric.dtypes import Array
from conformance.samples.sample import dense
from conformance.samples.vocabulary import CELL_DTYPE, DtypeRole
from conformance.spec.contract import Form, Refusal

SAME = "input.dtype == other.dtype"
"""The operands have one dtype."""

NUMBER = f"other.rank == 0 and {SAME}"
"""The second operand may be written as a Python number."""

FIRST_NUMBER = f"input.rank == 0 and {SAME}"
"""The first operand may be written as a Python number."""

OWN = (CELL_DTYPE, CELL_DTYPE)

Shapes = tuple[Shape, ...]
Dtypes = tuple[DtypeRole, DtypeRole]


def bfloat16_meets_a_complex_number(*operands: Array) -> bool:
    """One operand is a bfloat16 tensor with dimensions, and one is complex and has none. Since torch 2.14 they promote
    to bcomplex32, of which NumPy has nothing."""
    ranked, numbers = ([one for one in operands if bool(one.ndim) is wanted] for wanted in (True, False))
    return any(one.dtype.kind == "c" for one in numbers) and any(one.dtype.name == "bfloat16" for one in ranked)


def is_traced_by_its_out(dtype: str, **arguments: Any) -> bool:
    """The in-place function is made of the one with `out=` when it is traced, as torch does for many. Always true."""
    return True


# --- arguments ----------------------------------------------------------------------------------------------------


def operands(draw: Draw, shapes: Shapes, dtypes: Dtypes) -> dict[str, Any]:
    """Tensors of any values. One that stands beside another dtype has no value that would be rounded on the way."""
    tensor = draw.tensor if dtypes == OWN else draw.mixed_dtype_tensor
    return {"input": tensor(shapes[0], dtype=dtypes[0]), "other": tensor(shapes[1], dtype=dtypes[1])}


def exact_operands(draw: Draw, shapes: Shapes, dtypes: Dtypes) -> dict[str, Any]:
    """Tensors of any values, but of two dtypes only values that both have."""
    tensor = draw.tensor if dtypes == OWN else draw.exactly_representable_tensor
    return {"input": tensor(shapes[0], dtype=dtypes[0]), "other": tensor(shapes[1], dtype=dtypes[1])}


def workload(size: int) -> dict[str, Any]:
    """Two matrices of rows of 64."""
    shape = (size // 64, 64)
    return {"input": dense(shape), "other": dense(shape)}


# --- forms --------------------------------------------------------------------------------------------------------


def _both(*conditions: str) -> str:
    return " and ".join(condition for condition in conditions if condition)


def functions(name: str, when: str = "") -> tuple[Form, ...]:
    """The function and the method, with positional arguments, keywords and a number."""
    return (
        Form(f"torch.{name}(input, other)", when),
        Form(f"torch.{name}(input=input, other=other)", when),
        Form(f"input.{name}(other)", when),
        Form(f"input.{name}(other=other)", when),
        Form(f"torch.{name}(input, other.item())", _both(NUMBER, when)),
        Form(f"input.{name}(other.item())", _both(NUMBER, when)),
    )


def operators(symbol: str, name: str, when: str = "") -> tuple[Form, ...]:
    """The operator, and the function of Python's module `operator`; with a number after it too."""
    return (
        Form(f"input {symbol} other", when),
        Form(f"operator.{name}(input, other)", when),
        Form(f"input {symbol} other.item()", _both(NUMBER, when)),
    )


def reflected_operators(symbol: str, when: str = "") -> tuple[Form, ...]:
    """The operator with a number before it."""
    return (Form(f"input.item() {symbol} other", _both(FIRST_NUMBER, when)),)


def in_place(name: str, when: str = "") -> tuple[Form, ...]:
    """The method that writes to the first operand."""
    return (
        Form(f"input.{name}_(other)", when, writes="input"),
        Form(f"input.{name}_(other.item())", _both(NUMBER, when), writes="input"),
    )


def augmented(name: str, when: str = "") -> tuple[Form, ...]:
    """The assignment by an operator, `operator.iadd` for `+=`."""
    return (Form(f"operator.{name}(input, other)", when, writes="input"),)


def outs(name: str, when: str = "") -> tuple[Form, ...]:
    """The function with an out of its own, and with each operand as the out."""
    return (
        Form(f"torch.{name}(input, other, out=input)", when, writes="input"),
        Form(f"torch.{name}(input, other, out=other)", when, writes="other"),
        Form(f"torch.{name}(input, other, out=out)", when),
    )


# --- refusals -----------------------------------------------------------------------------------------------------


def shape_refusals(name: str) -> tuple[Refusal, ...]:
    """Operands of torch.`name` that do not broadcast, to each other or to what is written to."""
    return (
        Refusal(
            "operands whose shapes do not broadcast",
            f"torch.{name}(input, input.new_zeros(input.shape[-1] + 2))",
            RuntimeError,
            when="input.rank > 0 and input.shape[-1] != 1",
        ),
        Refusal(
            "operands whose shapes do not broadcast, with out=",
            f"torch.{name}(torch.ones(3, dtype=dtype), torch.ones(2, dtype=dtype), out=out)",
            RuntimeError,
        ),
        Refusal(
            "an in-place call on a tensor that would have to grow",
            f"torch.ones(1, dtype=dtype).{name}_(torch.ones(3, dtype=dtype))",
            RuntimeError,
        ),
        Refusal(
            "an in-place call on a tensor with too few dimensions",
            f"out.{name}_(torch.ones(2, 3, dtype=dtype))",
            RuntimeError,
        ),
    )


def overlap_refusals(name: str) -> tuple[Refusal, ...]:
    """What torch.`name` would write to is read, or lies in memory that is one element."""
    return (
        Refusal(
            "an out that overlaps an operand in part",
            f"torch.{name}(out[:-1], out[:-1], out=out[1:])",
            RuntimeError,
        ),
        Refusal(
            "an in-place call on memory that overlaps the operand in part",
            f"out[1:].{name}_(out[:-1])",
            RuntimeError,
        ),
        Refusal("an in-place call on an expanded tensor", f"out[:1].expand(3).{name}_(out)", RuntimeError),
    )


def narrow_out_refusals(name: str) -> tuple[Refusal, ...]:
    """An out of torch.`name` that cannot hold the result."""
    return (
        Refusal(
            "a real out for a complex result",
            f"torch.{name}(torch.ones(3), torch.ones(3, dtype=torch.complex64), out=torch.ones(3))",
            RuntimeError,
        ),
    )


def type_refusals(name: str) -> tuple[Refusal, ...]:
    """Arguments of torch.`name` that are no tensor, or missing."""
    return (
        Refusal("a string as the second operand", f"torch.{name}(input, 'other')", TypeError),
        Refusal("a call with one operand", f"torch.{name}(input)", TypeError),
        Refusal("a string as out", f"torch.{name}(input, other, out='out')", TypeError),
    )


def operator_refusals(symbol: str) -> tuple[Refusal, ...]:
    """What an operator does not take."""
    return (Refusal("None after the operator", f"input {symbol} None", TypeError),)
