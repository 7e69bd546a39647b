"""Second derivatives, for the check of gradients. They are compared exactly if the operation moves data, and by torch's
gradgradcheck otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch.autograd.gradcheck import GradcheckError

from conformance.checks.gradients.closed_form import moved_elements
from conformance.checks.literals import arguments_text
from conformance.checks.other_forms import any_form_for
from conformance.checks.steps import Lines, arguments, assigned, compared, indented, near_sums, parts_of
from conformance.drawing.layouts import WRITABLE, contiguous
from conformance.execution.broken import Broken, summary
from conformance.execution.evidence import EvidenceBuilder
from conformance.execution.execution import Execution, flatten
from conformance.execution.tensors import to_array
from conformance.numeric.accuracy import Sums, compare_sums
from conformance.numeric.dtypes import DTYPES, real_of
from conformance.results.model import Failure, FailureKind
from conformance.samples.sample import Sample, TensorSample, Values
from conformance.samples.values import SPACED, SPACED_STEP
from conformance.samples.vocabulary import CELL_DTYPE

EXACT_SHARE, DIFFERENCES_SHARE = 8, 2
"""Second derivatives are asked of one in this many of the samples that gradients are asked of: where data is moved, and
where finite differences are taken, for which fewer samples are small enough."""

SECOND = "second derivative"
DIFFERENCES = ("gradcheck", "gradgradcheck")
"""What is broken: second derivatives of moved data, or the agreement with finite differences."""

MOST_ELEMENTS = 48
"""Finite differences are taken only of tensors of at most this many elements."""


def examine(execution: Execution, evidence: EvidenceBuilder) -> None:
    """Ask a share of the samples, by one form; differences only where the dtype is wide enough and the sample small
    enough."""
    gradient, sample = execution.spec.gradient, execution.sample
    execution = execution.by(any_form_for("second derivative", execution))
    if gradient is not None and gradient.terms is None:
        if sample.pick("second derivative", EXACT_SHARE) == 0:
            _require_moved_as_data(execution)
            evidence.note("second derivatives: exact")
    elif _can_take_differences(execution) and sample.pick("second derivative", DIFFERENCES_SHARE) == 0:
        _require_finite_differences(execution)
        evidence.note("first and second derivatives: gradcheck and gradgradcheck, fast mode")


def _can_take_differences(execution: Execution) -> bool:
    wide, gradient = execution.dtype in ("float64", "complex128"), execution.spec.gradient
    if not wide or gradient is None or not gradient.has_differences:
        return False
    inexact = [array.dtype.name for array in execution.arrays if DTYPES[array.dtype.name].inexact]
    if any(real_of(name) != "float64" for name in inexact):
        return False  # the result was asked for in a dtype that is too narrow
    if not all(np.isfinite(array).all() for array in execution.arrays if DTYPES[array.dtype.name].inexact):
        return False  # of what is not finite there are no differences
    return all(0 < tensor.numel <= MOST_ELEMENTS for tensor in execution.sample.tensors)


def _require_moved_as_data(execution: Execution) -> None:
    """The gradient of an operation that moves data is linear in the incoming gradient. Its own gradient moves elements
    as the operation does."""
    again = execution.again()
    leaves = [operand.tensor.requires_grad_(True) for operand in again.operands if operand.inexact]
    results = flatten(again.result, again.form.call)
    if not results:
        return  # an empty tensor can be split into no parts
    incoming = [torch.ones_like(result, requires_grad=True) for result in results]
    call = f"the gradient of the gradient of {again.form.call}"
    try:
        gradients = torch.autograd.grad(results, leaves, incoming, create_graph=True)
        used = [(one, leaf.detach()) for one, leaf in zip(gradients, leaves) if one.requires_grad]
        found = torch.autograd.grad([one for one, _ in used], incoming, [leaf for _, leaf in used], allow_unused=True)
    except Exception as error:
        raise Broken.raised(error, call, "a gradient", about=SECOND) from error
    for second, (sums, bound) in zip(found, _moved(again)):
        array = np.zeros(sums.exact.shape) if second is None else to_array(second)
        difference, _ = compare_sums(array, sums, [DTYPES[array.dtype.name]], bound)
        if difference is not None:
            raise Broken.differs(difference, call, "the elements moved as the call moves them", about=SECOND)


def _moved(execution: Execution) -> Iterator[tuple[Sums, float]]:
    """The second derivative of each result, that is the elements of the leaves moved as the call moves them, and the
    ULPs that are lost where dtypes differ."""
    is_complex = any(DTYPES[operand.dtype].kind == "complex" for operand in execution.operands)
    wide = np.clongdouble if is_complex else np.longdouble
    moving = [operand for operand in execution.operands if operand.promotes]
    flat = np.concatenate([(operand.array.astype(wide) * operand.inexact).ravel() for operand in moving])
    for result, elements in zip(execution.arrays, moved_elements(execution)):
        rounds = any(operand.array.dtype != result.dtype for operand in moving)
        yield Sums(flat[elements], np.abs(flat[elements]), np.ones(elements.shape)), 0.5 if rounds else 0.0


def smooth(execution: Execution) -> Sample:
    """The sample with values that are apart from each other and from 0, where an operation may not be
    differentiable, and above 0 where it has no values below. Numbers of one tensor are apart from those of the others
    too, as far as there are so many: where two meet there may be no derivative."""
    gradient = execution.spec.gradient
    lowest = 1 if gradient is not None and gradient.above_zero else 0
    moving = [tensor for tensor in execution.sample.tensors if tensor.promotes]
    seed, room = (moving[0].values.seed, SPACED // len(moving)) if moving else (0, 0)

    def smoothed(tensor: TensorSample) -> TensorSample:
        nonlocal seed
        if not tensor.promotes:
            return tensor
        kept = tensor.layout.kind in WRITABLE and tensor.layout.storage <= room
        layout = tensor.layout if kept else contiguous(tensor.shape)
        values = Values("spaced", seed, (), lowest)
        seed += SPACED_STEP * layout.storage
        return replace(tensor, layout=layout, values=values, dtype=CELL_DTYPE)

    return execution.sample.with_tensors(smoothed)


def _require_finite_differences(execution: Execution) -> None:
    again = execution.of_sample(smooth(execution))
    leaves = [operand.tensor.requires_grad_(True) for operand in again.operands if operand.inexact]

    def call(*tensors: Any) -> Any:
        return tuple(result for result in again.results_of_leaves(tensors) if result.requires_grad)

    for check in (torch.autograd.gradcheck, torch.autograd.gradgradcheck):
        try:
            with torch.random.fork_rng(devices=()):  # they draw directions
                check(call, leaves, fast_mode=True)
        except GradcheckError as error:
            raise Broken(
                FailureKind.VALUES, summary(error), again.form.call, "agreement with differences", about=check.__name__
            ) from error
        except Exception as error:
            raise Broken.raised(error, again.form.call, "a gradient", about=check.__name__) from error


def reproduce(execution: Execution, failure: Failure) -> Lines:
    """The steps that take second derivatives."""
    execution = execution.by(any_form_for("second derivative", execution))
    return _differences_held(execution, failure) if failure.about in DIFFERENCES else _moved_held(execution, failure)


def _moved_held(execution: Execution, failure: Failure) -> Lines:
    leaves = [name for name, one in zip(execution.promise.operand_names, execution.operands) if one.inexact]
    results = parts_of(execution, len(execution.tensors))
    lines = [
        *arguments(execution),
        f"leaves = [{', '.join(leaves)}]",
        "for leaf in leaves:",
        "    leaf.requires_grad_()",
        *assigned(execution.form.call),
        f"results = [{', '.join(results)}]",
        "incoming = [torch.ones_like(one, requires_grad=True) for one in results]",
        "gradients = torch.autograd.grad(results, leaves, incoming, create_graph=True)",
        "used = [(one, leaf.detach()) for one, leaf in zip(gradients, leaves) if one.requires_grad]",
        "outputs, given = [one for one, _ in used], [leaf for _, leaf in used]",
        "second = torch.autograd.grad(outputs, incoming, given, allow_unused=True)",
    ]
    if failure.kind is FailureKind.RAISED:
        return lines
    for place, (sums, bound) in enumerate(_moved(execution)):
        dtype = execution.arrays[place].dtype.name
        numbers, ulps = near_sums(sums, [DTYPES[dtype]], bound)
        got = f"(torch.zeros_like({results[place]}) if second[{place}] is None else second[{place}]).tolist()"
        lines += compared(f"second derivative of result {place}", got, numbers, dtype, ulps)
    return lines


def _differences_held(execution: Execution, failure: Failure) -> Lines:
    again = execution.of_sample(smooth(execution))
    return [
        *arguments(again),
        *function_of_leaves(again),
        f"leaves = [{', '.join(leaf_names(again))}]",
        "for leaf in leaves:",
        "    leaf.requires_grad_()",
        f"torch.autograd.{failure.about}(call, leaves, fast_mode=True)",
    ]


def leaf_names(execution: Execution) -> list[str]:
    """The floating and complex tensors as expressions."""
    return [name for name, one in zip(execution.promise.operand_names, execution.operands) if one.inexact]


def function_of_leaves(execution: Execution) -> Lines:
    """The definition of `call`: a function of the floating and complex tensors, which returns the floating and complex
    results as a tuple."""
    parameters = [f"leaf_{place}" for place in range(len(leaf_names(execution)))]
    remaining = iter(parameters)
    stand_ins = [next(remaining) if one.inexact else f"given_{place}" for place, one in enumerate(execution.operands)]
    kept = [
        f"given_{place} = {name}"
        for place, (name, one) in enumerate(zip(execution.promise.operand_names, execution.operands))
        if not one.inexact
    ]
    made = arguments_text(execution.sample, stand_ins, execution.dtype, execution.promise.tensor_names)
    body = [
        *made,
        *assigned(execution.form.call),
        "results = result if isinstance(result, (list, tuple)) else (result,)",
        "return tuple(one for one in results if one.is_floating_point() or one.is_complex())",
    ]
    return [*kept, "", f"def call({', '.join(parameters)}):", *indented(body), ""]
