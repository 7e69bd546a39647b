"""What one torch made of samples, as plain data that travels between processes. Needs no torch."""

from __future__ import annotations

from conformance.results.model import Cell, Failure, Record


class Outcome(Record, frozen=True, kw_only=True):
    """What one cell made of one sample in a dtype: `bits` is a digest of the results, `refusals` says what was refused
    with which class, `shown` is the results as text where they were asked for. `failure` is None where the contract was
    kept.
    """

    dtype: str = ""
    bits: str = ""
    refusals: dict[str, str] = {}
    notes: tuple[str, ...] = ()
    comparisons: int = 0
    worst_ulp: float = 0.0
    shown: str = ""
    failure: Failure | None = None

    @property
    def answers(self) -> bool:
        """Whether the sample said anything of the cell: something was compared, or broke."""
        return self.comparisons > 0 or self.failure is not None

    @property
    def died(self) -> bool:
        """Whether the call ended the process, or hung."""
        return self.failure is not None and self.failure.kind.ended_the_process


class WitnessAnswer(Record, frozen=True, kw_only=True):
    """Whether a known deviation still deviates, and what its witness gave."""

    deviates: bool
    gave: str


class CellOutcomes(Record, frozen=True, kw_only=True):
    """The outcomes of one cell by the number of the sample; -1 where no sample was asked."""

    cell: Cell
    outcomes: dict[int, Outcome] = {}


class Answers(Record, frozen=True, kw_only=True):
    """What one torch made of a replay: the outcomes of each cell, the cells whose dtype it cannot hold, and the
    witnesses of known deviations by their id."""

    cells: tuple[CellOutcomes, ...] = ()
    not_held: tuple[Cell, ...] = ()
    witnesses: dict[str, WitnessAnswer] = {}

    def of(self, cell: Cell) -> dict[int, Outcome]:
        """The outcomes of one cell; none if it was not asked."""
        return next((one.outcomes for one in self.cells if one.cell == cell), {})
