"""Under FakeTensorMode the results have the shape, dtype and promised strides of the real ones."""

from __future__ import annotations

from torch._subclasses.fake_tensor import FakeTensorMode

from conformance.checks.modes.abstract import require_described_alike
from conformance.execution.execution import Execution
from conformance.numeric.dtypes import ALL

SHARE = 4
FIRST = 0
DTYPES = ALL


def ask(execution: Execution) -> bool:
    """Call with fake tensors made from the real ones."""
    execution.tensors  # noqa: B018 -- the real run comes first: it must not happen under the mode
    with FakeTensorMode() as mode:
        results = execution.results_with(mode.from_tensor(operand.tensor) for operand in execution.operands)
    require_described_alike(execution, results, "fake")
    return True


def reproduce(execution: Execution, names: str) -> list[str]:
    """The call under FakeTensorMode."""
    return [
        "from torch._subclasses.fake_tensor import FakeTensorMode",
        "with FakeTensorMode(allow_non_fake_inputs=True):",
        f"    print(call({names}))",
    ]
