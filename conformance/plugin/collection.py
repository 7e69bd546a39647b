"""What pytest collects of a run of specs: each spec file, and its cells."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from conformance.engine.deviations import DeviationError
from conformance.plugin.items import RUN, CellItem, PerfItem
from conformance.results.model import Cell, Environment
from conformance.results.visible import visible
from conformance.samples.vocabulary import SpecError
from conformance.spec.catalogue import Selection, SpecFile
from conformance.spec.cells import PERF, cell_name, cells_on
from conformance.spec.contract import Spec
from conformance.timing.workloads import names_of


class SpecCollector(pytest.Collector):
    """A spec file, collected into its cells. It stands right below the session, so that ids, and what -k looks at, are
    the same wherever the file is installed; `wanted` are the cells that were named, none meaning all."""

    def __init__(self, wanted: tuple[str, ...], **keywords: Any) -> None:
        super().__init__(**keywords)
        self.wanted = wanted

    @classmethod
    def of(cls, session: pytest.Session, file: SpecFile, wanted: tuple[str, ...] = ()) -> SpecCollector:
        found: SpecCollector = cls.from_parent(session, name=file.name, nodeid=file.name, path=file.path, wanted=wanted)
        return found

    def collect(self) -> Iterator[pytest.Item]:
        run = self.config.stash[RUN]
        try:
            spec = run.runner.spec(self.path)
        except (SpecError, DeviationError) as error:
            raise self.CollectError(visible(str(error), lines=True)) from None
        if run.setup_problem:
            return
        environment = run.environment
        items = [item for device in environment.devices for item in self._items(spec, device, environment)]
        for cell in self.wanted:
            if not any(_fits(item.name, cell) for item in items):
                raise self.CollectError(f"{self.name}: has no cell {cell!r} on {' and '.join(environment.devices)}")
        yield from (item for item in items if not self.wanted or any(_fits(item.name, cell) for cell in self.wanted))

    def _items(self, spec: Spec, device: str, environment: Environment) -> Iterator[pytest.Item]:
        for cell in cells_on(spec, device, environment):
            name = cell_name(cell, device)
            # From an id given as text pytest knows what stands in brackets again when --lf reads it from a file.
            yield CellItem.from_parent(self, name=name, nodeid=f"{self.name}::{name}", cell=cell, device=device)
        for name in names_of(spec) if self.config.stash[RUN].takes_times else ():
            cell = Cell(PERF, name)
            yield PerfItem.from_parent(
                self, name=cell_name(cell, device), cell=cell, device=device, operation=spec.operation
            )


def _fits(name: str, cell: str) -> bool:
    """Whether a cell was named: by its name, or by that of its check."""
    return cell in (name, name.partition("[")[0])


class NoTestModule(pytest.File):
    """A spec file as pytest takes any Python file that is named: not a module of tests, and not to be imported."""

    def collect(self) -> Iterator[pytest.Item]:
        return iter(())


class SpecsOfRun(pytest.Directory):
    """The specs that a run with --specs asks for, wherever they lie; it takes the place of the root directory."""

    def collect(self) -> Iterator[pytest.Collector]:
        selection: Selection = self.config.stash[RUN].selection
        for file in selection.files:
            yield SpecCollector.of(self.session, file, selection.cells_of(file))
