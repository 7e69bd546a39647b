"""Cells asked of samples: what a sweep and a replay have in common. They differ in what they keep."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Protocol

from conformance.checks import SETTLING_MODULES
from conformance.engine.declared import Declared
from conformance.engine.deviations import Deviation, must_not_ask
from conformance.engine.explanations import is_explained
from conformance.engine.finding import Finding, examine, examine_watched, found, with_memory
from conformance.engine.outcome import WitnessAnswer
from conformance.engine.probe import PROBE_SAMPLES, SupportProbe
from conformance.engine.schedule import Plan, Schedule
from conformance.engine.witness import still_deviates
from conformance.execution import device_memory, devices
from conformance.execution.broken import Broken
from conformance.execution.device_memory import DeviceLacksMemory, require_memory
from conformance.execution.ending import end_if_copy
from conformance.execution.evidence import EvidenceBuilder
from conformance.execution.execution import Execution
from conformance.execution.global_state import GlobalState
from conformance.execution.promise import Promise, is_taken
from conformance.results.model import Cell
from conformance.samples.sample import Sample
from conformance.spec.cells import is_compiled
from conformance.spec.contract import Spec

SLOWLY_WATCHED = ("values", "forms", "refusals", "laws")
"""The checks in which all of the global state is watched: together they make every call of a spec."""

Before = Callable[[Cell, Sample | None], None]
"""Called before each step that could end the process."""


class Keeper(Protocol):
    """Provides the evidence in which answers are gathered, and keeps the answers."""

    def evidence_of(self, cell: Cell) -> EvidenceBuilder:
        """The evidence in which the next answer of a cell is gathered."""
        ...

    def keep(
        self, cell: Cell, number: int, evidence: EvidenceBuilder, finding: Finding | None, execution: Execution | None
    ) -> None:
        """Keep the answer of a cell to sample `number`. `execution` is None if the cell was settled by a call of its
        own."""
        ...


class Examiner:
    """Asks some cells of one spec on one device. `known` has the deviations that concern each cell."""

    def __init__(
        self, spec: Spec, device: str, cells: list[Cell], known: dict[Cell, list[Deviation]], before: Before | None
    ) -> None:
        self.spec, self.device, self.cells = spec, device, cells
        self.schedule = Schedule(spec, device, cells)
        self.known = known
        self.declared = Declared(spec, device)
        self.probe = SupportProbe(spec, partial(self._may_ask, [each for one in known.values() for each in one]))
        self.before = before or _nothing
        self.answered: dict[str, WitnessAnswer] = {}
        """the answers of witnesses so far; examiners may share them"""

    def follow(self, plan: Plan, keeper: Keeper) -> None:
        """Ask each sample of a plan of the cells that are due, and choose the probe among the first."""
        self.schedule.follow(plan)
        for number, sample in enumerate(plan.samples):
            if number < PROBE_SAMPLES and self.spec.has_calls:
                self.probe.consider(sample)
            self.ask(sample, self.schedule.due(number), keeper, number)

    def ask(self, sample: Sample, due: dict[str, list[Cell]], keeper: Keeper, number: int = 0) -> None:
        """Ask the cells that are due, by dtype, of a sample. What breaks in the region of a known deviation of a cell
        is not kept."""
        state = GlobalState()
        for dtype, cells in due.items():
            execution: Execution | None = None
            for cell in cells:
                if not is_taken(self.spec, sample, dtype):
                    self.schedule.answered(cell, used=False)
                    continue
                if must_not_ask(self.spec, self.known.get(cell, []), sample, dtype):
                    keeper.evidence_of(cell).aside(sample)
                    self.schedule.answered(cell, used=False)
                    continue
                self.before(cell, sample)
                try:
                    execution = execution or self._execution(sample, dtype)
                except DeviceLacksMemory as lack:
                    keeper.evidence_of(cell).lacks_memory(str(lack))
                    self.schedule.answered(cell, used=False)
                    continue
                if self._ask(cell, execution, keeper, number, state) is not None:
                    execution = None  # a broken call may have changed the memory

    def _ask(self, cell: Cell, execution: Execution, keeper: Keeper, number: int, state: GlobalState) -> Finding | None:
        evidence, known = keeper.evidence_of(cell), self.known.get(cell)
        if known:
            evidence = evidence.copy()  # what is not kept must leave no trace
        compared = evidence.comparisons
        finding = self._examine(cell, execution, evidence, state)
        if finding is not None and self.is_known(cell, finding):
            keeper.evidence_of(cell).aside(execution.sample)
            self.schedule.answered(cell, used=False)
            return finding
        keeper.keep(cell, number, evidence, finding, execution)
        self.schedule.answered(cell, used=finding is not None or evidence.comparisons > compared)
        return finding

    def _execution(self, sample: Sample, dtype: str) -> Execution:
        """A sample made live. A device without memory is asked again. Raises `DeviceLacksMemory`."""
        promise = Promise(self.spec, sample, dtype)
        try:
            return Execution(promise, self.device)
        except DeviceLacksMemory:
            device_memory.release(self.device)
            return Execution(promise, self.device)

    def ask_once(self, cell: Cell, dtype: str, sample: Sample) -> Finding | None:
        """What one cell finds in a sample; None if a known deviation explains it, or if the device has no memory."""
        if not self._may_ask(self.known.get(cell, []), sample, dtype):
            return None
        try:
            finding = self.answer(cell, dtype, sample, EvidenceBuilder())[1]
        except DeviceLacksMemory:
            return None
        return finding if finding is not None and not self.is_known(cell, finding) else None

    def _may_ask(self, known: list[Deviation], sample: Sample, dtype: str) -> bool:
        """Whether a sample is a valid call that a process survives."""
        return is_taken(self.spec, sample, dtype) and not must_not_ask(self.spec, known, sample, dtype)

    def _is_known(self, cell: Cell, execution: Execution, broken: Broken) -> bool:
        return self.is_known(cell, found(broken, execution))

    def is_known(self, cell: Cell, finding: Finding) -> bool:
        """Whether a known deviation of a cell explains a finding."""
        return is_explained(self.spec, self.known.get(cell, []), finding)

    def answer(
        self, cell: Cell, dtype: str, sample: Sample, evidence: EvidenceBuilder
    ) -> tuple[Execution, Finding | None]:
        """Ask one cell of a sample, whatever is known of it. Raises `DeviceLacksMemory` if it cannot be made."""
        self.before(cell, sample)
        execution = self._execution(sample, dtype)
        return execution, self._examine(cell, execution, evidence, GlobalState())

    def _examine(
        self, cell: Cell, execution: Execution, evidence: EvidenceBuilder, state: GlobalState
    ) -> Finding | None:
        """What a cell finds, after which the device must still work. A compiler may change the global state."""
        execution.is_known = partial(self._is_known, cell, execution)
        execution.may_ask = partial(self._may_ask, self.known.get(cell, []), dtype=execution.dtype)
        if is_compiled(cell):
            finding = examine(self.schedule[cell], execution, evidence)
        else:
            finding = examine_watched(
                self.schedule[cell], execution, evidence, state, slow=cell.check in SLOWLY_WATCHED
            )
        late = self._told_late(finding)
        if late is not None and finding is None:
            if device_memory.is_out_of_memory(late):
                evidence.lacks_memory(str(late))
                return None
            finding = found(Broken.raised(late, "", "a result", how="when it was waited for"), execution)
        if finding is None:
            return None
        return self.declared.left_of(finding, cell, self.schedule[cell], execution, evidence)

    def _told_late(self, finding: Finding | None) -> Exception | None:
        """What the device raises when it is waited for. Ends this process if it is a copy that a call made, or if the
        device no longer works in it."""
        end_if_copy()
        try:
            devices.synchronize(self.device)
        except Exception as error:
            devices.require_working(self.device)
            return error
        if finding is not None:
            devices.require_working(self.device)
        return None

    def settle(self, keeper: Keeper, skip: Callable[[Cell], bool] | None = None) -> None:
        """Settle the cells that need one call each."""
        not_held = set(self.schedule.not_held)
        for cell in self.cells:
            if cell.check not in SETTLING_MODULES or cell in not_held or (skip and skip(cell)):
                continue
            self.before(cell, self.probe.sample)
            evidence = keeper.evidence_of(cell)
            finding = self._settled(cell, evidence)
            is_known = finding is not None and self.is_known(cell, finding)
            keeper.keep(cell, -1, evidence, None if is_known else finding, None)

    def _settled(self, cell: Cell, evidence: EvidenceBuilder) -> Finding | None:
        """What is broken in a cell that is settled by one call."""
        sample = self.probe.sample if cell.check == "support" else None
        call = self.spec.forms[0].call if self.spec.has_calls else ""

        def finding_of(broken: Broken) -> Finding:
            return Finding(broken.failure(call), sample, cell.subject if sample else "")

        def ask(_: bool) -> Finding | None:
            state = GlobalState()
            try:
                SETTLING_MODULES[cell.check].settle(self.spec, cell.subject, self.device, evidence, sample)
            except Broken as broken:
                return finding_of(broken)
            except BaseException as error:
                require_memory(error, self.device)
                return finding_of(Broken.raised(error, call, "a result"))
            finally:
                state.restored()
            return None

        finding = with_memory(ask, evidence, self.device, finding_of)
        late = self._told_late(finding)
        return finding if finding or late is None else finding_of(Broken.raised(late, call, "a result"))

    def witnesses(self) -> dict[str, WitnessAnswer]:
        """The answers of the witnesses of all known deviations. Each witness is tried once."""
        for cell, deviations in self.known.items():
            for known in deviations:
                if known.id not in self.answered:
                    self.before(cell, None)
                    state = GlobalState()
                    self.answered[known.id] = still_deviates(known, self.device)
                    state.restored()
                    self._told_late(None)
        return self.answered


def _nothing(*_: object) -> None:
    pass
