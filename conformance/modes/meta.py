"""On the meta device the results have the shape, dtype and promised strides of the real ones."""

from __future__ import annotations

from typing import Any

import torch

from conformance.dtypes import ALL
from conformance.dtypes import DTYPES as KNOWN
from conformance.execution import Execution, flatten
from conformance.modes.abstract import described_alike
from conformance.tensors import Operand

SHARE = 2
FIRST = 0
DTYPES = ALL


def ask(execution: Execution) -> bool:
    """Call with tensors that lie as the real ones do, and hold nothing."""
    arguments = execution.arguments_with(_on_meta(operand) for operand in execution.operands)
    result = execution.call(execution.form.call, **arguments, device="meta")
    described_alike(execution, flatten(result, execution.form.call), "meta")
    return True


def _on_meta(operand: Operand) -> Any:
    layout = operand.sample.layout
    storage = torch.empty(len(operand.pristine), dtype=operand.tensor.dtype, device="meta")
    tensor = storage.as_strided(operand.sample.shape, layout.strides, layout.offset)
    if not layout.lazy:
        return tensor
    return tensor.conj() if KNOWN[operand.dtype].kind == "complex" else torch._neg_view(tensor)
