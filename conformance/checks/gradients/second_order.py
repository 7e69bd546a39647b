"""The second derivative, for the check of gradients: exact where data is moved, torch's own gradgradcheck elsewhere."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import torch

from conformance.checks.gradients.closed_form import moved_elements
from conformance.drawing.layouts import WRITABLE, contiguous
from conformance.execution.broken import Broken, summary
from conformance.execution.evidence import EvidenceBuilder
from conformance.execution.execution import Execution, flatten
from conformance.execution.tensors import to_array
from conformance.numeric.accuracy import Sums, compare_sums
from conformance.numeric.dtypes import DTYPES
from conformance.results.model import FailureKind
from conformance.samples.sample import Sample, TensorSample, Values
from conformance.samples.values import SPACED
from conformance.samples.vocabulary import CELL_DTYPE

SHARE = 8
"""Of the samples that gradients are asked of, one in so many."""

MOST_ELEMENTS = 48
"""Finite differences are taken of small samples only."""


def examine(execution: Execution, evidence: EvidenceBuilder) -> None:
    """Ask a share of the samples; differences only where the dtype is wide enough."""
    if execution.sample.pick("second derivative", SHARE):
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
        raise Broken.raised(error, call, "a gradient", about="second derivative") from error
    is_complex = any(DTYPES[operand.dtype].kind == "complex" for operand in again.operands)
    wide = np.clongdouble if is_complex else np.longdouble
    moving = [operand for operand in again.operands if operand.promotes]
    flat = np.concatenate([(operand.array.astype(wide) * operand.inexact).ravel() for operand in moving])
    for second, elements in zip(found, moved_elements(again)):
        array = np.zeros(elements.shape) if second is None else to_array(second)
        sums = Sums(flat[elements], np.abs(flat[elements]), np.ones(elements.shape))
        difference, _ = compare_sums(array, sums, [DTYPES[array.dtype.name]], 0)
        if difference is not None:
            raise Broken.differs(
                difference, call, "the elements moved as the call moves them", about="second derivative"
            )


def smooth(sample: Sample) -> Sample:
    """The sample with values that lie apart from each other and from 0, where an operation has its kinks."""
    return sample.with_tensors(_smooth)


def _smooth(tensor: TensorSample) -> TensorSample:
    if not tensor.promotes:
        return tensor
    kept = tensor.layout.kind in WRITABLE and tensor.layout.storage <= SPACED
    layout = tensor.layout if kept else contiguous(tensor.shape)
    return replace(tensor, layout=layout, values=Values("spaced", tensor.values.seed), dtype=CELL_DTYPE)


def _finite_differences(execution: Execution) -> None:
    again = execution.of_sample(smooth(execution.sample))
    leaves = [operand.tensor.requires_grad_(True) for operand in again.operands if operand.inexact]

    def call(*tensors: Any) -> Any:
        return tuple(result for result in again.results_of_leaves(tensors) if result.requires_grad)

    for check in (torch.autograd.gradcheck, torch.autograd.gradgradcheck):
        try:
            check(call, leaves, fast_mode=True)
        except Exception as error:
            raise Broken(
                FailureKind.VALUES, summary(error), again.form.call, "agreement with differences", about=check.__name__
            ) from error
