"""One sample in one dtype as live tensors on a device: its arguments, its calls, and their results."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any

import torch

from conformance.execution import devices
from conformance.execution.broken import Broken
from conformance.execution.device_memory import is_out_of_memory
from conformance.execution.namespace import torch_names
from conformance.execution.promise import Promise
from conformance.execution.tensors import Operand, dtype_name, make, to_array
from conformance.numeric.dtypes import DTYPES, Array
from conformance.results.model import FailureKind
from conformance.samples.contents import resolve_dtype
from conformance.samples.sample import Sample
from conformance.spec.contract import VALUE, Form, Spec
from conformance.spec.expressions import evaluate


class Execution:
    """A promise and the live call: the arguments as tensors in new memory, and the result of one form, the first if
    none is given, which is computed when it is first needed. Raises `DeviceLacksMemory`."""

    def __init__(self, promise: Promise, device: str, form: Form | None = None) -> None:
        self.promise, self.device = promise, device
        self.form = form or promise.form
        self.is_known: Callable[[Broken], bool] = _nothing_is_known
        """whether a known deviation explains what is broken"""
        self.may_ask: Callable[[Sample], bool] = _any_sample
        """whether another sample in the same dtype is a valid call that a process survives"""
        self.operands = _made(promise, device)
        self.names: dict[str, Any] = {
            **torch_names(),
            "dtype": getattr(torch, promise.dtype),
            "device": device,
            **self.arguments_with(operand.tensor for operand in self.operands),
        }

    @property
    def spec(self) -> Spec:
        return self.promise.spec

    @property
    def sample(self) -> Sample:
        return self.promise.sample

    @property
    def dtype(self) -> str:
        return self.promise.dtype

    def again(self) -> Execution:
        """The same sample in new memory."""
        return self._as_here(Execution(self.promise, self.device, self.form))

    def by(self, form: Form) -> Execution:
        """The same sample, called by a form."""
        return self if form is self.form else self._as_here(Execution(self.promise, self.device, form))

    def of_sample(self, sample: Sample) -> Execution:
        """An execution of another sample in the same dtype on the same device, by the same form if that fits."""
        promise = Promise(self.spec, sample, self.dtype)
        form = self.form if promise.fits(self.form.when) else promise.form
        return self._as_here(Execution(promise, self.device, form))

    def _as_here(self, made: Execution) -> Execution:
        """An execution to which the same is known."""
        made.is_known, made.may_ask = self.is_known, self.may_ask
        return made

    # --- the call -------------------------------------------------------------------------------------------------

    def call(self, expression: str, **extra: Any) -> Any:
        """Evaluate an expression over the live arguments. New tensors are made on the device. A name that the
        expression binds is gone with it, and so is the memory that it holds."""
        names = {**self.names, **extra}
        if names["device"] == "cpu":
            return evaluate(expression, names)
        with torch.device(names["device"]), devices.required_to_answer(self.device):
            return evaluate(expression, names)

    @cached_property
    def result(self) -> Any:
        """The result of the form. Raises `Broken` if the call raises."""
        try:
            return self.call(self.form.call)
        except BaseException as error:
            raise Broken.raised(error, self.form.call, "a result") from error

    @cached_property
    def tensors(self) -> list[Any]:
        """The result as a list of tensors. Raises `Broken` if it is anything else, or has a dtype that is not known."""
        return self.tensors_of(self.result)

    def tensors_of(self, returned: Any) -> list[Any]:
        """What the form returned as a list of tensors, which a Python value has none of. Raises `Broken` if it is
        anything else, or has a dtype that is not known."""
        return [] if self.spec.returns == VALUE else flatten(returned, self.form.call)

    @cached_property
    def arrays(self) -> list[Array]:
        """The result as NumPy arrays. Raises `Broken` if it cannot be read: a device may do its work only then."""
        try:
            return [to_array(tensor) for tensor in self.tensors]
        except RuntimeError as error:
            raise Broken.raised(error, self.form.call, "a result") from error

    def arguments_with(self, stand_ins: Iterable[Any]) -> dict[str, Any]:
        """The arguments with the tensors replaced by `stand_ins`, one for each operand in order."""
        return self.sample.replace_tensors(stand_ins, self._torch_dtype)

    def _torch_dtype(self, role: str) -> Any:
        return getattr(torch, resolve_dtype(role, self.dtype))

    def results_with(self, stand_ins: Iterable[Any], **extra: Any) -> list[Any]:
        """The results of the form with the tensors replaced by `stand_ins`."""
        return self.tensors_of(self.call(self.form.call, **self.arguments_with(stand_ins), **extra))

    def results_of_leaves(self, leaves: Iterable[Any]) -> list[Any]:
        """The results of the form with the floating and complex tensors replaced by `leaves`."""
        remaining = iter(leaves)
        return self.results_with(next(remaining) if one.inexact else one.tensor for one in self.operands)

    def writes_in_place(self, form: Form) -> bool:
        """Whether a form fits the sample and changes an argument that can become the result."""
        if not form.writes or not self.promise.fits(form.when):
            return False
        if self.spec.reshapes(form):
            return self.promise.views is not None
        target, result = self.names[form.writes], self.tensors[0]
        return bool(result.shape == target.shape and result.dtype == target.dtype)

    def require_untouched(self, but: str = "", call: str = "", about: str = "") -> None:
        """Raise `Broken` if the call changed an argument other than `but`: what it holds, or how it lies."""
        spared = self.names.get(but)
        changes = [self._change_of(operand) for operand in self.operands if operand.tensor is not spared]
        for change in filter(None, changes):
            raise Broken(FailureKind.ARGUMENT_CHANGED, change, call, "arguments left as they were", about=about)

    def restore(self) -> None:
        """Make every argument again what it was, if a call changed it: other checks ask the same arguments."""
        for operand in self.operands:
            operand.restore(devices.has_strides(self.device))

    def _change_of(self, operand: Operand) -> str:
        if not operand.is_untouched:
            return "an argument was changed by the call"
        lies = operand.lies_as_made(devices.has_strides(self.device))
        return "" if lies else "the sizes or the strides of an argument were changed by the call"


def _made(promise: Promise, device: str) -> list[Operand]:
    """The arguments as tensors in new memory."""
    if device == "cpu":
        return [make(content, device) for content in promise.contents]
    with devices.required_to_answer(device):
        return [make(content, device) for content in promise.contents]


def _nothing_is_known(_: Broken) -> bool:
    return False


def _any_sample(_: Sample) -> bool:
    return True


def flatten(result: Any, call: str) -> list[Any]:
    """A result as a list of tensors. Raises `Broken` if it is anything else, or has a dtype that is not known."""
    tensors = list(result) if isinstance(result, (tuple, list)) else [result]
    if all(isinstance(part, torch.Tensor) for part in tensors):
        unknown = [name for name in map(dtype_name, tensors) if name not in DTYPES]
        if unknown:
            raise Broken(FailureKind.DTYPE, f"dtype is {unknown[0]}", call, "a dtype that the suite knows")
        return tensors
    raise Broken(FailureKind.CONTAINER, f"returned {type(result).__name__}", call, "tensors")


def attempt(action: Callable[[], Any]) -> tuple[Any, BaseException | None]:
    """The result of a call and None, or None and the exception that the call raised, be it `SystemExit`. That there is
    no memory left is no answer, and is raised."""
    try:
        return action(), None
    except BaseException as error:
        if is_out_of_memory(error):
            raise
        return None, error
