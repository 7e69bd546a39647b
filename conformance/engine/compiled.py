"""The sweep of compiled cells: of many specs together, since many calls are compiled as one graph."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from zlib import crc32

from conformance.checks.modes.compiled import has_dynamic_shapes
from conformance.engine.deviations import Deviation, in_region, must_not_ask
from conformance.engine.examiner import Before, Examiner, Keeper
from conformance.engine.finding import Finding
from conformance.engine.graphs import CALLS_IN_A_GRAPH, CompiledCall, Graphs
from conformance.engine.outcome import WitnessAnswer
from conformance.engine.schedule import TABLE, Turns
from conformance.engine.sweep import Budget, CellState, Sweep
from conformance.execution.evidence import EvidenceBuilder
from conformance.execution.execution import Execution
from conformance.execution.promise import is_taken
from conformance.results.model import Cell
from conformance.samples.sample import Sample
from conformance.spec.cells import is_compiled
from conformance.spec.contract import Spec

SAMPLES_FOR_A_CALL = 6
"""The number of samples that are drawn for each call of a cell, as long as that is enough."""

MOST_SHRUNK = 30
"""The number of cells whose samples are made small: each compiles several calls."""


def calls_of(cell: Cell, examples: int) -> int:
    """The number of calls of a compiled cell in a search of so many samples."""
    turns = TABLE.get(cell.subject, Turns())
    return max(turns.least, examples // turns.every)


class CompiledPlan:
    """Chooses samples for the compiled cells of one spec as they are drawn. Samples in the region of a known deviation
    are passed over."""

    def __init__(self, examiner: Examiner, keeper: Keeper, examples: int) -> None:
        self.calls: list[CompiledCall] = []
        self._examiner, self._keeper = examiner, keeper
        self._cells = [cell for cell in examiner.schedule.cells if is_compiled(cell)]
        self._turns = Counter[Cell]()
        self._wanted: dict[tuple[Cell, bool], int] = {}
        for cell in self._cells:
            count = calls_of(cell, examples)
            self._wanted |= {(cell, True): count // 2, (cell, False): count - count // 2}

    @property
    def is_full(self) -> bool:
        return not any(self._wanted.values())

    def consider(self, number: int, sample: Sample) -> None:
        """Choose sample `number`, counted from 0, for the cells that want one with its kind of shapes."""
        for cell in self._cells:
            kind = cell, has_dynamic_shapes(sample)
            if self._wanted[kind] and self._add(cell, number, sample):
                self._wanted[kind] -= 1

    def remember(self, sample: Sample) -> None:
        """Choose a sample that broke a cell before, for all cells."""
        for cell in self._cells:
            self._add(cell, -1, sample)

    def _add(self, cell: Cell, number: int, sample: Sample) -> bool:
        dtype = self._dtype(cell)
        spec, known = self._examiner.spec, self._examiner.known.get(cell, [])
        if not is_taken(spec, sample, dtype):
            return False
        if must_not_ask(spec, known, sample, dtype) or in_region(spec, known, sample, dtype):
            self._keeper.evidence_of(cell).aside(sample)
            return False
        self._turns[cell] += 1
        self.calls.append(CompiledCall(cell, number, sample, dtype, self._examiner, self._keeper))
        return True

    def _dtype(self, cell: Cell) -> str:
        """The dtype of the next call: first that which the mode prefers, then the others. Each operation begins at
        another place, so that few calls of each operation meet every dtype."""
        first, *others = self._examiner.schedule[cell].dtypes
        turn = self._turns[cell]
        if turn == 0 or not others:
            return first
        return others[(crc32(self._examiner.spec.operation.encode()) + turn - 1) % len(others)]


class CompiledSweep(Sweep):
    """A sweep of the compiled cells of one spec on one device. `sweep_together` runs it."""

    def calls(self) -> list[CompiledCall]:
        """Draw a few samples, and all if they are not enough, and choose calls for each cell."""
        cells, examples = self._examiner.schedule.cells, self.budget.examples
        few = min(examples, SAMPLES_FOR_A_CALL * max((calls_of(cell, examples) for cell in cells), default=0))
        plan = self._chosen(few)
        if not plan.is_full and few < examples:
            plan = self._chosen(examples)
        for cell in cells:
            self.states[cell].evidence.rejected = self.rejected
        return plan.calls

    def _chosen(self, examples: int) -> CompiledPlan:
        plan = CompiledPlan(self._examiner, self, self.budget.examples)
        for sample in self.budget.remembered:
            plan.remember(sample)
        self.rejected = 0
        for number, sample in enumerate(self._draw(examples)):
            plan.consider(number, sample)
        return plan

    def keep(
        self, cell: Cell, number: int, evidence: EvidenceBuilder, finding: Finding | None, execution: Execution | None
    ) -> None:
        """Keep the first finding of a cell."""
        self.states[cell].finding = self.states[cell].finding or finding

    def confirm(self, answered: dict[str, WitnessAnswer]) -> None:
        """Try the witnesses of the known deviations. `answered` are the answers so far, of all sweeps."""
        self._examiner.answered = answered
        self._confirm_deviations()

    def conclude(self, graphs: Graphs, left: Iterator[int]) -> None:
        """Note how the calls were compiled, and shrink the failures. `left` has an item for each cell whose sample may
        still be made small."""
        self._left = left
        for cell, state in self.states.items():
            if note := graphs.note(self, cell):
                state.evidence.note(note)
        self._shrink([cell for cell in self.states if (id(self), cell) not in graphs.together])

    def _smallest(self, cell: Cell, first: Finding) -> Sample:
        assert first.sample is not None
        return first.sample if next(self._left, None) is None else super()._smallest(cell, first)


def sweep_together(sweeps: Sequence[CompiledSweep], one_by_one: bool = False) -> list[dict[Cell, CellState]]:
    """Run the sweeps of several specs: their calls are compiled together, or `one_by_one`."""
    graphs = Graphs(1 if one_by_one else CALLS_IN_A_GRAPH)
    answered: dict[str, WitnessAnswer] = {}
    for sweep in sweeps:
        sweep.confirm(answered)
    graphs.ask([call for sweep in sweeps for call in sweep.calls()])
    left = iter(range(MOST_SHRUNK))
    for sweep in sweeps:
        sweep.conclude(graphs, left)
    return [sweep.states for sweep in sweeps]


def sweep(
    spec: Spec,
    device: str,
    cells: Sequence[Cell],
    budget: Budget,
    deviations: tuple[Deviation, ...] = (),
    before: Before | None = None,
    one_by_one: bool = False,
) -> dict[Cell, CellState]:
    """Sweep any cells of one spec: the compiled ones together, or `one_by_one`, and the others as ever."""
    states: dict[Cell, CellState] = {}
    plain, compiled = ([cell for cell in cells if is_compiled(cell) is wanted] for wanted in (False, True))
    if plain:
        states |= Sweep(spec, device, plain, budget, deviations, before).run()
    if compiled:
        states |= sweep_together([CompiledSweep(spec, device, compiled, budget, deviations, before)], one_by_one)[0]
    return {cell: states[cell] for cell in cells}
