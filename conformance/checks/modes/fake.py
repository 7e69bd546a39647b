"""Under FakeTensorMode the results must have the shape, the dtype and the promised strides of the real ones."""

from __future__ import annotations

from torch._subclasses.fake_tensor import FakeTensorMode

from conformance.checks.modes.abstract import require_same_properties
from conformance.execution.execution import Execution
from conformance.numeric.dtypes import ALL

DTYPES_IN_ROTATION = ALL


def require_agreement(execution: Execution) -> None:
    """Call with fake tensors that are made from the real ones."""
    execution.tensors  # noqa: B018 -- the real call comes first, as it must not run under the mode
    with FakeTensorMode() as mode:
        results = execution.results_with(mode.from_tensor(operand.tensor) for operand in execution.operands)
    require_same_properties(execution, results, "fake")


def reproduce(execution: Execution, names: str) -> list[str]:
    """The lines that make the call under FakeTensorMode."""
    return [
        "from torch._subclasses.fake_tensor import FakeTensorMode",
        "with FakeTensorMode(allow_non_fake_inputs=True):",
        f"    print(call({names}))",
    ]
