"""The pytest plugin: spec files become items, one per cell; verdicts travel on pytest's own reports.

Nothing else in the project knows pytest. Under pytest-xdist the cells of one spec on one device go to one worker.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import msgspec
import pytest
from msgspec.structs import replace

from conformance.engine import profiles
from conformance.engine.deviations import DeviationError
from conformance.files.atomic import write_text
from conformance.plugin import sharding
from conformance.plugin.items import RUN, CellItem, PerfItem, asks_for_times, refuse_what_spoils_times
from conformance.plugin.recorder import REPORT, RunRecorder, script_name
from conformance.plugin.runner import Plan as SweepPlan
from conformance.plugin.runner import Runner, SetupError
from conformance.results.codec import from_plain
from conformance.results.model import Cell, CellResult, Environment, Plan, ShardPlan, Verdict
from conformance.samples.vocabulary import SpecError
from conformance.spec import loader
from conformance.spec.cells import PERF, cell_name, cells_on
from conformance.spec.contract import Spec
from conformance.timing.workloads import names_of

profiles.register()

NO_TIMES = "perf (needs a core to itself: pytest -m perf)"
"""Told of a run in which nothing is timed."""


# --- options ------------------------------------------------------------------------------------------------------


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("conformance", "torch-conformance")
    group.addoption(
        "--device",
        action="append",
        metavar="NAME",
        help="device to ask; repeatable (default: cpu, and cuda where there is one)",
    )
    group.addoption(
        "--report-dir",
        metavar="DIR",
        help="where results, report and reproductions go (default: reports/latest; of times reports/perf)",
    )
    group.addoption(
        "--patience",
        type=float,
        default=120.0,
        metavar="SECONDS",
        help="how long one call may take before it counts as hung (default: 120)",
    )
    group.addoption(
        "--shard",
        metavar="N/OF",
        help="run one part of the plan, such as 3/8; 'conformance merge' puts the results together",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    _choose_profile(config)
    config.addinivalue_line("markers", f"{PERF}: a workload to be timed; needs a core to itself")
    refuse_what_spoils_times(config)
    run = Run(config)
    config.stash[RUN] = run
    config.pluginmanager.register(run, "conformance-run")
    if config.pluginmanager.hasplugin("xdist"):
        from conformance.plugin import xdist as distribution

        config.pluginmanager.register(distribution, "conformance-distribution")


def _choose_profile(config: pytest.Config) -> None:
    named = config.getoption("--hypothesis-profile", default=None) or profiles.DEFAULT
    try:
        hypothesis.settings.load_profile(named)
    except hypothesis.errors.InvalidArgument:
        known = ", ".join(profiles.names())
        raise pytest.UsageError(
            f"--hypothesis-profile: there is no profile {named!r}; take {known}, or register it in a conftest.py"
        ) from None
    seed = config.getoption("--hypothesis-seed", default=None)
    if seed is not None and not str(seed).isdigit():
        raise pytest.UsageError(f"--hypothesis-seed: {seed!r} is no whole number")


# --- collection ---------------------------------------------------------------------------------------------------


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    if loader.is_spec_file(file_path):
        collector: pytest.Collector = SpecFile.from_parent(parent, path=file_path)
        return collector
    return None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    shard = config.stash[RUN].shard
    if shard is not None:
        sweeps = dict.fromkeys((item.path, item.device) for item in items if isinstance(item, CellItem))
        mine = set(shard.part(list(sweeps)))
        items[:] = [item for item in items if isinstance(item, CellItem) and (item.path, item.device) in mine]


class SpecFile(pytest.File):
    """A spec file, collected into its cells."""

    def collect(self) -> Iterator[pytest.Item]:
        run = self.config.stash[RUN]
        try:
            spec = run.runner.spec(self.path)
        except (SpecError, DeviationError) as error:
            raise self.CollectError(str(error)) from None
        for device in run.environment.devices:
            for cell in cells_on(spec, device, run.environment):
                yield CellItem.from_parent(self, name=cell_name(cell, device), cell=cell, device=device)
            if asks_for_times(self.config):
                yield from self._timed(spec, device)

    def _timed(self, spec: Spec, device: str) -> Iterator[pytest.Item]:
        for name in names_of(spec):
            cell = Cell(PERF, name)
            yield PerfItem.from_parent(
                self, name=cell_name(cell, device), cell=cell, device=device, operation=spec.operation
            )


# --- the run ------------------------------------------------------------------------------------------------------


class Run:
    """One pytest process: its session of sweeps and, where it is no worker of xdist, what it tells."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.runner = Runner(config.getoption("--patience"), hypothesis.settings().database)
        given = getattr(config, "workerinput", {}).get("conformance")
        self.given: Environment | None = from_plain(given, Environment) if given else None
        self.is_xdist_worker = hasattr(config, "workerinput")
        self.recorder: RunRecorder | None = None
        self.shard = self._shard()
        self.deselected = 0
        self.errors: list[str] = []
        self._results: dict[str, CellResult] = {}
        self._environment: Environment | None = None

    def _shard(self) -> sharding.Shard | None:
        """The part of the plan that was asked for: one of everything, so that the shards add up."""
        text = self.config.getoption("--shard")
        if not text:
            return None
        try:
            shard = sharding.parse(text)
        except ValueError as error:
            raise pytest.UsageError(f"--shard: {error}") from None
        for option, value in (("-k", self.config.option.keyword), ("-m", self.config.option.markexpr)):
            if value:
                raise pytest.UsageError(f"--shard: is a part of the whole plan; leave out {option} {value!r}")
        if any("::" in str(argument) for argument in self.config.args):
            raise pytest.UsageError("--shard: is a part of the whole plan; name spec files or folders, not cells")
        return shard

    def _whole_plan(self) -> list[str]:
        """The ids of the cells of all shards."""
        paths = [self.config.invocation_params.dir / argument for argument in self.config.args]
        files = [file for path in paths for file in (loader.spec_files(path) if path.is_dir() else [path])]
        return [
            f"{file.relative_to(self.config.rootpath).as_posix()}::{cell_name(cell, device)}"
            for file in files
            for device in self.environment.devices
            for cell in cells_on(self.runner.spec(file), device, self.environment)
        ]

    @property
    def environment(self) -> Environment:
        """The environment of the run; the workers of xdist are given the controller's."""
        if self.given is not None:
            return self.given
        if self._environment is None:
            try:
                found = self.runner.environment(self.config.getoption("--device") or [])
            except SetupError as error:
                raise pytest.UsageError(str(error)) from None
            self._environment = self._with_budget(found)
        return self._environment

    def _with_budget(self, found: Environment) -> Environment:
        """What the child found, with the budget of the run."""
        settings = hypothesis.settings()
        seed = self.config.getoption("--hypothesis-seed", default=None)
        drawn = 0 if settings.derandomize else int(time.time())
        return replace(
            found,
            absent=(*found.absent, *(() if asks_for_times(self.config) else (NO_TIMES,))),
            profile=self.config.getoption("--hypothesis-profile", default=None) or profiles.DEFAULT,
            examples=settings.max_examples,
            seed=drawn if seed is None else int(seed),
        )

    # --- running

    def result(self, item: CellItem) -> CellResult:
        """The result of a cell; the first cell asked of a spec on a device runs the sweep of all that are selected."""
        if item.nodeid not in self._results:
            self._sweep(item)
        result = self._results.pop(item.nodeid)
        if result.failure is None or not result.failure.script:
            return result
        name = script_name(result.id)
        write_text(self.folder / name, result.failure.script)
        return replace(result, failure=replace(result.failure, repro=name))

    def _sweep(self, item: CellItem) -> None:
        """Run the sweep of all the cells that are selected of an item's spec on its device."""
        name = item.nodeid.split("::")[0]
        cells = tuple(
            other.cell
            for other in item.session.items
            if isinstance(other, CellItem) and other.path == item.path and other.device == item.device
        )
        budget = SweepPlan(self.environment.examples, self.environment.seed)
        found = self.runner.sweep(item.path, name, item.device, cells, budget)
        self._results.update({result.id: result for result in found.values()})

    def timed(self, item: PerfItem) -> CellResult:
        """The result of a workload."""
        return self.runner.time(item.path, item.nodeid.split("::")[0], item.device, item.cell.subject)

    @property
    def folder(self) -> Path:
        """Where the run leaves what it finds."""
        named = self.config.getoption("--report-dir")
        if named:
            return Path(self.config.invocation_params.dir, named)
        return self.config.rootpath / "reports" / ("perf" if asks_for_times(self.config) else "latest")

    # --- telling

    def pytest_sessionstart(self) -> None:
        if self.config.getoption("--device") and not self.is_xdist_worker:
            _ = self.environment

    def pytest_deselected(self, items: list[pytest.Item]) -> None:
        self.deselected += sum(isinstance(item, (CellItem, PerfItem)) for item in items)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed and loader.is_cell(report.nodeid):
            self.errors.append((report.longreprtext.strip().splitlines() or [report.nodeid])[-1])

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        if not self.is_xdist_worker and not self.config.getoption("collectonly"):
            self.planned([item.nodeid for item in session.items])

    def planned(self, nodeids: Iterable[str]) -> None:
        """Write down the environment, the plan and the specs, once it is known what will run."""
        cells = [nodeid for nodeid in nodeids if loader.is_cell(nodeid)]
        if not cells or self.recorder is not None:
            return
        files = {name: self._path(name) for name in dict.fromkeys(nodeid.split("::")[0] for nodeid in cells)}
        specs = {name: self.runner.spec(path) for name, path in files.items()}
        plan = Plan(cells=tuple(cells), deselected=self.deselected)
        if self.shard is not None:
            whole = self._whole_plan()
            plan = replace(plan, shard=ShardPlan(number=self.shard.number, of=self.shard.of, plan=tuple(whole)))
            files = {name: self._path(name) for name in dict.fromkeys(nodeid.split("::")[0] for nodeid in whole)}
        environment = replace(self.environment, spec_hash=loader.digest(list(files.values())))
        self.recorder = RunRecorder(self.folder, environment, plan, specs)

    def _path(self, name: str) -> Path:
        """The file of a node id. Before plugins are loaded pytest takes the value of `--report-dir DIR` for a test
        path, which can move its root directory away from that of its workers."""
        places = (self.config.rootpath / name, self.config.invocation_params.dir / name)
        return next((path for path in places if path.exists()), places[0])

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: Any) -> Generator[None, Any, None]:
        outcome = yield
        if isinstance(item, (CellItem, PerfItem)) and call.when == "call" and item.result:
            outcome.get_result().conformance = msgspec.to_builtins(item.result)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        told = getattr(report, "conformance", None)
        if told and self.recorder is not None:
            self.recorder.cell(from_plain(told, CellResult))

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, exitstatus: int) -> None:
        self.runner.close()
        if self.recorder is not None:
            self.recorder.finish(int(exitstatus), self.errors)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if self.recorder is not None:
            terminalreporter.section("torch-conformance")
            for line in self.recorder.summary():
                terminalreporter.write_line(line)

    @pytest.hookimpl(trylast=True)
    def pytest_unconfigure(self) -> None:
        reporter = self.config.pluginmanager.getplugin("terminalreporter")
        if self.recorder is not None and reporter is not None:
            reporter.write_line(f"report   {self.folder / REPORT}")


def pytest_report_teststatus(report: Any) -> tuple[str, str, str] | None:
    """Deviations, unsupported dtypes and crashes have names of their own in pytest's output."""
    told = getattr(report, "conformance", None)
    if told is None or report.when != "call":
        return None
    named = {
        Verdict.DEVIATES: ("deviates", "d", "DEVIATES"),
        Verdict.UNSUPPORTED: ("unsupported", "u", "UNSUPPORTED"),
        Verdict.CRASHED: ("failed", "C", "CRASHED"),
        Verdict.VACUOUS: ("failed", "V", "VACUOUS"),
    }
    return named.get(told["verdict"])
