"""Gradients in closed form: the gradient of each argument for given incoming gradients."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from conformance.execution.execution import Execution
from conformance.execution.tensors import Operand
from conformance.numeric.accuracy import Sums
from conformance.numeric.dtypes import DTYPES, Array, convert, wide_of
from conformance.samples.sample import tensors_in
from conformance.spec.contract import TermsWithMagnitude


def promised_gradients(execution: Execution, incoming: list[Array | None]) -> list[Sums | None]:
    """The gradient of each operand in exact arithmetic; None for an operand without a gradient.

    `incoming` has the incoming gradient of each result, or None for a result without one.
    """
    gradient = execution.spec.gradient
    assert gradient is not None
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        if gradient.terms is None:
            return _moved_back(execution, incoming)
        arrays = [_wide(execution, operand) for operand in execution.operands]
        wide = [
            None if array is None else array.astype(wide_of(dtype))
            for array, dtype in zip(incoming, (array.dtype.name for array in execution.arrays))
        ]
        terms = gradient.terms(wide, execution.arrays, **execution.promise.arguments_with(arrays))
    return [
        None if part is None or not operand.inexact else _added_up(part, operand)
        for part, operand in zip(_by_operand(execution, terms), execution.operands)
    ]


def moved_elements(execution: Execution) -> list[Array]:
    """For an operation that moves data: where each element of each result comes from, as the number of an element of
    the operands. The elements of all operands are numbered consecutively."""
    numbers, start = [], 0
    for operand in execution.operands:
        if operand.promotes:
            numbers.append(np.arange(start, start + operand.array.size).reshape(operand.array.shape))
            start += operand.array.size
        else:
            numbers.append(operand.array)
    return [np.asarray(part) for part in execution.promise.oracle_with(numbers)]


def _moved_back(execution: Execution, incoming: list[Array | None]) -> list[Sums | None]:
    total = sum(operand.array.size for operand in execution.operands if operand.promotes)
    wide = np.clongdouble if any(array.dtype.kind == "c" for array in execution.arrays) else np.longdouble
    exact, magnitude, count = np.zeros(total, wide), np.zeros(total, np.longdouble), np.zeros(total, np.int64)
    for elements, array in zip(moved_elements(execution), incoming):
        if array is not None:
            values = array.astype(wide)
            np.add.at(exact, elements, values)
            np.add.at(magnitude, elements, np.abs(values))
            np.add.at(count, elements, 1)
    found: list[Sums | None] = []
    start = 0
    for operand in execution.operands:
        if not operand.promotes:
            found.append(None)
            continue
        end = start + operand.array.size
        shape = operand.array.shape
        own, size, number = (part[start:end].reshape(shape) for part in (exact, magnitude, count))
        found.append(_in_dtype(Sums(own, size, number), operand) if operand.inexact else None)
        start = end
    return found


def _wide(execution: Execution, operand: Operand) -> Array:
    """The elements as the operation takes them: converted to the dtype in which the operands meet, if there is one."""
    if not (operand.promotes or operand.inexact):
        return operand.array
    common = execution.promise.common_dtype
    array = convert(operand.array, common) if common and operand.promotes else operand.array
    return array.astype(wide_of(common if common and DTYPES[common].inexact else execution.promise.promoted_float))


def _by_operand(execution: Execution, terms: dict[str, Any]) -> list[Any]:
    """The terms in the order of the operands."""
    found: list[Any] = []
    for name, argument in execution.sample.arguments:
        count = len(tensors_in(argument))
        parts = terms.get(name)
        found += list(parts) if isinstance(parts, (list, tuple)) else [parts] * count
    return found


def _added_up(part: Any, operand: Operand) -> Sums:
    shape = operand.array.shape
    terms = np.asarray(part.terms if isinstance(part, TermsWithMagnitude) else part)
    sizes = np.asarray(part.magnitude) if isinstance(part, TermsWithMagnitude) else np.abs(terms)
    new = terms.ndim - len(shape)
    repeated = (new + axis for axis, size in enumerate(shape) if size == 1 and terms.shape[new + axis] != 1)
    axes = (*range(new), *repeated)
    exact, magnitude = (np.sum(array, axes).reshape(shape) for array in (terms, sizes))
    count = np.full(shape, terms.size // max(exact.size, 1))
    return _in_dtype(Sums(exact, magnitude, count), operand)


def _in_dtype(sums: Sums, operand: Operand) -> Sums:
    """The gradient of a real tensor is the real part."""
    return sums if DTYPES[operand.dtype].kind == "complex" else Sums(sums.exact.real, sums.magnitude, sums.terms)
