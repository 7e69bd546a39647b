"""On the meta device the results must have the shape, the dtype and the promised strides of the real ones."""

from __future__ import annotations

from typing import Any

import torch

from conformance.checks.modes.abstract import require_same_properties
from conformance.execution.execution import Execution
from conformance.execution.tensors import Operand, laid_out
from conformance.numeric.dtypes import ALL

DTYPES_IN_ROTATION = ALL


def require_agreement(execution: Execution) -> None:
    """Call with tensors that have the layouts of the real ones, and no values."""
    results = execution.results_with([_on_meta(operand) for operand in execution.operands], device="meta")
    require_same_properties(execution, results, "meta")


def _on_meta(operand: Operand) -> Any:
    storage = torch.empty(len(operand.pristine), dtype=operand.tensor.dtype, device="meta")
    return laid_out(storage, operand.sample, operand.dtype)


def reproduce(execution: Execution, names: str) -> list[str]:
    """The lines that print the strides of the arguments, and make the call on meta tensors."""
    lines = []
    for name, operand in zip(execution.promise.operand_names, execution.operands):
        layout = operand.sample.layout
        storage = f"torch.empty({len(operand.pristine)}, dtype={name}.dtype, device='meta')"
        lines.append(f"print({name}.stride())")
        if "[" not in name:
            lines.append(f"{name} = {storage}.as_strided({operand.sample.shape}, {layout.strides}, {layout.offset})")
    return [*lines, f"print(call({names}))"]
