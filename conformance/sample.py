"""Samples: the arguments of one call as immutable data, without a live tensor, a dtype or a device."""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass
from functools import cached_property
from math import prod
from typing import Any, Union
from zlib import crc32

SUBJECT = "subject"
"""The dtype of a tensor that takes on the dtype of the cell."""


@dataclass(frozen=True)
class Layout:
    """How a tensor lies in memory: strides and offset in elements, `storage` elements in all.

    `lazy` sets the conjugate bit of a complex tensor and the negative bit of a floating one.
    """

    kind: str
    strides: tuple[int, ...]
    offset: int
    storage: int
    lazy: bool = False


@dataclass(frozen=True)
class Values:
    """What fills the storage: a `kind`, the `seed` of its place in the value pool, and edits at logical positions.

    An edit is (position in row-major order, landmark). Kind "index" fills with whole numbers in [low, high).
    """

    kind: str
    seed: int = 0
    edits: tuple[tuple[int, str], ...] = ()
    low: int = 0
    high: int = 0


@dataclass(frozen=True)
class TensorSample:
    """A tensor argument as data. `dtype` is `SUBJECT`, "partnerN" (the Nth dtype it promotes with) or a name."""

    shape: tuple[int, ...]
    layout: Layout
    values: Values
    dtype: str = SUBJECT

    @property
    def rank(self) -> int:
        return len(self.shape)

    @property
    def numel(self) -> int:
        return prod(self.shape)

    @property
    def strides(self) -> tuple[int, ...]:
        return self.layout.strides

    @property
    def promotes(self) -> bool:
        """Whether its dtype takes part in promotion: the cell's or a partner's, and not that of an index or mask."""
        return self.dtype == SUBJECT or self.dtype.startswith("partner")

    @property
    def offset(self) -> int:
        return self.layout.offset


Scalar = int | float | complex | str | bool | None
Argument = Union[TensorSample, Scalar, tuple["Argument", ...]]  # noqa: UP007 -- a name in quotes takes no |


@dataclass(frozen=True)
class Sample:
    """One call's arguments by name, in the order in which the spec draws them."""

    arguments: tuple[tuple[str, Argument], ...]

    @cached_property
    def by_name(self) -> dict[str, Any]:
        return dict(self.arguments)

    @cached_property
    def digest(self) -> int:
        """A number that is the same for equal samples in every process."""
        return crc32(repr(self.arguments).encode())

    @cached_property
    def tensors(self) -> tuple[TensorSample, ...]:
        """Every tensor of the sample, in order."""
        return tuple(tensors_in(tuple(value for _, value in self.arguments)))

    @cached_property
    def layouts(self) -> frozenset[str]:
        return frozenset(tensor.layout.kind for tensor in self.tensors)


def as_sample(arguments: dict[str, Any]) -> Sample:
    """The sample of these arguments; lists become tuples."""
    return Sample(tuple((name, _frozen(value)) for name, value in arguments.items()))


def _frozen(value: Any) -> Argument:
    return tuple(_frozen(part) for part in value) if isinstance(value, (list, tuple)) else value


def tensors_in(argument: Argument) -> list[TensorSample]:
    """The tensors of one argument, in order."""
    if isinstance(argument, TensorSample):
        return [argument]
    if isinstance(argument, tuple):
        return [tensor for part in argument for tensor in tensors_in(part)]
    return []


