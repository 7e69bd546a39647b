"""memory: are the arguments left unchanged, and do the results share exactly the memory that the spec says?"""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from conformance.checks.allocations import promised
from conformance.checks.literals import array_literal
from conformance.checks.parts import part_of_check
from conformance.checks.plain import call_held
from conformance.checks.promised_strides import promised_strides
from conformance.checks.steps import Lines, arguments, assigned, compared, count_of, held, parts_of, tuple_of
from conformance.execution.broken import Broken
from conformance.execution.devices import has_addresses, has_strides, memory_allocated
from conformance.execution.evidence import EvidenceBuilder
from conformance.execution.execution import Execution
from conformance.execution.gc_paused import gc_paused
from conformance.execution.sharing import shows_writes_to
from conformance.execution.tensors import (
    Operand,
    dtype_name,
    from_storage,
    layout_of,
    new_storages,
    storage_address,
    storage_elements,
    to_array,
)
from conformance.numeric.accuracy import Difference, compare_exact
from conformance.numeric.dtypes import Array
from conformance.results.model import Cell, Failure, FailureKind
from conformance.samples.contents import is_lazy, logical
from conformance.samples.sample import Layout
from conformance.samples.strides import contiguous_strides, same_strides
from conformance.spec.contract import View

NAME = "memory"

CHANGED_THE_RESULT = "writing to an argument changed the result"
REACHES_NO_ARGUMENT = "writing to a result did not reach the argument as it should"
REACHES_NO_RESULT = "writing to the argument did not show in the result"


def examine(execution: Execution, evidence: EvidenceBuilder) -> None:
    """Check addresses and strides. Then write to the arguments and to the results of new calls, by which alone sharing
    is known on a device without addresses."""
    tensors = execution.tensors
    execution.require_untouched()
    expected = execution.promise.views
    if expected is None:
        if has_addresses(execution.device):
            _require_new_storages(execution, evidence)
        else:
            evidence.note("sharing is asked by writing: the device has no addresses")
            _require_separate_when_written(execution.again(), execution.again())
        if has_strides(execution.device):
            _require_strides(execution)
        _require_independent(execution.again())
    else:
        _require_shapes(execution, expected)
        if has_addresses(execution.device):
            _require_storages_of_arguments(execution)
        if has_strides(execution.device):
            _require_places(execution, expected)
        _require_writes_reach_input(execution.again(), expected)
        _require_writes_reach_results(execution.again(), expected)
    _require_freed(execution)
    evidence.compared(execution.sample, *(_geometry(tensor) for tensor in tensors))


def _geometry(tensor: Any) -> Array:
    """The shape, offset and strides of a result. The stride of a dimension without a second element counts as 0."""
    shape, strides, offset = layout_of(tensor)
    effective = [stride if size > 1 and tensor.numel() else 0 for size, stride in zip(shape, strides)]
    return np.array([*shape, offset, *effective])


def _require_freed(execution: Execution) -> None:
    """Raise `Broken` if a call keeps more memory than the storages of its results, or any once the results are freed.
    The device counts; nothing is checked if it does not."""
    if memory_allocated(execution.device) is None:
        return
    again = execution.again()
    with gc_paused():  # freed garbage would be counted
        before = memory_allocated(execution.device) or 0
        results = again.tensors_of(again.call(again.form.call))
        most = promised(execution.device, new_storages(results, again.operands), ()).kept
        held = _more_than(before + most, execution.device) + most
        results.clear()
        left = _more_than(before, execution.device)
    if held > most:
        raise Broken(
            FailureKind.ALLOCATIONS,
            f"the device holds {held} bytes for the results",
            again.form.call,
            f"{most} at the most",
        )
    if left > 0:
        raise Broken(
            FailureKind.ALLOCATIONS, f"{left} bytes are in use when the results are gone", again.form.call, "none"
        )


def _more_than(wanted: int, device: str) -> int:
    """How many bytes more than `wanted` a device has in use; 0 if none. Threads of autograd let go a little later, so
    there is some patience."""
    for _ in range(20):
        more = max((memory_allocated(device) or 0) - wanted, 0)
        if not more:
            break
        time.sleep(0.01)
    return more


