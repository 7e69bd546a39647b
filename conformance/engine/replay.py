"""The cells of a spec asked of given samples, with one outcome for each. Two torches are compared by these outcomes.

Unlike a sweep, a replay does not draw samples, does not stop asking a cell that broke, and has no verdict for a cell.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

import numpy as np

from conformance.engine.compiled import CompiledPlan
from conformance.engine.deviations import Deviation
from conformance.engine.examiner import Before, Examiner
from conformance.engine.finding import Finding
from conformance.engine.graphs import CALLS_IN_A_GRAPH, CompiledCall, Graphs
from conformance.engine.outcome import Answers, CellOutcomes, Outcome, WitnessAnswer
from conformance.engine.schedule import Plan
from conformance.execution.device_memory import DeviceLacksMemory
from conformance.execution.evidence import EvidenceBuilder
from conformance.execution.execution import Execution
from conformance.numeric.bits import bits_of, nan_bits_of
from conformance.numeric.dtypes import Array
from conformance.results.model import Cell
from conformance.samples.sample import Sample
from conformance.spec.contract import Spec


@dataclass
class _EvidenceWithResults(EvidenceBuilder):
    """Evidence that also keeps the results, so that they can be shown."""

    results: list[Array] = field(default_factory=list)

    def compared(self, sample: Sample | None, *results: Array, part: str = "") -> None:
        super().compared(sample, *results, part=part)
        self.results += results


class Replay:
    """A replay of some cells of one spec on one device.

    `deviations` are those known of either torch. Samples in their regions are left out. `before(cell, sample)` is
    called before each step that could end the process. With `show` the outcomes have the results as text. If
    `thorough`, every sample is asked in every dtype.
    """

    def __init__(
        self,
        spec: Spec,
        device: str,
        cells: list[Cell],
        deviations: tuple[Deviation, ...],
        before: Before | None = None,
        show: bool = False,
        thorough: bool = False,
    ) -> None:
        known = {
            cell: [known for known in deviations if known.covers(spec.operation, cell.check, device, cell.subject)]
            for cell in cells
        }
        self._examiner = Examiner(spec, device, cells, known, before)
        self._outcomes: dict[Cell, dict[int, Outcome]] = {cell: {} for cell in cells}
        self._spec, self._show, self._thorough = spec, show, thorough

    def run(self, samples: tuple[Sample, ...], one_by_one: bool = False) -> Answers:
        """Ask the cells that are due of each sample, settle the others, and try the witnesses of the deviations.
        Compiled calls are asked together, or `one_by_one`."""
        self._examiner.follow(Plan(self._spec, samples, self._thorough), self)
        Graphs(1 if one_by_one else CALLS_IN_A_GRAPH, every_call=True).ask(self.compiled_calls(samples))
        self._examiner.settle(self)
        return self.answers()

    def compiled_calls(self, samples: tuple[Sample, ...]) -> list[CompiledCall]:
        """The calls of the compiled cells."""
        plan = CompiledPlan(self._examiner, self, len(samples))
        plan.choose(samples)
        return plan.calls

    def answers(self, answered: dict[str, WitnessAnswer] | None = None) -> Answers:
        """What has been answered so far, and the witnesses of the deviations. `answered` are those of other replays,
        which are not tried again."""
        self._examiner.answered = {} if answered is None else answered
        return Answers(
            cells=tuple(CellOutcomes(cell=cell, outcomes=outcomes) for cell, outcomes in self._outcomes.items()),
            not_held=tuple(self._examiner.schedule.not_held),
            witnesses=self._examiner.witnesses(),
        )

    def ask(self, cell: Cell, dtype: str, sample: Sample) -> Outcome:
        """The outcome of one cell for one sample in one dtype."""
        evidence = _EvidenceWithResults()
        try:
            execution, finding = self._examiner.answer(cell, dtype, sample, evidence)
        except DeviceLacksMemory as lack:
            return Outcome(dtype=dtype, notes=(str(lack),), without_memory=True)
        return self._outcome(evidence, finding, execution)

    # --- what is kept ---------------------------------------------------------------------------------------------

    def evidence_of(self, cell: Cell) -> EvidenceBuilder:
        """New evidence, because each sample has its own outcome."""
        return _EvidenceWithResults()

    def keep(
        self, cell: Cell, number: int, evidence: EvidenceBuilder, finding: Finding | None, execution: Execution | None
    ) -> None:
        """Keep the outcome of one sample."""
        self._outcomes[cell][number] = self._outcome(evidence, finding, execution)

    def _outcome(self, evidence: EvidenceBuilder, finding: Finding | None, execution: Execution | None) -> Outcome:
        results = evidence.results if isinstance(evidence, _EvidenceWithResults) else []
        bits = evidence.fingerprint if finding is None else _bits_of(execution)
        settled_badly = finding is not None and execution is None
        return Outcome(
            dtype=execution.dtype if execution else "",
            bits=bits,
            nan_bits=_nan_bits_of(results),
            refusals={} if settled_badly else dict(evidence.refusals),
            notes=() if settled_badly else tuple(evidence.notes),
            comparisons=1 if settled_badly else evidence.comparisons,
            worst_ulp=evidence.worst.ulp,
            worst_bound=evidence.worst.allowed,
            shown="; ".join(_as_text(result) for result in results) if self._show else "",
            failure=finding.failure if finding else None,
            without_memory=bool(evidence.without_memory),
        )


def _bits_of(execution: Execution | None) -> str:
    """A digest of the results of the first form; empty if there are none."""
    if execution is None:
        return ""
    try:
        total = hashlib.blake2b(digest_size=12)
        for array in execution.arrays:
            total.update(bits_of(array))
        return total.hexdigest()
    except Exception:  # the finding has the failure already
        return ""


def _nan_bits_of(results: list[Array]) -> str:
    """A digest of the NaNs of results; empty if there are none."""
    nans = b"".join(nan_bits_of(result) for result in results)
    return hashlib.blake2b(nans, digest_size=12).hexdigest() if nans else ""


SHOWN = 400
"""The elements of a result that are shown. Of a larger one only the first and the last are."""


def _as_text(array: Array) -> str:
    text = np.array2string(array, threshold=SHOWN, edgeitems=3, floatmode="unique", separator=", ")
    return f"{' '.join(text.split())} {array.dtype.name}"
