"""determinism: does the same call give the same bits, and the same or nearly the same with one thread?

A device that adds in no fixed order may give other bits within the contract, unless torch is asked for bits that are
the same.

Of an operation that works element by element it is told whether equal elements give equal results wherever they stand.
torch promises that nowhere; within the accuracy of the spec it is a property and no failure.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from conformance.checks.comparison import disagreement, same_bits
from conformance.checks.repeatable import DETERMINISTIC, is_no_deterministic_kernel
from conformance.checks.steps import Lines, arguments, assigned, count_of, held, held_to_plain, is_value, parts_of
from conformance.execution import devices
from conformance.execution.broken import Broken
from conformance.execution.evidence import EvidenceBuilder
from conformance.execution.execution import Execution
from conformance.execution.tensors import Operand, from_storage, to_array
from conformance.numeric.accuracy import compare_exact
from conformance.numeric.dtypes import Array
from conformance.numeric.python_values import values_differ
from conformance.results.model import Cell, Failure, FailureKind
from conformance.spec.contract import VALUE

NAME = "determinism"

ONE_THREAD = "with one thread"
SAME = "one thread and several give the same bits"
NEARLY = "one thread gives other bits than several, within the contract"
ROW = 90
"""Columns of a table whose rows end in the middle of a vector, in every dtype, with lanes of 256 and of 512 bits."""

ANY_ORDER = "a second call gives other bits, within the contract: the device adds in no fixed order"

EVERYWHERE = "equal elements give equal results wherever they stand"
BY_PLACE = "equal elements give other bits at another place, within the contract"


def examine(execution: Execution, evidence: EvidenceBuilder) -> None:
    """Call again on new memory, and once more with one thread."""
    again = execution.again()
    if execution.spec.returns == VALUE:
        _require_same_value(execution, again)
    if not same_bits(execution, again.tensors):
        _require_order_alone(execution, again, evidence)
    single = _with_one_thread(execution)
    if not same_bits(execution, single.tensors):
        difference = disagreement(execution, single.tensors)
        if difference is not None:
            raise Broken.differs(difference, execution.form.call, "the results of several", about=ONE_THREAD)
        _tell(evidence, NEARLY, SAME)
    elif NEARLY not in evidence.notes:
        evidence.note(SAME)
    if execution.spec.pointwise and execution.arrays[0].size > 1:
        if not _same_everywhere(execution):
            _tell(evidence, BY_PLACE, EVERYWHERE)
        elif BY_PLACE not in evidence.notes:
            evidence.note(EVERYWHERE)
    evidence.compared(execution.sample)


def _require_order_alone(execution: Execution, again: Execution, evidence: EvidenceBuilder) -> None:
    """Raise `Broken` unless other bits of a second call may come from sums in another order. They may not if torch is
    asked for kernels that are deterministic; then it may have none."""
    call, promised = execution.form.call, "the bits of the first"
    if devices.adds_in_fixed_order(execution.device):
        raise Broken(FailureKind.VARIES, "the second call gave other bits", call, promised)
    difference = disagreement(execution, again.tensors)
    if difference is not None:
        raise Broken.differs(difference, call, promised, about="the second call")
    evidence.note(ANY_ORDER)
    with devices.deterministic_algorithms():
        first, second = execution.again(), execution.again()
        try:
            same = same_bits(first, second.tensors)
        except Broken as broken:
            if not is_no_deterministic_kernel(broken):
                raise
            return
    if not same:
        raise Broken(FailureKind.VARIES, "the second call gave other bits", call, promised, about=DETERMINISTIC)


def _require_same_value(execution: Execution, again: Execution) -> None:
    if (difference := values_differ(again.result, execution.result)) is not None:
        raise Broken.differs(difference, execution.form.call, "the value of the first call", about="the second call")


def _tell(evidence: EvidenceBuilder, note: str, instead_of: str) -> None:
    """Tell what one sample has shown, in place of what the others had."""
    evidence.notes[:] = [known for known in evidence.notes if known != instead_of]
    evidence.note(note)


def _same_everywhere(execution: Execution) -> bool:
    """Whether each element gives the same bits at other places of one call, in the same table of `ROW` columns. Any NaN
    equals any other. Tensors without dimensions stay as they are."""
    shape = execution.arrays[0].shape
    numbers = np.arange(execution.arrays[0].size)
    rows = -(-2 * numbers.size // ROW)
    order = np.resize(np.concatenate([numbers, numbers[::-1]]), rows * ROW)
    stand_ins = [
        operand.tensor if operand.sample.rank == 0 else _in_rows(operand, shape, order, execution.device)
        for operand in execution.operands
    ]
    results = to_array(execution.results_with(stand_ins)[0]).ravel()
    return compare_exact(results, results[: numbers.size][order]) is None


def _in_rows(operand: Operand, shape: tuple[int, ...], order: Array, device: str) -> Any:
    """The elements of an operand in an order, as rows that lie apart, so that each has an end of its own."""
    elements = np.broadcast_to(operand.array, shape).ravel()[order].reshape(-1, ROW)
    table = np.concatenate([elements, elements[:, :1]], axis=1)
    return from_storage(table.ravel(), operand.dtype).view(-1, ROW + 1)[:, :ROW].to(device)


def _with_one_thread(execution: Execution) -> Execution:
    again = execution.again()
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        again.tensors  # noqa: B018 -- computed here, with one thread
    finally:
        torch.set_num_threads(threads)
    return again


def reproduce(execution: Execution, cell: Cell, failure: Failure) -> Lines:
    """The steps that hold a second call, or one with one thread, to the first."""
    again = "one_thread" if failure.about == ONE_THREAD else "second"
    call = [*arguments(execution), *assigned(execution.form.call, "expected"), *arguments(execution)]
    if again == "one_thread":
        call += ["torch.set_num_threads(1)"]
    call += assigned(execution.form.call, again)
    if is_value(execution):
        return [*call, *held("the second call", again, "expected")]
    count = count_of(execution)
    names, plain = parts_of(execution, count, again), parts_of(execution, count, "expected")
    return [*call, *held_to_plain(execution, failure, names, plain, bit_exact=again == "second")]
