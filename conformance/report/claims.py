"""The claims: what the source documents say, and whether it is true on this torch."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import chain

from conformance.results.model import CellResult, ClaimEntry, SpecEntry, Verdict
from conformance.results.verdict import Results

CHECK = "claims"
"""The name of the check of claims."""


@dataclass(frozen=True)
class ClaimOutcome:
    """The outcome of a claim's check on one device."""

    device: str
    verdict: str
    """the verdict of the claim's cell"""
    summary: str
    place: int
    """the number of the cell in the run"""


@dataclass(frozen=True)
class ClaimRow:
    """One claim with its outcomes. It has none if its cell was not planned."""

    operation: str
    claim: ClaimEntry
    outcomes: tuple[ClaimOutcome, ...]


@dataclass(frozen=True)
class Contradiction:
    """Two claims that cannot both hold. `other` is None if the run has no claim of that name."""

    first: ClaimRow
    other: ClaimRow | None

    @property
    def sides(self) -> tuple[ClaimRow, ...]:
        return (self.first,) if self.other is None else (self.first, self.other)


@dataclass(frozen=True)
class OperationClaims:
    """The claims about one operation, or of a section. `elsewhere` are those that are asked of another operation."""

    operation: str
    rows: tuple[ClaimRow, ...]
    elsewhere: tuple[ClaimRow, ...] = ()

    @property
    def tally(self) -> str:
        return tally(self.rows)


@dataclass(frozen=True)
class ClaimsPage:
    """Every claim of the run, and those that contradict each other."""

    contradictions: tuple[Contradiction, ...]
    operations: tuple[OperationClaims, ...]

    @property
    def count(self) -> int:
        return sum(len(entry.rows) for entry in self.operations)

    @property
    def tally(self) -> str:
        return tally(tuple(chain.from_iterable(entry.rows for entry in self.operations)))


def tally(rows: tuple[ClaimRow, ...]) -> str:
    """The number of claims with each verdict, as text."""
    counts = Counter(row.claim.verdict for row in rows)
    return ", ".join(f"{number} {verdict}" for verdict, number in counts.most_common())


def claims_of(results: Results) -> ClaimsPage:
    """The claims of every spec that has any, or that the claims of another are about."""
    cells: dict[tuple[str, str], list[ClaimOutcome]] = {}
    for place, cell in enumerate(results.cells):
        if cell.check == CHECK:
            cells.setdefault((cell.file, cell.subject), []).append(_outcome(place, cell))
    rows = [(spec.operation, _rows(spec, cells)) for spec in results.specs]
    every = tuple(chain.from_iterable(own for _, own in rows))
    found = (OperationClaims(operation, own, _elsewhere(operation, every)) for operation, own in rows)
    return ClaimsPage(tuple(_contradictions(every)), tuple(one for one in found if one.rows or one.elsewhere))


def _outcome(place: int, cell: CellResult) -> ClaimOutcome:
    missing = "not run" if cell.verdict == Verdict.NOT_RUN else ""
    summary = cell.message or "; ".join(cell.evidence.remarks) or missing
    return ClaimOutcome(cell.device, cell.verdict, summary, place)


def _rows(spec: SpecEntry, cells: dict[tuple[str, str], list[ClaimOutcome]]) -> tuple[ClaimRow, ...]:
    return tuple(
        ClaimRow(spec.operation, claim, tuple(cells.get((spec.file, claim.name), ()))) for claim in spec.claims
    )


def _elsewhere(operation: str, every: tuple[ClaimRow, ...]) -> tuple[ClaimRow, ...]:
    """The claims about an operation that are asked of another."""
    return tuple(row for row in every if operation in row.claim.operations and row.operation != operation)


def _contradictions(every: tuple[ClaimRow, ...]) -> list[Contradiction]:
    """The pairs of contradicting claims. Each pair is there once, even if both claims name each other."""
    rows = {(row.operation, row.claim.name): row for row in every}
    names = {row.claim.name: row for row in every}
    found: dict[frozenset[int], Contradiction] = {}
    for row in every:
        if name := row.claim.contradicts:
            other = rows.get((row.operation, name)) or names.get(name)
            found.setdefault(frozenset((id(row), id(other))), Contradiction(row, other))
    return list(found.values())
