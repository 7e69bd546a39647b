"""A comparison as one HTML page: the decision, the changes, what is missing, and the two environments."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from conformance import __version__
from conformance.gate.changes import CHANGE_KINDS, FASTER, SLOWER, UNSAFE_KINDS
from conformance.gate.decision import INCOMPLETE, NOTHING, SAFE, UNSAFE, Comparison
from conformance.gate.output.groups import groups_of
from conformance.gate.times.speed import SAME, UNDECIDED, Speed
from conformance.html.page import part, render
from conformance.html.pictures import Strip, span_of, strip
from conformance.results.comparability import TERMS

SHOWN = 200
"""The number of groups of changes that are printed in full."""

SPAN = (0.7, 1.4)
"""The smallest range of ratios on the axis of times. The axis is longer if a workload differs by more."""

_STANDING = {SAFE: "kept", UNSAFE: "broken", INCOMPLETE: "incomplete", NOTHING: "incomplete"}


def as_page(comparison: Comparison) -> str:
    """The text of the page."""
    groups = groups_of(comparison.changes)
    names = ("torch", *TERMS, "python")
    return render(
        Path(__file__).parent,
        style=part("page.css"),
        comparison=comparison,
        standing=_STANDING[comparison.status],
        kinds=CHANGE_KINDS,
        unsafe=UNSAFE_KINDS,
        groups=groups[:SHOWN],
        others=groups[SHOWN:],
        speeds=_with_strips(comparison.speeds),
        unsteady=groups_of(comparison.unsteady),
        facts=[(name, getattr(comparison.baseline, name), getattr(comparison.candidate, name)) for name in names],
        version=__version__,
    )


def _with_strips(speeds: Sequence[Speed]) -> list[tuple[Speed, Strip]]:
    """The speeds with their pictures, those that differ first. All pictures have the same axis."""
    differing = [speed for speed in speeds if speed.differs]
    span = [*SPAN, *(number for speed in differing for number in span_of(speed.first.ratio, _limits(speed)))]
    return [
        (speed, strip(speed.pairs.candidate, speed.first.ratio, _limits(speed), speed.summary, span))
        for speed in sorted(speeds, key=_prominence)
    ]


def _prominence(speed: Speed) -> int:
    return (SLOWER, FASTER, UNDECIDED, SAME).index(speed.verdict)


def _limits(speed: Speed) -> tuple[float, ...]:
    margin = speed.first.margin
    return (1 / margin, margin) if math.isfinite(margin) else ()
