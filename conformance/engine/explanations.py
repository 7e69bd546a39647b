"""Whether a known deviation explains a failure: what its entry says of how torch fails, and of the wrong values."""

from __future__ import annotations

from typing import Any

import numpy as np

from conformance.engine.deviations import Deviation, Given, is_in_region
from conformance.engine.finding import Finding
from conformance.numeric.accuracy import ulp
from conformance.numeric.dtypes import DTYPES, Array, real_of
from conformance.results.model import FailureKind
from conformance.spec.contract import Spec


def is_explained(spec: Spec, deviations: list[Deviation], finding: Finding) -> bool:
    """Whether one of the deviations explains a finding: its sample is in the region, and torch fails as the entry says.
    An entry that says neither where nor how explains nothing."""
    return any(_explains(spec, known, finding) for known in deviations)


def _explains(spec: Spec, known: Deviation, finding: Finding) -> bool:
    failure = finding.failure
    if not (known.predicate or known.says_how) or failure.kind not in known.excused_kinds:
        return False
    if (known.about and failure.about != known.about) or (known.error and failure.error != known.error):
        return False
    if known.symptom and failure.symptom != known.symptom:
        return False
    if failure.kind in _OF_VALUES and known.says_which_values and not _knows(spec, known, finding):
        return False
    if not known.predicate:
        return True
    return finding.sample is not None and is_in_region(spec, known, finding.sample, finding.dtype)


_OF_VALUES = (FailureKind.VALUES, FailureKind.STORAGE)
"""The kinds of failures of which the entries may say which values are wrong."""


def _knows(spec: Spec, known: Deviation, finding: Finding) -> bool:
    """Whether each wrong element is one of the values that the deviation is known to give."""
    difference = finding.difference
    if difference is None or difference.got is None or difference.promised is None:
        return False
    explained = _known_values(known, difference.got, difference.promised)
    function = spec.explanation(known.explanation) if known.explanation else None
    if function is not None and finding.sample is not None:
        with np.errstate(all="ignore"):
            given = function(finding.dtype, difference.got, difference.promised, **finding.sample.by_name)
        explained |= np.asarray(given, bool)
    return bool(explained.all())


def _known_values(known: Deviation, got: Array, promised: Array) -> Array:
    """Where elements are what the deviation gives, or within its bound."""
    wide: Any = np.clongdouble if "complex" in got.dtype.name else np.longdouble
    with np.errstate(all="ignore"):
        value, exact = got.astype(wide), np.asarray(promised).astype(wide)
        explained = np.zeros(got.shape, bool)
        for given in known.gives:
            explained |= _gives(given, value, exact)
        if known.within and DTYPES[got.dtype.name].inexact:
            spacing = ulp(np.abs(exact), DTYPES[real_of(got.dtype.name)])
            explained |= np.abs(value - exact) <= known.within * spacing
    return explained


def _gives(given: Given, value: Array, exact: Array) -> Array:
    tests = {
        "zero": value == 0,
        "infinity": np.isinf(value),
        "nan": np.isnan(value),
        "the other zero": value == exact,
    }
    return np.asarray(tests[given])