def _viewed(execution: Execution) -> list[Operand]:
    """The argument that each result is a view of."""
    subject = execution.names[execution.spec.memory.of]
    subjects = subject if isinstance(subject, tuple) else (subject,) * len(execution.tensors)
    return [next(operand for operand in execution.operands if operand.tensor is tensor) for tensor in subjects]


# --- new memory ---------------------------------------------------------------------------------------------------


def _require_new_storages(execution: Execution, evidence: EvidenceBuilder) -> None:
    """Each result has a storage of its own, which is no larger than it. So has each of a second call: results in one
    buffer that every call fills would be equal."""
    given = {storage_address(operand.tensor) for operand in execution.operands}
    for tensor in execution.tensors:
        with part_of_check(execution, evidence):
            _require_no_more_storage(execution, tensor)
        if tensor.numel() and storage_address(tensor) in given:
            raise _shared_with_argument(execution)
    every = execution.tensors + execution.again().tensors
    addresses = [storage_address(tensor) for tensor in every if tensor.numel()]
    if len(set(addresses)) != len(addresses):
        raise Broken(FailureKind.SHARING, "two results share memory", promised="each result its own memory")


def _require_no_more_storage(execution: Execution, tensor: Any) -> None:
    kept, wanted = storage_elements(tensor), tensor.numel()
    if kept == wanted:
        return
    message = f"keeps storage for {kept} elements"
    broken = Broken(FailureKind.STORAGE, message, execution.form.call, f"storage for {wanted}")
    broken.difference = Difference(message, got=np.array([kept]), promised=np.array([wanted]))
    raise broken


def _require_separate_when_written(execution: Execution, another: Execution) -> None:
    """As `_require_new_storages`, by writing to each result: no argument changes, and no other result of two calls."""
    every = [*execution.tensors, *another.tensors]
    for place, tensor in enumerate(execution.tensors):
        if any(shows_writes_to(tensor, other) for other in every[place + 1 :]):
            raise Broken(FailureKind.SHARING, "two results share memory", promised="each result its own memory")
        if not all(operand.is_untouched for operand in execution.operands):
            raise _shared_with_argument(execution)


def _shared_with_argument(execution: Execution) -> Broken:
    message = "a result shares the memory of an argument"
    return Broken(FailureKind.SHARING, message, execution.form.call, "new memory")


def _require_strides(execution: Execution) -> None:
    for tensor in execution.tensors:
        shape, strides, _ = layout_of(tensor)
        promised = promised_strides(execution, shape)
        if tensor.numel() and not same_strides(shape, strides, promised):
            raise Broken(
                FailureKind.STRIDES,
                f"strides are {strides}",
                execution.form.call,
                f"strides {promised or 'of a dense tensor'}",
            )


def _require_independent(execution: Execution) -> None:
    before = [array.copy() for array in execution.arrays]
    for operand in execution.operands:
        operand.overwrite(operand.pristine[::-1])
    for tensor, array in zip(execution.tensors, before):
        if compare_exact(to_array(tensor), array):
            raise Broken(FailureKind.SHARING, CHANGED_THE_RESULT, execution.form.call, "new memory")


# --- views --------------------------------------------------------------------------------------------------------


def _require_shapes(execution: Execution, expected: list[View]) -> None:
    if len(execution.tensors) != len(expected):
        message = f"returned {len(execution.tensors)} results"
        raise Broken(FailureKind.COUNT, message, promised=f"{len(expected)} views")
    for tensor, view in zip(execution.tensors, expected):
        if tuple(tensor.shape) != view.shape:
            message = f"shape is {tuple(tensor.shape)}"
            raise Broken(FailureKind.SHAPE, message, promised=f"a view of shape {view.shape}")


def _require_storages_of_arguments(execution: Execution) -> None:
    for tensor, operand in zip(execution.tensors, _viewed(execution)):
        if storage_address(tensor) != storage_address(operand.tensor):
            raise Broken(FailureKind.SHARING, "a result does not share the argument's memory", promised="a view")


