"""laws: do the relations between calls hold?"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from conformance.checks.parts import part_of_check
from conformance.checks.places import cannot_say
from conformance.checks.steps import Lines, arguments, assigned, held, left_alone, options, quoted, remembered
from conformance.execution.broken import Broken
from conformance.execution.evidence import EvidenceBuilder
from conformance.execution.execution import Execution, attempt
from conformance.execution.promise import fits
from conformance.execution.tensors import dtype_name, to_array
from conformance.numeric.accuracy import Difference, Sums, compare_exact, compare_sums, compare_ulps, ulp
from conformance.numeric.dtypes import DTYPES, Array, wide, wide_of
from conformance.results.model import Cell, Failure, FailureKind
from conformance.samples.sample import Sample
from conformance.spec.contract import AT_MOST, EQUAL, Law, Spec

NAME = "laws"


def conditions(spec: Spec) -> tuple[str, ...]:
    """The conditions on samples of what is asked; empty ones always hold."""
    return tuple(law.when for law in spec.laws)


def parts(spec: Spec, sample: Sample, dtype: str) -> tuple[str, ...]:
    """The laws that fit a sample."""
    return tuple(law.title for law in spec.laws if fits(sample, dtype, law.when))


def examine(execution: Execution, evidence: EvidenceBuilder) -> None:
    """Compare both sides of each law that fits the sample."""
    for law in execution.spec.laws:
        reason = cannot_say(f"{law.left}; {law.right}", execution.device)
        if reason:
            evidence.note(f"{law.title}: not asked, since {reason}")
        elif execution.promise.fits(law.when):
            with part_of_check(execution, evidence):
                _compare_sides(execution, law, evidence)
            execution.require_untouched()


def _compare_sides(execution: Execution, law: Law, evidence: EvidenceBuilder) -> None:
    left, right = (_side(execution, law, side) for side in (law.left, law.right))
    if len(left) != len(right):
        raise Broken(
            FailureKind.COUNT, f"{len(left)} results against {len(right)}", law.left, law.right, about=law.title
        )
    for one, other in zip(left, right):
        difference = _compare(execution, law, one, other)
        if difference is not None:
            raise Broken.differs(difference, law.left, f"{law.relation} {law.right}", about=law.title)
    evidence.compared(execution.sample, part=law.title)


def _side(execution: Execution, law: Law, expression: str) -> list[Any]:
    value, error = attempt(lambda: execution.call(expression))
    if error is not None:
        raise Broken.raised(error, expression, "a result", about=law.title) from error
    return list(value) if isinstance(value, (tuple, list)) and not isinstance(value, torch.Size) else [value]


def _compare(execution: Execution, law: Law, left: Any, right: Any) -> Difference | None:
    if not isinstance(left, (torch.Tensor, np.ndarray, np.generic)):
        return None if left == right else Difference(f"{left!r} is not {right!r}")
    first, second = _array(left), _array(right)
    if law.relation == EQUAL:
        return compare_exact(first, second)
    name = dtype_name(left) if isinstance(left, torch.Tensor) else first.dtype.name
    bound = law.bound(execution.dtype, **execution.sample.by_name) if law.bound else 0.0
    if law.magnitude and not DTYPES[name].inexact:
        return compare_exact(first, second)
    if law.relation == AT_MOST:
        with np.errstate(invalid="ignore"):
            below = first <= second
        first = np.where(below | np.isnan(second), second, first)
    if law.magnitude:
        with np.errstate(all="ignore"):
            magnitude = np.broadcast_to(law.magnitude(execution.dtype, **execution.sample.by_name), second.shape)
        exact = wide(second)
        return compare_sums(first, Sums(exact, magnitude, np.full(second.shape, 2)), [DTYPES[name]], bound - 1)[0]
    return compare_ulps(first, second, DTYPES[name], bound)[0]


def _array(value: Any) -> Array:
    return to_array(value) if isinstance(value, torch.Tensor) else np.asarray(value)


def reproduce(execution: Execution, cell: Cell, failure: Failure) -> Lines:
    """The steps that hold one side of the law to the other."""
    law = next((law for law in execution.spec.laws if law.title == failure.about), None)
    if law is None:
        return _every_side(execution, failure)
    sides = [*arguments(execution), *assigned(law.left, "left"), *assigned(law.right, "right")]
    dtype, ulps = execution.dtype, _ulps(execution, law)
    left, right = "as_lists(left)", "as_lists(right)"
    if failure.kind is FailureKind.COUNT:
        return [*sides, *held("number of results", "len(left)", "len(right)")]
    if failure.kind in (FailureKind.SHAPE, FailureKind.DTYPE):
        name = str(failure.kind).removeprefix("wrong ")
        return [*sides, *held(f"the {name}", f"each_{name}(left)", f"each_{name}(right)")]
    if law.relation == AT_MOST:
        pairs = "zip(flat(as_lists(left)), flat(as_lists(right)))"
        sides.append(f"above = [one if one > other else other for one, other in {pairs}]")
        left = "above"
    if execution.dtype in DTYPES and not DTYPES[dtype].inexact:
        dtype = "float32"
    return [*sides, f"compare({quoted(law.title)}, {left}, {right}{options(dtype, ulps)})"]


def _ulps(execution: Execution, law: Law) -> Any:
    """How many ULP the sides may be apart; None if not at all."""
    if law.relation == EQUAL or (law.magnitude and not DTYPES[execution.dtype].inexact):
        return None
    bound = law.bound(execution.dtype, **execution.sample.by_name) if law.bound else 0.0
    return bound if law.magnitude is None else _at_magnitude(execution, law, bound)


def _at_magnitude(execution: Execution, law: Law, bound: float) -> Array:
    """How many ULP of the right side are as much as the bound is at the magnitude."""
    assert law.magnitude is not None
    right = _array(_side(execution.again(), law, law.right)[0])
    dtype = DTYPES[execution.dtype]
    with np.errstate(all="ignore"):
        magnitude = np.broadcast_to(law.magnitude(execution.dtype, **execution.sample.by_name), right.shape)
        ulps = bound * ulp(magnitude, dtype) / ulp(np.abs(right.astype(wide_of(dtype.name))), dtype)
    return np.asarray(ulps, np.float64)


def _every_side(execution: Execution, failure: Failure) -> Lines:
    """The steps that make the first call and those of all laws, and hold the arguments to what they held."""
    laws = [law for law in execution.spec.laws if execution.promise.fits(law.when)]
    calls = (assigned(side) for law in laws for side in (law.left, law.right))
    made = [*assigned(execution.form.call), *(line for lines in calls for line in lines)]
    return [*arguments(execution), *remembered(execution), *made, *left_alone(execution)]
