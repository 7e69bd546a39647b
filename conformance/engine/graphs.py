"""Compiled cells: calls of several specs are compiled as one graph, and each call is judged by itself.

A graph of many calls takes far less time than as many graphs of one call. So a run puts the calls of all compiled cells
into few graphs. Half of the calls have static shapes, the other half dynamic ones. Those with gradients have graphs of
their own, and so have each misuse and each write through a view. Each call must prove that its own code was compiled
and ran. A graph that raises is split in halves until the call at fault stands alone. A call whose result is wrong is
asked again alone. What is wrong only beside other calls is told with the smallest group that shows it.
"""

from __future__ import annotations

import warnings
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from msgspec.structs import replace

from conformance.checks import modes
from conformance.checks.modes.compiled import TOGETHER
from conformance.checks.modes.ways import Way, way_of
from conformance.engine.examiner import Examiner, Keeper
from conformance.engine.finding import Finding
from conformance.execution.broken import Broken
from conformance.execution.device_memory import DeviceLacksMemory, is_out_of_memory
from conformance.execution.evidence import EvidenceBuilder
from conformance.execution.execution import Execution
from conformance.execution.promise import Promise
from conformance.results.model import Cell, Failure
from conformance.samples.sample import Sample
from conformance.samples.serial import describe

CALLS_IN_A_GRAPH = 40
"""The largest number of calls in a graph. Larger graphs cost as much for each call, and more if they must be split."""

MOST_TRIES = 40
"""The number of graphs that are compiled to find the smallest group of calls that break together."""


@dataclass(frozen=True)
class CompiledCall:
    """A call of a compiled cell: a sample in a dtype, and who keeps the answer."""

    cell: Cell
    number: int
    sample: Sample
    dtype: str
    examiner: Examiner
    keeper: Keeper

    @cached_property
    def way(self) -> Way:
        return way_of(self.examiner.spec, self.sample, self.dtype)

    @property
    def is_dynamic(self) -> bool:
        return self.way.is_dynamic

    @property
    def needs_a_graph_of_its_own(self) -> bool:
        """Whether the call may have to be refused, or whether a graph with it would be traced again and again. With
        dynamic shapes torch first takes a float for a variable, and begins anew wherever it needs a constant."""
        has_float = any(isinstance(value, float) for _, value in self.sample.arguments)
        refused = modes.unsupported_mode(self.cell.subject, self.execution()) is not None
        return refused or self.way.is_alone or (self.is_dynamic and has_float)

    @property
    def owner(self) -> tuple[int, Cell]:
        """A key of the cell. Cells of several specs have the same name."""
        return id(self.keeper), self.cell

    @property
    def text(self) -> str:
        return f"{self.way.form.name} of {describe(self.sample)}, {self.dtype}"

    def execution(self) -> Execution:
        return Execution(Promise(self.examiner.spec, self.sample, self.dtype), self.examiner.device)