def contiguous_strides(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Row-major strides as torch reports them: a dimension of size 0 counts as 1."""
    strides, step = [], 1
    for size in reversed(shape):
        strides.append(step)
        step *= max(size, 1)
    return tuple(reversed(strides))


def view_strides(shape: tuple[int, ...], strides: tuple[int, ...], wanted: tuple[int, ...]) -> tuple[int, ...] | None:
    """The strides that show a tensor in the `wanted` shape without moving an element, or None.

    Runs of dimensions that lie as one (each stride is the next one's times its size) can be cut and merged at will.
    Source: torch.Tensor.view's documentation, its condition on compatible strides.
    """
    if 0 in shape:
        return contiguous_strides(wanted)
    runs = _runs(shape, strides)
    result: list[int] = []
    size, step = runs.pop()
    for want in reversed(wanted):
        if want == 1:
            result.append(step)
            continue
        while size == 1 and runs:
            size, step = runs.pop()
        if size % want:
            return None
        result.append(step)
        size, step = size // want, step * want
    return tuple(reversed(result)) if size == 1 and not runs else None


def broadcast_strides(shape: tuple[int, ...], strides: tuple[int, ...], wanted: tuple[int, ...]) -> tuple[int, ...]:
    """The strides that show a tensor in the `wanted` shape, to which its own must broadcast: 0 where it repeats."""
    new = len(wanted) - len(shape)
    kept = (stride if have == want else 0 for have, stride, want in zip(shape, strides, wanted[new:]))
    return (0,) * new + tuple(kept)


def _runs(shape: tuple[int, ...], strides: tuple[int, ...]) -> list[tuple[int, int]]:
    """(size, innermost stride) of each maximal run of dimensions that lie as one, outermost first."""
    runs: list[tuple[int, int]] = []
    for size, stride in zip(shape, strides):
        if size == 1:
            continue
        if runs and runs[-1][1] == size * stride:
            runs[-1] = (runs[-1][0] * size, stride)
        else:
            runs.append((size, stride))
    return runs or [(1, 1)]


def dense(shape: tuple[int, ...], kind: str = "normal", dtype: str = SUBJECT, high: int = 0) -> TensorSample:
    """A row-major tensor on a storage of its own, filled with values of one kind; `high` bounds indices and masks."""
    return TensorSample(
        shape, Layout("contiguous", contiguous_strides(shape), 0, prod(shape)), Values(kind, high=high), dtype
    )


def describe(argument: Any, indent: str = "") -> str:
    """A sample or argument as a person reads it, one line per argument."""
    if isinstance(argument, Sample):
        return "\n".join(f"{indent}{name} = {describe(value)}" for name, value in argument.arguments)
    if isinstance(argument, TensorSample):
        return _describe_tensor(argument)
    if isinstance(argument, tuple):
        return "(" + ", ".join(describe(part) for part in argument) + ("," if len(argument) == 1 else "") + ")"
    return repr(argument)


def _describe_tensor(tensor: TensorSample) -> str:
    values, layout = tensor.values, tensor.layout
    parts = [f"tensor{tensor.shape}", values.kind]
    if layout.kind != "contiguous":
        parts.append(f"{layout.kind} strides={layout.strides} offset={layout.offset}")
    if tensor.dtype != SUBJECT:
        parts.append(tensor.dtype)
    if values.edits:
        parts.append("with " + ", ".join(f"{landmark} at {position}" for position, landmark in values.edits))
    return "<" + ", ".join(parts) + ">"


def to_data(value: Any) -> Any:
    """A sample or part of one as plain lists, dicts and numbers that JSON can carry."""
    if is_dataclass(value) and not isinstance(value, type):
        return {"type": type(value).__name__, **{f.name: to_data(getattr(value, f.name)) for f in fields(value)}}
    if isinstance(value, tuple):
        return [to_data(part) for part in value]
    if isinstance(value, float):
        return {"type": "float", "hex": value.hex()}
    if isinstance(value, complex):
        return {"type": "complex", "hex": [value.real.hex(), value.imag.hex()]}
    return value


def from_data(data: Any) -> Any:
    """The inverse of `to_data`."""
    if isinstance(data, list):
        return tuple(from_data(part) for part in data)
    if not isinstance(data, dict):
        return data
    fields_of = {name: value for name, value in data.items() if name != "type"}
    if data["type"] == "float":
        return float.fromhex(data["hex"])
    if data["type"] == "complex":
        return complex(*(float.fromhex(part) for part in data["hex"]))
    classes = {"Layout": Layout, "Values": Values, "TensorSample": TensorSample, "Sample": Sample}
    return classes[data["type"]](**{name: from_data(value) for name, value in fields_of.items()})
