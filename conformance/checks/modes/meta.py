"""On the meta device the results have the shape, dtype and promised strides of the real ones."""

from __future__ import annotations

from typing import Any

import torch

from conformance.checks.modes.abstract import described_alike
from conformance.execution.execution import Execution
from conformance.execution.tensors import Operand, laid_out
from conformance.numeric.dtypes import ALL

SHARE = 2
FIRST = 0
DTYPES = ALL


def ask(execution: Execution) -> bool:
    """Call with tensors that lie as the real ones do, and hold nothing."""
    results = execution.results_with([_on_meta(operand) for operand in execution.operands], device="meta")
    described_alike(execution, results, "meta")
    return True


def _on_meta(operand: Operand) -> Any:
    storage = torch.empty(len(operand.pristine), dtype=operand.tensor.dtype, device="meta")
    return laid_out(storage, operand.sample, operand.dtype)
