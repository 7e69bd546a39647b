"""What came of the cells, told: the results file, the report and the terminal.

Verdicts travel on pytest's own reports, from the workers of pytest-xdist too; where there are workers, the controller
tells.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Iterable
from typing import Any

import pytest
from msgspec.structs import replace

from conformance.files.folder import FolderError, ReportFolder
from conformance.plugin import progress
from conformance.plugin.items import CellFailed, CellItem, PerfItem
from conformance.plugin.recorder import REPORT, RESULTS, RunRecorder
from conformance.plugin.run import Run
from conformance.plugin.terminal import duration_lines
from conformance.results.causes import cause_key
from conformance.results.codec import from_plain, one_line, to_json
from conformance.results.file import CannotWrite
from conformance.results.model import CellResult, Plan, ShardPlan, SweepTime, Verdict
from conformance.results.visible import visible
from conformance.spec import catalogue


class Telling:
    """The plugin of pytest that tells what a run finds."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self.recorder: RunRecorder | None = None
        self._folder: ReportFolder | None = None
        self._errors: list[str] = []
        self._told: set[str] = set()
        self._causes: dict[tuple[str, ...], str] = {}
        """the first cell that showed each cause"""
        self._others_failed = False
        self._pytest_failed = False

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        """Take the report folder, before anything is collected. Raises `UsageError`."""
        if self._run.is_xdist_worker or self._run.config.getoption("collectonly"):
            return
        try:
            self._folder = ReportFolder(self._run.folder, (RESULTS, REPORT))
        except FolderError as error:
            raise pytest.UsageError(str(error)) from None

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed and self._run.is_cell(report.nodeid):
            self._errors.append(f"not collected: {_last_line(report)}")

    @pytest.hookimpl(optionalhook=True, trylast=True)
    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        self.planned(ids)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        if not self._run.is_xdist_worker and not self._run.config.getoption("collectonly"):
            self.planned([item.nodeid for item in session.items])

    def planned(self, nodeids: Iterable[str]) -> None:
        """Write down the environment, the plan and the specs, once it is known what will run."""
        cells = [nodeid for nodeid in nodeids if self._run.is_cell(nodeid)]
        if self.recorder is not None or not (cells or self._run.shard):
            return
        run, whole, part = self._run, cells, None
        if run.shard is not None:
            whole = run.whole_plan()
            part = ShardPlan(number=run.shard.number, of=run.shard.of, plan=tuple(whole))
        files = [run.files[name] for name in _files_of(whole)]
        specs = {name: run.runner.spec(run.files[name].path) for name in _files_of(cells)}
        environment = replace(run.environment, spec_hash=catalogue.digest(files, (*run.deviations, *run.profiles)))
        suite, left_out = run.everything(whole)
        plan = Plan(cells=tuple(cells), deselected=run.deselected, shard=part, suite=suite, left_out=left_out)
        try:
            self.recorder = RunRecorder(run.folder, environment, plan, specs, run.baseline)
        except CannotWrite as error:
            raise pytest.UsageError(str(error)) from None
        progress.show(run.config, cells, {name: spec.operation for name, spec in specs.items()})

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: Any) -> Generator[None, Any, None]:
        outcome = yield
        if isinstance(item, (CellItem, PerfItem)) and call.when == "call" and item.result:
            report = outcome.get_result()
            report.conformance_verdict = str(item.result.verdict)
            report.conformance = to_json(item.result, infinities=True)  # not every number is one that workers can send
            took = self._run.sweeps.time_of(item.nodeid)
            if took is not None:
                report.conformance_time = to_json(took)
        if isinstance(item, (CellItem, PerfItem)) and call.excinfo and _is_ours(call.excinfo.value):
            outcome.get_result().conformance_problem = one_line(f"{item.nodeid}: {_last(call.excinfo.exconly())}")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if self.recorder is None:
            return
        told = getattr(report, "conformance", None)
        if report.failed and not told:
            self._failed_without_result(report, self.recorder)
        if told and report.nodeid not in self._told:
            self._told.add(report.nodeid)  # a plugin that runs cells again is given the result of the first time
            result = from_plain(json.loads(told), CellResult)
            self._tell_cause_once(report, result)
            self.recorder.write(result)
            took = getattr(report, "conformance_time", None)
            if took:
                self.recorder.write(from_plain(json.loads(took), SweepTime))

    def _tell_cause_once(self, report: pytest.TestReport, result: CellResult) -> None:
        """Tell a failure in full once for each cause. The cells that show it too name the first one."""
        if result.failure is None or not report.failed:
            return
        first = self._causes.setdefault(cause_key(result, result.failure), result.id)
        if first != result.id:
            report.longrepr = visible(f"{result.verdict}: {result.message}\nof the same cause as {first}", lines=True)

    def _failed_without_result(self, report: pytest.TestReport, recorder: RunRecorder) -> None:
        """Note a failure that is no cell's answer: of the suite, of another plugin, or of another test."""
        problem = getattr(report, "conformance_problem", None)
        if problem:
            recorder.failed(problem)
        elif not self._run.is_cell(report.nodeid):
            self._others_failed = True
        elif report.nodeid in self._told:
            self._errors.append(f"{report.nodeid}: failed after its answer: {_last_line(report)}")

    def pytest_internalerror(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        if self.recorder is not None:
            self.recorder.failed(one_line(_last(excinfo.exconly())))  # that of a worker is its whole traceback

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        if self.recorder is not None:
            self._pytest_failed = exitstatus == pytest.ExitCode.INTERNAL_ERROR
            session.exitstatus = self.recorder.finish(int(exitstatus), self._errors, self._others_failed)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if self.recorder is not None:
            self._tell_durations(terminalreporter)
            self._tell_verdict(terminalreporter, self.recorder)

    def _tell_verdict(self, terminalreporter: Any, recorder: RunRecorder) -> None:
        terminalreporter.write_sep("=", "torch-conformance")
        for line in recorder.summary():
            terminalreporter.write_line(line)
        if self._others_failed:
            terminalreporter.write_line("other tests of this run failed, which says nothing of torch")

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
            if self._pytest_failed:  # after an error of its own pytest asks for no summary
                self._tell_verdict(reporter, self.recorder)
            if (self._run.folder / REPORT).exists():
                reporter.write_line(f"report   {self._run.folder / REPORT}")
        if self._folder is not None:
            self._folder.release()

    def pytest_report_teststatus(self, report: Any) -> tuple[str, str, str] | None:
        """Deviations, unsupported dtypes, crashes and the deaths of workers have names of their own."""
        verdict = getattr(report, "conformance_verdict", None)
        if report.when == "???" and report.outcome == "rerun":  # what xdist says of an item whose worker died
            return "asked again", "W", "ASKED AGAIN: its worker died"
        if verdict is None or report.when != "call" or report.outcome == "rerun":
            return None
        named = {
            Verdict.DEVIATES: ("deviates", "d", "DEVIATES"),
            Verdict.UNSUPPORTED: ("unsupported", "u", "UNSUPPORTED"),
            Verdict.CRASHED: ("failed", "C", "CRASHED"),
            Verdict.VACUOUS: ("failed", "V", "VACUOUS"),
        }
        return named.get(verdict)


def _is_ours(error: BaseException) -> bool:
    """Whether an exception says that the suite failed. A cell that is not as promised raises one of its own, and what
    ends a test from outside, such as a timeout, is no `Exception`."""
    return isinstance(error, Exception) and not isinstance(error, CellFailed)


def _last_line(report: pytest.CollectReport | pytest.TestReport) -> str:
    return _last(report.longreprtext) or report.nodeid


def _last(text: str) -> str:
    """The last line of an error, which names it; what pytest adds to a failed assertion left aside."""
    lines = [line for line in text.strip().splitlines() if not line.startswith("assert ")]
    return (lines or [""])[-1]


def _files_of(nodeids: Iterable[str]) -> list[str]:
    """The names of the spec files of cells, each once."""
    return list(dict.fromkeys(nodeid.split("::")[0] for nodeid in nodeids))
