"""The claims: what the source documents say, and what this torch says to it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import chain

from conformance.results.model import CellResult, ClaimEntry, SpecEntry, Verdict
from conformance.results.verdict import Results

CHECK = "claims"
"""The check whose cells are about claims."""


@dataclass(frozen=True)
class Outcome:
    """What one device of this torch says to a claim: the cell's verdict, and the words of the check."""

    device: str
    verdict: str
    words: str
    place: int


@dataclass(frozen=True)
class ClaimRow:
    """One claim with its outcomes; none if its cell was not planned."""

    operation: str
    claim: ClaimEntry
    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True)
class Contradiction:
    """Two claims that cannot both hold. `other` is None if the spec has no claim of the name that is given."""

    first: ClaimRow
    other: ClaimRow | None

    @property
    def sides(self) -> tuple[ClaimRow, ...]:
        return (self.first,) if self.other is None else (self.first, self.other)


@dataclass(frozen=True)
class OperationClaims:
    """The claims about one operation."""

    operation: str
    rows: tuple[ClaimRow, ...]

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
    """How many claims have each verdict, in words."""
    counts = Counter(row.claim.verdict for row in rows)
    return ", ".join(f"{number} {verdict}" for verdict, number in counts.most_common())


def claims_of(results: Results) -> ClaimsPage:
    """The claims of every spec that has any."""
    cells: dict[tuple[str, str], list[Outcome]] = {}
    for place, cell in enumerate(results.cells):
        if cell.check == CHECK:
            cells.setdefault((cell.file, cell.subject), []).append(_outcome(place, cell))
    operations = tuple(_operation(spec, cells) for spec in results.specs if spec.claims)
    return ClaimsPage(tuple(chain.from_iterable(_contradictions(entry) for entry in operations)), operations)


def _outcome(place: int, cell: CellResult) -> Outcome:
    words = cell.message or "; ".join(cell.evidence.remarks) or ("not run" if cell.verdict == Verdict.NOT_RUN else "")
    return Outcome(cell.device, cell.verdict, words, place)


def _operation(spec: SpecEntry, cells: dict[tuple[str, str], list[Outcome]]) -> OperationClaims:
    rows = tuple(
        ClaimRow(spec.operation, claim, tuple(cells.get((spec.file, claim.name), ()))) for claim in spec.claims
    )
    return OperationClaims(spec.operation, rows)


def _contradictions(entry: OperationClaims) -> list[Contradiction]:
    """Each pair once, whichever of the two names the other."""
    rows = {row.claim.name: row for row in entry.rows}
    found: dict[frozenset[str], Contradiction] = {}
    for row in entry.rows:
        if row.claim.contradicts:
            pair = frozenset((row.claim.name, row.claim.contradicts))
            found.setdefault(pair, Contradiction(row, rows.get(row.claim.contradicts)))
    return list(found.values())
