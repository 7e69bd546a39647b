"""Given samples put to every cell of a spec, one outcome for each: what two torches can be compared by.

Unlike a sweep a trial draws nothing, goes on with a cell that broke, and judges no cell as a whole.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from conformance.checks import SETTLED
from conformance.engine.deviations import Deviation, in_region
from conformance.engine.outcome import Answers, Outcome
from conformance.engine.probe import SETTLED_BY, Typical
from conformance.engine.schedule import Questions, examine
from conformance.engine.witness import still_deviates
from conformance.execution.evidence import Evidence
from conformance.execution.execution import Broken, Execution
from conformance.numeric.dtypes import DTYPES, Array
from conformance.samples.sample import Sample
from conformance.spec.cells import Cell
from conformance.spec.contract import Spec


@dataclass
class _Shown(Evidence):
    """Evidence that keeps the results, to be shown."""

    results: list[Array] = field(default_factory=list)

    def compared(self, sample: Sample | None, *results: Array) -> None:
        super().compared(sample, *results)
        self.results += results


class Trial:
    """One spec, one device, some of its cells, given samples.

    `deviations` are those known of either torch: what lies in their regions is asked of neither. `before(cell, sample)`
    is called before anything that could kill the process. With `show` outcomes hold the results as text.
    """

    def __init__(
        self,
        spec: Spec,
        device: str,
        cells: list[Cell],
        deviations: tuple[Deviation, ...],
        before: Callable[[Cell, Sample | None], None] | None = None,
        show: bool = False,
    ) -> None:
        self.spec, self.device, self.show = spec, device, show
        self.before = before or _nothing
        self.cells = cells
        self.questions = Questions(spec, device, cells)
        self._known = {
            cell: [known for known in deviations if known.covers(spec.operation, cell[0], device, cell[1])]
            for cell in cells
        }
        self._typical = Typical(spec)

    def run(self, samples: tuple[Sample, ...]) -> Answers:
        """Put the samples to the cells that are due, settle what is settled once, and try the deviations' witnesses."""
        outcomes: dict[Cell, dict[int, Outcome]] = {cell: {} for cell in self.cells}
        for number, sample in enumerate(samples):
            if number < SETTLED_BY or self.questions.cells:
                self._typical.look_at(sample)
            for dtype, cells in self.questions.due(number + 1).items():
                self._ask_all(cells, dtype, number, sample, outcomes)
        for cell in self.cells:
            if cell[0] in SETTLED and cell not in self.questions.not_held:
                outcomes[cell][-1] = self._settled(cell)
        return Answers(outcomes, tuple(self.questions.not_held), self._witnesses())

    def _ask_all(
        self, cells: list[Cell], dtype: str, number: int, sample: Sample, outcomes: dict[Cell, dict[int, Outcome]]
    ) -> None:
        execution: Execution | None = None
        for cell in cells:
            known = self._known[cell]
            asked = not (known and in_region(self.spec, known, sample, dtype))
            used = False
            if asked:
                self.before(cell, sample)
                execution = execution or Execution(self.spec, sample, dtype, self.device)
                outcome = outcomes[cell][number] = self._asked(cell, execution)
                used = outcome.answers
                if outcome.message:
                    execution = None  # a broken call may have left the memory changed
            self.questions.answered(cell, used)

    def ask(self, cell: Cell, dtype: str, sample: Sample) -> Outcome:
        """What one cell makes of one sample in one dtype."""
        self.before(cell, sample)
        return self._asked(cell, Execution(self.spec, sample, dtype, self.device))

    def _asked(self, cell: Cell, execution: Execution) -> Outcome:
        evidence, dtype = _Shown(), execution.dtype
        failure = examine(self.questions[cell], execution, evidence)
        if failure is None:
            return Outcome(dtype, *self._found(evidence))
        _, notes, comparisons, worst, shown = self._found(evidence)
        bits = _bits_of(execution)
        return Outcome(dtype, bits, notes, comparisons, worst, shown, failure.message, failure.call, failure.promised)

    def _found(self, evidence: _Shown) -> tuple[str, tuple[str, ...], int, float, str]:
        shown = "; ".join(_text(result) for result in evidence.results) if self.show else ""
        return evidence.fingerprint, tuple(evidence.notes), evidence.comparisons, evidence.worst_ulp, shown

    def _settled(self, cell: Cell) -> Outcome:
        check, subject = cell
        self.before(cell, self._typical.sample)
        evidence = _Shown()
        extra: dict[str, Any] = {"sample": self._typical.sample} if check == "support" else {}
        try:
            SETTLED[check].settle(self.spec, subject, self.device, evidence, **extra)
        except Broken as broken:
            return Outcome("", "", (), 1, 0.0, "", str(broken), broken.call, broken.promised)
        return Outcome("", *self._found(evidence))

    def _witnesses(self) -> dict[str, tuple[bool, str]]:
        found: dict[str, tuple[bool, str]] = {}
        for cell, deviations in self._known.items():
            for known in deviations:
                if known.id not in found:
                    self.before(cell, None)
                    found[known.id] = still_deviates(known, self.device)
        return found


def _bits_of(execution: Execution) -> str:
    """A digest of what the first form returned, or nothing where it returned nothing."""
    try:
        total = hashlib.blake2b(digest_size=12)
        for array in execution.arrays:
            total.update(array.tobytes())
        return total.hexdigest()
    except Exception:  # the failure is told already
        return ""


def _text(array: Array) -> str:
    text = np.array2string(array, threshold=16, edgeitems=3, floatmode="unique", separator=", ")
    flat = np.ravel(array)
    nans = flat[np.isnan(flat)] if DTYPES[array.dtype.name].inexact else flat[:0]
    bits = " ".join(nans[place : place + 1].tobytes()[::-1].hex() for place in range(min(nans.size, 4)))
    return f"{' '.join(text.split())} {array.dtype.name}" + (f", NaN bits {bits}" if bits else "")


def _nothing(*_: object) -> None:
    pass
