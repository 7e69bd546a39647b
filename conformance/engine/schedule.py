"""Which cells are due for a sample, in which dtype."""

from __future__ import annotations

from conformance.checks import Question, question
from conformance.execution.devices import missing_dtypes
from conformance.results.model import Cell
from conformance.spec.cells import SAMPLED
from conformance.spec.contract import Spec


class Schedule:
    """The cells of a spec that are asked of samples on a device.

    Cells in dtypes that the device cannot hold are `not_held`: there is nothing to ask.
    """

    def __init__(self, spec: Spec, device: str, cells: list[Cell]) -> None:
        missing = missing_dtypes(device)
        asked = {cell: question(spec, cell, missing) for cell in cells if cell.check in SAMPLED}
        self.not_held = [
            cell for cell in cells if cell.subject in missing or (cell in asked and not asked[cell].dtypes)
        ]
        self._asked = {cell: asked[cell] for cell in asked if cell not in self.not_held}
        self._left: set[Cell] = set()
        self._owed: set[Cell] = set()

    @property
    def cells(self) -> list[Cell]:
        """The cells that are asked of samples."""
        return list(self._asked)

    def __getitem__(self, cell: Cell) -> Question:
        return self._asked[cell]

    def due(self, number: int | None = None) -> dict[str, list[Cell]]:
        """The cells to ask of sample `number`, by dtype; with no number all that are left."""
        by_dtype: dict[str, list[Cell]] = {}
        for cell, asked in self._asked.items():
            due = number is None or cell in self._owed or asked.is_asked_of(number)
            if due and cell not in self._left:
                by_dtype.setdefault(asked.dtype(number or 0), []).append(cell)
        return by_dtype

    def answered(self, cell: Cell, used: bool) -> None:
        """If a cell could not use its sample, it is owed the next one."""
        (self._owed.discard if used else self._owed.add)(cell)

    def leave(self, cell: Cell) -> None:
        """Ask nothing more of a cell."""
        self._left.add(cell)
