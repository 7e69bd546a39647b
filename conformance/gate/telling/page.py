"""A comparison as one HTML page: the decision, what changed, what is missing, and the two environments."""

from __future__ import annotations

import math
from pathlib import Path

from conformance import __version__
from conformance.gate.changes import KINDS, UNSAFE
from conformance.gate.decision import INCOMPLETE, NOTHING, SAFE, Comparison
from conformance.gate.decision import UNSAFE as IS_UNSAFE
from conformance.gate.speed import Speed
from conformance.gate.telling.groups import groups_of
from conformance.gate.terms import TERMS
from conformance.report.page import part, render
from conformance.report.pictures import Strip, strip

SHOWN = 200
"""How many groups of changes are printed in full."""

_STANDING = {SAFE: "kept", IS_UNSAFE: "broken", INCOMPLETE: "incomplete", NOTHING: "incomplete"}


def as_page(comparison: Comparison) -> str:
    """The page's text."""
    groups = groups_of(comparison.changes)
    names = ("torch", *TERMS, "python")
    return render(
        Path(__file__).parent,
        style=part("page.css"),
        comparison=comparison,
        standing=_STANDING[comparison.status],
        kinds=KINDS,
        unsafe=UNSAFE,
        groups=groups[:SHOWN],
        others=groups[SHOWN:],
        speeds=[(speed, _strip(speed)) for speed in comparison.speeds],
        unsteady=groups_of(comparison.unsteady),
        facts=[(name, comparison.baseline.get(name, ""), comparison.candidate.get(name, "")) for name in names],
        version=__version__,
    )


def _strip(speed: Speed) -> Strip:
    judged = speed.first
    limits = [1 / judged.margin, judged.margin] if math.isfinite(judged.margin) else []
    return strip(speed.pairs.candidate, judged.ratio, limits, speed.words)
