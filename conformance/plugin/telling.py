"""What came of the cells, told: the results file, the report and the terminal.

Verdicts travel on pytest's own reports, from the workers of pytest-xdist too; where there are workers, the controller
tells.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from conformance.plugin import progress
from conformance.plugin.items import CellItem, PerfItem
from conformance.plugin.recorder import REPORT, RunRecorder
from conformance.plugin.run import Run
from conformance.plugin.terminal import duration_lines
from conformance.results.codec import from_plain
from conformance.results.model import CellResult, Plan, ShardPlan, SweepTime, Verdict
from conformance.spec import catalogue


class Telling:
    """The plugin of pytest that tells what a run finds."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self.recorder: RunRecorder | None = None
        self._errors: list[str] = []
        self._told: set[str] = set()

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed and self._run.is_cell(report.nodeid):
            self._errors.append((report.longreprtext.strip().splitlines() or [report.nodeid])[-1])

    @pytest.hookimpl(optionalhook=True, trylast=True)
    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        self.planned(ids)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        if not self._run.is_xdist_worker and not self._run.config.getoption("collectonly"):
            self.planned([item.nodeid for item in session.items])

    def planned(self, nodeids: Iterable[str]) -> None:
        """Write down the environment, the plan and the specs, once it is known what will run."""
        cells = [nodeid for nodeid in nodeids if self._run.is_cell(nodeid)]
        if not cells or self.recorder is not None:
            return
        run, whole, part = self._run, cells, None
        if run.shard is not None:
            whole = run.whole_plan()
            part = ShardPlan(number=run.shard.number, of=run.shard.of, plan=tuple(whole))
        files = [run.files[name] for name in _files_of(whole)]
        specs = {name: run.runner.spec(run.files[name].path) for name in _files_of(cells)}
        environment = replace(run.environment, spec_hash=catalogue.digest(files, run.deviations))
        plan = Plan(cells=tuple(cells), deselected=run.deselected, shard=part)
        self.recorder = RunRecorder(run.folder, environment, plan, specs)
        progress.show(run.config, cells, {name: spec.operation for name, spec in specs.items()})

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: Any) -> Generator[None, Any, None]:
        outcome = yield
        if isinstance(item, (CellItem, PerfItem)) and call.when == "call" and item.result:
            report = outcome.get_result()
            report.conformance = msgspec.to_builtins(item.result)
            took = self._run.sweeps.time_of(item.nodeid)
            if took is not None:
                report.conformance_time = msgspec.to_builtins(took)

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
        if self.recorder is not None:
            self.recorder.finish(int(exitstatus), self._errors)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if self.recorder is not None:
            self._tell_durations(terminalreporter)
            terminalreporter.write_sep("=", "torch-conformance")
            for line in self.recorder.summary():
                terminalreporter.write_line(line)

    def _tell_durations(self, terminalreporter: Any) -> None:
        """The specs that took longest, beside pytest's durations, which blame the first cell of a sweep for all of
        it."""
        number = self._run.config.option.durations
        if number is None or self.recorder is None or self.recorder.found is None:
            return
        lines = duration_lines(self.recorder.found, number, self._run.config.option.durations_min or 0.0)
        if lines:
            terminalreporter.write_sep("=", f"slowest {number} specs" if number else "slowest specs")
        for line in lines:
            terminalreporter.write_line(line)

    @pytest.hookimpl(trylast=True)
    def pytest_unconfigure(self) -> None:
        reporter = self._run.config.pluginmanager.getplugin("terminalreporter")
        if self.recorder is not None and reporter is not None:
            reporter.write_line(f"report   {self._run.folder / REPORT}")

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


def _files_of(nodeids: Iterable[str]) -> list[str]:
    """The names of the spec files of cells, each once."""
    return list(dict.fromkeys(nodeid.split("::")[0] for nodeid in nodeids))
