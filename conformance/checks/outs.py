"""Out variants: what they write, where, and what they leave alone."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import torch

from conformance.checks.calls import require_refused, require_same_values, result_of
from conformance.checks.comparison import against_oracle
from conformance.execution.broken import Broken
from conformance.execution.devices import has_addresses, has_strides
from conformance.execution.execution import Execution, attempt, flatten
from conformance.execution.tensors import (
    dtype_name,
    from_storage,
    laid_out,
    layout_of,
    storage_address,
    to_array,
)
from conformance.numeric.dtypes import ALL, DTYPES, Array, convert
from conformance.results.model import FailureKind
from conformance.samples.strides import contiguous_strides, is_dense
from conformance.samples.values import landmark
from conformance.spec.contract import ONE, Form

KINDS = ("exact", "empty", "strided", "permuted", "refused", "of an argument")
"""Outs that fit the result: row-major, with gaps, with the dimensions in another order in memory. One that has no
element yet, one whose dtype cannot hold the result, and one in the memory of an argument."""

OF_ANOTHER_DTYPE = "of another dtype"
"""One of a dtype that the form says it takes, which is not that of the result."""

OF_EACH_OTHER = "of each other"
"""Several outs in the same memory."""

IN_PLACE_OF_ARGUMENT = "an out in the place of an argument"
OVERLAPS_ARGUMENT = "an out that overlaps an argument in part"
SHARED_WITH_OUT = "outs in the same memory"
OTHER_DTYPE = "an out of another dtype than the result's"

Given = list[Any]


def examine_out(execution: Execution, form: Form) -> bool:
    """Call an out variant with two kinds of out. False if there are no such kinds for the result."""
    return any([examine_kind(execution, form, kind) for kind in kinds_of_out(execution, form)])


def kinds_of_out(execution: Execution, form: Form) -> tuple[str, str]:
    """The two kinds of out of a sample."""
    kinds = KINDS if len(execution.tensors) < 2 else (*KINDS, OF_EACH_OTHER)
    kinds = (*kinds, OF_ANOTHER_DTYPE) if form.out_dtype.takes_named else kinds
    first = execution.sample.pick("kind of out", len(kinds))
    return kinds[first], kinds[(first + len(kinds) // 2) % len(kinds)]


def examine_kind(execution: Execution, form: Form, kind: str) -> bool:
    """Call an out variant with one kind of out. False if there is none for the result. Raises `Broken`."""
    if kind == "of an argument":
        return _in_memory_of_an_argument(execution, form)
    if kind == OF_EACH_OTHER:
        return _in_the_same_memory(execution, form)
    if kind == OF_ANOTHER_DTYPE:
        return _of_another_dtype(execution, form)
    outs = [made_out(execution, form, tensor, kind) for tensor in execution.tensors]
    if any(out is None for out in outs):
        return False
    if kind == "refused":
        _require_untouched_refusal(execution, form, outs)
    else:
        _require_written(execution, form, outs, keep=kind != "empty")
    execution.require_untouched(call=form.call)
    return True


def made_out(execution: Execution, form: Form, result: Any, kind: str) -> Any:
    """An out for a result; None if there is no such kind."""
    if kind != "refused":
        return poisoned(to_array(result), dtype_name(result), kind, execution.device)
    unfit = _unfit_dtypes(execution, form, dtype_name(result))
    computed = any(operand.sample.numel for operand in execution.operands)
    if not unfit or not result.numel() or (form.out_dtype.takes_named and not computed):
        return None
    dtype = unfit[execution.sample.pick("dtype of a refused out", len(unfit))]
    return torch.ones(tuple(result.shape), dtype=getattr(torch, dtype), device=execution.device)


def _unfit_dtypes(execution: Execution, form: Form, dtype: str) -> list[str]:
    """The dtypes that an out may not have for a result of a dtype."""
    rule = form.out_dtype
    if rule.takes_named:
        return [name for name in ALL if name not in rule.dtypes]
    if rule.rule == "its own":
        return [name for name in ALL if name != dtype]
    unfit = {"complex": "float32", "float": "int64", "bool": ""}.get(DTYPES[dtype].kind, "bool")
    return [unfit] if unfit else []


def _given(execution: Execution, outs: Given) -> Any:
    return outs[0] if execution.spec.returns == ONE else tuple(outs)


def _require_untouched_refusal(execution: Execution, form: Form, outs: Given) -> None:
    before = [to_array(out).tobytes() for out in outs]
    require_refused(execution, form, out=_given(execution, outs))
    if [to_array(out).tobytes() for out in outs] != before:
        raise Broken(FailureKind.ARGUMENT_CHANGED, "a refused out= was written to", form.call, "out left as it was")


def _require_written(execution: Execution, form: Form, outs: Given, keep: bool) -> None:
    """Raise `Broken` unless the call returns `out` itself, which holds the result. An out that is to `keep` its place
    lies where it lay, and nothing else of its storage was written to."""
    places = [_place(out, execution.device) for out in outs]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = result_of(execution, form, out=_given(execution, outs))
    returned = flatten(result, form.call)
    if any(part is not out for part, out in zip(returned, outs)):
        raise Broken(FailureKind.CONTAINER, "did not return out itself", form.call, "out itself")
    require_same_values(execution, form, result, bit_exact=False)
    if keep:
        for out, place in zip(outs, places):
            now = _place(out, execution.device)
            if now != place:
                raise Broken(FailureKind.STRIDES, f"out lies elsewhere: {now}", form.call, f"where it lay: {place}")
            if has_addresses(execution.device):
                _require_gaps_intact(out, form)


def _place(out: Any, device: str) -> tuple[Any, ...]:
    """Shape, strides and offset, and the address and bytes of the storage, as far as the device has them."""
    storage = (storage_address(out), out.untyped_storage().nbytes()) if has_addresses(device) else ()
    return (*(layout_of(out) if has_strides(device) else (tuple(out.shape),)), *storage)


# --- outs of another dtype ----------------------------------------------------------------------------------------


def _of_another_dtype(execution: Execution, form: Form) -> bool:
    """The result is written to an out of another dtype that the form takes: computed in that, or converted to it."""
    dtype, promised = another_dtype(execution, form)
    if promised is None:
        return False
    out = poisoned(execution.arrays[0], dtype, "exact", execution.device)
    result = result_of(execution, form, out=out)
    if result is not out or dtype_name(out) != dtype:
        raise Broken(FailureKind.CONTAINER, f"did not return the out of {dtype} itself", form.call, "out itself")
    difference, _ = against_oracle(execution.promise, 0, [to_array(out)], promised, dtype)
    if difference is not None:
        raise Broken.differs(difference, form.call, f"the result {form.out_dtype.rule} {dtype}", about=OTHER_DTYPE)
    execution.require_untouched(call=form.call)
    return True


def another_dtype(execution: Execution, form: Form) -> tuple[str, Any]:
    """The dtype of an out that is not the result's, and what is promised there; None where the form takes no other
    one, or nothing is defined."""
    if len(execution.tensors) != 1:
        return "", None
    others = [name for name in form.out_dtype.dtypes if name != dtype_name(execution.tensors[0])]
    if not others:
        return "", None
    dtype = others[execution.sample.pick("dtype of an out", len(others))]
    return dtype, (_computed_in if form.out_dtype.rule == "computed in" else _converted)(execution, dtype)


def _computed_in(execution: Execution, dtype: str) -> Any:
    """What the oracle promises of the arguments converted to a dtype; None where the conversion is not defined."""
    arrays = [content.array for content in execution.promise.contents]
    if not all(_converts(array, dtype) for array in arrays):
        return None
    with np.errstate(all="ignore"):
        return execution.promise.computed_in(dtype)[0]


def _converted(execution: Execution, dtype: str) -> Array | None:
    """The result converted to a dtype; None where the conversion is not defined."""
    return convert(execution.arrays[0], dtype) if _converts(execution.arrays[0], dtype) else None


def _converts(array: Array, dtype: str) -> bool:
    """Whether a conversion is defined: complex numbers have no real ones, and floats outside its range no integer."""
    target, kind = DTYPES[dtype], DTYPES[array.dtype.name].kind
    if kind == "complex" and target.kind != "complex":
        return False
    if kind != "float" or target.kind not in ("unsigned", "signed"):
        return True
    limits = np.iinfo(target.numpy)
    wide = array.astype(np.longdouble)
    return bool(((wide > limits.min - 1) & (wide < limits.max + 1)).all())


# --- outs full of poison ------------------------------------------------------------------------------------------


def poisoned(array: Array, dtype: str, kind: str, device: str) -> Any:
    """An out tensor full of poison."""
    shape = tuple(array.shape)
    if kind == "empty":
        return torch.empty(0, dtype=getattr(torch, dtype), device=device)
    if kind == "permuted":
        flat = _flat(dtype, max(array.size, 1) + 1, device)
        backwards = tuple(reversed(contiguous_strides(tuple(reversed(shape)))))
        return flat.as_strided(shape, backwards, 1)
    spread = 2 if kind == "strided" else 1
    strides = tuple(step * spread for step in contiguous_strides(shape))
    return _flat(dtype, max(array.size, 1) * spread, device).as_strided(shape, strides)


def _flat(dtype: str, count: int, device: str) -> Any:
    return from_storage(poison_of(dtype, count), dtype).clone().to(device)


def poison_of(dtype: str, count: int) -> Array:
    """So many elements of what an out is full of: NaN, or the largest number."""
    poison: Array = np.full(count, landmark(dtype, "nan" if DTYPES[dtype].inexact else "max"))
    return poison


def _require_gaps_intact(out: Any, form: Form) -> None:
    """Raise `Broken` unless what lies between and beside the elements of an out still holds poison."""
    size = out.untyped_storage().nbytes() // out.element_size()
    whole = to_array(out.as_strided((size,), (1,), 0)).copy()
    elements = np.ndarray(tuple(out.shape), whole.dtype, whole, out.storage_offset() * whole.itemsize, _bytes(out))
    elements[...] = poison_of(dtype_name(out), 1)[0]
    if whole.tobytes() != poison_of(dtype_name(out), size).tobytes():
        raise Broken(
            FailureKind.ARGUMENT_CHANGED, "wrote beside the elements of an out", form.call, "only out's own elements"
        )


def _bytes(out: Any) -> list[int]:
    return [step * out.element_size() for step in out.stride()]


# --- outs that share memory ---------------------------------------------------------------------------------------


def _in_memory_of_an_argument(execution: Execution, form: Form) -> bool:
    """The result is written over an argument, or over a part of it and past its end. This is refused, or right."""
    result = execution.tensors[execution.sample.pick("shared out", len(execution.tensors))]
    place = argument_to_write_to(execution, result)
    if place is None:
        return False
    operand, shape = execution.operands[place], tuple(result.shape)
    beside = np.concatenate([operand.pristine, poison_of(operand.dtype, result.numel() + 2)])
    flat = from_storage(beside, operand.dtype).clone().to(execution.device)
    shift = execution.sample.pick("elements before a shared out", 3)
    in_place = shape == operand.sample.shape and shift == 0
    strides = operand.sample.strides if in_place else contiguous_strides(shape)
    out = flat.as_strided(shape, strides, operand.sample.offset + shift)
    outs = [out if one is result else torch.empty_like(one) for one in execution.tensors]
    stand_ins = [other.tensor for other in execution.operands]
    stand_ins[place] = laid_out(flat, operand.sample, operand.dtype)
    about = IN_PLACE_OF_ARGUMENT if in_place else OVERLAPS_ARGUMENT
    _require_refused_or_right(execution, form, outs, about, execution.arguments_with(stand_ins))
    return True


def argument_to_write_to(execution: Execution, result: Any) -> int | None:
    """The index of an argument in whose memory a result can lie, if there is one. torch looks for shared memory only
    where both tensors are dense."""
    fitting = [
        place
        for place, operand in enumerate(execution.operands)
        if operand.dtype == dtype_name(result)
        and is_dense(operand.sample.shape, operand.sample.strides)
        and not operand.sample.layout.lazy
        and operand.sample.numel
    ]
    if not fitting or not result.numel():
        return None
    return fitting[execution.sample.pick("argument with an out in it", len(fitting))]


def _in_the_same_memory(execution: Execution, form: Form) -> bool:
    """Two results are written to one memory: each at its start, or one a little further. This is refused, or right."""
    if len(execution.tensors) < 2 or not all(one.numel() for one in execution.tensors):
        return False
    largest = max(one.numel() * one.element_size() for one in execution.tensors)
    flat = torch.zeros(largest // 8 + 4, dtype=torch.int64, device=execution.device)
    starts = (0, execution.sample.pick("elements between shared outs", 2))
    outs = [
        flat.view(one.dtype).as_strided(tuple(one.shape), contiguous_strides(tuple(one.shape)), start)
        for one, start in zip(execution.tensors, starts)
    ]
    _require_refused_or_right(execution, form, outs, SHARED_WITH_OUT, {})
    return True


def _require_refused_or_right(
    execution: Execution, form: Form, outs: Given, about: str, arguments: dict[str, Any]
) -> None:
    before = [to_array(out).tobytes() for out in outs]
    result, error = attempt(lambda: execution.call(form.call, out=_given(execution, outs), **arguments))
    if error is None:
        require_same_values(execution, form, result, bit_exact=False, about=about)
    elif not isinstance(error, RuntimeError):
        raise Broken.not_refused(error, form.call, "RuntimeError, or the result", about=about)
    elif [to_array(out).tobytes() for out in outs] != before:
        raise Broken(FailureKind.ARGUMENT_CHANGED, "a refused out= was written to", form.call, about=about)
