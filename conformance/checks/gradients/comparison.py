"""Gradients beside the closed form, and beside those of another backward pass."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from conformance.checks.gradients.backward import (
    Backward,
    backward,
)
from conformance.checks.gradients.closed_form import promised_gradients
from conformance.checks.repeatable import DETERMINISTIC, is_no_deterministic_kernel
from conformance.execution import devices
from conformance.execution.broken import Broken
from conformance.execution.evidence import EvidenceBuilder
from conformance.execution.execution import Execution
from conformance.execution.tensors import Operand
from conformance.numeric.accuracy import Sums, compare_sums, dtypes_differ, equal_bits
from conformance.numeric.dtypes import DTYPES, Array, DType
from conformance.results.model import FailureKind

ANY_ORDER = "a second backward pass gives other bits, within the bound: the device adds in no fixed order"


@dataclass(frozen=True)
class PromisedGradients:
    """The promised gradients."""

    sums: list[Sums | None]
    """the gradient of each operand in exact arithmetic"""
    bound: Any
    """the ULPs that each term may be off: one number or an array"""


def promised(execution: Execution, incoming: list[Operand | None]) -> PromisedGradients | None:
    """The gradients that every form must give for these incoming gradients; None if the bound is infinite."""
    gradient = execution.spec.gradient
    assert gradient is not None
    bound = gradient.bound(execution.dtype, **execution.sample.by_name) if gradient.bound else 0.0
    if np.isinf(bound).all():
        return None
    return PromisedGradients(
        promised_gradients(execution, [None if operand is None else operand.array for operand in incoming]), bound
    )


def require_closed_form(
    execution: Execution, passed: Backward, promise: PromisedGradients | None, evidence: EvidenceBuilder
) -> None:
    if promise is None:
        return
    first, *again = passed.gradients
    repeated = [parts for parts in again if not _equal(parts, first)]
    for place, actual in (pair for parts in (first, *repeated) for pair in zip(passed.leaves, parts)):
        operand, name = execution.operands[place], execution.promise.operand_names[place]
        sums = promise.sums[place]
        assert sums is not None, f"the spec's gradient says nothing of {name}"
        if actual is None:
            if not sums.magnitude.any():
                continue
            raise Broken(FailureKind.GRADIENT_MISSING, f"no gradient reached {name}", passed.call, "a gradient")
        if actual.dtype != operand.array.dtype:
            raise Broken.differs(
                dtypes_differ(actual.dtype.name, operand.dtype), passed.call, about=f"gradient of {name}"
            )
        passed_through = inexact_dtypes(operand, execution.arrays)
        rounded_again = 0.71 if len(passed_through) > 1 else 0.0
        wrong, worst = compare_sums(actual, sums, passed_through, promise.bound + rounded_again)
        evidence.measured(worst, execution.sample)
        if wrong is not None:
            raise Broken.differs(wrong, passed.call, "the closed form", about=f"gradient of {name}")


def require_repeated(execution: Execution, passed: Backward, evidence: EvidenceBuilder) -> None:
    """Raise `Broken` if a second backward pass gives other bits, which only a device may that adds in no fixed order.
    There two passes must give the same if torch is asked for kernels that are deterministic; it may have none."""
    if devices.adds_in_fixed_order(execution.device):
        return _require_same_bits(passed, "")
    if len(passed.gradients) < 2:
        return
    if not _repeats(passed):
        evidence.note(ANY_ORDER)
    with devices.deterministic_algorithms():
        try:
            _require_same_bits(backward(execution, execution.form, passed.leaves), DETERMINISTIC)
        except Broken as broken:
            if not is_no_deterministic_kernel(broken):
                raise


def _require_same_bits(passed: Backward, about: str) -> None:
    if not _repeats(passed):
        message = "the second backward pass gave other bits"
        raise Broken(FailureKind.VARIES, message, passed.call, "the bits of the first", about=about)


def _repeats(passed: Backward) -> bool:
    """Whether all backward passes gave the same bits."""
    return all(_equal(parts, passed.gradients[0]) for parts in passed.gradients[1:])


def _equal(ones: list[Array | None], others: list[Array | None]) -> bool:
    return all(
        one is other or (one is not None and other is not None and equal_bits(one, other))
        for one, other in zip(ones, others)
    )


def inexact_dtypes(operand: Operand, results: list[Array]) -> list[DType]:
    """The inexact dtypes that a gradient passes through: the operand's and those of the results."""
    names = dict.fromkeys([operand.dtype, *(array.dtype.name for array in results)])
    return [DTYPES[name] for name in names if DTYPES[name].inexact]
