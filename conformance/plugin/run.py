"""One pytest run of specs: what was asked for, what it runs on, and what is collected.

The run is a plugin of its own, which is there only where specs were asked for. `Sweeps` asks the cells, and `Telling`
tells what came of them.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from conformance.engine import profiles
from conformance.plugin.collection import NoTestModule, SpecCollector, SpecsOfRun
from conformance.plugin.items import CellItem, PerfItem
from conformance.plugin.options import (
    asks_for_times,
    baseline_of,
    deviations_of,
    patience_of,
    profiles_of,
    seed_of,
    settings_of,
    shard_of,
    variables_of,
)
from conformance.plugin.runner import Runner, SetupError
from conformance.plugin.sweeps import Sweeps
from conformance.results.codec import one_line
from conformance.results.model import Environment
from conformance.results.visible import visible
from conformance.samples.vocabulary import SpecError
from conformance.spec import catalogue
from conformance.spec.catalogue import Selection, SpecFile
from conformance.spec.cells import cell_id, cells_on

NO_TIMES = "perf (needs a core to itself: pytest -m perf)"
"""Told of a run in which nothing is timed."""


class Run:
    """One pytest process: its options, its environment and the runner of its sweeps."""

    def __init__(self, config: pytest.Config, selection: Selection) -> None:
        self.config, self.selection = config, selection
        self.named: list[str] = list(config.getoption("file_or_dir"))
        """what the command line names; with --specs pytest's own list of it is replaced"""
        self.files = selection.by_name
        self._by_path = {file.path: file for file in selection.files}
        self.is_xdist_worker = hasattr(config, "workerinput")
        self.takes_times = asks_for_times(config)  # now, since with --specs the arguments are replaced
        self.shard = shard_of(config)
        self.settings = settings_of(config)
        self.seed = seed_of(config, self.settings)
        self.deviations = deviations_of(config)
        self.profiles = profiles_of(config)
        self.baseline = None if self.is_xdist_worker else baseline_of(config)
        self.runner = Runner(
            patience_of(config),
            self.settings.database,
            selection,
            self.deviations,
            variables_of(config, self.profiles),
        )
        self.sweeps = Sweeps(self.runner, lambda: self.environment)
        self.deselected = 0
        self._environment: Environment | None = None
        self.setup_problem = ""
        """why no child can be asked, in a worker of xdist: its controller says it"""

    def whole_plan(self) -> list[str]:
        """The ids of the cells of all shards."""
        return [
            cell_id(file.name, cell, device)
            for file in self.selection.files
            for device in self.environment.devices
            for cell in cells_on(self.runner.spec(file.path), device, self.environment)
        ]

    def everything(self, planned: list[str]) -> tuple[int, tuple[str, ...]]:
        """How many cells a run of all built-in specs and of those of this run would have, and the operations of them of
        which no cell is planned; 0 and none if the run has no built-in spec, if it takes times, or if a built-in spec
        cannot be read."""
        if self.takes_times or not any(file.built_in for file in self.selection.files):
            return 0, ()
        try:
            every = {file.name: file for file in (*catalogue.built_in_files(), *self.selection.files)}
            specs = {name: catalogue.load(file) for name, file in every.items()}
        except SpecError:
            return 0, ()
        found = self.environment
        count = sum(len(cells_on(spec, device, found)) for spec in specs.values() for device in found.devices)
        asked = {name.split("::")[0] for name in planned}
        left_out = (spec.operation for name, spec in specs.items() if name not in asked and spec.has_calls)
        return count, tuple(left_out)

    @property
    def environment(self) -> Environment:
        """The environment of the run, as the child says that makes its sweeps. It is known once the session has begun,
        and in a controller of xdist once a worker has collected its items."""
        if self._environment is None:
            raise RuntimeError("no child has been asked for the environment yet")
        return self._environment

    def pytest_sessionstart(self) -> None:
        """Ask the child for the environment. Under xdist the children of the workers are asked."""
        if self.config.pluginmanager.hasplugin("dsession"):
            return
        try:
            found = self.runner.environment(self.config.getoption("--device") or [], self.takes_times)
            self._environment = self._with_budget(found)
        except SetupError as error:
            if not self.is_xdist_worker:
                raise pytest.UsageError(visible(str(error))) from None
            self.setup_problem = visible(str(error))

    def worker_told(self, worker: str, environment: Environment) -> None:
        """Take the environment of the first worker of xdist for the run's. Raises `UsageError` if another one's is not
        the same."""
        if self._environment is None:
            self._environment = environment
        for name in Environment.__struct_fields__:
            first, other = (one_line(str(getattr(one, name))) for one in (self._environment, environment))
            if first != other:
                raise pytest.UsageError(f"the workers are not alike: {name} is {first}, and {other} on {worker}")

    def _with_budget(self, found: Environment) -> Environment:
        """What the child found, with the budget of the run."""
        return replace(
            found,
            absent=(*found.absent, *(() if self.takes_times else (NO_TIMES,))),
            profile=self.config.getoption("--hypothesis-profile", default=None) or profiles.DEFAULT,
            examples=self.settings.max_examples,
            seed=self.seed,
        )

    def is_cell(self, nodeid: str) -> bool:
        """Whether an item's id is a cell's."""
        return nodeid.split("::")[0] in self.files

    # --- collecting

    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
        found = self._spec_at(file_path)
        return SpecCollector.of(parent.session, found) if found else None

    @pytest.hookimpl(tryfirst=True)
    def pytest_pycollect_makemodule(self, module_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
        if self._spec_at(module_path) is None:
            return None
        collector: pytest.Collector = NoTestModule.from_parent(parent, path=module_path)
        return collector

    def _spec_at(self, path: Path) -> SpecFile | None:
        """The spec of this run that a path is, where pytest finds files by itself."""
        if self.config.getoption("--specs") or path.suffix not in (".py", ".toml"):
            return None
        return self._by_path.get(path.resolve())

    @pytest.hookimpl(tryfirst=True)
    def pytest_collect_directory(self, path: Path, parent: pytest.Collector) -> pytest.Collector | None:
        if not self.config.getoption("--specs") or path != self.config.rootpath:
            return None
        collector: pytest.Collector = SpecsOfRun.from_parent(parent, path=path)
        return collector

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self) -> None:
        if self.config.getoption("--specs"):
            self.config.args[:] = [str(self.config.rootpath)]  # the arguments are specs and need not be paths

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        if self.shard is not None and items:
            # Not in the order of the items, which other plugins may have changed.
            specs = [(file.name, device) for file in self.selection.files for device in self.environment.devices]
            mine = set(self.shard.part(specs))
            items[:] = [item for item in items if isinstance(item, CellItem) and item.sweep[:2] in mine]

    def pytest_deselected(self, items: list[pytest.Item]) -> None:
        self.deselected += sum(isinstance(item, (CellItem, PerfItem)) for item in items)

    # --- its end

    @property
    def folder(self) -> Path:
        """Where the run leaves what it finds."""
        named = self.config.getoption("--report-dir")
        if named:
            return Path(self.config.invocation_params.dir, named)
        return self.config.rootpath / "reports" / ("perf" if self.takes_times else "latest")

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        self.runner.close()
