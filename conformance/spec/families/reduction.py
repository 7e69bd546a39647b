"""What operations share that reduce a tensor over one dimension, over several, or over all."""

from __future__ import annotations

from math import prod

from conformance.drawing.draw import Draw
from conformance.spec.contract import Form, Law, Refusal
from conformance.spec.families.dimension import (
    dims_of_another_type,
    dims_out_of_range,
    dims_out_of_range_with_out,
    no_tensor,
)

Dims = int | tuple[int, ...] | None
"""What may be reduced: one dimension, several, or all for None and for ()."""


def drawn_dims(draw: Draw, shape: tuple[int, ...]) -> Dims:
    """All dimensions, one of them, or some, counted from either end; shrinks to all."""
    which = draw.choice(("all", "one", "some"))
    return {"all": None, "one": draw.dim(len(shape)), "some": draw.dims(len(shape))}[which]


def reduced_axes(rank: int, dim: Dims) -> tuple[int, ...]:
    """The dimensions that are reduced, counted from the start."""
    if rank == 0 or dim is None or dim == ():
        return tuple(range(rank))
    return tuple(axis % rank for axis in (dim if isinstance(dim, tuple) else (dim,)))


def reduced_count(shape: tuple[int, ...], dim: Dims) -> int:
    """The number of elements that each result is made of."""
    return prod(shape[axis] for axis in reduced_axes(len(shape), dim))


def forms_over_dims(name: str, when: str = "True") -> tuple[Form, ...]:
    """Calls of torch.`name` that leave arguments out, name them, or go by the method. All need what `when` says."""
    return (
        Form(f"torch.{name}(input, dim, keepdim)", when=when),
        Form(f"torch.{name}(input, dim=dim, keepdim=keepdim)", when=when),
        Form(f"torch.{name}(input, axis=dim, keepdims=keepdim)", when=f"{when} and dim is not None"),
        Form(f"torch.{name}(input, dim)", when=f"{when} and dim is not None and not keepdim"),
        Form(f"torch.{name}(input)", when=f"{when} and dim is None and not keepdim"),
        Form(f"input.{name}(dim, keepdim)", when=when),
        Form(f"input.{name}(dim=dim, keepdim=keepdim)", when=when),
        Form(f"input.{name}()", when=f"{when} and dim is None and not keepdim"),
    )


def several_dims_refused(call: str, when: str = "") -> tuple[Refusal, ...]:
    """Tuples of dimensions that name one twice, or one that the input does not have; `{dim}` stands where they go.
    `when`: where a dimension that is named twice is what is wrong."""
    also = f" and {when}" if when else ""
    return (
        Refusal("a tuple with a dim past the last dimension", call.format(dim="(0, max(input.dim(), 1))"), IndexError),
        Refusal("a dim named twice", call.format(dim="(0, 0)"), RuntimeError, when=when),
        Refusal(
            "a dim named from either end",
            call.format(dim="(0, -input.dim())"),
            RuntimeError,
            when=f"input.rank > 0{also}",
        ),
    )


def keepdim_refused(call: str) -> tuple[Refusal, ...]:
    """Other things than a boolean where `{keepdim}` goes."""
    return (
        Refusal("a number as keepdim", call.format(keepdim="2"), TypeError),
        Refusal("a string as keepdim", call.format(keepdim="'yes'"), TypeError),
    )


def refusals_over_one_dim(name: str) -> tuple[Refusal, ...]:
    """Misuses of torch.`name`, which reduces one dimension or all."""
    return (
        *dims_out_of_range(f"torch.{name}(input, {{dim}})"),
        *dims_out_of_range_with_out(f"torch.{name}(input, {{dim}}, out=out)"),
        *dims_of_another_type(f"torch.{name}(input, {{dim}})"),
        *keepdim_refused(f"torch.{name}(input, 0, {{keepdim}})"),
        *no_tensor(f"torch.{name}({{input}})"),
    )


def refusals_over_dims(name: str, out: str = "out", when: str = "") -> tuple[Refusal, ...]:
    """Misuses of torch.`name`, which reduces one dimension, several or all. `out` is an out of the result's dtype, and
    `when` says where a dimension that is named twice is what is wrong."""
    return (
        *dims_out_of_range(f"torch.{name}(input, {{dim}})"),
        *dims_out_of_range_with_out(f"torch.{name}(input, {{dim}}, out={out})"),
        *dims_of_another_type(f"torch.{name}(input, {{dim}})"),
        *several_dims_refused(f"torch.{name}(input, {{dim}})", when),
        *keepdim_refused(f"torch.{name}(input, 0, {{keepdim}})"),
        *no_tensor(f"torch.{name}({{input}})"),
    )


_SIZES = (33, 1023, 32801)
_PLACES = ("0", "n // 2", "n - 1")

ROW_OF_ZEROS = "(torch.arange(n) == place).to(dtype) * 3"
ROW_OF_ONES = "(torch.arange(n) == place).to(dtype) * 2 + 1"


def every_place_counts(*calls: str, promised: str = "3", row: str = ROW_OF_ZEROS) -> tuple[Law, ...]:
    """Calls that each make one number of `row`, of which one of `n` elements is 3: wherever that stands, it is the
    number `promised`. The error bound of a long sum is larger than many an element, which could be left out else."""
    rows = f"for n in {_SIZES} for place in ({', '.join(_PLACES)}) for row in ({row},)"
    every = f"[number {rows} for number in ({', '.join(calls)},)]"
    count = len(_SIZES) * len(_PLACES) * len(calls)
    when = "input.numel < 4 and ('float' in dtype or 'complex' in dtype)"
    return (Law("an element counts wherever it stands", every, f"[{promised}] * {count}", when=when),)
