"""The outcomes of one torch for given samples, as plain data that travels between processes. Needs no torch."""

from __future__ import annotations

from conformance.results.model import Cell, Failure, Record


class Outcome(Record, frozen=True, kw_only=True):
    """The outcome of one cell for one sample in one dtype."""

    dtype: str = ""
    bits: str = ""
    """a digest of the results, with all NaNs alike"""
    nan_bits: str = ""
    """a digest of the NaNs among them; empty if there are none"""
    refusals: dict[str, str] = {}
    """the class of the exception for each refused call, by title"""
    notes: tuple[str, ...] = ()
    comparisons: int = 0
    worst_ulp: float = 0.0
    worst_bound: float = 0.0
    """the error in ULP that the contract allows there; 0 if it is not known"""
    shown: str = ""
    """the results as text, if they were asked for"""
    failure: Failure | None = None
    """None if the contract was kept"""
    without_memory: bool = False
    """whether the device had no memory for the sample: nothing can be said of it"""

    @property
    def answers(self) -> bool:
        """Whether the sample said anything about the cell: something was compared, or the cell broke."""
        return self.comparisons > 0 or self.failure is not None

    @property
    def died(self) -> bool:
        """Whether the call ended the process or hung."""
        return self.failure is not None and self.failure.kind.ended_the_process


class WitnessAnswer(Record, frozen=True, kw_only=True):
    """Whether the witness of a known deviation still deviates, and its value or exception as text."""

    deviates: bool
    gave: str
    raised: bool = False
    """whether it is an exception"""


class CellOutcomes(Record, frozen=True, kw_only=True):
    """The outcomes of one cell, by the number of the sample. The number is -1 for an outcome without a sample."""

    cell: Cell
    outcomes: dict[int, Outcome] = {}


class Answers(Record, frozen=True, kw_only=True):
    """The answers of one torch to a replay."""

    cells: tuple[CellOutcomes, ...] = ()
    not_held: tuple[Cell, ...] = ()
    """the cells whose dtype the device cannot hold"""
    witnesses: dict[str, WitnessAnswer] = {}
    """the answers of the witnesses of known deviations, by the id of the deviation"""

    def joined(self, other: Answers) -> Answers:
        """The answers of two replays of one spec with different cells."""
        return Answers(
            cells=(*self.cells, *other.cells),
            not_held=(*self.not_held, *other.not_held),
            witnesses={**self.witnesses, **other.witnesses},
        )

    def of(self, cell: Cell) -> dict[int, Outcome]:
        """The outcomes of one cell, by the number of the sample; none if the cell was not asked."""
        return next((one.outcomes for one in self.cells if one.cell == cell), {})
