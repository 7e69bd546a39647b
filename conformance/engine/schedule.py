"""The schedule: which cells are due for a sample, and in which dtypes."""

from __future__ import annotations

from conformance.checks import Question, question
from conformance.execution.devices import missing_dtypes
from conformance.results.model import Cell
from conformance.spec.cells import SAMPLED
from conformance.spec.contract import Spec


class Schedule:
    """The cells of a spec that are asked of samples on a device.

    `not_held` are the cells whose dtypes the device cannot hold. They are not asked.
    """

    def __init__(self, spec: Spec, device: str, cells: list[Cell]) -> None:
        missing = missing_dtypes(device)
        asked = {cell: question(spec, cell, missing) for cell in cells if cell.check in SAMPLED}
        self.not_held = [
            cell for cell in cells if cell.subject in missing or (cell in asked and not asked[cell].dtypes)
        ]
        self._asked = {cell: asked[cell] for cell in asked if cell not in self.not_held}
        self._finished: set[Cell] = set()
        self._due_again: set[Cell] = set()

    @property
    def cells(self) -> list[Cell]:
        """The cells that are asked of samples."""
        return list(self._asked)

    def __getitem__(self, cell: Cell) -> Question:
        return self._asked[cell]

    def due(self, number: int | None = None) -> dict[str, list[Cell]]:
        """The cells to ask of sample `number`, by dtype. Without a number: all that are not finished."""
        by_dtype: dict[str, list[Cell]] = {}
        for cell, asked in self._asked.items():
            due = number is None or cell in self._due_again or asked.is_asked_of(number)
            if due and cell not in self._finished:
                by_dtype.setdefault(asked.dtype(number or 0), []).append(cell)
        return by_dtype

    def answered(self, cell: Cell, used: bool) -> None:
        """If a cell could not use its sample, the next sample is due too."""
        (self._due_again.discard if used else self._due_again.add)(cell)

    def finish(self, cell: Cell) -> None:
        """Stop asking a cell."""
        self._finished.add(cell)
