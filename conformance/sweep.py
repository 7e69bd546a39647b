"""Draw once, ask every cell: the run of one spec on one device.

The search draws samples and puts each to every live cell; a cell that breaks leaves the search and the others run on to
their full budget. Each broken cell is then made small by a run of its own from the same seed.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as with_seed
from hypothesis import strategies as st
from hypothesis.errors import HypothesisException, UnsatisfiedAssumption

from conformance.cells import SAMPLED, Cell
from conformance.checks import SETTLED as CHECKS_SETTLED
from conformance.checks import Question, question
from conformance.deviations import Deviation, still_deviates
from conformance.devices import missing_dtypes
from conformance.execution import Broken, Execution, summary
from conformance.ledger import Evidence, cell_record
from conformance.sample import Argument, Sample
from conformance.spec import Spec
from conformance.strategies import Draw
from conformance.strategies.independence import BACKEND


@dataclass(frozen=True)
class Budget:
    """How long to search: first the `remembered` samples, which broke a cell before, then `examples` from `seed`."""

    examples: int
    seed: int
    remembered: tuple[Sample, ...] = ()


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


def as_sample(arguments: dict[str, Any]) -> Sample:
    """The sample that a spec's `arguments` function drew."""
    return Sample(tuple((name, _frozen(value)) for name, value in arguments.items()))


def _frozen(value: Any) -> Argument:
    return tuple(_frozen(part) for part in value) if isinstance(value, (list, tuple)) else value


def samples_of(spec: Spec, rejected: Callable[[], None]) -> st.SearchStrategy[Sample]:
    """The strategy of a spec's samples; `rejected` is called for each one that the spec threw away."""

    @st.composite
    def sample(draw: Callable[[st.SearchStrategy[Any]], Any]) -> Sample:
        try:
            return as_sample(spec.arguments(Draw(draw)))
        except UnsatisfiedAssumption:
            rejected()
            raise

    return sample()


def draw_samples(spec: Spec, examples: int, seed: int) -> list[Sample]:
    """The samples that a sweep of a spec draws from a seed."""
    drawn: list[Sample] = []
    _hypothesis(samples_of(spec, _nothing), drawn.append, examples, seed, (Phase.generate,))
    return drawn


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
        self._missing = missing_dtypes(device)
        asked = {cell: question(spec, cell, self._missing) for cell in cells if cell[0] in SAMPLED}
        not_held = [cell for cell in cells if cell[1] in self._missing or (cell in asked and not asked[cell].dtypes)]
        self._leave_out(not_held)
        self.questions = {cell: asked[cell] for cell in asked if cell not in not_held}
        self._owed: set[Cell] = set()
        self.samples = 0
        self.rejected = 0
        self._typical: Sample | None = None
        self._attach(deviations)

    def _attach(self, deviations: tuple[Deviation, ...]) -> None:
        version = torch.__version__
        for (check, subject), state in self.states.items():
            state.deviations = [
                known
                for known in deviations
                if known.concerns(self.spec.operation, check, self.device, subject, version)
            ]

    def _leave_out(self, cells: list[Cell]) -> None:
        """Cells in dtypes that the device cannot hold are unsupported; there is nothing to ask."""
        for cell in cells:
            evidence = self.states[cell].evidence
            evidence.compared(None)
            evidence.refused += 1
            evidence.note(f"the device {self.device} holds no such dtype")

    # --- the run --------------------------------------------------------------------------------------------------

    def run(self) -> dict[Cell, CellState]:
        """Search, settle, confirm the deviations, and make the failures small."""
        if self.until_broken:
            return self._run_until_broken()
        if self.questions or any(check == "support" for check, _ in self.states):
            self._search()
        for cell in self.questions:
            self.states[cell].evidence.rejected = self.rejected
        self._settle()
        self._confirm_deviations()
        self._shrink([cell for cell in self.questions if self.states[cell].failure])
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
            if _is_more_typical(sample, self._typical) and self._computes(sample):
                self._typical = sample
            for dtype, cells in self._live(self.samples):
                self._ask(sample, dtype, cells)

        for sample in self.budget.remembered:
            for dtype, cells in self._live():
                self._ask(sample, dtype, cells)
        budget = self.budget.examples if self.questions else min(self.budget.examples, 60)
        try:
            _hypothesis(samples_of(self.spec, self._count_rejected), one, budget, self.budget.seed, (Phase.generate,))
        except HypothesisException as error:
            failure = Failure(f"the spec's samples cannot be drawn: {summary(error)}")
            for state in self.states.values():
                state.failure = state.failure or failure

    def _computes(self, sample: Sample) -> bool:
        """Whether a call on the sample has something to compute, so that it shows whether a dtype is taken."""
        if not all(tensor.numel for tensor in sample.tensors):
            return False
        promised = Execution(self.spec, sample, self.spec.dtypes[-1], "cpu").promised
        return all(np.size(getattr(answer, "array", answer)) for answer in promised)

    def _count_rejected(self) -> None:
        self.rejected += 1

    def _live(self, number: int | None = None) -> Iterator[tuple[str, list[Cell]]]:
        """The cells that are still to be asked of sample `number`, by dtype; with no number all that are left."""
        by_dtype: dict[str, list[Cell]] = {}
        for cell, asked in self.questions.items():
            due = number is None or cell in self._owed or asked.is_asked_of(number)
            if due and self.states[cell].failure is None:
                by_dtype.setdefault(asked.dtype(number or 0), []).append(cell)
        yield from by_dtype.items()

    def _ask(self, sample: Sample, dtype: str, cells: list[Cell]) -> None:
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
                    state.failure = replace(failure, dtype=dtype)
                    if self.until_broken:
                        raise SearchOver
                    execution = None  # a broken call may have left the memory changed
            self._settle_up(cell, state.evidence.comparisons > compared)

    def _settle_up(self, cell: Cell, compared: bool) -> None:
        """A cell that could not use its sample is owed the next one."""
        (self._owed.discard if compared else self._owed.add)(cell)

    def _known(self, state: CellState, sample: Sample, dtype: str) -> bool:
        """Whether the sample lies where a known deviation of this cell does."""
        return bool(state.deviations) and in_region(self.spec, state.deviations, sample, dtype)

    def _settle(self) -> None:
        for (check, subject), state in self.states.items():
            if check not in CHECKS_SETTLED or state.failure is not None or subject in self._missing:
                continue
            self.before((check, subject), self._typical)
            extra = {"sample": self._typical} if check == "support" else {}
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

        def one(sample: Sample) -> None:
            failure = self._ask_once(cell, sample)
            if failure is not None:
                found.append(failure)
                raise CellBroke

        phases = (Phase.generate, Phase.shrink)
        try:
            _hypothesis(
                samples_of(self.spec, self._count_rejected), one, self.budget.examples, self.budget.seed, phases
            )
        except CellBroke:
            return found[-1]
        except HypothesisException:
            pass  # it broke, but not every time
        return None


