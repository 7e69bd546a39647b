"""The cells of a run asked: which sweep answers an item, and that each sweep is run once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import pytest
from msgspec.structs import replace

from conformance.engine import profiles
from conformance.plugin.items import CellFailed, CellItem, PerfItem, Sweep
from conformance.plugin.recorder import script_name
from conformance.plugin.runner import Plan, Runner
from conformance.processes.client import ChildFailed
from conformance.results.model import COMPILED, Cell, CellResult, Environment, SweepTime
from conformance.spec.cells import cells_on
from conformance.spec.devices import profile_of


class Sweeps:
    """Asks the cells of a pytest process. `environment` returns that of the run, once it is known."""

    def __init__(self, runner: Runner, environment: Callable[[], Environment]) -> None:
        self._runner, self._environment = runner, environment
        self._results: dict[str, CellResult] = {}
        self._asked: dict[Sweep, set[Cell]] = {}
        self._times: dict[str, SweepTime] = {}
        """of each sweep, by the cell for which it was run"""
        self._ended: dict[Sweep, str] = {}

    def result(self, item: CellItem) -> CellResult:
        """The result of a cell. The first cell of a spec on a device runs the sweep of all that are selected, and the
        first compiled cell those of all specs, since their calls are compiled together."""
        if item.nodeid not in self._results:
            self._end_if_ended(item)
            run = self._sweep_compiled if item.is_compiled else self._sweep
            with self._taking_the_time(item):
                run(item)
        result = self._results.pop(item.nodeid)
        return result.with_failures(
            replace(failure, repro=script_name(result.id, number)) if failure.script else failure
            for number, failure in enumerate(result.failures)
        )

    def _sweep(self, item: CellItem) -> None:
        """Run the sweep of a cell."""
        with self._noting_an_end([item.sweep]):
            cells = self._selected(item)
            found = self._runner.sweep(item.path, item.spec_name, item.device, cells, self._budget)
        self._results.update({result.id: result for result in found.values()})

    @contextmanager
    def _taking_the_time(self, item: CellItem) -> Iterator[None]:
        """Note what the sweep that is run for a cell takes."""
        before = self._runner.spent
        yield
        took = self._runner.spent - before
        operation = self._runner.spec(item.path).operation
        file, operation = (COMPILED, COMPILED) if item.is_compiled else (item.spec_name, operation)
        self._times[item.nodeid] = SweepTime(
            file=file,
            operation=operation,
            device=item.device,
            seconds=round(took.seconds, 3),
            cpu_seconds=round(took.cpu_seconds, 3),
            grown=took.grown,
        )

    def _sweep_compiled(self, item: CellItem) -> None:
        """Run the sweeps of all compiled cells on the device of one."""
        items = [
            one
            for one in item.session.items
            if isinstance(one, CellItem) and one.is_compiled and one.device == item.device
        ]
        with self._noting_an_end([one.sweep for one in items]):
            firsts = {one.sweep: one for one in items}.values()
            cells = {(one.path, one.spec_name): self._selected(one) for one in firsts}
            found = self._runner.compiled(cells, item.device, self._budget)
        for name, outcome in found.items():
            if isinstance(outcome, ChildFailed):
                self._ended[name, item.device, True] = _first_line(outcome)
            else:
                self._results.update({result.id: result for result in outcome})
        own = found[item.spec_name]
        if isinstance(own, ChildFailed):
            raise own

    def _selected(self, item: CellItem) -> tuple[Cell, ...]:
        """The cells that are selected of an item's sweep, in the spec's order, whatever that of the items is. On a
        device on which shapes are expensive they are asked check by check, so that each check is told as it is done."""
        asked = self._asked_in(item.session)[item.sweep]
        every = cells_on(self._runner.spec(item.path), item.device, self._environment())
        by_check = profile_of(item.device).compiles_per_shape and not item.is_compiled
        return tuple(cell for cell in every if cell in asked and (cell.check == item.cell.check or not by_check))

    def _asked_in(self, session: pytest.Session) -> dict[Sweep, set[Cell]]:
        """The cells of each sweep that are to be run. They are looked up once: a run has many sweeps and items."""
        if not self._asked:
            for item in session.items:
                if isinstance(item, CellItem):
                    self._asked.setdefault(item.sweep, set()).add(item.cell)
        return self._asked

    @property
    def _budget(self) -> Plan:
        environment = self._environment()
        return Plan(environment.examples, environment.seed, environment.profile == profiles.THOROUGH)

    @contextmanager
    def _noting_an_end(self, sweeps: Iterable[Sweep]) -> Iterator[None]:
        """Note that sweeps were ended by another plugin, as at its timeout. They are not begun again."""
        try:
            yield
        except BaseException as ending:
            self._ended.update(dict.fromkeys(sweeps, _first_line(ending)))
            raise

    def _end_if_ended(self, item: CellItem) -> None:
        if item.sweep in self._ended:
            raise CellFailed(f"not asked: the sweep of {item.spec_name} was ended before ({self._ended[item.sweep]})")

    def timed(self, item: PerfItem) -> CellResult:
        """The result of a workload."""
        return self._runner.time(item.path, item.spec_name, item.device, item.cell.subject)

    def time_of(self, nodeid: str) -> SweepTime | None:
        """What the sweep took that was run for a cell, told once."""
        return self._times.pop(nodeid, None)


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
