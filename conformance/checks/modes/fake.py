"""Under FakeTensorMode the results must have the shape, the dtype and the promised strides of the real ones."""

from __future__ import annotations

from torch._subclasses.fake_tensor import FakeTensorMode

from conformance.checks.literals import arguments_text
from conformance.checks.modes.abstract import properties_held, require_same_properties
from conformance.checks.steps import Lines, arguments, assigned, indented
from conformance.execution.execution import Execution
from conformance.numeric.dtypes import ALL
from conformance.results.model import Failure

DTYPES_IN_ROTATION = ALL


def require_agreement(execution: Execution) -> None:
    """Call with fake tensors that are made from the real ones."""
    execution.tensors  # noqa: B018 -- the real call comes first, as it must not run under the mode
    with FakeTensorMode() as mode:
        results = execution.results_with(mode.from_tensor(operand.tensor) for operand in execution.operands)
    require_same_properties(execution, results, "fake")


def reproduce(execution: Execution, failure: Failure) -> Lines:
    """The steps that make the call on fake tensors, and hold the results to the properties of the real ones."""
    fakes = [f"mode.from_tensor({name})" for name in execution.promise.operand_names]
    return [
        *arguments(execution),
        *assigned(execution.form.call, "real"),
        "with FakeTensorMode() as mode:",
        *indented(arguments_text(execution.sample, fakes, execution.dtype, execution.promise.tensor_names)),
        *indented(assigned(execution.form.call)),
        *properties_held(execution, failure),
    ]