class SearchOver(BaseException):
    """Ends a search at once: Hypothesis would put an `Exception`'s sample again, and a fault may come and go."""


def _is_more_typical(sample: Sample, known: Sample | None) -> bool:
    """Whether a sample says more of support than the one known: a tensor without dimensions may be copied unseen, and
    a tensor of another dtype may have the call done in that one. Of the others vectors are taken, so that every seed
    asks alike: torch has code of its own for them here and there."""
    return known is None or _tells(sample) > _tells(known)


def _tells(sample: Sample) -> tuple[bool, bool, int]:
    tensors = sample.tensors
    one_dtype = not any(tensor.dtype.startswith("partner") for tensor in tensors)
    return one_dtype, _has_dimensions(sample), -sum(tensor.rank for tensor in tensors)


def _has_dimensions(sample: Sample) -> bool:
    return all(tensor.rank for tensor in sample.tensors)


class CellBroke(Exception):
    """Tells Hypothesis that the sample under test breaks the cell being made small."""


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


def in_region(spec: Spec, deviations: list[Deviation], sample: Sample, dtype: str) -> bool:
    """Whether one of the deviations' predicates holds for a sample."""
    for known in deviations:
        predicate = spec.predicate(known.predicate) if known.predicate else None
        if predicate is not None and predicate(dtype, **sample.by_name):
            return True
    return False


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


def _hypothesis(
    strategy: st.SearchStrategy[Sample],
    body: Callable[[Sample], None],
    examples: int,
    seed: int,
    phases: tuple[Phase, ...],
) -> None:
    """Run `body` on samples drawn from `seed`, without deadlines and health checks."""

    def test(sample: Sample) -> None:
        body(sample)

    run = settings(
        max_examples=examples,
        database=None,
        deadline=None,
        derandomize=False,
        phases=phases,
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
        print_blob=False,
        backend=BACKEND,
    )(given(strategy)(test))
    with_seed(seed)(run)()
