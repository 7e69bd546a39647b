"""One sample put to one dtype on one device: live arguments, the call, and what the oracle promises."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import Any

import numpy as np
import torch

from conformance.execution.namespace import torch_names
from conformance.execution.tensors import Operand, make, to_array
from conformance.numeric.dtypes import DTYPES, Array, promote_operands
from conformance.samples.contents import resolve_dtype
from conformance.samples.sample import SUBJECT, Sample, TensorSample, tensors_in
from conformance.spec.contract import PROMOTED, PROMOTED_FLOAT, Form, Output, Spec, View
from conformance.spec.expressions import evaluate, holds


class Broken(Exception):
    """A promise of the spec that a call did not keep; the message is for a person.

    `call` is the expression that showed it, `promised` what was promised in words, where there is one of either.
    """

    def __init__(self, message: str, call: str = "", promised: str = "") -> None:
        super().__init__(message)
        self.call = call
        self.promised = promised


class Execution:
    """The arguments of a sample as live tensors, and lazily the result of the first form and the oracle's answer."""

    def __init__(self, spec: Spec, sample: Sample, dtype: str, device: str) -> None:
        self.spec, self.sample, self.dtype, self.device = spec, sample, dtype, device
        self.operands: list[Operand] = []
        self.names: dict[str, Any] = dict(torch_names())
        self.names["dtype"] = getattr(torch, dtype)
        self.names["device"] = device
        for name, argument in sample.arguments:
            self.names[name] = self._live(argument)

    def _live(self, argument: Any) -> Any:
        if isinstance(argument, TensorSample):
            operand = make(argument, self.dtype, self.device)
            self.operands.append(operand)
            return operand.tensor
        if isinstance(argument, tuple):
            return tuple(self._live(part) for part in argument)
        return argument

    def again(self) -> Execution:
        """The same sample on fresh memory."""
        return Execution(self.spec, self.sample, self.dtype, self.device)

    def fits(self, condition: str, **extra: Any) -> bool:
        """Whether a `when` condition holds for this sample and dtype."""
        return not condition or holds(condition, {**self.sample.by_name, "dtype": self.dtype, **extra})

    def call(self, expression: str, **extra: Any) -> Any:
        """Evaluate an expression over the live arguments; what it makes anew is made on the device."""
        names = {**self.names, **extra} if extra else self.names
        if names["device"] == "cpu":
            return evaluate(expression, names)
        with torch.device(names["device"]):
            return evaluate(expression, names)

    @property
    def form(self) -> Form:
        return self.spec.forms[0]

    @cached_property
    def views(self) -> list[View] | None:
        """Where each result must lie, or None where new memory is promised."""
        geometry = self.spec.memory.geometry
        return None if geometry is None else geometry(**self.sample.by_name)

    @cached_property
    def result(self) -> Any:
        """What the first form returned; raises `Broken` if it raised."""
        try:
            return self.call(self.form.call)
        except Exception as error:
            raise Broken(f"raised {summary(error)}", self.form.call, "a result") from error

    @cached_property
    def tensors(self) -> list[Any]:
        """The result as a list of tensors; raises `Broken` where it is something else."""
        return flatten(self.result, self.form.call)

    @cached_property
    def arrays(self) -> list[Array]:
        """The result as NumPy arrays."""
        return [to_array(tensor) for tensor in self.tensors]

    @cached_property
    def promoted(self) -> str:
        """The dtype that the tensor arguments promote to."""
        return promote_operands(
            tuple(
                (resolve_dtype(tensor.dtype, self.dtype), tensor.rank)
                for tensor in self.sample.tensors
                if tensor.promotes
            )
        )

    @cached_property
    def promoted_float(self) -> str:
        """The dtype that they promote to where exact dtypes give torch's default float."""
        return self.promoted if DTYPES[self.promoted].inexact else "float32"

    @cached_property
    def shared_dtype(self) -> str:
        """The dtype to which the operation takes its operands first; empty where each keeps its own."""
        wanted = {output.dtype for output in self.spec.outputs}
        if PROMOTED_FLOAT in wanted:
            return self.promoted_float
        return self.promoted if PROMOTED in wanted else ""

    def promised_dtype(self, output: Output) -> str:
        """The name of the dtype that an output must have."""
        if callable(output.dtype):
            return output.dtype(self.promoted, **self.sample.by_name)
        if output.dtype == PROMOTED_FLOAT:
            return self.promoted_float
        return {SUBJECT: self.dtype, PROMOTED: self.promoted}.get(output.dtype, output.dtype)

    @cached_property
    def promised(self) -> list[Any]:
        """What the oracle says, one entry per result: an array, `Ranked` or `Positions`."""
        return self.oracle_with(self._oracle_array(operand) for operand in self.operands)

    def oracle_with(self, arrays: Iterable[Array]) -> list[Any]:
        """What the oracle answers for these arrays in the place of the tensors, one entry per result."""
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            answer = self.spec.oracle(**self.arguments_with(arrays))
        return list(answer) if isinstance(answer, (list, tuple)) else [answer]

    def arguments_with(self, stand_ins: Iterable[Any]) -> dict[str, Any]:
        """The arguments with `stand_ins`, one for each operand in order, in the place of the tensors."""
        remaining = iter(stand_ins)
        return {name: _with(value, remaining) for name, value in self.sample.arguments}

    def results_with(self, stand_ins: Iterable[Any], **extra: Any) -> list[Any]:
        """The results of the first form with `stand_ins` in the place of the tensors."""
        return flatten(self.call(self.form.call, **self.arguments_with(stand_ins), **extra), self.form.call)

    def results_of_leaves(self, leaves: Iterable[Any]) -> list[Any]:
        """The results of the first form with `leaves` in the place of the floating and complex tensors."""
        remaining = iter(leaves)
        return self.results_with(next(remaining) if one.inexact else one.tensor for one in self.operands)

    def _oracle_array(self, operand: Operand) -> Array:
        dtype, array = operand.dtype, operand.array
        if self.shared_dtype and operand.promotes:
            dtype = self.shared_dtype
            array = convert(array, dtype)
        return array.astype(self.spec.accuracy.oracle_dtype(dtype), copy=False)

    @cached_property
    def operand_names(self) -> list[str]:
        """The operands as expressions: `input`, `tensors[1]`."""
        names = []
        for name, argument in self.sample.arguments:
            count = len(tensors_in(argument))
            names += [name] if isinstance(argument, TensorSample) else [f"{name}[{place}]" for place in range(count)]
        return names

    def writes_in_place(self, form: Form) -> bool:
        """Whether a form writes its result to an argument, fits the sample, and the argument can take the result."""
        if not form.writes or not self.fits(form.when):
            return False
        target, result = self.names[form.writes], self.tensors[0]
        return bool(result.shape == target.shape and result.dtype == target.dtype)

    @property
    def tensor_names(self) -> tuple[str, ...]:
        """The arguments that are or contain a tensor."""
        return tuple(name for name, value in self.sample.arguments if tensors_in(value))

    def untouched(self, but: str = "") -> None:
        """Raise `Broken` unless every argument still is what it was; `but` names one that may have changed."""
        spared = self.names.get(but)
        for operand in self.operands:
            if operand.tensor is not spared and not operand.untouched():
                raise Broken("an argument was changed by the call", promised="arguments left as they were")