def _require_places(execution: Execution, expected: list[View]) -> None:
    for tensor, view in zip(execution.tensors, expected):
        shape, strides, offset = layout_of(tensor)
        if tensor.numel() and not same_strides(shape, strides, view.strides):
            raise Broken(FailureKind.STRIDES, f"strides are {strides}", promised=f"a view with strides {view.strides}")
        if tensor.numel() and offset != view.offset:
            raise Broken(FailureKind.STRIDES, f"storage offset is {offset}", promised=f"a view at offset {view.offset}")


def _layout(view: View, operand: Operand) -> Layout:
    lazy = is_lazy(operand.sample.layout, operand.dtype)
    return Layout("view", view.strides, view.offset, len(operand.pristine), lazy)


def _require_writes_reach_input(execution: Execution, expected: list[View]) -> None:
    operands = _viewed(execution)
    models = {id(operand): operand.pristine.copy() for operand in operands}
    for tensor, view, operand in zip(execution.tensors, expected, operands):
        if tensor.numel() == 0 or not _is_injective(view):
            continue
        model = models[id(operand)]
        content = model[::-1].copy()
        value = logical(content, view.shape, Layout("plain", view.strides, view.offset, len(model)))
        _store(model, view, value)
        _write(tensor, logical(content, view.shape, _layout(view, operand)))
    if any(compare_exact(operand.storage(), models[id(operand)]) for operand in operands):
        raise Broken(
            FailureKind.SHARING,
            REACHES_NO_ARGUMENT,
            execution.form.call,
            "a view",
        )


def _store(storage: Array, view: View, value: Array) -> None:
    logical(storage, view.shape, Layout("plain", view.strides, view.offset, len(storage)))[...] = value


def _write(tensor: Any, value: Array) -> None:
    flat = from_storage(value.copy().reshape(-1), dtype_name(tensor))
    tensor.copy_(flat.as_strided(tuple(value.shape), contiguous_strides(value.shape)))


def _is_injective(view: View) -> bool:
    """Whether no two positions share an element, as far as sorted strides show."""
    reach = 0
    for stride, size in sorted((stride, size) for stride, size in zip(view.strides, view.shape) if size > 1):
        if stride <= reach:
            return False
        reach += stride * (size - 1)
    return True


def _require_writes_reach_results(execution: Execution, expected: list[View]) -> None:
    tensors, operands = execution.tensors, _viewed(execution)
    for operand in operands:
        operand.overwrite(operand.pristine[::-1])
    for tensor, view, operand in zip(tensors, expected, operands):
        content = operand.pristine[::-1].copy()
        if compare_exact(to_array(tensor), logical(content, view.shape, _layout(view, operand))):
            raise Broken(FailureKind.SHARING, REACHES_NO_RESULT, execution.form.call, "a view")


# --- scripts ------------------------------------------------------------------------------------------------------


def reproduce(execution: Execution, cell: Cell, failure: Failure) -> Lines:
    """The steps that hold where the results lie, or what a write reaches, to what is promised."""
    expected = execution.promise.views
    if failure.kind in (FailureKind.RAISED, FailureKind.ARGUMENT_CHANGED):
        return call_held(execution, cell, failure)
    call = [*arguments(execution), *assigned(execution.form.call)]
    count = count_of(execution) if expected is None else len(expected)
    names = parts_of(execution, count)
    if expected is None:
        return [*call, *_new_memory_held(execution, names, failure)]
    return [*call, *_views_held(execution, names, expected, failure)]


