"""Under FakeTensorMode the results have the shape, dtype and promised strides of the real ones."""

from __future__ import annotations

from torch._subclasses.fake_tensor import FakeTensorMode

from conformance.dtypes import ALL
from conformance.execution import Execution, flatten
from conformance.modes.abstract import described_alike

SHARE = 4
FIRST = 0
DTYPES = ALL


def ask(execution: Execution) -> bool:
    """Call with fake tensors made from the real ones."""
    execution.tensors  # noqa: B018 -- the real run comes first: it must not happen under the mode
    with FakeTensorMode() as mode:
        arguments = execution.arguments_with(mode.from_tensor(operand.tensor) for operand in execution.operands)
        result = execution.call(execution.form.call, **arguments)
    described_alike(execution, flatten(result, execution.form.call), "fake")
    return True
