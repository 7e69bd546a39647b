"""One pytest run of specs: what pytest asks of it, and what it tells.

The run is a plugin of its own, which is there only where specs were asked for. Verdicts travel on pytest's own reports.
Under pytest-xdist the cells of one spec on one device go to one worker, and the compiled cells of all specs to one.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from conformance.engine import profiles
from conformance.files.atomic import write_text
from conformance.plugin import progress
from conformance.plugin.collection import NoTestModule, SpecCollector, SpecsOfRun
from conformance.plugin.items import RUN, CellFailed, CellItem, PerfItem, Sweep
from conformance.plugin.options import (
    asks_for_times,
    deviations_of,
    refuse_what_spoils_times,
    seed_of,
    selection_of,
    settings_of,
    shard_of,
)
from conformance.plugin.recorder import REPORT, RunRecorder, script_name
from conformance.plugin.runner import Plan as SweepPlan
from conformance.plugin.runner import Runner, SetupError
from conformance.plugin.terminal import duration_lines
from conformance.processes.client import ChildFailed
from conformance.results.codec import from_plain, one_line
from conformance.results.model import COMPILED, Cell, CellResult, Environment, Plan, ShardPlan, SweepTime, Verdict
from conformance.spec import catalogue
from conformance.spec.catalogue import Selection, SpecFile
from conformance.spec.cells import PERF, cell_id, cells_on

NO_TIMES = "perf (needs a core to itself: pytest -m perf)"
"""Told of a run in which nothing is timed."""


def begin(config: pytest.Config) -> None:
    """Register the run of the specs that the command line asks for; none, and nothing is done."""
    selection = selection_of(config)
    if not selection.files:
        return
    config.addinivalue_line("markers", f"{PERF}: a workload to be timed; needs a core to itself")
    refuse_what_spoils_times(config)
    run = Run(config, selection)
    config.stash[RUN] = run
    config.pluginmanager.register(run, "conformance-run")
    if getattr(config.option, "dist", "no") != "no" or run.is_xdist_worker:
        from conformance.plugin import xdist as distribution

        config.pluginmanager.register(distribution, "conformance-distribution")


class Run:
    """One pytest process: the runner of its sweeps and, where it is no worker of xdist, what it tells."""

    def __init__(self, config: pytest.Config, selection: Selection) -> None:
        self.config, self.selection = config, selection
        self.named: list[str] = list(config.getoption("file_or_dir"))
        """what the command line names; with --specs pytest's own list of it is replaced"""
        self.files = selection.by_name
        self._by_path = {file.path: file for file in selection.files}
        self.is_xdist_worker = hasattr(config, "workerinput")
        self.takes_times = asks_for_times(config)  # now, since with --specs the arguments are replaced
        self.recorder: RunRecorder | None = None
        self.shard = shard_of(config)
        self.settings = settings_of(config)
        self.seed = seed_of(config, self.settings)
        self.deviations = deviations_of(config)
        self.runner = Runner(config.getoption("--patience"), self.settings.database, selection, self.deviations)
        self.deselected = 0
        self.errors: list[str] = []
        self._results: dict[str, CellResult] = {}
        self._asked: dict[Sweep, set[Cell]] = {}
        self._times: dict[str, SweepTime] = {}
        """of each sweep, by the cell for which it was run"""
        self._ended: dict[Sweep, str] = {}
        self._told: set[str] = set()
        self._environment: Environment | None = None
        self.setup_problem = ""
        """why no child can be asked, in a worker of xdist: its controller says it"""

    def _whole_plan(self) -> list[str]:
        """The ids of the cells of all shards."""
        return [
            cell_id(file.name, cell, device)
            for file in self.selection.files
            for device in self.environment.devices
            for cell in cells_on(self.runner.spec(file.path), device, self.environment)
        ]

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
                raise pytest.UsageError(str(error)) from None
            self.setup_problem = str(error)

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
        if self.config.getoption("--specs") or path.suffix != ".py":
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
        if self.shard is not None:
            specs = dict.fromkeys(item.sweep[:2] for item in items if isinstance(item, CellItem))
            mine = set(self.shard.part(list(specs)))
            items[:] = [item for item in items if isinstance(item, CellItem) and item.sweep[:2] in mine]

    # --- running

    def result(self, item: CellItem) -> CellResult:
        """The result of a cell. The first cell of a spec on a device runs the sweep of all that are selected, and the
        first compiled cell those of all specs, since their calls are compiled together."""
        if item.nodeid not in self._results:
            self._end_if_ended(item)
            run = self._sweep_compiled if item.is_compiled else self._sweep
            with self._taking_the_time(item):
                run(item)
        result = self._results.pop(item.nodeid)
        if result.failure is None or not result.failure.script:
            return result
        name = script_name(result.id)
        write_text(self.folder / name, result.failure.script)
        return replace(result, failure=replace(result.failure, repro=name))

    def _sweep(self, item: CellItem) -> None:
        """Run the sweep of a cell."""
        with self._noting_an_end([item.sweep]):
            cells = self._selected(item)
            found = self.runner.sweep(item.path, item.spec_name, item.device, cells, self._budget)
        self._results.update({result.id: result for result in found.values()})

    @contextmanager
    def _taking_the_time(self, item: CellItem) -> Iterator[None]:
        """Note what the sweep that is run for a cell takes."""
        before = self.runner.spent
        yield
        took = self.runner.spent - before
        operation = self.runner.spec(item.path).operation
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
            found = self.runner.compiled(cells, item.device, self._budget)
        for name, outcome in found.items():
            if isinstance(outcome, ChildFailed):
                self._ended[name, item.device, True] = _first_line(outcome)
            else:
                self._results.update({result.id: result for result in outcome})
        own = found[item.spec_name]
        if isinstance(own, ChildFailed):
            raise own

    def _selected(self, item: CellItem) -> tuple[Cell, ...]:
        """The cells that are selected of an item's sweep, in the spec's order, whatever that of the items is."""
        asked = self._asked_in(item.session)[item.sweep]
        every = cells_on(self.runner.spec(item.path), item.device, self.environment)
        return tuple(cell for cell in every if cell in asked)

    def _asked_in(self, session: pytest.Session) -> dict[Sweep, set[Cell]]:
        """The cells of each sweep that are to be run. They are looked up once: a run has many sweeps and items."""
        if not self._asked:
            for item in session.items:
                if isinstance(item, CellItem):
                    self._asked.setdefault(item.sweep, set()).add(item.cell)
        return self._asked

    @property
    def _budget(self) -> SweepPlan:
        environment = self.environment
        return SweepPlan(environment.examples, environment.seed, environment.profile == profiles.THOROUGH)

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
        return self.runner.time(item.path, item.spec_name, item.device, item.cell.subject)

    @property
    def folder(self) -> Path:
        """Where the run leaves what it finds."""
        named = self.config.getoption("--report-dir")
        if named:
            return Path(self.config.invocation_params.dir, named)
        return self.config.rootpath / "reports" / ("perf" if self.takes_times else "latest")

    # --- telling

    def pytest_deselected(self, items: list[pytest.Item]) -> None:
        self.deselected += sum(isinstance(item, (CellItem, PerfItem)) for item in items)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed and self.is_cell(report.nodeid):
            self.errors.append((report.longreprtext.strip().splitlines() or [report.nodeid])[-1])

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        if not self.is_xdist_worker and not self.config.getoption("collectonly"):
            self.planned([item.nodeid for item in session.items])

    def planned(self, nodeids: Iterable[str]) -> None:
        """Write down the environment, the plan and the specs, once it is known what will run."""
        cells = [nodeid for nodeid in nodeids if self.is_cell(nodeid)]
        if not cells or self.recorder is not None:
            return
        plan, whole = Plan(cells=tuple(cells), deselected=self.deselected), cells
        if self.shard is not None:
            whole = self._whole_plan()
            plan = replace(plan, shard=ShardPlan(number=self.shard.number, of=self.shard.of, plan=tuple(whole)))
        files = [self.files[name] for name in _files_of(whole)]
        specs = {name: self.runner.spec(self.files[name].path) for name in _files_of(cells)}
        environment = replace(self.environment, spec_hash=catalogue.digest(files, self.deviations))
        self.recorder = RunRecorder(self.folder, environment, plan, specs)
        progress.show(self.config, cells, {name: spec.operation for name, spec in specs.items()})

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: Any) -> Generator[None, Any, None]:
        outcome = yield
        if isinstance(item, (CellItem, PerfItem)) and call.when == "call" and item.result:
            report = outcome.get_result()
            report.conformance = msgspec.to_builtins(item.result)
            if item.nodeid in self._times:
                report.conformance_time = msgspec.to_builtins(self._times.pop(item.nodeid))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        told = getattr(report, "conformance", None)
        if told and self.recorder is not None and report.nodeid not in self._told:
            self._told.add(report.nodeid)  # a plugin that runs cells again is given the result of the first time
            self.recorder.write(from_plain(told, CellResult))
            took = getattr(report, "conformance_time", None)
            if took:
                self.recorder.write(from_plain(took, SweepTime))

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, exitstatus: int) -> None:
        self.runner.close()
        if self.recorder is not None:
            self.recorder.finish(int(exitstatus), self.errors)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if self.recorder is not None:
            self._tell_durations(terminalreporter)
            terminalreporter.write_sep("=", "torch-conformance")
            for line in self.recorder.summary():
                terminalreporter.write_line(line)

    def _tell_durations(self, terminalreporter: Any) -> None:
        """The specs that took longest, beside pytest's durations, which blame the first cell of a sweep for all of
        it."""
        number = self.config.option.durations
        if number is None or self.recorder is None or self.recorder.found is None:
            return
        lines = duration_lines(self.recorder.found, number, self.config.option.durations_min or 0.0)
        if lines:
            terminalreporter.write_sep("=", f"slowest {number} specs" if number else "slowest specs")
        for line in lines:
            terminalreporter.write_line(line)

    @pytest.hookimpl(trylast=True)
    def pytest_unconfigure(self) -> None:
        reporter = self.config.pluginmanager.getplugin("terminalreporter")
        if self.recorder is not None and reporter is not None:
            reporter.write_line(f"report   {self.folder / REPORT}")

    def pytest_report_teststatus(self, report: Any) -> tuple[str, str, str] | None:
        """Deviations, unsupported dtypes and crashes have names of their own in pytest's output."""
        told = getattr(report, "conformance", None)
        if told is None or report.when != "call" or report.outcome == "rerun":
            return None
        named = {
            Verdict.DEVIATES: ("deviates", "d", "DEVIATES"),
            Verdict.UNSUPPORTED: ("unsupported", "u", "UNSUPPORTED"),
            Verdict.CRASHED: ("failed", "C", "CRASHED"),
            Verdict.VACUOUS: ("failed", "V", "VACUOUS"),
        }
        return named.get(told["verdict"])


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def _files_of(nodeids: Iterable[str]) -> list[str]:
    """The names of the spec files of cells, each once."""
    return list(dict.fromkeys(nodeid.split("::")[0] for nodeid in nodeids))
