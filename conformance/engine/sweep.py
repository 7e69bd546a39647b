"""Draw once, ask every cell: the run of one spec on one device.

The search draws samples and puts each to every live cell; a cell that breaks leaves the search and the others run on to
their full budget. Each broken cell is then made small by a run of its own from the same seed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import torch

from conformance.checks import SETTLED as CHECKS_SETTLED
from conformance.engine.deviations import Deviation, in_region
from conformance.engine.probe import SETTLED_BY, Typical
from conformance.engine.schedule import Failure, Questions, examine
from conformance.engine.search import CannotDraw, draw, smallest
from conformance.engine.witness import still_deviates
from conformance.execution.evidence import Evidence, cell_record
from conformance.execution.execution import Broken, Execution
from conformance.samples.sample import Sample
from conformance.spec.cells import Cell
from conformance.spec.contract import Spec


@dataclass(frozen=True)
class Budget:
    """How long to search: first the `remembered` samples, which broke a cell before, then `examples` from `seed`."""

    examples: int
    seed: int
    remembered: tuple[Sample, ...] = ()


@dataclass
class CellState:
    """What is known of a cell while the sweep runs."""

    evidence: Evidence = field(default_factory=Evidence)
    deviations: list[Deviation] = field(default_factory=list)
    failure: Failure | None = None

    @property
    def verdict(self) -> str:
        if self.failure is not None:
            return "broken"
        if self.evidence.comparisons == 0:
            return "vacuous"
        if self.evidence.refused == self.evidence.comparisons:
            return "unsupported"
        return "deviates" if self.deviations else "held"

    def as_record(self, device: str, cell: Cell) -> dict[str, Any]:
        """What is known of the cell as plain data for the results file."""
        failure = self.failure or Failure("nothing was compared" if self.verdict == "vacuous" else "")
        known = [
            {"id": known.id, "reason": known.reason, "link": known.link, "witness": known.witness}
            for known in self.deviations
        ]
        return {
            **cell_record(device, cell, self.verdict, self.evidence, failure.message, failure.sample),
            "call": failure.call,
            "promised": failure.promised,
            "dtype": failure.dtype,
            "repeats": failure.repeats,
            "deviations": known,
        }


class Sweep:
    """One spec, one device, some of its cells.

    `before(cell, sample)` is called before anything that could kill the process. With `until_broken` the search ends
    at the first cell that breaks and nothing is made small: enough to know that a fault is caught.
    """

    def __init__(
        self,
        spec: Spec,
        device: str,
        cells: list[Cell],
        budget: Budget,
        deviations: tuple[Deviation, ...] = (),
        before: Callable[[Cell, Sample | None], None] | None = None,
        until_broken: bool = False,
    ) -> None:
        self.spec, self.device, self.budget = spec, device, budget
        self.before = before or _nothing
        self.until_broken = until_broken
        self.states = {cell: CellState() for cell in cells}
        self.questions = Questions(spec, device, cells)
        self._leave_out()
        self.samples = 0
        self.rejected = 0
        self._typical = Typical(spec)
        self._attach(deviations)

    def _attach(self, deviations: tuple[Deviation, ...]) -> None:
        version = torch.__version__
        for (check, subject), state in self.states.items():
            state.deviations = [
                known
                for known in deviations
                if known.concerns(self.spec.operation, check, self.device, subject, version)
            ]

    def _leave_out(self) -> None:
        """Cells in dtypes that the device cannot hold are unsupported."""
        for cell in self.questions.not_held:
            evidence = self.states[cell].evidence
            evidence.compared(None)
            evidence.refused += 1
            evidence.note(f"the device {self.device} holds no such dtype")

    # --- the run --------------------------------------------------------------------------------------------------

    def run(self) -> dict[Cell, CellState]:
        """Search, settle, confirm the deviations, and make the failures small."""
        if self.until_broken:
            return self._run_until_broken()
        if self.questions.cells or any(check == "support" for check, _ in self.states):
            self._search()
        for cell in self.questions.cells:
            self.states[cell].evidence.rejected = self.rejected
        self._settle()
        self._confirm_deviations()
        self._shrink([cell for cell in self.questions.cells if self.states[cell].failure])
        return self.states

    def _run_until_broken(self) -> dict[Cell, CellState]:
        try:
            self._search()
            self._settle()
            self._confirm_deviations()
        except SearchOver:
            pass
        return self.states

    def _search(self) -> None:
        def one(sample: Sample) -> None:
            self.samples += 1
            self._typical.look_at(sample)
            self._ask(sample, self.questions.due(self.samples))

        for sample in self.budget.remembered:
            self._ask(sample, self.questions.due())
        examples = self.budget.examples if self.questions.cells else min(self.budget.examples, SETTLED_BY)
        try:
            draw(self.spec, examples, self.budget.seed, one, self._count_rejected)
        except CannotDraw as error:
            for state in self.states.values():
                state.failure = state.failure or Failure(str(error))

    def _count_rejected(self) -> None:
        self.rejected += 1

    def _ask(self, sample: Sample, due: dict[str, list[Cell]]) -> None:
        for dtype, cells in due.items():
            execution: Execution | None = None
            for cell in cells:
                state = self.states[cell]
                compared = state.evidence.comparisons
                if not self._known(state, sample, dtype):
                    self.before(cell, sample)
                    if execution is None:
                        execution = Execution(self.spec, sample, dtype, self.device)
                    failure = examine(self.questions[cell], execution, state.evidence)
                    if failure is not None:
                        self._broke(cell, replace(failure, dtype=dtype))
                        execution = None  # a broken call may have left the memory changed
                self.questions.answered(cell, state.evidence.comparisons > compared)

    def _broke(self, cell: Cell, failure: Failure) -> None:
        self.states[cell].failure = failure
        self.questions.leave(cell)
        if self.until_broken:
            raise SearchOver

    def _known(self, state: CellState, sample: Sample, dtype: str) -> bool:
        """Whether the sample lies where a known deviation of this cell does."""
        return bool(state.deviations) and in_region(self.spec, state.deviations, sample, dtype)

    def _settle(self) -> None:
        not_held = set(self.questions.not_held)
        for (check, subject), state in self.states.items():
            if check not in CHECKS_SETTLED or state.failure is not None or (check, subject) in not_held:
                continue
            self.before((check, subject), self._typical.sample)
            extra = {"sample": self._typical.sample} if check == "support" else {}
            try:
                CHECKS_SETTLED[check].settle(self.spec, subject, self.device, state.evidence, **extra)
            except Broken as broken:
                state.failure = Failure(str(broken), broken.call, broken.promised, extra.get("sample"))

    def _confirm_deviations(self) -> None:
        found: dict[str, tuple[bool, str]] = {}
        for cell, state in self.states.items():
            for known in state.deviations:
                self.before(cell, None)
                if known.id not in found:
                    found[known.id] = still_deviates(known, self.device)
                deviates, got = found[known.id]
                state.evidence.note(f"known deviation {known.id}: {known.witness} gave {got}")
                problem = _stale(known, deviates)
                if problem and state.failure is None:
                    state.failure = Failure(problem, known.witness, known.promised)

    # --- making failures small ------------------------------------------------------------------------------------

    def _shrink(self, broken: list[Cell]) -> None:
        small: dict[str, list[Sample]] = {}
        for cell in broken:
            state = self.states[cell]
            assert state.failure is not None
            if state.failure.sample is None:
                continue
            found = (
                self._first_broken(cell, small.get(cell[0], []))
                or self._minimise(cell)
                or self._first_broken(cell, [state.failure.sample])
            )
            if found is None:
                state.failure = replace(state.failure, repeats=False)
            else:
                state.failure = found
                assert found.sample is not None
                small.setdefault(cell[0], []).append(found.sample)

    def _first_broken(self, cell: Cell, samples: list[Sample]) -> Failure | None:
        """A small sample that broke the same check in another dtype often breaks it here too."""
        return next((failure for sample in samples if (failure := self._ask_once(cell, sample))), None)

    def _ask_once(self, cell: Cell, sample: Sample) -> Failure | None:
        state = self.states[cell]
        dtype = state.failure.dtype if state.failure else cell[1]
        if self._known(state, sample, dtype):
            return None
        self.before(cell, sample)
        failure = examine(self.questions[cell], Execution(self.spec, sample, dtype, self.device), Evidence())
        return failure and replace(failure, dtype=dtype)

    def _minimise(self, cell: Cell) -> Failure | None:
        found: list[Failure] = []

        def breaks(sample: Sample) -> bool:
            failure = self._ask_once(cell, sample)
            found.extend([failure] if failure else [])
            return failure is not None

        sample = smallest(self.spec, self.budget.examples, self.budget.seed, breaks)
        return found[-1] if sample else None


class SearchOver(BaseException):
    """Ends a search at once: Hypothesis would put an `Exception`'s sample again, and a fault may come and go."""


def _stale(known: Deviation, deviates: bool) -> str:
    if known.expired:
        return f"known deviation {known.id!r} expired on {known.expires}: look at it again, then renew or remove it"
    if not deviates:
        return (
            f"known deviation {known.id!r} no longer deviates on torch {torch.__version__}: "
            f"end its torch range {known.torch!r} before this version, or remove it"
        )
    return ""


def _nothing(*_: object) -> None:
    pass
