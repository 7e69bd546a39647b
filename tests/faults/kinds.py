"""Kinds of faults that many operations can have; `standard` chooses those that a spec must be able to see.

A kind is a (title, body). The bodies take whatever arguments an operation has.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import torch

from conformance.execution.promise import Promise
from conformance.samples.sample import TensorSample
from conformance.spec import ALL, VALUE, Allowed, Spec
from tests.faults.kit import (
    Body,
    Clean,
    changed,
    entry_points,
    is_dense,
    row_major,
    samples_of,
    shares_memory,
    spoil,
    takes_tensors,
    tensors_in,
)

Kind = tuple[str, Body]
Change = Callable[[torch.Tensor], torch.Tensor]


def results(title: str, change: Change) -> Kind:
    """The operation computes well and then makes `change` to its results."""

    def body(clean: Clean, *args: Any, **kwargs: Any) -> Any:
        result = clean(*args, **kwargs)
        inputs = tensors_in(args) if clean.views else []

        def change_unless_a_view(tensor: torch.Tensor) -> torch.Tensor:
            return tensor if any(shares_memory(tensor, source) for source in inputs) else change(tensor)

        return spoil(result, change_unless_a_view)

    return title, body


def inputs(title: str, change: Change) -> Kind:
    """The operation sees `change` made to its tensor arguments."""

    def body(clean: Clean, *args: Any, **kwargs: Any) -> Any:
        spared = 1 if clean.in_place else 0
        out = {name: kwargs.pop(name) for name in ("out",) if name in kwargs}
        return clean(*args[:spared], *changed(args[spared:], change), **changed_values(kwargs, change), **out)

    return title, body


def changed_values(kwargs: dict[str, Any], change: Change) -> dict[str, Any]:
    return {name: changed(value, change) for name, value in kwargs.items()}


def _of_dtype(tensor: torch.Tensor, dtypes: tuple[str, ...]) -> bool:
    return str(tensor.dtype).removeprefix("torch.") in dtypes


# --- special values -----------------------------------------------------------------------------------------------


def nan_lost(*dtypes: str) -> Kind:
    def change(tensor: torch.Tensor) -> torch.Tensor:
        if not _of_dtype(tensor, dtypes):
            return tensor
        return torch.where(tensor.isnan(), torch.zeros_like(tensor), tensor)

    return results(f"NaN in a result becomes 0 in {_listed(dtypes)}", change)


def negative_zero_lost(*dtypes: str) -> Kind:
    def change(tensor: torch.Tensor) -> torch.Tensor:
        return tensor + 0 if _of_dtype(tensor, dtypes) else tensor

    return results(f"-0.0 in a result becomes 0.0 in {_listed(dtypes)}", change)


def subnormals_flushed(*dtypes: str) -> Kind:
    def change(tensor: torch.Tensor) -> torch.Tensor:
        if not _of_dtype(tensor, dtypes):
            return tensor
        return torch.where(tensor.abs() < torch.finfo(tensor.dtype).tiny, torch.zeros_like(tensor), tensor)

    return results(f"subnormal results become 0 in {_listed(dtypes)}", change)


def subnormal_inputs_flushed(*dtypes: str) -> Kind:
    def change(tensor: torch.Tensor) -> torch.Tensor:
        if not _of_dtype(tensor, dtypes):
            return tensor
        return torch.where(tensor.abs() < torch.finfo(tensor.dtype).tiny, torch.zeros_like(tensor), tensor)

    return inputs(f"subnormal inputs count as 0 in {_listed(dtypes)}", change)


def infinity_clipped(*dtypes: str) -> Kind:
    def change(tensor: torch.Tensor) -> torch.Tensor:
        largest = torch.finfo(tensor.dtype).max if tensor.is_floating_point() else 0
        return tensor.clamp(-largest, largest) if _of_dtype(tensor, dtypes) else tensor

    return results(f"infinite results become the largest number in {_listed(dtypes)}", change)


# --- layouts ------------------------------------------------------------------------------------------------------


def _as_if_contiguous(tensor: torch.Tensor) -> torch.Tensor:
    if tensor.is_contiguous() or not is_dense(tensor):
        return tensor
    return tensor.as_strided(tensor.shape, row_major(tensor.shape))


def _from_the_start(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.as_strided(tensor.shape, tensor.stride(), 0)


def _without_lazy_bits(tensor: torch.Tensor) -> torch.Tensor:
    if tensor.is_conj():
        tensor = tensor.conj()
    return torch._neg_view(tensor) if tensor.is_neg() else tensor


def _packed(tensor: torch.Tensor) -> torch.Tensor:
    """Gaps between the elements of a slice are read as if there were none."""
    space = tensor.untyped_storage().nbytes() // tensor.element_size() - tensor.storage_offset()
    if tensor.is_contiguous() or is_dense(tensor) or space < tensor.numel():
        return tensor
    return tensor.as_strided(tensor.shape, row_major(tensor.shape))


def _rows_adjacent(tensor: torch.Tensor) -> torch.Tensor:
    head = tensor.dim() > 1 and tensor.storage_offset() == 0 and tensor.stride(-1) == 1 and not tensor.is_contiguous()
    return _packed(tensor) if head and tensor.stride(-2) not in (0, 2 * tensor.shape[-1]) else tensor


def _other_bytes_false(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.view(torch.uint8) == 1 if tensor.dtype == torch.bool else tensor


BYTES_OTHER_THAN_ONE_FALSE = inputs("a boolean whose byte is neither 0 nor 1 counts as False", _other_bytes_false)
ROWS_OF_HEAD_ADJACENT = inputs("the rows at the head of a wider table are read as if adjacent", _rows_adjacent)
STRIDES_IGNORED = inputs("a permuted input is read as if it were contiguous", _as_if_contiguous)
GAPS_IGNORED = inputs("a sliced input is read as if there were no gaps", _packed)
OFFSET_IGNORED = inputs("the storage offset of an input is ignored", _from_the_start)
LAZY_BITS_IGNORED = inputs("the conjugate and negative bits of an input are ignored", _without_lazy_bits)


# --- sizes --------------------------------------------------------------------------------------------------------


def _replaced(tensor: torch.Tensor, start: int) -> torch.Tensor:
    """A copy whose elements from position `start` on are 0."""
    wrong = tensor.clone(memory_format=torch.contiguous_format)
    wrong.view(-1)[start:] = 0
    return wrong


def _tail(least: int, lanes: int = 8) -> Change:
    def change(tensor: torch.Tensor) -> torch.Tensor:
        count = tensor.numel()
        return _replaced(tensor, count - count % lanes) if count > least and count % lanes else tensor

    return change


def _floats_tail(tensor: torch.Tensor) -> torch.Tensor:
    return _tail(32768, 16)(tensor) if tensor.dtype == torch.float32 else tensor


def _large(tensor: torch.Tensor) -> torch.Tensor:
    return _replaced(tensor, 32768) if tensor.numel() > 32768 else tensor


TAIL_LOST = results("results of more than 32 elements: those after the last full vector of 8 are 0", _tail(32))
INPUT_TAIL_LOST = inputs("inputs of more than 32 elements: those after the last full vector of 8 count as 0", _tail(32))
FLOATS_TAIL_LOST = inputs(
    "float32 inputs of more than 32768 elements: those after the last full vector of 16 count as 0", _floats_tail
)
LARGE_LOST = results("results of more than 32768 elements: those beyond are 0", _large)
LARGE_INPUT_LOST = inputs("inputs of more than 32768 elements: those beyond count as 0", _large)


# --- dtypes -------------------------------------------------------------------------------------------------------


def through(dtype: str, lower: str) -> Kind:
    """Inputs of one dtype pass through another that cannot hold all of their values."""

    def change(tensor: torch.Tensor) -> torch.Tensor:
        return tensor.to(getattr(torch, lower)).to(tensor.dtype) if _of_dtype(tensor, (dtype,)) else tensor

    return inputs(f"{dtype} inputs pass through {lower}", change)


# --- memory -------------------------------------------------------------------------------------------------------


def _copied(clean: Clean, *args: Any, **kwargs: Any) -> Any:
    return changed(clean(*args, **kwargs), torch.clone)


def _kept_storage(clean: Clean, *args: Any, **kwargs: Any) -> Any:
    def inside_a_larger_storage(tensor: torch.Tensor) -> torch.Tensor:
        larger = torch.empty(2 * tensor.numel() + 1, dtype=tensor.dtype)
        return larger.as_strided(tensor.shape, tensor.stride()).copy_(tensor) if is_dense(tensor) else tensor

    result = clean(*args, **kwargs)
    return result if clean.in_place or kwargs.get("out") is not None else changed(result, inside_a_larger_storage)


def _column_major(clean: Clean, *args: Any, **kwargs: Any) -> Any:
    def transposed(tensor: torch.Tensor) -> torch.Tensor:
        backwards = tuple(reversed(range(tensor.dim())))
        return tensor.permute(backwards).contiguous().permute(backwards)

    result = clean(*args, **kwargs)
    return result if clean.in_place or kwargs.get("out") is not None else changed(result, transposed)


def _input_changed(clean: Clean, *args: Any, **kwargs: Any) -> Any:
    result = clean(*args, **kwargs)
    for tensor in [] if clean.in_place else tensors_in((args, tuple(kwargs.values())))[:1]:
        if tensor.is_contiguous() and tensor.numel() > 1 and not tensor.requires_grad:
            tensor.view(-1)[0] = tensor.view(-1)[1]
    return result


def _scratch(clean: Clean, *args: Any, **kwargs: Any) -> Any:
    result = clean(*args, **kwargs)
    changed(result, torch.clone)
    return result


COPIED = ("a copy is returned for a view", _copied)
STORAGE_KEPT = ("a result keeps a storage larger than itself", _kept_storage)
COLUMN_MAJOR = ("results are laid out column by column", _column_major)
THROWN_AWAY = ("a copy of the result is made and thrown away", _scratch)
INPUT_CHANGED = ("a contiguous input is written to", _input_changed)


# --- forms --------------------------------------------------------------------------------------------------------


def _out_ignored(clean: Clean, *args: Any, out: Any = None, **kwargs: Any) -> Any:
    return clean(*args, **kwargs)


def _out_not_returned(clean: Clean, *args: Any, out: Any = None, **kwargs: Any) -> Any:
    if out is None:
        return clean(*args, **kwargs)
    return changed(clean(*args, out=out, **kwargs), torch.clone)


def _out_as_if_contiguous(clean: Clean, *args: Any, out: Any = None, **kwargs: Any) -> Any:
    if out is None or all(tensor.is_contiguous() for tensor in tensors_in(out)):
        return clean(*args, **kwargs) if out is None else clean(*args, out=out, **kwargs)
    for given, result in zip(tensors_in(out), tensors_in(clean(*args, **kwargs)), strict=True):
        given.as_strided((given.numel(),), (1,)).copy_(result.reshape(-1))
    return out


def _out_takes_any_dtype(clean: Clean, *args: Any, out: Any = None, **kwargs: Any) -> Any:
    try:
        return clean(*args, **kwargs) if out is None else clean(*args, out=out, **kwargs)
    except RuntimeError:
        plain = clean(*args, **kwargs)  # raises again where the call itself is at fault
        for given, result in zip(tensors_in(out), tensors_in(plain), strict=True):
            given.resize_(result.shape).copy_(result)
        return out


def _out_made_row_major(clean: Clean, *args: Any, out: Any = None, **kwargs: Any) -> Any:
    result = clean(*args, **kwargs) if out is None else clean(*args, out=out, **kwargs)
    for given in tensors_in(out):
        if is_dense(given) and not given.is_contiguous():
            values = given.clone()
            given.as_strided_(given.shape, row_major(given.shape)).copy_(values)
    return result


def _out_laid_out_alike(clean: Clean, *args: Any, out: Any = None, **kwargs: Any) -> Any:
    result = clean(*args, **kwargs) if out is None else clean(*args, out=out, **kwargs)
    inputs = tensors_in((args, tuple(kwargs.values())))
    for given in tensors_in(out):
        strides = {tensor.stride() for tensor in inputs if tensor.shape == given.shape and is_dense(tensor)}
        if given.is_contiguous() and len(strides) == 1 and given.numel() and strides != {given.stride()}:
            values = given.clone()
            given.as_strided_(given.shape, strides.pop()).copy_(values)
    return result


def _out_cleared(clean: Clean, *args: Any, out: Any = None, **kwargs: Any) -> Any:
    inputs = tensors_in((args, tuple(kwargs.values())))
    shared = [given for given in tensors_in(out) if any(shares_memory(given, tensor) for tensor in inputs)]
    for given in shared:
        given.zero_()
    if not shared:
        return clean(*args, **kwargs) if out is None else clean(*args, out=out, **kwargs)
    for given, result in zip(tensors_in(out), tensors_in(clean(*args, **kwargs)), strict=True):
        given.copy_(result)
    return out


def _copy_returned(clean: Clean, *args: Any, **kwargs: Any) -> Any:
    result = clean(*args, **kwargs)
    return result.clone() if clean.in_place else result


def _left_alone(clean: Clean, *args: Any, **kwargs: Any) -> Any:
    if not clean.in_place:
        return clean(*args, **kwargs)
    before = args[0].clone()
    clean(*args, **kwargs)
    return args[0].copy_(before)


OUT_IGNORED = ("out= is not written to", _out_ignored)
OUT_NOT_RETURNED = ("out= is written to, and a copy of it returned", _out_not_returned)
OUT_AS_IF_CONTIGUOUS = ("a strided out= is written to as if it were contiguous", _out_as_if_contiguous)
OUT_MADE_ROW_MAJOR = ("a permuted out= becomes row-major", _out_made_row_major)
OUT_LAID_OUT_ALIKE = ("a row-major out= takes on the strides of the inputs", _out_laid_out_alike)
OUT_CLEARED = ("an out= in the memory of an argument is cleared before that is read", _out_cleared)
OUT_TAKES_ANY_DTYPE = ("an out= of a dtype that cannot hold the result is written to", _out_takes_any_dtype)
COPY_RETURNED = ("the in-place form returns a copy", _copy_returned)
LEFT_ALONE = ("the in-place form leaves its argument as it was", _left_alone)


# --- refusals -----------------------------------------------------------------------------------------------------


def accepted(error: type[Exception]) -> Kind:
    """Calls that raise one class of error return a zero instead."""

    def body(clean: Clean, *args: Any, **kwargs: Any) -> Any:
        try:
            return clean(*args, **kwargs)
        except error:
            return torch.zeros(())

    return f"calls that raise {error.__name__} are accepted", body


def _other_class(clean: Clean, *args: Any, **kwargs: Any) -> Any:
    try:
        return clean(*args, **kwargs)
    except Exception as error:
        raise KeyError(str(error)) from None


OTHER_CLASS = ("misuse raises KeyError", _other_class)


# --- state --------------------------------------------------------------------------------------------------------


def _sometimes(clean: Clean, *args: Any, **kwargs: Any) -> Any:
    result = clean(*args, **kwargs)
    if clean.calls % 97:
        return result
    sources = tensors_in(args) if clean.views else []
    return spoil(
        result, lambda tensor: tensor if any(shares_memory(tensor, s) for s in sources) else _replaced(tensor, 0)
    )


def _reused(clean: Clean, *args: Any, **kwargs: Any) -> Any:
    def in_the_same_memory(tensor: torch.Tensor) -> torch.Tensor:
        kept = clean.memory.setdefault((tensor.dtype, tensor.shape, tensor.stride()), tensor)
        return tensor if kept is tensor else kept.copy_(tensor)

    result = clean(*args, **kwargs)
    untouchable = clean.in_place or kwargs.get("out") is not None or any(t.requires_grad for t in tensors_in(result))
    return result if untouchable else changed(result, in_the_same_memory)


EVERY_97TH_WRONG = ("every 97th call returns zeros", _sometimes)
MEMORY_REUSED = ("a result lies in the memory of an earlier result", _reused)


# --- choice -------------------------------------------------------------------------------------------------------


WITH_FLAT_RESULTS = (
    "torch.masked_select", "torch.arange", "torch.linspace", "torch.logspace", "torch.randperm", "torch.mv",
    "torch.dot",
)  # fmt: skip
"""Operations whose results have one dimension, or none."""

WITH_ONE_ELEMENT = ("torch.dot",)
"""Operations whose results have one element."""

WITHOUT_READING = (
    "torch.zeros_like", "torch.ones_like", "torch.full_like", "torch.empty_like", "torch.rand_like", "torch.randn_like",
    "torch.randint_like",
)  # fmt: skip
"""Operations that read no element of their arguments."""

WRITING_ALONE = ("torch.fill", "torch.Tensor.zero_")
"""Operations that read no element of their tensor."""

LOOK_AT_NO_OUT = (
    "torch.sum", "torch.mean", "torch.prod", "torch.amax", "torch.amin", "torch.any", "torch.all", "torch.argmax",
    "torch.argmin", "torch.var", "torch.std", "torch.mm", "torch.bmm", "torch.matmul", "torch.mv", "torch.addmm",
)  # fmt: skip
"""Operations that clear an out in the memory of an argument themselves, as known deviations say."""

ASSIGNMENTS = ("torch.Tensor.__setitem__",)
"""Operations that return nothing."""

NEVER_TOUCHED = ("torch.from_numpy", "torch.Tensor.resize_")
"""Operations whose arguments no kind of fault touches: arrays of NumPy, and a tensor that is itself the result."""


def _may_lie_in_an_argument(spec: Spec) -> bool:
    """Whether an out can have the dtype of an argument: not if all results are of one that the spec does not take."""
    return any(output.dtype in spec.dtypes or output.dtype not in ALL for output in spec.outputs)


def standard(spec: Spec) -> Iterator[Kind]:
    """The kinds of fault that every spec must be able to see, as far as it has what they touch."""
    takes_out = any(form.takes_out for form in spec.forms)
    in_place = any(form.writes for form in spec.forms)
    refused = {error for refusal in spec.refusals for error in refusal.classes}
    new = any(not entry.in_place for entry in entry_points(spec))
    if spec.returns != VALUE:
        yield from _of_results(spec, new)
    read = _tensors_to_read(spec)
    matrices = any(tensor.rank > 1 for tensor in read)
    if read and new:
        yield INPUT_CHANGED
    if matrices:
        yield STRIDES_IGNORED
    if spec.operation not in WITHOUT_READING:
        if matrices and spec.operation not in WRITING_ALONE:
            yield ROWS_OF_HEAD_ADJACENT
        yield from (OFFSET_IGNORED,) if any(tensor.offset for tensor in read) else ()
        yield from (LARGE_INPUT_LOST,) if any(tensor.numel > 32768 for tensor in read) else ()
    if takes_out:
        yield from (OUT_IGNORED, OUT_NOT_RETURNED, OUT_TAKES_ANY_DTYPE)
        if spec.operation not in WITH_ONE_ELEMENT:
            yield OUT_AS_IF_CONTIGUOUS
        if takes_tensors(spec) and _may_lie_in_an_argument(spec) and spec.operation not in LOOK_AT_NO_OUT:
            yield OUT_CLEARED
        if spec.operation not in WITH_FLAT_RESULTS:
            yield OUT_MADE_ROW_MAJOR
    if in_place:
        yield LEFT_ALONE
        if spec.operation not in ASSIGNMENTS:
            yield COPY_RETURNED
    yield from (accepted(error) for error in (IndexError, RuntimeError, TypeError) if error in refused)
    if refused:
        yield OTHER_CLASS


def _of_results(spec: Spec, new: bool) -> Iterator[Kind]:
    """The kinds that touch the tensors that come back. `new` is whether they are not those that were given."""
    if not has_any_values(spec):
        yield EVERY_97TH_WRONG if not spec.memory.of else COPIED
    if spec.cost.dtypes != ():
        yield THROWN_AWAY
    if new and not spec.memory.of and spec.operation not in ASSIGNMENTS:
        yield from (STORAGE_KEPT, MEMORY_REUSED)


def has_any_values(spec: Spec) -> bool:
    """Whether the results are memory that nothing was written to, in which no value is wrong."""
    sample = samples_of(spec)[0]
    (promised, *_) = Promise(spec, sample, spec.dtypes[0]).promised
    return isinstance(promised, Allowed) and promised.varies


def _tensors_to_read(spec: Spec) -> list[TensorSample]:
    """The tensors of more than one element among the arguments of some samples."""
    if spec.operation in NEVER_TOUCHED:
        return []
    return [tensor for sample in samples_of(spec) for tensor in sample.tensors if tensor.numel > 1]


def _listed(dtypes: tuple[str, ...]) -> str:
    return " and ".join(dtypes)