def _new_memory_held(execution: Execution, names: list[str], failure: Failure) -> Lines:
    if failure.kind is FailureKind.STORAGE:
        held_one_by_one = (
            held(f"elements in the storage of {one}", f"elements_in_storage({one})", f"{one}.numel()") for one in names
        )
        return [line for lines in held_one_by_one for line in lines]
    if failure.kind is FailureKind.STRIDES:
        return [line for place, one in enumerate(names) for line in _strides_held(execution, place, one)]
    if failure.message.endswith(CHANGED_THE_RESULT):
        return _held_after_overwriting(execution, names)
    given = execution.promise.operand_names
    others = parts_of(execution, len(names), "again")
    return [
        f"argument_storages = storages({', '.join(given)})",
        *assigned(execution.form.call, "again"),
        f"every = storages({', '.join([*names, *others])})",
        *held("storages that the results of two calls share", "len(every) - len(set(every))", "0"),
        *held(
            "storages of arguments among those of results", "[one for one in argument_storages if one in every]", "[]"
        ),
    ]


def _strides_held(execution: Execution, place: int, name: str) -> Lines:
    shape = tuple(execution.tensors[place].shape)
    promised = promised_strides(execution, shape)
    if promised is None:
        return held(f"{name} is dense", f"is_dense({name})", "True")
    wanted = tuple(step for step, size in zip(promised, shape) if size > 1)
    return held(f"strides of {name}", f"strides({name})", repr(wanted))


def _held_after_overwriting(execution: Execution, names: list[str]) -> Lines:
    """The steps that overwrite the arguments, and hold the results to what they held."""
    kept = f"results_before = as_lists({tuple_of(names)})"
    return [kept, *_overwritten(execution), f'compare("results", as_lists({tuple_of(names)}), results_before)']


def _overwritten(execution: Execution) -> Lines:
    """The steps that write what the storage of each argument holds to it the other way round."""
    return [
        f"torch.as_strided({name}, ({len(operand.pristine)},), (1,), 0).copy_("
        f"{array_literal(operand.pristine[::-1].copy(), operand.dtype)})"
        for name, operand in zip(execution.promise.operand_names, execution.operands)
    ]


def _views_held(execution: Execution, names: list[str], expected: list[View], failure: Failure) -> Lines:
    if failure.kind is FailureKind.COUNT:
        return held("number of results", "len(result)", str(len(expected)))
    lines: Lines = []
    for name, view, of in zip(names, expected, _viewed_names(execution, len(expected))):
        wanted = tuple(step for step, size in zip(view.strides, view.shape) if size > 1)
        if failure.kind is FailureKind.SHAPE:
            lines += held(f"shape of {name}", f"tuple({name}.shape)", repr(view.shape))
        elif failure.kind is FailureKind.STRIDES:
            place = f"(strides({name}), {name}.storage_offset())"
            lines += held(f"strides and offset of {name}", place, repr((wanted, view.offset)))
        elif failure.message.endswith(REACHES_NO_ARGUMENT):
            lines += _written_through(name, of)
        elif not failure.message.endswith(REACHES_NO_RESULT):
            lines += held(f"{name} is a view of {of}", f"shares({name}, {of})", "True")
    if failure.message.endswith(REACHES_NO_RESULT):
        return _seen_through(execution, names, expected)
    return lines


def _viewed_names(execution: Execution, count: int) -> list[str]:
    """The name of the argument that each result is a view of."""
    of = execution.spec.memory.of
    return [f"{of}[{place}]" for place in range(count)] if isinstance(execution.names[of], tuple) else [of] * count


def _written_through(name: str, of: str) -> Lines:
    """The steps that write to a view, and hold the memory of the argument to showing it: a view of it by torch's own
    strides must hold what was written."""
    return [
        *held(f"{name} is a view of {of}", f"shares({name}, {of})", "True"),
        f"{name}.fill_(1)",
        f"shown = {of}.as_strided({name}.shape, {name}.stride(), {name}.storage_offset())",
        f'compare("what the argument shows of a write to {name}", shown.tolist(), {name}.tolist())',
    ]


def _seen_through(execution: Execution, names: list[str], expected: list[View]) -> Lines:
    """The steps that overwrite the arguments, and hold the views to what they must show then."""
    lines = _overwritten(execution)
    for name, view, operand in zip(names, expected, _viewed(execution)):
        shown = logical(operand.pristine[::-1].copy(), view.shape, _layout(view, operand))
        lines += compared(name, f"{name}.tolist()", shown, operand.dtype)
    return lines
