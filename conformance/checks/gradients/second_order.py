"""The second derivative, for the check of gradients: exact where data is moved, torch's own gradgradcheck elsewhere."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import torch

from conformance.checks.gradients.closed_form import moved_elements
from conformance.drawing.layouts import WRITABLE, contiguous
from conformance.execution.evidence import Evidence
from conformance.execution.execution import Broken, Execution, flatten, summary
from conformance.execution.tensors import to_array
from conformance.numeric.accuracy import Sums, compare_sums
from conformance.numeric.dtypes import DTYPES
from conformance.samples.sample import SUBJECT, Argument, Sample, TensorSample, Values
from conformance.samples.values import SPACED

SHARE = 8
"""Of the samples that gradients are asked of, one in so many."""

MOST_ELEMENTS = 48
"""Finite differences are taken of small samples only."""


def examine(execution: Execution, evidence: Evidence) -> None:
    """Ask a share of the samples; differences only where the dtype is wide enough."""
    if execution.sample.digest // 7 % SHARE:
        return
    if execution.spec.gradient is not None and execution.spec.gradient.terms is None:
        _moves_forward(execution)
        evidence.note("second derivatives: exact")
    elif execution.dtype in ("float64", "complex128") and all(
        0 < tensor.numel <= MOST_ELEMENTS for tensor in execution.sample.tensors
    ):
        _finite_differences(execution)
        evidence.note("first and second derivatives: gradcheck and gradgradcheck, fast mode")


def _moves_forward(execution: Execution) -> None:
    """Data that is moved has a gradient linear in the incoming one, whose own gradient moves as the data did."""
    again = execution.again()
    leaves = [operand.tensor.requires_grad_(True) for operand in again.operands if operand.inexact]
    results = flatten(again.result, again.form.call)
    if not results:
        return  # nothing was split into no parts
    incoming = [torch.ones_like(result, requires_grad=True) for result in results]
    call = f"the gradient of the gradient of {again.form.call}"
    try:
        gradients = torch.autograd.grad(results, leaves, incoming, create_graph=True)
        used = [(one, leaf.detach()) for one, leaf in zip(gradients, leaves) if one.requires_grad]
        found = torch.autograd.grad([one for one, _ in used], incoming, [leaf for _, leaf in used], allow_unused=True)
    except Exception as error:
        raise Broken(f"second derivative: raised {summary(error)}", call, "a gradient") from error
    is_complex = any(DTYPES[operand.dtype].kind == "complex" for operand in again.operands)
    wide = np.clongdouble if is_complex else np.longdouble
    moving = [operand for operand in again.operands if operand.promotes]
    flat = np.concatenate([(operand.array.astype(wide) * operand.inexact).ravel() for operand in moving])
    for second, elements in zip(found, moved_elements(again)):
        array = np.zeros(elements.shape) if second is None else to_array(second)
        sums = Sums(flat[elements], np.abs(flat[elements]), np.ones(elements.shape))
        difference, _ = compare_sums(array, sums, [DTYPES[array.dtype.name]], 0)
        if difference is not None:
            raise Broken(f"second derivative: {difference.message}", call, "the elements moved as the call moves them")


def smooth(sample: Sample) -> Sample:
    """The sample with values that lie apart from each other and from 0, where an operation has its kinks."""
    return Sample(tuple((name, _smooth(value)) for name, value in sample.arguments))


def _smooth(argument: Argument) -> Argument:
    if isinstance(argument, tuple):
        return tuple(_smooth(part) for part in argument)
    if not isinstance(argument, TensorSample) or not argument.promotes:
        return argument
    kept = argument.layout.kind in WRITABLE and argument.layout.storage <= SPACED
    layout = argument.layout if kept else contiguous(argument.shape)
    return replace(argument, layout=layout, values=Values("spaced", argument.values.seed), dtype=SUBJECT)


def _finite_differences(execution: Execution) -> None:
    again = Execution(execution.spec, smooth(execution.sample), execution.dtype, execution.device)
    leaves = [operand.tensor.requires_grad_(True) for operand in again.operands if operand.inexact]

    def call(*tensors: Any) -> Any:
        return tuple(result for result in again.results_of_leaves(tensors) if result.requires_grad)

    for check in (torch.autograd.gradcheck, torch.autograd.gradgradcheck):
        try:
            check(call, leaves, fast_mode=True)
        except Exception as error:
            raise Broken(
                f"{check.__name__}: {summary(error)}", again.form.call, "agreement with differences"
            ) from error
