"""values: does the call return what the oracle says, with the promised shape and dtype, on the promised device?"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from conformance.checks.comparison import against_oracle, may_vary
from conformance.checks.plain import call_lines
from conformance.execution import devices
from conformance.execution.broken import Broken
from conformance.execution.evidence import EvidenceBuilder
from conformance.execution.execution import Execution
from conformance.execution.tensors import dtype_name
from conformance.numeric.accuracy import Difference, Sums, dtypes_differ
from conformance.numeric.allowed import Allowed
from conformance.numeric.python_values import values_differ
from conformance.numeric.ranking import Positions
from conformance.results.model import Cell, Failure, FailureKind
from conformance.spec.contract import ONE, VALUE

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
            name = execution.spec.outputs[min(place, len(execution.spec.outputs) - 1)].name
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
    dtype = execution.promise.promised_dtype(spec.outputs[min(place, len(spec.outputs) - 1)])
    if dtype_name(tensor) != dtype:
        return dtypes_differ(dtype_name(tensor), dtype)
    if not devices.is_on(tensor, execution.device):
        return Difference(f"lies on {tensor.device}, promised {execution.device}", kind="device")
    difference, worst = against_oracle(execution.promise, place, execution.arrays, expected, dtype)
    if worst is not None:
        evidence.measured(worst, execution.sample)
    return difference


def reproduce(execution: Execution, cell: Cell, failure: Failure) -> str:
    """The lines that print the result of the call, and what the oracle promises."""
    promised = (_as_text(part) for part in execution.promise.promised)
    return call_lines(execution, failure) + "".join(f"print('promised:', {text!r})\n" for text in promised)


def _as_text(part: Any) -> str:
    if isinstance(part, Allowed):
        return f"{part.what}, of shape {part.shape}"
    if isinstance(part, Positions):
        return f"positions along dimension {part.dim} that name what result {part.of} holds"
    array = part.exact if isinstance(part, Sums) else getattr(part, "array", part)
    return np.array2string(np.asarray(array), threshold=200)