def _with(argument: Any, remaining: Iterator[Any]) -> Any:
    if isinstance(argument, TensorSample):
        return next(remaining)
    if isinstance(argument, tuple):
        return tuple(_with(part, remaining) for part in argument)
    return argument


def convert(array: Array, dtype: str) -> Array:
    """An array in another dtype, halves by way of float32 as torch's conversions go."""
    target = DTYPES[dtype].numpy
    if array.dtype == target:
        return array
    if dtype in ("float16", "bfloat16"):
        array = array.astype(np.float32)
    return array.astype(target)


def flatten(result: Any, call: str) -> list[Any]:
    """A result as a list of tensors."""
    if isinstance(result, torch.Tensor):
        return [result]
    if isinstance(result, (tuple, list)) and all(isinstance(part, torch.Tensor) for part in result):
        return list(result)
    raise Broken(f"returned {type(result).__name__}", call, "tensors")


def summary(error: BaseException) -> str:
    """The class of an error and the first line of its message."""
    text = (str(error).strip().splitlines() or [""])[0]
    return f"{type(error).__name__}: {text[:160]}"


def attempt(action: Callable[[], Any]) -> tuple[Any, Exception | None]:
    """A call's result, or the error that it raised."""
    try:
        return action(), None
    except Exception as error:
        return None, error
