"""A comparison as one HTML page: the decision, what changed, what is missing, and the two environments."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from conformance import __version__
from conformance.gate.changes import FASTER, KINDS, SLOWER, UNSAFE
from conformance.gate.decision import INCOMPLETE, NOTHING, SAFE, Comparison
from conformance.gate.decision import UNSAFE as IS_UNSAFE
from conformance.gate.output.groups import groups_of
from conformance.gate.times.speed import OPEN, SAME, Speed
from conformance.html.page import part, render
from conformance.html.pictures import Strip, span_of, strip
from conformance.results.comparability import TERMS

SHOWN = 200
"""How many groups of changes are printed in full."""

SPAN = (0.7, 1.4)
"""The ratios that the axis of times holds at least; it is longer where something differs by more."""

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
        speeds=_with_strips(comparison.speeds),
        unsteady=groups_of(comparison.unsteady),
        facts=[(name, getattr(comparison.baseline, name), getattr(comparison.candidate, name)) for name in names],
        version=__version__,
    )


def _with_strips(speeds: Sequence[Speed]) -> list[tuple[Speed, Strip]]:
    """Each with its picture, what differs first; all are on one axis, so that the eye can compare them."""
    differing = [speed for speed in speeds if speed.differs]
    span = [*SPAN, *(number for speed in differing for number in span_of(speed.first.ratio, _limits(speed)))]
    return [
        (speed, strip(speed.pairs.candidate, speed.first.ratio, _limits(speed), speed.words, span))
        for speed in sorted(speeds, key=_prominence)
    ]


def _prominence(speed: Speed) -> int:
    return (SLOWER, FASTER, OPEN, SAME).index(speed.word)


def _limits(speed: Speed) -> tuple[float, ...]:
    margin = speed.first.margin
    return (1 / margin, margin) if math.isfinite(margin) else ()
