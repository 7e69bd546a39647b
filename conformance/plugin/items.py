"""Cells as pytest items. Those of times hand what they measured to pytest-benchmark, as its collector."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import pytest

from conformance.plugin.terminal import failure_text
from conformance.processes.client import ChildFailed
from conformance.results.model import Cell, CellResult, Verdict
from conformance.results.visible import visible
from conformance.spec.cells import PERF, is_compiled

Sweep = tuple[str, str, bool]
"""A sweep: the name of the spec's file, the device, and whether it is that of the compiled cells."""


class Results(Protocol):
    """Whom items ask for their results."""

    def result(self, item: CellItem) -> CellResult: ...

    def timed(self, item: PerfItem) -> CellResult: ...


RUN = pytest.StashKey[Any]()
"""Where the run of a pytest process is kept."""


class CellFailed(Exception):
    """A cell that is not as promised; the message is its failure in full."""


class _Item(pytest.Item):
    """What the items of cells have in common: the cell's result, which travels on the report, tells the failure."""

    cell: Cell
    device: str
    result: CellResult | None

    @property
    def spec_name(self) -> str:
        """The spec's file, by its name in results."""
        return self.nodeid.split("::")[0]

    @property
    def is_compiled(self) -> bool:
        return is_compiled(self.cell)

    @property
    def sweep(self) -> Sweep:
        """The sweep that asks the cell."""
        return self.spec_name, self.device, self.is_compiled

    @property
    def results(self) -> Results:
        sweeps: Results = self.config.stash[RUN].sweeps
        return sweeps

    def judge(self) -> None:
        """Raise `CellFailed` unless the result is as promised; skip what could not be decided."""
        if self.result is None:
            return
        if self.result.verdict.failed or self.result.verdict is Verdict.VACUOUS:
            raise CellFailed(failure_text(self.result))
        if self.result.verdict is Verdict.NOT_RUN:
            pytest.skip(visible(self.result.message))

    def repr_failure(self, excinfo: Any, style: Any = None) -> Any:
        if isinstance(excinfo.value, (CellFailed, ChildFailed)):
            return visible(str(excinfo.value), lines=True)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        return self.path, 0, self.name


class CellItem(_Item):
    """One cell: operation × check × device × dtype."""

    def __init__(self, cell: Cell, device: str, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.cell, self.device = cell, device
        self.result = None

    def runtest(self) -> None:
        # A cell has one answer in a run: a plugin that runs failed tests again must not make it another.
        self.result = self.result or self.results.result(self)
        self.judge()


class PerfItem(_Item, pytest.Function):
    """One workload to time. It is a test function, since those alone have pytest-benchmark's fixture."""

    def __init__(self, cell: Cell, device: str, operation: str, **keywords: Any) -> None:
        super().__init__(callobj=_time, **keywords)
        self.cell, self.device = cell, device
        self.result = None
        self.clock = Clock()
        self.add_marker(PERF)
        # Where the process dies there is nothing to collect; that it died is told.
        self.add_marker(pytest.mark.filterwarnings("ignore::pytest_benchmark.logger.PytestBenchmarkWarning"))
        self.add_marker(pytest.mark.benchmark(group=operation, timer=self.clock))


def _time(request: pytest.FixtureRequest, benchmark: Any) -> None:
    item = request.node
    result = item.result = item.result or item.results.timed(item)
    if result.timing is not None:
        seconds = result.timing.seconds
        times = seconds.get("torch") or list(seconds.values())[-1]  # of growth, the largest size
        item.clock.takes(times)
        benchmark.pedantic(item.clock.tick, rounds=len(times), iterations=1)
    benchmark.extra_info.update(verdict=str(result.verdict), notes=list(result.evidence.notes))
    item.judge()


class Clock:
    """A timer by which calls made elsewhere take the time that they took there."""

    def __init__(self) -> None:
        self._now = 0.0
        self._times: list[float] = []

    def __call__(self) -> float:
        return self._now

    def takes(self, times: Sequence[float]) -> None:
        """What the next ticks take, in seconds."""
        self._times = list(times)

    def tick(self) -> None:
        self._now += self._times.pop(0) if self._times else 0.0
