"""Samples: the arguments of one call as immutable data, without a live tensor, a dtype or a device."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import blake2b
from math import prod
from operator import methodcaller
from types import EllipsisType
from typing import Any, Union
from zlib import crc32

from conformance.samples.strides import contiguous_strides
from conformance.samples.vocabulary import (
    CELL_DTYPE,
    FILLINGS,
    DtypeRole,
    Partner,
    require_shape,
    require_tensor_dtype,
    require_word,
)


@dataclass(frozen=True)
class Layout:
    """The layout of a tensor in memory. Strides, offset and storage are in elements."""

    kind: str
    strides: tuple[int, ...]
    offset: int
    storage: int
    """the size of the whole storage"""
    lazy: bool = False
    """whether the conjugate bit of a complex tensor, or the negative bit of a floating one, is set"""


@dataclass(frozen=True)
class Values:
    """The values that fill a storage, and edits of single elements."""

    kind: str
    seed: int = 0
    """where the values begin in the pool of their kind"""
    edits: tuple[tuple[int, str], ...] = ()
    """pairs of a position, in row-major order of the tensor, and the landmark that is put there"""
    low: int = 0
    """kinds "index" and "fraction": the smallest value, which of fractions is counted in 64ths; kind "spaced": 1 where
    all real parts are above 0"""
    high: int = 0
    """kinds "index" and "fraction": one more than the largest value"""


@dataclass(frozen=True)
class TensorSample:
    """A tensor argument as data. `dtype` is `CELL_DTYPE`, a `Partner` or the name of a dtype."""

    shape: tuple[int, ...]
    layout: Layout
    values: Values
    dtype: DtypeRole = CELL_DTYPE

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
        """Whether the tensor takes part in type promotion. An index or a mask does not."""
        return self.dtype == CELL_DTYPE or isinstance(self.dtype, Partner)

    @property
    def offset(self) -> int:
        return self.layout.offset

    def with_other_values(self, step: int) -> TensorSample:
        """The tensor with other values of the same kind, another one for each step; itself at step 0."""
        if step == 0:
            return self
        kind = "few" if self.values.kind == "counting" else self.values.kind
        return replace(self, values=replace(self.values, kind=kind, seed=self.values.seed ^ step))


@dataclass(frozen=True)
class SliceSample:
    """A slice as data: before Python 3.12 its own cannot be hashed. Calls and oracles get the slice."""

    start: int | None
    stop: int | None
    step: int | None

    @property
    def live(self) -> slice:
        return slice(self.start, self.stop, self.step)


@dataclass(frozen=True)
class DTypeSample:
    """A dtype as data, in the words of a tensor's: `CELL_DTYPE` or a name. Calls get torch's dtype, oracles its
    name, and conditions and functions of a spec this, as they get a tensor."""

    dtype: str


Scalar = int | float | complex | str | bool | EllipsisType | None
Argument = Union[TensorSample, SliceSample, DTypeSample, Scalar, tuple["Argument", ...]]  # noqa: UP007 -- a name in quotes takes no |


@dataclass(frozen=True)
class Sample:
    """One call's arguments by name, in the order in which the spec draws them."""

    arguments: tuple[tuple[str, Argument], ...]

    @cached_property
    def by_name(self) -> dict[str, Any]:
        return dict(self.arguments)

    @cached_property
    def conditions(self) -> dict[tuple[str, str], bool]:
        """The conditions that were evaluated for this sample, by condition and dtype."""
        return {}

    @cached_property
    def digest(self) -> int:
        """A checksum: equal samples have the same in every process."""
        return crc32(repr(self.arguments).encode())

    def pick(self, question: str, count: int) -> int:
        """A number below `count` that varies from sample to sample. It is the same in every process, and independent of
        the numbers that other questions pick."""
        data = f"{question} {self.digest}".encode()
        return int.from_bytes(blake2b(data, digest_size=8).digest(), "little") % count

    def map(self, function: Callable[[TensorSample], Any]) -> dict[str, Any]:
        """The arguments by name, with each tensor replaced by `function(tensor)`."""
        return {name: _mapped(value, function) for name, value in self.arguments}

    def with_tensors(self, function: Callable[[TensorSample], TensorSample]) -> Sample:
        """The sample with each tensor replaced by `function(tensor)`."""
        return Sample(tuple(self.map(function).items()))

    def with_other_values(self, step: int) -> Sample:
        """The sample with other values in each tensor, other ones for each step; itself at step 0."""
        return self.with_tensors(methodcaller("with_other_values", step)) if step else self

    def replace_tensors(self, stand_ins: Iterable[Any], dtype_as: Callable[[str], Any] = str) -> dict[str, Any]:
        """The arguments by name as a call takes them: with the tensors replaced by `stand_ins`, one for each tensor in
        order, and what stands for a dtype by what `dtype_as` makes of its word."""
        remaining = iter(stand_ins)
        return {name: _live(value, remaining, dtype_as) for name, value in self.arguments}

    @cached_property
    def tensors(self) -> tuple[TensorSample, ...]:
        """Every tensor of the sample, in order."""
        return tuple(tensors_in(tuple(value for _, value in self.arguments)))

    @cached_property
    def is_mixed(self) -> bool:
        """Whether one of the tensors has a dtype with which that of the cell promotes."""
        return any(isinstance(tensor.dtype, Partner) for tensor in self.tensors)

    @cached_property
    def layouts(self) -> frozenset[str]:
        return frozenset(tensor.layout.kind for tensor in self.tensors)


def as_sample(arguments: dict[str, Any]) -> Sample:
    """The sample with these arguments. Lists become tuples, and slices data."""
    return Sample(tuple((name, _frozen(value)) for name, value in arguments.items()))


def _frozen(value: Any) -> Argument:
    if isinstance(value, slice):
        return SliceSample(value.start, value.stop, value.step)
    return tuple(_frozen(part) for part in value) if isinstance(value, (list, tuple)) else value


def _mapped(argument: Any, function: Callable[[TensorSample], Any]) -> Any:
    if isinstance(argument, TensorSample):
        return function(argument)
    if isinstance(argument, tuple):
        return tuple(_mapped(part, function) for part in argument)
    return argument


def _live(argument: Any, stand_ins: Iterator[Any], dtype_as: Callable[[str], Any]) -> Any:
    if isinstance(argument, TensorSample):
        return next(stand_ins)
    if isinstance(argument, DTypeSample):
        return dtype_as(argument.dtype)
    if isinstance(argument, SliceSample):
        return argument.live
    if isinstance(argument, tuple):
        return tuple(_live(part, stand_ins, dtype_as) for part in argument)
    return argument


def tensors_in(argument: Argument) -> list[TensorSample]:
    """The tensors of one argument, in order."""
    if isinstance(argument, TensorSample):
        return [argument]
    if isinstance(argument, tuple):
        return [tensor for part in argument for tensor in tensors_in(part)]
    return []


def dense(shape: tuple[int, ...], kind: str = "normal", dtype: DtypeRole = CELL_DTYPE, high: int = 0) -> TensorSample:
    """A row-major tensor on a storage of its own, filled with values of one kind; `high` bounds indices and masks.

    Raises `SpecError` for a kind or a dtype that there is none of.
    """
    require_shape("dense: shape", shape)
    require_word("dense: kind", "kind of values", kind, FILLINGS)
    require_tensor_dtype("dense: dtype", dtype)
    return TensorSample(
        shape, Layout("contiguous", contiguous_strides(shape), 0, prod(shape)), Values(kind, high=high), dtype
    )
