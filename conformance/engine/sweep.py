"""The sweep of one spec on one device: each sample is drawn once, and every cell is asked of it.

The search draws samples and asks the cells that are due until the budget is used up. It goes on behind a failure: one
cell may break by several causes, and a few are kept. Then the sample of each is made small.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import torch

from conformance.checks import SETTLING_MODULES, unmet
from conformance.checks.refusals import ON_TWO_DEVICES
from conformance.drawing.choices import Drawn
from conformance.engine.deviations import Deviation
from conformance.engine.examiner import Before, Examiner
from conformance.engine.finding import Finding
from conformance.engine.outcome import WitnessAnswer
from conformance.engine.probe import PROBE_SAMPLES
from conformance.engine.schedule import Plan
from conformance.engine.search import CannotDraw, draw_all
from conformance.engine.shrink import most_asks, smallest
from conformance.execution.evidence import EvidenceBuilder
from conformance.execution.execution import Execution
from conformance.results.model import Cell, CellResult, Failure, FailureKind, KnownDeviation, Verdict
from conformance.samples.sample import Sample
from conformance.spec.cells import result_of
from conformance.spec.certified import is_certified
from conformance.spec.contract import Spec
from conformance.spec.devices import profile_of
from conformance.spec.gaps import EVERY

MOST_CAUSES = 5
"""The number of causes of a cell that are told. After so many it is not asked again."""

VALUES_PER_SHAPE = 4
"""The number of samples of one shape on a device that compiles each call for each new shape."""

MOSTLY = 0.75
"""The share of refusals from which on a cell is unsupported: a mode may be refused for most forms, and not for all."""

MOST_FAILED = 100
"""The number of samples that a cell may fail before it is not asked again."""


@dataclass(frozen=True)
class Budget:
    """The samples of a search."""

    examples: int
    """the number of samples to draw"""
    seed: int
    remembered: tuple[Sample, ...] = ()
    """samples that broke a cell before; they are asked first"""
    thorough: bool = False
    """whether every sample is asked in every dtype"""


@dataclass
class CellState:
    """What a sweep knows so far about a cell."""

    evidence: EvidenceBuilder = field(default_factory=EvidenceBuilder)
    deviations: list[Deviation] = field(default_factory=list)
    fixed: list[Deviation] = field(default_factory=list)
    """the deviations of older versions of torch that do not show"""
    unmet: str = ""
    """what no sample met, in words, where nothing was asked for that reason"""
    answers: dict[str, WitnessAnswer] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    """what broke it: the first finding of each cause"""

    @property
    def finding(self) -> Finding | None:
        """The first finding, if there is one."""
        return self.findings[0] if self.findings else None

    def broke(self, finding: Finding, most_causes: int = MOST_CAUSES) -> None:
        """Keep a finding, or count it if one of its cause is kept."""
        if finding.sample is not None:
            self.evidence.broke(finding.sample)
        alike = [place for place, one in enumerate(self.findings) if one.failure.cause == finding.failure.cause]
        for place in alike:
            self.findings[place] = replace(self.findings[place], failed=self.findings[place].failed + 1)
        if not alike and len(self.findings) < most_causes:
            self.findings.append(replace(finding, failed=1 if finding.sample else 0))

    @property
    def is_clear(self) -> bool:
        """Whether enough samples broke the cell to say how it is broken."""
        return len(self.findings) >= MOST_CAUSES or self.evidence.failed >= MOST_FAILED

    @property
    def verdict(self) -> Verdict:
        if self.finding is not None:
            return Verdict.BROKEN
        if self.evidence.is_mostly_missing:
            return Verdict.NOT_RUN
        if self.evidence.comparisons == 0:
            return Verdict.DEVIATES if self.deviations and self.evidence.set_aside else Verdict.VACUOUS
        refused = self.evidence.refused / self.evidence.comparisons
        if refused == 1:
            return Verdict.UNSUPPORTED
        if self.deviations:
            return Verdict.DEVIATES
        return Verdict.UNSUPPORTED if refused > MOSTLY else Verdict.HELD

    @property
    def failure(self) -> Failure | None:
        """The failure if the cell is broken, not run or vacuous, else None."""
        if self.finding is not None:
            return self.finding.record()
        if self.verdict is Verdict.NOT_RUN:
            return Failure(kind=FailureKind.OUT_OF_MEMORY, message=self.evidence.shortage)
        if self.verdict is Verdict.VACUOUS:
            return Failure(kind=FailureKind.NOTHING_COMPARED, message=f"nothing was compared{self.unmet}")
        return None

    def result(self, file: str, operation: str, device: str, cell: Cell) -> CellResult:
        """The record of the cell. `file` is the name of the spec file in the results."""
        return result_of(
            file,
            operation,
            device,
            cell,
            self.verdict,
            self.failure,
            further=tuple(finding.record() for finding in self.findings[1:]),
            deviations=tuple(self._as_record(known) for known in self.deviations),
            fixed=tuple(self._as_record(known) for known in self.fixed),
            evidence=self.evidence.build(),
        )

    def _as_record(self, known: Deviation) -> KnownDeviation:
        answer = self.answers.get(known.id)
        return KnownDeviation(
            id=known.id,
            reason=known.reason,
            link=known.link,
            witness=known.witness,
            torch=known.torch,
            gave=answer.gave if answer else "",
            effect=known.effect(raised=bool(answer and answer.raised)),
        )


class Sweep:
    """A sweep of some cells of one spec on one device.

    `before(cell, sample)` is called before each step that could end the process. With `until_broken` the search ends at
    the first cell that breaks, and nothing is shrunk: that is enough to know that a fault is caught. A `plan` of the
    samples of the budget spares drawing them.
    """

    def __init__(
        self,
        spec: Spec,
        device: str,
        cells: list[Cell],
        budget: Budget,
        deviations: tuple[Deviation, ...] = (),
        before: Before | None = None,
        until_broken: bool = False,
        plan: Plan | None = None,
    ) -> None:
        cells = [Cell(*cell) for cell in cells]
        self.spec, self.device, self.budget = spec, device, budget
        self.until_broken = until_broken
        self.values_per_shape = VALUES_PER_SHAPE if profile_of(device).compiles_per_shape else 1
        self._plan = plan
        self._drawn: list[Drawn] = []
        self.samples = 0
        """the number of samples that were asked until the search ended"""
        self.rejected = 0
        known = {cell: concerning(deviations, spec, cell, device) for cell in cells}
        self.states = {cell: CellState(deviations=known[cell], unmet=unmet(spec, cell)) for cell in cells}
        self.examiner = Examiner(spec, device, cells, known, before)
        self._mark_unsupported()

    def _mark_unsupported(self) -> None:
        """Mark the cells whose dtype the device cannot hold as unsupported."""
        for cell in self.examiner.schedule.not_held:
            evidence = self.states[cell].evidence
            evidence.compared(None)
            evidence.refused += 1
            evidence.note(f"the device {self.device} does not hold the dtype that this needs")

    def _mark_changed(self) -> None:
        """Mark the cells of dtypes whose numbers the device changes: they are broken, unless that is known."""
        for cell in self.examiner.schedule.changed:
            finding = Finding(_changed(cell, self.device))
            if self.examiner.is_known(cell, finding):
                self.states[cell].evidence.compared(None)
            else:
                self.states[cell].findings = [finding]

    # --- the run --------------------------------------------------------------------------------------------------

    def run(self) -> dict[Cell, CellState]:
        """Search, settle, confirm the known deviations, and shrink the failures."""
        if self.until_broken:
            return self._run_until_broken()
        self._confirm_deviations()
        self._mark_changed()
        cells = self.examiner.schedule.cells
        if cells or any(cell.check == "support" for cell in self.states):
            self._search()
        for cell in cells:
            self.states[cell].evidence.rejected = self.rejected
        self._mark_gains()
        self._settle()
        self._shrink([cell for cell in cells if self.states[cell].finding])
        return self.states

    def _mark_gains(self) -> None:
        """Mark the cells of declared gaps of which some calls are taken by now."""
        for cell, state in self.states.items():
            if self.examiner.declared.is_gap(cell) and state.evidence.comparisons > state.evidence.refused:
                state.evidence.gain = True

    def _run_until_broken(self) -> dict[Cell, CellState]:
        try:
            self._search()
            self._settle()
            self._confirm_deviations()
        except SearchOver:
            pass
        return self.states

    def _search(self) -> None:
        for sample in self.budget.remembered:
            self.examiner.ask(sample, self.examiner.schedule.due(), self)
        plan = self._plan or self._drawn_plan()
        self.examiner.follow(plan, self)
        self.samples = len(plan.samples)

    def _drawn_plan(self) -> Plan:
        asks = self.examiner.schedule.cells
        samples = self._draw(self.budget.examples if asks else min(self.budget.examples, PROBE_SAMPLES))
        return Plan(self.spec, samples, self.budget.thorough)

    def _draw(self, examples: int) -> list[Sample]:
        """The samples; none if they cannot be drawn, which fails every cell."""
        self._drawn = []
        try:
            shapes = -(-examples // self.values_per_shape)
            self._drawn = draw_all(self.spec, shapes, self.budget.seed, self._count_rejected)
        except CannotDraw as error:
            failure = Failure(kind=FailureKind.CANNOT_DRAW, message=str(error))
            for state in self.states.values():
                state.findings = state.findings or [Finding(failure)]
        return [one.sample.with_other_values(step) for step in range(self.values_per_shape) for one in self._drawn]

    def _count_rejected(self) -> None:
        self.rejected += 1

    # --- what is kept ---------------------------------------------------------------------------------------------

    def evidence_of(self, cell: Cell) -> EvidenceBuilder:
        """The evidence of a cell in the whole sweep."""
        return self.states[cell].evidence

    def keep(
        self, cell: Cell, number: int, evidence: EvidenceBuilder, finding: Finding | None, execution: Execution | None
    ) -> None:
        """Keep the evidence and the finding."""
        state = self.states[cell]
        state.evidence = evidence
        if finding is None:
            return
        state.broke(finding)
        if state.is_clear:
            self.examiner.schedule.finish(cell)
        if self.until_broken and cell.check not in SETTLING_MODULES:
            self.samples = number + 1
            raise SearchOver

    def _settle(self) -> None:
        self.examiner.settle(self, skip=self._is_broken)

    def _is_broken(self, cell: Cell) -> bool:
        return self.states[cell].finding is not None

    def _confirm_deviations(self) -> None:
        """Try the witnesses. A deviation that does not show is out of date if the torch is certified. On any other
        torch it is fixed there, and the search goes into its region."""
        answers = self.examiner.witnesses()
        fixed = (
            [] if is_certified(torch.__version__, self.device) else [id for id in answers if not answers[id].deviates]
        )
        for cell, state in self.states.items():
            state.answers = answers
            state.fixed = [known for known in state.deviations if known.id in fixed]
            state.deviations = [known for known in state.deviations if known.id not in fixed]
            self.examiner.known[cell] = state.deviations
            for known in state.deviations:
                problem = _stale(known, answers[known.id].deviates)
                if problem and not state.findings:
                    state.findings = [Finding(_out_of_date(known, problem))]

    # --- shrinking ------------------------------------------------------------------------------------------------

    def _shrink(self, broken: list[Cell]) -> None:
        small: dict[tuple[str, str], list[Sample]] = {}
        for cell in broken:
            state = self.states[cell]
            state.findings = [self._shrunk(cell, first, small) for first in state.findings]

    def _shrunk(self, cell: Cell, first: Finding, small: dict[tuple[str, str], list[Sample]]) -> Finding:
        """A finding with a small sample: one of those that were `small` enough for other cells, or one of its own."""
        if first.sample is None:
            return first
        known = small.setdefault((cell.check, first.failure.cause), [])
        found = (
            self._first_alike(cell, first, known)
            or self._first_alike(cell, first, [self._smallest(cell, first)])
            or self._first_alike(cell, first, [first.sample])
        )
        if found is None or found.sample is None:
            return replace(first, repeats=False)
        known.append(found.sample)
        return replace(found, failed=first.failed)

    def _first_alike(self, cell: Cell, first: Finding, samples: list[Sample]) -> Finding | None:
        """The finding of the first of `samples` that breaks a cell by the same cause as its first finding."""
        found = (self.examiner.ask_once(cell, first.dtype, sample) for sample in samples)
        return next((one for one in found if one and one.failure.cause == first.failure.cause), None)

    def _smallest(self, cell: Cell, first: Finding) -> Sample:
        """The smallest sample that was found to break a cell as `first` does. A sample that was not drawn, but
        remembered, is as small as it was made then."""
        assert first.sample is not None
        steps = range(self.values_per_shape)
        known = (
            (one, step) for one in self._drawn for step in steps if one.sample.with_other_values(step) == first.sample
        )
        drawn, step = next(known, (None, 0))
        if drawn is None:
            return first.sample

        def breaks(sample: Sample) -> bool:
            return self._first_alike(cell, first, [sample.with_other_values(step)]) is not None

        found = smallest(self.spec, drawn, breaks, most_asks(cell, few=self.values_per_shape > 1))
        return found.with_other_values(step)


class SearchOver(Exception):
    """Ends a search at once."""


def concerning(deviations: tuple[Deviation, ...], spec: Spec, cell: Cell, device: str) -> list[Deviation]:
    """The deviations that concern a cell on the installed torch. One of all operations that is about a misuse or a
    law concerns the specs that have it."""
    version, capability = torch.__version__, torch.backends.cpu.get_cpu_capability()
    titles = {ON_TWO_DEVICES, *(refusal.title for refusal in spec.refusals), *(law.title for law in spec.laws)}
    return [
        known
        for known in deviations
        if known.concerns(spec.operation, cell.check, device, cell.subject, version, capability)
        and (known.operation != EVERY or not known.about or known.about in titles)
    ]


def _changed(cell: Cell, device: str) -> Failure:
    return Failure(
        kind=FailureKind.MOVED,
        message=f"numbers of {cell.subject} do not come back from {device} as they went there",
        about=cell.subject,
        call=f"torch.tensor([0, 1, {'1 + 2j' if 'complex' in cell.subject else 1}], dtype=torch.{cell.subject})"
        f".to({device!r}).cpu()",
        promised="the same numbers",
    )


def _out_of_date(known: Deviation, problem: str) -> Failure:
    return Failure(
        kind=FailureKind.STALE_DEVIATION,
        message=problem,
        about=known.id,
        call=known.witness,
        promised=known.promised,
    )


def _stale(known: Deviation, deviates: bool) -> str:
    """Why a known deviation is out of date; empty if it is not."""
    if known.expired:
        return f"known deviation {known.id!r} expired on {known.expires}: look at it again, then renew or remove it"
    if not deviates:
        return (
            f"known deviation {known.id!r} no longer deviates on torch {torch.__version__}: "
            f"end its torch range {known.torch!r} before this version, or remove it"
        )
    return ""
