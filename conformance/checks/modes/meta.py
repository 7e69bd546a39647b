"""On the meta device the results must have the shape, the dtype and the promised strides of the real ones."""

from __future__ import annotations

from typing import Any

import torch

from conformance.checks.literals import arguments_text, lazy_text
from conformance.checks.modes.abstract import properties_held, require_same_properties
from conformance.checks.steps import Lines, arguments, assigned, indented
from conformance.execution.execution import Execution
from conformance.execution.tensors import Operand, laid_out
from conformance.numeric.dtypes import ALL
from conformance.results.model import Failure
from conformance.spec.expressions import names_in

DTYPES_IN_ROTATION = ALL


def require_agreement(execution: Execution) -> None:
    """Call with tensors that have the layouts of the real ones, and no values."""
    results = execution.results_with([_on_meta(operand) for operand in execution.operands], device="meta")
    require_same_properties(execution, results, "meta")


def _on_meta(operand: Operand) -> Any:
    storage = torch.empty(len(operand.pristine), dtype=operand.tensor.dtype, device="meta")
    return laid_out(storage, operand.sample, operand.dtype)


def reproduce(execution: Execution, failure: Failure) -> Lines:
    """The steps that make the call on meta tensors, and hold the results to the properties of the real ones."""
    literals = [_literal(operand) for operand in execution.operands]
    made = arguments_text(execution.sample, literals, execution.dtype, execution.promise.tensor_names)
    call = assigned(execution.form.call)
    if "device" in names_in(execution.form.call):
        made.append('device = "meta"')
    real = [*arguments(execution), *assigned(execution.form.call, "real")]
    return [*real, *made, 'with torch.device("meta"):', *indented(call), *properties_held(execution, failure)]


def _literal(operand: Operand) -> str:
    """An operand without values as an expression."""
    layout, dtype = operand.sample.layout, operand.dtype
    text = f'torch.empty({len(operand.pristine)}, dtype=torch.{dtype}, device="meta")'
    text += f".as_strided({operand.sample.shape}, {layout.strides}, {layout.offset})"
    return lazy_text(text, layout, dtype)
