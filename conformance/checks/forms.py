"""forms: does every public form of the operation give the same bits?"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import torch

from conformance.checks.comparison import beyond_bound
from conformance.checks.parts import part_of_check
from conformance.checks.plain import call_lines
from conformance.execution.broken import Broken
from conformance.execution.evidence import EvidenceBuilder
from conformance.execution.execution import Execution, attempt, flatten
from conformance.execution.promise import fits
from conformance.execution.tensors import dtype_name, from_storage, layout_of, storage_address, to_array
from conformance.numeric.accuracy import compare_exact
from conformance.numeric.dtypes import DTYPES, Array
from conformance.results.model import Cell, Failure, FailureKind
from conformance.samples.sample import Sample
from conformance.samples.strides import contiguous_strides
from conformance.samples.values import landmark
from conformance.spec.contract import ONE, Form, Spec

NAME = "forms"

_OUT_KINDS = ("exact", "empty", "strided", "refused")


def parts(spec: Spec, sample: Sample, dtype: str) -> tuple[str, ...]:
    """The forms that fit a sample."""
    return tuple(form.call for form in spec.forms[1:] if fits(sample, dtype, form.when))


def examine(execution: Execution, evidence: EvidenceBuilder) -> None:
    """Compare each form that fits the sample with the first form."""
    for form in execution.spec.forms[1:]:
        if execution.promise.fits(form.when):
            with part_of_check(execution, evidence):
                _examine(execution, form, evidence)


def _examine(execution: Execution, form: Form, evidence: EvidenceBuilder) -> None:
    if form.takes_out:
        _out(execution, form, _OUT_KINDS[execution.sample.pick("kind of out", len(_OUT_KINDS))], evidence)
    elif form.writes:
        _in_place(execution, form, evidence)
    else:
        result = _call(execution, form)
        _require_same_values(execution, form, result)
        _require_same_memory(execution, form, result)
        execution.require_untouched()
        evidence.compared(execution.sample, part=form.call)


def _call(execution: Execution, form: Form, **extra: Any) -> Any:
    result, error = attempt(lambda: execution.call(form.call, **extra))
    if error is not None:
        raise Broken.raised(error, form.call, "the result of " + execution.form.call)
    return result


def _require_same_values(execution: Execution, form: Form, result: Any, bit_exact: bool = True) -> None:
    """Raise `Broken` unless a result equals that of the first form. With out= or in place another kernel may run; then
    the result need not be `bit_exact`, and the accuracy of the spec applies."""
    tensors = flatten(result, form.call)
    if len(tensors) != len(execution.tensors):
        raise Broken(FailureKind.COUNT, f"returned {len(tensors)} results", form.call, f"{len(execution.tensors)}")
    for place, (tensor, array, first) in enumerate(zip(tensors, execution.arrays, execution.tensors)):
        if dtype_name(tensor) != dtype_name(first):
            raise Broken(FailureKind.DTYPE, f"dtype is {dtype_name(tensor)}", form.call, dtype_name(first))
        difference = compare_exact(to_array(tensor), array)
        if difference is not None and not bit_exact:
            difference = beyond_bound(execution, place, to_array(tensor))
        if difference is not None:
            raise Broken.differs(difference, form.call, "the bits of " + execution.form.call, about=form.call)


def _require_same_memory(execution: Execution, form: Form, result: Any) -> None:
    """Raise `Broken` unless a result has the container, the layout and the sharing of memory of the first form's."""
    if type(result) is not type(execution.result):
        raise Broken(
            FailureKind.CONTAINER, f"returned {type(result).__name__}", form.call, type(execution.result).__name__
        )
    arguments = {storage_address(operand.tensor) for operand in execution.operands}
    for tensor, first in zip(flatten(result, form.call), execution.tensors):
        address, wanted = storage_address(tensor), storage_address(first)
        if tensor.numel() == 0:
            continue
        if wanted in arguments and address != wanted:
            raise Broken(FailureKind.SHARING, "a result does not share the argument's memory", form.call, "a view")
        if wanted not in arguments and address in (*arguments, wanted):
            raise Broken(FailureKind.SHARING, "a result does not have memory of its own", form.call, "new memory")
        if layout_of(tensor) != layout_of(first):
            _, strides, offset = layout_of(tensor)
            raise Broken(
                FailureKind.STRIDES, f"strides are {strides}, offset {offset}", form.call, f"as {execution.form.call}"
            )


# --- in place -----------------------------------------------------------------------------------------------------


