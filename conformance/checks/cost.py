"""cost: does a call allocate exactly what the spec says, and nothing besides?"""

from __future__ import annotations

from functools import partial

import numpy as np

from conformance.checks.allocations import counted, promised
from conformance.checks.steps import Lines, arguments, count_of, held, parts_of
from conformance.execution.broken import Broken
from conformance.execution.evidence import EvidenceBuilder
from conformance.execution.execution import Execution
from conformance.execution.tensors import new_storages
from conformance.results.model import Cell, Failure, FailureKind
from conformance.spec.expressions import function_text

NAME = "cost"


def examine(execution: Execution, evidence: EvidenceBuilder) -> None:
    """Count what one more call allocates. It must be nothing for views. New results need their storages and the
    promised scratch, and not a byte more."""
    view = execution.promise.views is not None
    scratch = () if view else _scratch(execution)
    if scratch is None:
        return
    _ = execution.result  # torch allocates some things once, at the first call: they are not a cost of the operation
    result, found = counted(execution.device, partial(execution.call, execution.form.call))
    sizes = [] if view else new_storages(execution.tensors_of(result), execution.operands)
    wanted = promised(execution.device, sizes, scratch)
    evidence.compared(execution.sample, np.array([found.count, found.total, found.kept]))
    if found != wanted:
        raise Broken(FailureKind.ALLOCATIONS, f"made {found}", execution.form.call, str(wanted))


def _scratch(execution: Execution) -> tuple[int, ...] | None:
    """The bytes of each promised allocation besides the results, or None if nothing is promised."""
    if execution.device != "cpu" or _converts(execution):
        return None
    return execution.spec.cost.scratch(execution.dtype, **execution.sample.by_name)


def _converts(execution: Execution) -> bool:
    """Whether the call must convert an argument: to the dtype in which the operands meet, which is that of the result
    where the spec names none, or from a lazy layout."""
    promise = execution.promise
    common = promise.common_dtype or promise.promised_dtype(execution.spec.outputs[0])
    return any(one.sample.layout.lazy or (one.promotes and one.dtype != common) for one in execution.operands)


def reproduce(execution: Execution, cell: Cell, failure: Failure) -> Lines:
    """The steps that hold what the second call allocates to what is promised: the first allocates more."""
    names = [] if execution.promise.views is not None else parts_of(execution, count_of(execution))
    given = ", ".join(execution.promise.operand_names)
    return [
        *arguments(execution),
        *function_text("call", failure.call, "").splitlines(),
        "",
        "call()  # torch allocates some things once, at the first call",
        "gc.disable()  # freed garbage would be counted",
        "result, sizes = profiled(call)",
        "made = [size for size in sizes if size > 0]",
        f"results = new_storages([{', '.join(names)}], [{given}])",
        f"promised = [*results, *{[size for size in _scratch(execution) or () if size]}]",
        'print("bytes of each allocation:", made, "promised:", promised)',
        *held("allocations", "len(made)", "len(promised)"),
        *held("bytes allocated", "sum(made)", "sum(promised)"),
        *held("bytes that stay in use", "sum(sizes)", "sum(results)"),
    ]
