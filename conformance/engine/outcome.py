"""What one torch made of samples, as plain data that travels between processes. Needs no torch."""

from __future__ import annotations

from dataclasses import dataclass, field

from conformance.spec.cells import Cell


@dataclass(frozen=True)
class Outcome:
    """What one cell made of one sample: `bits` is a digest of the results, `notes` what was refused and how.

    `message`, `call` and `promised` say how the contract was broken; the message is empty where it was kept.
    """

    dtype: str = ""
    bits: str = ""
    notes: tuple[str, ...] = ()
    comparisons: int = 0
    worst_ulp: float = 0.0
    shown: str = ""
    message: str = ""
    call: str = ""
    promised: str = ""

    @property
    def answers(self) -> bool:
        """Whether the sample said anything of the cell: something was compared, or broke."""
        return self.comparisons > 0 or bool(self.message)


@dataclass(frozen=True)
class Answers:
    """What one torch made of a trial: the outcomes of each cell by the number of the sample (-1 where no sample was
    asked), the cells whose dtype it cannot hold, and of each known deviation whether it still deviates, and what its
    witness gave."""

    outcomes: dict[Cell, dict[int, Outcome]]
    not_held: tuple[Cell, ...] = ()
    witnesses: dict[str, tuple[bool, str]] = field(default_factory=dict)
