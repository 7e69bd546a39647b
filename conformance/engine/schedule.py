"""What a run of one spec on one device asks of each sample, and what comes of one question."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

from conformance.checks import Question, question
from conformance.execution.devices import missing_dtypes
from conformance.execution.evidence import Evidence
from conformance.execution.execution import Broken, Execution, summary
from conformance.samples.sample import Sample
from conformance.spec.cells import SAMPLED, Cell
from conformance.spec.contract import Spec


@dataclass(frozen=True)
class Failure:
    """Why a cell broke: the message, the call, the smallest sample found, the dtype it was asked in, and whether it
    broke again when asked."""

    message: str
    call: str = ""
    promised: str = ""
    sample: Sample | None = None
    dtype: str = ""
    repeats: bool = True


class Questions:
    """Which cells are to be asked of which sample, and in which dtype.

    Cells in dtypes that the device cannot hold are `not_held`: there is nothing to ask.
    """

    def __init__(self, spec: Spec, device: str, cells: list[Cell]) -> None:
        missing = missing_dtypes(device)
        asked = {cell: question(spec, cell, missing) for cell in cells if cell[0] in SAMPLED}
        self.not_held = [cell for cell in cells if cell[1] in missing or (cell in asked and not asked[cell].dtypes)]
        self._asked = {cell: asked[cell] for cell in asked if cell not in self.not_held}
        self._over: set[Cell] = set()
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
            if due and cell not in self._over:
                by_dtype.setdefault(asked.dtype(number or 0), []).append(cell)
        return by_dtype

    def answered(self, cell: Cell, used: bool) -> None:
        """A cell that could not use its sample is owed the next one."""
        (self._owed.discard if used else self._owed.add)(cell)

    def leave(self, cell: Cell) -> None:
        """Ask nothing more of a cell."""
        self._over.add(cell)


def examine(asked: Question, execution: Execution, evidence: Evidence) -> Failure | None:
    """Put one question to one execution; whatever goes wrong is a failure of the cell."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            asked.ask(execution, evidence)
    except Broken as broken:
        return Failure(str(broken), broken.call or execution.form.call, broken.promised, execution.sample)
    except Exception as error:
        return Failure(f"the check could not be made: {summary(error)}", execution.form.call, "", execution.sample)
    return None
