"""The sweep of compiled cells: of many specs together, since many calls are compiled as one graph."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import zip_longest

from conformance.checks import modes
from conformance.checks.modes.ways import way_of
from conformance.engine.deviations import Deviation, in_region, must_not_ask
from conformance.engine.examiner import Before, Examiner, Keeper
from conformance.engine.finding import Finding
from conformance.engine.graphs import CALLS_IN_A_GRAPH, CompiledCall, Graphs
from conformance.engine.order import in_order
from conformance.engine.outcome import WitnessAnswer
from conformance.engine.schedule import turns_of
from conformance.engine.sweep import Budget, CellState, Sweep
from conformance.execution.evidence import EvidenceBuilder
from conformance.execution.execution import Execution
from conformance.execution.promise import is_taken
from conformance.numeric.dtypes import DTYPES
from conformance.results.model import Cell
from conformance.samples.features import structure
from conformance.samples.sample import Sample
from conformance.samples.strides import contiguous_strides
from conformance.spec.cells import is_compiled
from conformance.spec.contract import Spec

SAMPLES_FOR_A_CALL = 8
"""The number of samples that are drawn for each call of a cell, as long as that is enough, and from which its calls are
chosen."""

STRIDED = "a strided view"
"""A result that is no row-major view. Compilers tend to take a view for row-major."""

MOST_SHRUNK = 30
"""The number of cells whose samples are made small: each compiles several calls."""


def calls_of(cell: Cell, examples: int) -> int:
    """The number of calls of a compiled cell in a search of so many samples."""
    turns = turns_of(cell)
    return max(turns.least, examples // turns.every)


class CompiledPlan:
    """The calls of the compiled cells of one spec, of samples that were drawn for them.

    A cell has few calls, so each kind has its turn: each layout and place of the results, tensors made inside,
    gradients, a misuse. Among samples of a kind those come first that are new in most: in form, dtype, arguments and
    sizes. Samples in the region of a known deviation are passed over.
    """

    def __init__(self, examiner: Examiner, keeper: Keeper, examples: int) -> None:
        self.calls: list[CompiledCall] = []
        self.is_full = True
        self._examiner, self._keeper, self._examples = examiner, keeper, examples
        self._cells = [cell for cell in examiner.schedule.cells if is_compiled(cell)]

    def choose(self, samples: Sequence[Sample]) -> None:
        """Choose calls for each cell: half of them with static shapes, the others with dynamic ones."""
        for cell in self._cells:
            count = calls_of(cell, self._examples)
            for is_dynamic, wanted in ((True, count // 2), (False, count - count // 2)):
                alike = [place for place, one in enumerate(samples) if self._fits(cell, one, is_dynamic)]
                order = in_order([samples[place] for place in alike], partial(self._news, cell))
                order = by_turns(order, [self._kind(cell, samples[place]) for place in alike])
                added = 0
                for place in order:
                    added += added < wanted and self._add(cell, alike[place], samples[alike[place]])
                self.is_full &= added == wanted

    def remember(self, sample: Sample) -> None:
        """Choose a sample that broke a cell before, for all cells."""
        for cell in self._cells:
            self._add(cell, -1, sample)

    def _add(self, cell: Cell, number: int, sample: Sample) -> bool:
        dtype = self._dtype(cell, sample)
        spec, known = self._examiner.spec, self._examiner.known.get(cell, [])
        if not is_taken(spec, sample, dtype):
            return False
        if must_not_ask(spec, known, sample, dtype) or in_region(spec, known, sample, dtype):
            self._keeper.evidence_of(cell).aside(sample)
            return False
        self.calls.append(CompiledCall(cell, number, sample, dtype, self._examiner, self._keeper))
        return True

    def _dtype(self, cell: Cell, sample: Sample) -> str:
        """The dtype of a call. Each category of dtypes is as likely as every other, in each operation by itself."""
        dtypes, operation = self._examiner.schedule[cell].dtypes, self._examiner.spec.operation
        categories = list(dict.fromkeys(DTYPES[name].category for name in dtypes))
        category = categories[sample.pick(f"category of {operation}", len(categories))]
        alike = [name for name in dtypes if DTYPES[name].category == category]
        return alike[sample.pick(f"dtype of {operation}", len(alike))]

    def _fits(self, cell: Cell, sample: Sample, is_dynamic: bool) -> bool:
        """Whether a sample has the kind of shapes, and no need of a graph of its own where that takes too long."""
        way = way_of(self._examiner.spec, sample, self._dtype(cell, sample))
        return way.is_dynamic is is_dynamic and not (way.is_alone and modes.generates_code(cell.subject))

    def _kind(self, cell: Cell, sample: Sample) -> str:
        """The kind of a call. Empty if it is plain, or has few values to compare: the kind that is asked last."""
        way = way_of(self._examiner.spec, sample, self._dtype(cell, sample))
        if way.kind:
            return way.kind
        if all(tensor.numel < 2 for tensor in sample.tensors):
            return ""
        layouts = sample.layouts - {"contiguous"}
        return " ".join(sorted(layouts | _memory(self._examiner.spec, sample))) if layouts else ""

    def _news(self, cell: Cell, sample: Sample) -> frozenset[str]:
        """What may be new in a call."""
        dtype, spec = self._dtype(cell, sample), self._examiner.spec
        way, category = way_of(spec, sample, dtype), DTYPES[dtype].category
        return structure(sample) | way.features | {f"category {category}", *_memory(spec, sample)}


def _memory(spec: Spec, sample: Sample) -> set[str]:
    """Where the results of a view lie."""
    if spec.memory.geometry is None:
        return set()
    views = spec.memory.geometry(**sample.by_name)
    if views is None:
        return {"a copy"}
    return {"a view" if one.strides == contiguous_strides(one.shape) else STRIDED for one in views}


def by_turns(order: Sequence[int], kinds: Sequence[str]) -> list[int]:
    """The numbers of samples of kinds, in an order, so that each kind has its turn: strided views first, and the empty
    kind last."""
    groups: dict[str, list[int]] = {}
    for place in order:
        groups.setdefault(kinds[place], []).append(place)
    ranked = sorted(groups, key=_rank)
    turns = zip_longest(*(groups[kind] for kind in ranked))
    return [place for turn in turns for place in turn if place is not None]


def _rank(kind: str) -> int:
    return 2 if not kind else 0 if STRIDED in kind else 1


class CompiledSweep(Sweep):
    """A sweep of the compiled cells of one spec on one device. `sweep_together` runs it."""

    def calls(self) -> list[CompiledCall]:
        """Draw a few samples, and all if they are not enough, and choose calls for each cell."""
        cells, examples = self.examiner.schedule.cells, self.budget.examples
        few = min(examples, SAMPLES_FOR_A_CALL * max((calls_of(cell, examples) for cell in cells), default=0))
        plan = self._chosen(few)
        if not plan.is_full and few < examples:
            plan = self._chosen(examples)
        for cell in cells:
            self.states[cell].evidence.rejected = self.rejected
        return plan.calls

    def _chosen(self, examples: int) -> CompiledPlan:
        plan = CompiledPlan(self.examiner, self, self.budget.examples)
        for sample in self.budget.remembered:
            plan.remember(sample)
        self.rejected = 0
        plan.choose(self._draw(examples))
        return plan

    def keep(
        self, cell: Cell, number: int, evidence: EvidenceBuilder, finding: Finding | None, execution: Execution | None
    ) -> None:
        """Keep the first finding of a cell, and count the others: to make a sample small compiles many calls."""
        if finding is not None:
            self.states[cell].broke(finding, most_causes=1)

    def confirm(self, answered: dict[str, WitnessAnswer]) -> None:
        """Try the witnesses of the known deviations. `answered` are the answers so far, of all sweeps."""
        self.examiner.answered = answered
        self._confirm_deviations()

    def conclude(self, graphs: Graphs, left: Iterator[int]) -> None:
        """Note how the calls were compiled, and shrink the failures. `left` has an item for each cell whose sample may
        still be made small."""
        self._left = left
        for cell, state in self.states.items():
            if note := graphs.note(self, cell):
                state.evidence.note(note)
        self._mark_gains()
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
