"""Known deviations, by what they do: the gravest first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from conformance.html.numbers import percent
from conformance.report.findings import web_address
from conformance.results.causes import CellGroup, grouped
from conformance.results.model import CellResult, Effect, KnownDeviation
from conformance.results.verdict import Results

EFFECTS = {
    Effect.CRASH: ("crash", "The process may end, or its memory be damaged."),
    Effect.VALUE: ("wrong value", "What comes out is not what is promised, and nothing says so."),
    Effect.ACCEPTED: ("misuse accepted", "A call that must be refused is not."),
    Effect.REFUSED: ("refused", "A call that must work raises an exception."),
    Effect.ERROR_CLASS: ("wrong class of error", "A misuse is refused, with another class than promised."),
    Effect.MEMORY: ("memory", "The numbers are right; how they lie in memory, or how much is kept, is not."),
    Effect.UNKNOWN: ("not said", "These results do not say what the deviations do."),
}
"""What each effect is called on the page, and what it means."""


@dataclass(frozen=True)
class DeviationCard:
    """One known deviation, what its witness gave, the cells that it concerns, and how much of them it sets aside."""

    known: KnownDeviation
    cells: tuple[CellGroup, ...]
    count: int
    set_aside: int
    asked: int
    most: CellResult | None
    """the cell of which it sets aside the greatest share"""

    @property
    def link(self) -> str:
        return web_address(self.known.link)

    @property
    def operations(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(group.operation for group in self.cells))

    @property
    def share(self) -> str:
        """How many samples are set aside in the cells concerned, in words; another deviation may share in it."""
        if self.most is None:
            return "none was met" if self.asked else "not counted"
        most = self.most.evidence
        where = f"{self.most.check} {self.most.subject}"
        words = f"{percent(self.set_aside, self.asked)} of the samples of these cells"
        return f"{words}, at most {percent(most.set_aside, most.asked)} ({where})"


def deviations_of(results: Results) -> tuple[DeviationCard, ...]:
    """The known deviations of all cells, the gravest first, else in order of appearance."""
    found = _by_deviation((cell, cell.deviations) for cell in results.cells)
    cards = [_card(known, concerned) for known, concerned in found.items()]
    return tuple(sorted(cards, key=_gravity))


def fixed_of(results: Results) -> tuple[DeviationCard, ...]:
    """The deviations of certified versions of torch that this one does not show, in order of appearance."""
    found = _by_deviation((cell, cell.fixed) for cell in results.cells)
    return tuple(_card(known, concerned) for known, concerned in found.items())


def by_effect(cards: Iterable[DeviationCard]) -> dict[Effect, tuple[DeviationCard, ...]]:
    """The cards of each effect that there is, the gravest effect first."""
    found: dict[Effect, list[DeviationCard]] = {}
    for card in cards:
        found.setdefault(card.known.effect, []).append(card)
    return {effect: tuple(found[effect]) for effect in EFFECTS if effect in found}


def _card(known: KnownDeviation, cells: list[CellResult]) -> DeviationCard:
    met = [cell for cell in cells if cell.evidence.set_aside and cell.evidence.asked]  # older results do not say
    return DeviationCard(
        known,
        grouped(cells),
        len(cells),
        sum(cell.evidence.set_aside for cell in cells),
        sum(cell.evidence.asked for cell in cells),
        max(met, key=_share, default=None),
    )


def _share(cell: CellResult) -> float:
    return cell.evidence.set_aside / cell.evidence.asked


def _gravity(card: DeviationCard) -> int:
    return list(EFFECTS).index(card.known.effect)


def _by_deviation(
    concerned: Iterable[tuple[CellResult, tuple[KnownDeviation, ...]]],
) -> dict[KnownDeviation, list[CellResult]]:
    cells: dict[KnownDeviation, list[CellResult]] = {}
    for cell, deviations in concerned:
        for known in deviations:
            cells.setdefault(known, []).append(cell)
    return cells