class Graphs:
    """Asks calls in graphs of at most `size` calls. With `every_call` a cell that broke is asked on."""

    def __init__(self, size: int = CALLS_IN_A_GRAPH, every_call: bool = False) -> None:
        self._size, self._every_call = size, every_call
        self._broken: set[tuple[int, Cell]] = set()
        self._count = 0
        self._asked: dict[tuple[int, Cell], dict[bool, list[int]]] = defaultdict(lambda: {False: [], True: []})
        self.together: set[tuple[int, Cell]] = set()
        """the owners of calls that broke only together with others"""

    def ask(self, calls: Iterable[CompiledCall]) -> None:
        """Ask the calls. Their keepers keep the answers."""
        by_graph: dict[tuple[str, bool, bool], list[CompiledCall]] = {}
        for call in calls:
            by_graph.setdefault((call.cell.subject, call.is_dynamic, call.way.has_gradients), []).append(call)
        for alike in by_graph.values():
            alone = [call for call in alike if call.needs_a_graph_of_its_own]
            for group in _evenly([call for call in alike if call not in alone], self._size):
                self._ask(group)
            for call in alone:
                self._ask([call])

    def note(self, keeper: Keeper, cell: Cell) -> str:
        """How the calls of a cell were compiled, in words; empty if none was."""
        asked = self._asked.get((id(keeper), cell), {})
        parts = [
            f"{len(graphs)} with {'dynamic' if dynamic else 'static'} shapes in {_counted(len(set(graphs)), 'graph')}"
            for dynamic, graphs in asked.items()
            if graphs
        ]
        return f"compiled calls: {', '.join(parts)}" if parts else ""

    # --- one graph ------------------------------------------------------------------------------------------------

    def _ask(self, group: list[CompiledCall]) -> bool:
        """Ask a group of calls in one graph. Returns whether one of them broke."""
        group = [call for call in group if self._every_call or call.owner not in self._broken]
        if len(group) < 2:
            return any([self._ask_alone(call) for call in group])
        self._count += 1
        try:
            answers = self._compile(group)
        except BaseException as error:
            raised, lacks_memory = Broken.raised(error, "", "the results of the plain call"), is_out_of_memory(error)
        else:
            return any([self._judge(call, broken, group) for call, broken in zip(group, answers)])
        # The error and what it holds are gone: a lazy device would compute the graph that failed once more.
        return self._split(group, raised, lacks_memory)

    def _compile(self, group: Sequence[CompiledCall]) -> list[Broken | None]:
        """What is broken in each call of a graph. Raises what the compiler raises."""
        first = group[0]
        first.examiner.before(first.cell, None)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return modes.broken_together(first.cell.subject, [call.execution() for call in group])

    def _judge(self, call: CompiledCall, broken: Broken | None, group: list[CompiledCall]) -> bool:
        """Keep the answer of one call of a graph. Returns whether it is broken."""
        if broken is not None:
            if not self._ask_alone(call):
                smallest = _smallest(group, lambda some: call in some and self._is_wrong(call, some))
                self._keep_together(call, smallest, broken)
            return True
        evidence = call.keeper.evidence_of(call.cell)
        evidence.compared(call.sample)
        self._keep(call, evidence, None, None)
        return False

    def _ask_alone(self, call: CompiledCall) -> bool:
        """Ask one call in a graph of its own. Returns whether it is broken."""
        self._count += 1
        evidence = call.keeper.evidence_of(call.cell)
        try:
            execution, finding = call.examiner.answer(call.cell, call.dtype, call.sample, evidence)
        except DeviceLacksMemory as lack:
            evidence.lacks_memory(str(lack))
            return False
        known = finding is not None and call.examiner.is_known(call.cell, finding)
        if known:
            evidence.aside(call.sample)
        self._keep(call, evidence, None if known else finding, execution)
        return finding is not None

    def _keep(
        self, call: CompiledCall, evidence: EvidenceBuilder, finding: Finding | None, execution: Execution | None
    ) -> None:
        self._asked[call.owner][call.is_dynamic].append(self._count)
        if finding is not None:
            self._broken.add(call.owner)
        call.keeper.keep(call.cell, call.number, evidence, finding, execution or call.execution())

    # --- a graph that fails ---------------------------------------------------------------------------------------

    def _split(self, group: list[CompiledCall], raised: Broken, lacks_memory: bool) -> bool:
        """Ask the halves of a graph that raised. If neither breaks, the calls break only together."""
        half = len(group) // 2
        if any([self._ask(group[:half]), self._ask(group[half:])]):
            return True
        if lacks_memory:
            return False
        smallest = _smallest(group, self._raises)
        for call in smallest:
            self._keep_together(call, smallest, raised)
        return True

    def _raises(self, group: Sequence[CompiledCall]) -> bool:
        try:
            self._compile(group)
        except BaseException:
            return True
        return False

    def _is_wrong(self, call: CompiledCall, group: Sequence[CompiledCall]) -> bool:
        try:
            return self._compile(group)[group.index(call)] is not None
        except BaseException:
            return False

    def _keep_together(self, call: CompiledCall, group: Sequence[CompiledCall], broken: Broken) -> None:
        others = "; ".join(other.text for other in group if other is not call)
        failure: Failure = replace(
            broken.failure(),
            about=TOGETHER,
            message=f"{TOGETHER}: {broken}",
            call=f"torch.compile of {call.text}, backend={call.cell.subject!r}, in one graph with {others}",
        )
        finding, evidence = Finding(failure, call.sample, call.dtype), call.keeper.evidence_of(call.cell)
        if call.examiner.is_known(call.cell, finding):
            evidence.aside(call.sample)
            return
        self.together.add(call.owner)
        self._keep(call, evidence, finding, None)


def _evenly(calls: list[CompiledCall], most: int) -> Iterator[list[CompiledCall]]:
    """The calls in as few groups of at most `most` as possible, of nearly the same size."""
    groups = -(-len(calls) // most)
    for place in range(groups):
        yield calls[place * len(calls) // groups : (place + 1) * len(calls) // groups]


def _smallest(
    group: list[CompiledCall], shows: Callable[[list[CompiledCall]], bool], tries: int = MOST_TRIES
) -> list[CompiledCall]:
    """The smallest group found for which `shows` is still true: parts are left out, large ones first."""
    size = len(group) // 2
    while size and len(group) > 2:
        for start in range(0, len(group), size):
            rest = group[:start] + group[start + size :]
            tries -= 1
            if len(rest) > 1 and tries >= 0 and shows(rest):
                group = rest
                break
        else:
            size //= 2
    return group


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