def _in_place(execution: Execution, form: Form, evidence: EvidenceBuilder) -> None:
    """An in-place form must return the argument itself, which then holds the result. It must refuse an argument whose
    elements share memory with each other."""
    target = execution.sample.by_name[form.writes]
    if not execution.writes_in_place(form) or target.layout.kind in ("overlapping", "lazy"):
        return
    again = execution.again()
    repeats = any(stride == 0 and size > 1 for stride, size in zip(target.strides, target.shape)) and target.numel
    if repeats:
        _require_refused(again, form)
    else:
        returned = _call(again, form)
        if returned is not again.names[form.writes]:
            raise Broken(
                FailureKind.CONTAINER, "did not return the argument itself", form.call, f"{form.writes} itself"
            )
        _require_same_values(execution, form, returned, bit_exact=False)
        again.require_untouched(but=form.writes)
    evidence.compared(execution.sample, part=form.call)


def _require_refused(execution: Execution, form: Form, **extra: Any) -> None:
    _, error = attempt(lambda: execution.call(form.call, **extra))
    if not isinstance(error, (RuntimeError, TypeError)):
        where = "where the memory or dtype cannot take the result"
        raise Broken.not_refused(error, form.call, "RuntimeError or TypeError", where=where)
    execution.require_untouched()


# --- out= ---------------------------------------------------------------------------------------------------------


def _out(execution: Execution, form: Form, kind: str, evidence: EvidenceBuilder) -> None:
    """An out variant must return `out` itself, resize an empty one, and refuse one whose dtype cannot hold the result.
    `out` begins full of poison."""
    outs = [
        _poisoned(array, dtype_name(tensor), kind, execution.device)
        for tensor, array in zip(execution.tensors, execution.arrays)
    ]
    if any(out is None for out in outs):
        return
    given = outs[0] if execution.spec.returns == ONE else tuple(outs)
    if kind == "refused":
        before = [to_array(out).tobytes() for out in outs]
        _require_refused(execution, form, out=given)
        if [to_array(out).tobytes() for out in outs] != before:
            raise Broken(FailureKind.ARGUMENT_CHANGED, "a refused out= was written to", form.call, "out left as it was")
    else:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            result = _call(execution, form, out=given)
        returned = flatten(result, form.call)
        if any(part is not out for part, out in zip(returned, outs)):
            raise Broken(FailureKind.CONTAINER, "did not return out itself", form.call, "out itself")
        _require_same_values(execution, form, result, bit_exact=False)
        if kind == "strided":
            _require_gaps_intact(outs, form)
    execution.require_untouched()
    evidence.compared(execution.sample, part=form.call)


def _poisoned(array: Array, dtype: str, kind: str, device: str) -> Any:
    """An out tensor full of poison; None if there is no such kind of `out` for the result."""
    if kind == "refused":
        if DTYPES[dtype].kind == "bool" or array.size == 0:
            return None
        unfit = {"complex": torch.float32, "float": torch.int64}.get(DTYPES[dtype].kind, torch.bool)
        return torch.ones(tuple(array.shape), dtype=unfit, device=device)
    if kind == "empty":
        return torch.empty(0, dtype=getattr(torch, dtype), device=device)
    spread = 2 if kind == "strided" else 1
    storage = _poison(dtype, max(array.size, 1) * spread)
    flat = from_storage(storage, dtype).clone().to(device)
    strides = tuple(step * spread for step in contiguous_strides(array.shape))
    return flat.as_strided(tuple(array.shape), strides)


def _poison(dtype: str, count: int) -> Array:
    poison: Array = np.full(count, landmark(dtype, "nan" if DTYPES[dtype].inexact else "max"))
    return poison


def _require_gaps_intact(outs: list[Any], form: Form) -> None:
    """Raise `Broken` unless the gaps between the elements of a strided out still hold poison."""
    for out in outs:
        if out.numel() == 0 or _was_resized(out):
            continue
        between = out.as_strided((out.numel(),), (2,), 1)
        if to_array(between).tobytes() != _poison(dtype_name(out), out.numel()).tobytes():
            raise Broken(
                FailureKind.ARGUMENT_CHANGED,
                "wrote between the elements of a strided out",
                form.call,
                "only out's own elements",
            )


def _was_resized(out: Any) -> bool:
    """Whether a strided out has a new storage without gaps, which only a resize gives it."""
    return bool(out.untyped_storage().nbytes() < 2 * out.numel() * out.element_size())


def reproduce(execution: Execution, cell: Cell, failure: Failure) -> str:
    """The lines that print what the form gives, with the result of the first form as `out`."""
    return call_lines(execution, failure, execution.form.call) + f"print('promised:', {failure.promised!r})\n"
