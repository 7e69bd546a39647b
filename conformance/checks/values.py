"""values: does the call return what the oracle says, with the promised shape and dtype, on the promised device?"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from conformance.checks.comparison import against_oracle, may_vary
from conformance.checks.literals import written
from conformance.checks.plain import call_held
from conformance.checks.steps import Lines, arguments, assigned, held, held_to_oracle, is_value, parts_of
from conformance.execution import devices
from conformance.execution.broken import Broken
from conformance.execution.evidence import EvidenceBuilder
from conformance.execution.execution import Execution
from conformance.execution.tensors import dtype_name
from conformance.numeric.accuracy import Difference, dtypes_differ
from conformance.numeric.python_values import values_differ
from conformance.results.model import Cell, Failure, FailureKind
from conformance.spec.contract import ONE, VALUE, Spec

NAME = "values"


def examine(execution: Execution, evidence: EvidenceBuilder) -> None:
    """Compare every result with the oracle's."""
    promised = execution.promise.promised
    if execution.spec.returns == VALUE:
        _require_value(execution, promised[0])
        evidence.compared(execution.sample, np.frombuffer(repr(execution.result).encode(), np.uint8))
        return
    _require_container(execution, len(promised))
    for place, (tensor, expected) in enumerate(zip(execution.tensors, promised)):
        difference = _compare(execution, place, tensor, expected, evidence)
        if difference is not None:
            name = execution.spec.output_at(place).name
            about = f"{name}[{place}]" if len(promised) > 1 else name
            raise Broken.differs(difference, execution.form.call, about=about)
    settled = (array for place, array in enumerate(execution.arrays) if not may_vary(execution, place))
    evidence.compared(execution.sample, *settled)


def _require_value(execution: Execution, promised: Any) -> None:
    difference = values_differ(execution.result, promised)
    if difference is not None:
        raise Broken.differs(difference, execution.form.call, repr(promised))


def _require_container(execution: Execution, count: int) -> None:
    """Raise `Broken` unless the result is one tensor, or a tuple of the promised length, as the spec says. With several
    outputs the tuple has their names."""
    result, spec = execution.result, execution.spec
    if spec.returns == ONE:
        if not isinstance(result, torch.Tensor):
            raise Broken(FailureKind.CONTAINER, f"returned {type(result).__name__}", execution.form.call, "one tensor")
        return
    if not isinstance(result, tuple):
        raise Broken(FailureKind.CONTAINER, f"returned {type(result).__name__}", execution.form.call, "a tuple")
    if len(execution.tensors) != count:
        raise Broken(
            FailureKind.COUNT, f"returned {len(execution.tensors)} tensors", execution.form.call, f"{count} tensors"
        )
    for place, output in enumerate(spec.outputs if len(spec.outputs) > 1 else ()):
        if getattr(result, output.name, None) is not result[place]:
            raise Broken(FailureKind.CONTAINER, f"has no field {output.name!r} at place {place}", execution.form.call)


def _compare(
    execution: Execution, place: int, tensor: Any, expected: Any, evidence: EvidenceBuilder
) -> Difference | None:
    spec = execution.spec
    dtype = execution.promise.promised_dtype(spec.output_at(place))
    if dtype_name(tensor) != dtype:
        return dtypes_differ(dtype_name(tensor), dtype)
    if not devices.is_on(tensor, execution.device):
        return Difference(f"lies on {tensor.device}, promised {execution.device}", kind="device")
    difference, worst = against_oracle(execution.promise, place, execution.arrays, expected, dtype)
    if worst is not None:
        evidence.measured(worst, execution.sample)
    return difference


def reproduce(execution: Execution, cell: Cell, failure: Failure) -> Lines:
    """The steps that hold the result that was wrong to what the oracle says, in the respect in which it was."""
    if failure.kind in (FailureKind.RAISED, FailureKind.ARGUMENT_CHANGED):
        return call_held(execution, cell, failure)
    call = [*arguments(execution), *assigned(execution.form.call)]
    spec, promised = execution.spec, execution.promise.promised
    if is_value(execution):
        return [*call, *held("the result", "result", written(promised[0]))]
    names = parts_of(execution, len(promised))
    if failure.kind in (FailureKind.CONTAINER, FailureKind.COUNT):
        return [*call, *_container_held(spec, len(promised))]
    outputs = [spec.output_at(place).name for place in range(len(promised))]
    wrong = [place for place, name in enumerate(outputs) if failure.about in (name, f"{name}[{place}]")]
    steps = (held_to_oracle(execution, failure, names, place) for place in wrong or range(len(promised)))
    return [*call, *(line for lines in steps for line in lines)]


def _container_held(spec: Spec, count: int) -> Lines:
    """The steps that hold the result to being one tensor, or a tuple of so many with the promised names."""
    if spec.returns == ONE:
        return held("the result is one tensor", "isinstance(result, torch.Tensor)", "True")
    named = [output.name for output in spec.outputs] if len(spec.outputs) > 1 else []
    return [
        *held("the result is a tuple", "isinstance(result, tuple)", "True"),
        *held("number of results", "len(result)", str(count)),
        *(
            line
            for place, name in enumerate(named)
            for line in held(f"the field {name}", f"getattr(result, {name!r}, None) is result[{place}]", "True")
        ),
    ]
