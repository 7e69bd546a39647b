"""What a reader should see first: cells that failed or were not answered, and known deviations."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from conformance.results.causes import Cause, CellGroup, causes_of, grouped
from conformance.results.model import CellResult, KnownDeviation, Verdict
from conformance.results.verdict import Results

SHOWN = 120
"""The number of causes that the page prints. The matrix leads to the cells of the others."""


@dataclass(frozen=True)
class Findings:
    """What broke, by cause; the cells of causes that the page does not print; and those that were not run."""

    causes: tuple[Cause, ...]
    unprinted: tuple[Cause, ...]
    not_run: tuple[CellGroup, ...]

    @property
    def count(self) -> int:
        """The number of cells that broke."""
        return len({one.place for cause in (*self.causes, *self.unprinted) for one in cause.failures})


@dataclass(frozen=True)
class Share:
    """How many samples of a cell known deviations set aside, and how many it was asked of."""

    cell: CellResult
    set_aside: int
    asked: int


@dataclass(frozen=True)
class DeviationCard:
    """One known deviation, what its witness gave, and the cells that it concerns."""

    known: KnownDeviation
    cells: tuple[CellGroup, ...]
    shares: tuple[Share, ...]

    @property
    def link(self) -> str:
        return web_address(self.known.link)


def web_address(text: str) -> str:
    """The text if it is the address of a web page, else an empty text."""
    return text if text.startswith(("https://", "http://")) else ""


def findings_of(results: Results) -> Findings:
    """What broke or compared nothing, by cause, and what was not run."""
    causes = causes_of(results.cells)
    return Findings(
        causes=causes[:SHOWN],
        unprinted=causes[SHOWN:],
        not_run=grouped([cell for cell in results.cells if cell.verdict == Verdict.NOT_RUN]),
    )


def script_link(name: str) -> str:
    """The path of a script, relative to the report; empty if the name is not that of such a file."""
    return name if re.fullmatch(r"(?!/)(?!.*\.\.)[\w./-]+\.py", name) else ""


def deviations_of(results: Results) -> tuple[DeviationCard, ...]:
    """The known deviations of all cells, in order of appearance."""
    return tuple(
        DeviationCard(known, grouped(concerned), tuple(_shares(concerned)))
        for known, concerned in _by_deviation((cell, cell.deviations) for cell in results.cells).items()
    )


def fixed_of(results: Results) -> tuple[DeviationCard, ...]:
    """The deviations of certified versions of torch that this one does not show, in order of appearance."""
    found = _by_deviation((cell, cell.fixed) for cell in results.cells)
    return tuple(DeviationCard(known, grouped(concerned), ()) for known, concerned in found.items())


def _by_deviation(
    concerned: Iterable[tuple[CellResult, tuple[KnownDeviation, ...]]],
) -> dict[KnownDeviation, list[CellResult]]:
    cells: dict[KnownDeviation, list[CellResult]] = {}
    for cell, deviations in concerned:
        for known in deviations:
            cells.setdefault(known, []).append(cell)
    return cells


def _shares(cells: list[CellResult]) -> Iterator[Share]:
    """Those of the cells that have one, the largest first."""
    found = (Share(cell, cell.evidence.set_aside, cell.evidence.asked) for cell in cells if cell.evidence.set_aside)
    return iter(sorted(found, key=lambda share: -share.set_aside / share.asked))
