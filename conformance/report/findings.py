"""What a reader should see first: cells that failed or were not answered."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.results.causes import Cause, CellGroup, causes_of, grouped
from conformance.results.model import Verdict
from conformance.results.verdict import Results

SHOWN = 120
"""The number of causes that the page prints. The matrix leads to the cells of the others."""


@dataclass(frozen=True)
class Card:
    """A cause, and others that may follow from it: where the plain call of an operation gives a wrong result, its other
    checks break as well. Each cause stands with its number."""

    causes: tuple[tuple[int, Cause], ...]

    @property
    def number(self) -> int:
        return self.causes[0][0]

    @property
    def cause(self) -> Cause:
        return self.causes[0][1]

    @property
    def cell_count(self) -> int:
        """The number of cells that show any of them."""
        return len({one.place for _, cause in self.causes for one in cause.failures})


@dataclass(frozen=True)
class Findings:
    """What broke, by cause; the cells of causes that the page does not print; and those that were not run."""

    causes: tuple[Cause, ...]
    cards: tuple[Card, ...]
    """the same causes"""
    unprinted: tuple[Cause, ...]
    not_run: tuple[CellGroup, ...]

    @property
    def count(self) -> int:
        """The number of cells that broke."""
        return len({one.place for cause in (*self.causes, *self.unprinted) for one in cause.failures})


def web_address(text: str) -> str:
    """The text if it is the address of a web page, else an empty text."""
    return text if text.startswith(("https://", "http://")) else ""


def findings_of(results: Results) -> Findings:
    """What broke or compared nothing, by cause, and what was not run."""
    causes = causes_of(results.cells)
    return Findings(
        causes=causes[:SHOWN],
        cards=_cards(causes[:SHOWN]),
        unprinted=causes[SHOWN:],
        not_run=grouped([cell for cell in results.cells if cell.verdict == Verdict.NOT_RUN]),
    )


def _cards(causes: tuple[Cause, ...]) -> tuple[Card, ...]:
    """The causes of an operation whose plain call is wrong on one card, each other cause on its own."""
    cards: dict[tuple[str, ...], list[tuple[int, Cause]]] = {}
    wrong = {_about(cause) for cause in causes if any(one.cell.check == "values" for one in cause.failures)}
    for number, cause in enumerate(causes, 1):
        about = _about(cause)
        together = about if len(cause.operations) == 1 and about in wrong else (*about, str(number))
        cards.setdefault(together, []).append((number, cause))
    return tuple(Card(tuple(sorted(numbered, key=_of_values))) for numbered in cards.values())


def _about(cause: Cause) -> tuple[str, ...]:
    """The device and the operations that show a cause."""
    return (cause.first.cell.device, *cause.operations)


def _of_values(numbered: tuple[int, Cause]) -> tuple[bool, int]:
    """What the check of values shows comes first."""
    number, cause = numbered
    return not any(one.cell.check == "values" for one in cause.failures), number
