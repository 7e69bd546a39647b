"""What a reader should see first: cells that failed or were not answered, and known deviations."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from conformance.results.model import CellResult, KnownDeviation, Verdict
from conformance.results.verdict import Results

SHOWN = 120
"""The number of findings that the page prints in full. The others are named, and the matrix links to them."""


@dataclass(frozen=True)
class FindingCard:
    """One cell to look at. `place` is its number in the run."""

    place: int
    cell: CellResult

    @property
    def repro(self) -> str:
        """The path of the repro script, relative to the report; empty if the name is not that of such a file."""
        name = self.cell.failure.repro if self.cell.failure else ""
        return name if re.fullmatch(r"(?!/)(?!.*\.\.)[\w./-]+\.py", name) else ""


@dataclass(frozen=True)
class FindingGroup:
    """The findings of one cause on one device. The first is shown in full, and the others can be unfolded."""

    operation: str
    check: str
    device: str
    first: FindingCard
    others: tuple[FindingCard, ...]

    @property
    def all(self) -> tuple[FindingCard, ...]:
        return (self.first, *self.others)


@dataclass(frozen=True)
class Findings:
    """The cells that are broken, crashed or vacuous, and those that were not run."""

    groups: tuple[FindingGroup, ...]
    unprinted: tuple[CellResult, ...]
    not_run: tuple[CellGroup, ...]


@dataclass(frozen=True)
class CellGroup:
    """Cells that differ in their subject alone."""

    operation: str
    check: str
    device: str
    subjects: tuple[str, ...]


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
    """The cells that failed or compared nothing, most severe first, and those that were not run."""
    grave = [
        FindingCard(place, cell)
        for verdict in (Verdict.CRASHED, Verdict.BROKEN, Verdict.VACUOUS)
        for place, cell in enumerate(results.cells)
        if cell.verdict == verdict
    ]
    printed, rest = grave[:SHOWN], grave[SHOWN:]
    groups: dict[tuple[str, str], list[FindingCard]] = {}
    for finding in printed:
        groups.setdefault((finding.cell.cause, finding.cell.device), []).append(finding)
    return Findings(
        groups=tuple(FindingGroup(*_kind(group[0].cell), group[0], tuple(group[1:])) for group in groups.values()),
        unprinted=tuple(finding.cell for finding in rest),
        not_run=grouped([cell for cell in results.cells if cell.verdict == Verdict.NOT_RUN]),
    )


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


def grouped(cells: list[CellResult]) -> tuple[CellGroup, ...]:
    """Consecutive cells that differ in their subject alone, grouped."""
    return tuple(CellGroup(*kind, tuple(cell.subject for cell in group)) for kind, group in groupby(cells, _kind))


def _kind(cell: CellResult) -> tuple[str, str, str]:
    return cell.operation, cell.check, cell.device
