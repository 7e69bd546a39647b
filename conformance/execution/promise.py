"""What a spec promises of one sample in one dtype. NumPy alone computes it: torch must not be compared with itself."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from functools import cached_property, partial
from typing import Any

import numpy as np

from conformance.numeric.dtypes import DTYPES, Array, convert, promote_operands
from conformance.samples.contents import Content, content_of, resolve_dtype
from conformance.samples.sample import Argument, Sample, TensorSample, tensors_in
from conformance.samples.vocabulary import CELL_DTYPE
from conformance.spec.contract import PROMOTED, PROMOTED_FLOAT, VALUE, DtypeRule, Form, Output, Spec, View
from conformance.spec.expressions import holds


def fits(sample: Sample, dtype: str, condition: str) -> bool:
    """Whether a `when` condition of a spec holds for a sample in a dtype. It is evaluated once."""
    if not condition:
        return True
    key = (condition, dtype if "dtype" in condition else "")
    known = sample.conditions.get(key)
    if known is None:
        known = sample.conditions[key] = holds(condition, {**sample.by_name, "dtype": dtype})
    return known


def is_taken(spec: Spec, sample: Sample, dtype: str) -> bool:
    """Whether a sample is a valid call in a dtype, and has no tensor of a dtype that the device lacks. What the spec
    says is worked out once."""
    if spec.lacking and any(content_of(tensor, dtype).dtype in spec.lacking for tensor in sample.tensors):
        return False
    if spec.takes is None:
        return True
    key = ("takes", dtype)
    if key not in sample.conditions:
        sample.conditions[key] = spec.takes(dtype, **sample.by_name)
    return sample.conditions[key]


class Promise:
    """One sample in one dtype: the contents of its tensors, and what the oracle promises of the call."""

    def __init__(self, spec: Spec, sample: Sample, dtype: str) -> None:
        self.spec, self.sample, self.dtype = spec, sample, dtype
        self.contents: tuple[Content, ...] = tuple(content_of(tensor, dtype) for tensor in sample.tensors)

    def flushed(self) -> Promise | None:
        """The promise with zeros in place of subnormal numbers among the arguments; None if there are none."""
        contents = tuple(content.flushed for content in self.contents)
        if all(one.pristine is other.pristine for one, other in zip(contents, self.contents)):
            return None
        made = Promise(self.spec, self.sample, self.dtype)
        made.contents = contents
        return made

    @property
    def form(self) -> Form:
        """The call that every check makes."""
        return self.spec.forms[0]

    def fits(self, condition: str, **extra: Any) -> bool:
        """Whether a `when` condition holds for this sample and dtype, and for the `extra` names."""
        if extra:
            return holds(condition, {**self.sample.by_name, "dtype": self.dtype, **extra})
        return fits(self.sample, self.dtype, condition)

    @cached_property
    def views(self) -> list[View] | None:
        """The place of each result in its argument's memory, or None if new memory is promised."""
        geometry = self.spec.memory.geometry
        return None if geometry is None else geometry(**self.sample.by_name)

    # --- dtypes ---------------------------------------------------------------------------------------------------

    @cached_property
    def promoted(self) -> str:
        """The dtype that the tensor arguments promote to."""
        return promote_operands(tuple((one.dtype, one.sample.rank) for one in self.contents if one.promotes))

    @cached_property
    def promoted_float(self) -> str:
        """The dtype that the tensor arguments promote to, with torch's default float32 in place of exact dtypes."""
        return self.promoted if DTYPES[self.promoted].inexact else "float32"

    @cached_property
    def common_dtype(self) -> str:
        """The dtype to which the operation converts its operands; empty if each operand keeps its own."""
        rule = self.spec.common_dtype
        if rule is not None:
            return self._dtype_by(rule)
        promoted = (one.dtype for one in self.spec.outputs if one.dtype in (PROMOTED, PROMOTED_FLOAT))
        return self._dtype_by(next(promoted, ""))

    def promised_dtype(self, output: Output) -> str:
        """The name of the dtype that an output must have."""
        return self._dtype_by(output.dtype)

    def bound_in(self, dtype: str) -> float | None:
        """How many ULP results of a dtype may be off; None if they must have the promised bits."""
        accuracy = self.spec.accuracy
        if accuracy.bound is None or not accuracy.is_bounded(dtype):
            return None
        return accuracy.bound(dtype, **self.sample.by_name)

    def _dtype_by(self, rule: DtypeRule) -> str:
        if callable(rule):
            return resolve_dtype(rule(self.promoted, **self.sample.by_name), self.dtype)
        if rule == PROMOTED_FLOAT:
            return self.promoted_float
        return {CELL_DTYPE: self.dtype, PROMOTED: self.promoted}.get(rule, rule)

    # --- results --------------------------------------------------------------------------------------------------

    @cached_property
    def promised(self) -> list[Any]:
        """The promised results: each an array, `Ranked`, `Positions`, `Sums`, `Allowed` or `Open`; or one Python
        value."""
        return self.oracle_with(self._oracle_array(content) for content in self.contents)

    def oracle_with(self, arrays: Iterable[Array]) -> list[Any]:
        """The results of the oracle with the tensors replaced by these arrays."""
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            answer = self.spec.oracle(**self.arguments_with(arrays))
        if self.spec.returns == VALUE:
            return [answer]
        return list(answer) if isinstance(answer, (list, tuple)) else [answer]

    def computed_in(self, dtype: str) -> list[Any]:
        """The results promised of the arguments converted to a dtype before anything is computed."""
        accuracy = self.spec.accuracy
        return self.oracle_with(
            convert(content.array, dtype).astype(accuracy.oracle_dtype(dtype), copy=False) for content in self.contents
        )

    def arguments_with(self, arrays: Iterable[Array | None]) -> dict[str, Any]:
        """The arguments as an oracle takes them: tensors as arrays, dtypes by name."""
        return self.sample.replace_tensors(arrays, partial(resolve_dtype, subject=self.dtype))

    def _oracle_array(self, content: Content) -> Array:
        dtype, array = content.dtype, content.array
        if self.common_dtype and content.promotes:
            dtype = self.common_dtype
            array = convert(array, dtype)
        return array.astype(self.spec.accuracy.oracle_dtype(dtype), copy=False)

    # --- names ----------------------------------------------------------------------------------------------------

    @cached_property
    def operand_names(self) -> list[str]:
        """The tensors as expressions: `input`, `tensors[1]`."""
        names: list[str] = []
        for name, argument in self.sample.arguments:
            names += _names_in(argument, name)
        return names

    @property
    def tensor_names(self) -> tuple[str, ...]:
        """The arguments that are or contain a tensor."""
        return tuple(name for name, value in self.sample.arguments if tensors_in(value))


def _names_in(argument: Argument, name: str) -> list[str]:
    """The tensors of one argument as expressions."""
    if isinstance(argument, TensorSample):
        return [name]
    parts = argument if isinstance(argument, tuple) else ()
    return [found for place, part in enumerate(parts) for found in _names_in(part, f"{name}[{place}]")]
