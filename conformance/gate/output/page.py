"""A comparison as one HTML page: the decision and what is unsafe, the changes by kind and cause, what is missing, and
the two environments."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from conformance import __version__
from conformance.gate.changes import CELL_GONE, CELL_NEW, CHANGE_KINDS, FASTER, MOVED, SLOWER, UNSAFE_KINDS, Change
from conformance.gate.decision import INCOMPLETE, NOTHING, SAFE, UNSAFE, Comparison
from conformance.gate.output.groups import ChangeGroup, groups_of
from conformance.gate.output.overview import facts_of
from conformance.gate.output.words import marked
from conformance.gate.times.speed import SAME, UNDECIDED, Speed
from conformance.html.numbers import three_digits
from conformance.html.page import part, render
from conformance.html.pictures import Error, Errors, Strip, errors, span_of, strip
from conformance.report.accuracy import CANCELS
from conformance.results.comparability import TERMS

SHOWN = 200
"""The number of groups of changes that are printed in full."""

NAMED = 8
"""The number of causes that the first screen names."""

BRIEF = 3
"""The number of lines of cells that stand in the entry of a cause. More of them are folded."""

DRAWN = 200
"""The number of errors that the picture of accuracy shows."""

SPAN = (0.7, 1.4)
"""The smallest range of ratios on the axis of times. The axis is longer if a workload differs by more."""

_STANDING = {SAFE: "kept", UNSAFE: "broken", INCOMPLETE: "incomplete", NOTHING: "incomplete"}
_FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Card:
    """A group of changes, and the name by which links find it."""

    name: str
    group: ChangeGroup


@dataclass(frozen=True)
class Kind:
    """The changes of one kind: how many cells show them, and the groups."""

    name: str
    meaning: str
    unsafe: bool
    cells: int
    cards: tuple[Card, ...]


def as_page(comparison: Comparison) -> str:
    """The text of the page."""
    groups = groups_of(comparison.changes)
    kinds = _kinds(groups[:SHOWN])
    cards = [card for kind in kinds for card in kind.cards]
    return render(
        _FOLDER,
        style=part("page.css") + (_FOLDER / "gate.css").read_text(encoding="utf-8"),
        script=part("page.js"),
        comparison=comparison,
        standing=_STANDING[comparison.status],
        kinds=kinds,
        unsafe=[card for card in cards if card.group.first.unsafe],
        named=NAMED,
        brief=BRIEF,
        without_cards=(CELL_GONE, CELL_NEW),
        others=groups[SHOWN:],
        facts=facts_of(comparison),
        moved=_moved(comparison.changes),
        speeds=_with_strips(comparison.speeds),
        unsteady=groups_of(comparison.unsteady),
        terms=[
            (name, getattr(comparison.baseline, name), getattr(comparison.candidate, name))
            for name in ("torch", *TERMS, "python")
        ],
        marked=marked,
        version=__version__,
    )


def _kinds(groups: Sequence[ChangeGroup]) -> list[Kind]:
    """The kinds of changes that there are, most severe first."""
    found: dict[str, list[Card]] = {}
    used: set[str] = set()
    for group in groups:
        found.setdefault(group.first.kind, []).append(Card(_name(group, used), group))
    return [
        Kind(
            kind,
            CHANGE_KINDS[kind],
            kind in UNSAFE_KINDS,
            sum(len(card.group.changes) for card in found[kind]),
            tuple(found[kind]),
        )
        for kind in CHANGE_KINDS
        if kind in found
    ]


def _name(group: ChangeGroup, used: set[str]) -> str:
    """A name for a group that no other has: its kind, and the operation and check of its smallest sample."""
    first = group.first
    base = f"{first.kind.replace(' ', '-')}/{first.operation}/{first.check}/{first.device}"
    name, count = base, 1
    while name in used:
        count += 1
        name = f"{base}/{count}"
    used.add(name)
    return name


def _moved(changes: Iterable[Change]) -> Errors | None:
    """The picture of the errors of moved results on both sides; None if none was measured."""
    measured = [change for change in changes if change.kind == MOVED and (change.ulp_before or change.ulp_after)]
    if not measured:
        return None
    return errors([_error(change) for change in sorted(measured, key=_growth)[:DRAWN]])


def _growth(change: Change) -> float:
    """How much an error grew: what grew most comes first."""
    return -change.ulp_after / change.ulp_before if change.ulp_before else -math.inf


def _error(change: Change) -> Error:
    return Error(
        label=f"{change.operation.rpartition('.')[2]} {change.subject}",
        worst=change.ulp_after,
        bound=change.ulp_bound,
        words=_words(change),
        before=change.ulp_before,
    )


def _words(change: Change) -> str:
    words = f"{three_digits(change.ulp_before)} → {three_digits(change.ulp_after)}"
    if not change.ulp_bound:
        return f"{words} ULP"
    cancels = "; terms cancel" if change.ulp_bound > CANCELS else ""
    return f"{words} of {three_digits(change.ulp_bound)} ULP{cancels}"


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
