"""The accuracy of an operation: the worst error of each dtype against what the contract allows."""

from __future__ import annotations

import math
from collections.abc import Iterable

from conformance.html.numbers import three_digits
from conformance.html.pictures import Error, Errors, errors
from conformance.report.words import subject_order
from conformance.results.model import CellResult, Evidence

CANCELS = 1000.0
"""A bound of more ULPs than that is as large because terms cancel: what is left of them is small, and so is its ULP."""


def errors_of(cells: Iterable[CellResult]) -> Errors | None:
    """The picture of the errors that were measured in some cells; None if none was."""
    measured = sorted((cell for cell in cells if cell.evidence.worst > 0), key=_order)
    several = len({cell.device for cell in measured}) > 1
    found = [_error(cell, several) for cell in measured]
    return errors(found) if found else None


def _order(cell: CellResult) -> tuple[bool, tuple[int, str]]:
    return cell.check != "values", subject_order(cell.subject)


def _error(cell: CellResult, several: bool) -> Error:
    evidence = cell.evidence
    where = f"{cell.subject} on {cell.device}" if several else cell.subject
    label = where if cell.check == "values" else f"{where}, {cell.check}"
    return Error(label, evidence.worst, float(evidence.worst_bound), in_words(evidence))


def in_words(evidence: Evidence) -> str:
    """The worst error and what is allowed there."""
    bound = float(evidence.worst_bound)
    words = f"{three_digits(evidence.worst)} ULP"
    if not bound:
        return f"{words}, bound not recorded"
    words = f"{three_digits(evidence.worst)} of {three_digits(bound)} ULP"
    closest = float(evidence.closest)
    if math.isfinite(closest) and closest > evidence.worst / bound * 1.005:
        words += f", elsewhere {percent_of(closest)} of its bound"
    if bound > CANCELS:
        return f"{words}; terms cancel"
    return f"{words} of the terms" if evidence.of_terms else words


def percent_of(share: float) -> str:
    """A share of a bound in per cent."""
    return f"{100 * share:.3g} %"
