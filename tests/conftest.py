"""What all tests of the project share: under CI nothing is skipped that could have been run."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest

from conformance.engine import profiles
from tests.needs import ELSEWHERE

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytest_plugins = ["pytester"]

profiles.register()
hypothesis.settings.load_profile(profiles.DEFAULT)  # for what these tests draw themselves

TOLD = "told"
"""The property of a test whose value is told at the end of pytest's output."""

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # before torch is imported: its threads that wait do not spin


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A browser that all tests share."""
    from tests.system.browser import browser  # only who needs it takes the time to import it

    with browser() as found:
        yield found


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Under CI a skip is a failure: what it needs is to be installed there."""
    report = yield
    reason = _reason(report)
    if os.environ.get("CI") and report.skipped and not hasattr(report, "wasxfail") and ELSEWHERE not in reason:
        report.outcome = "failed"
        report.longrepr = f"skipped under CI: {reason}"
    return report


def _reason(report: Any) -> str:
    return str(report.longrepr[2]) if isinstance(report.longrepr, tuple) else str(report.longrepr)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell what a test recorded to be told, such as what it drew by the state of the checkout."""
    reports = (report for kind in terminalreporter.stats.values() for report in kind)
    properties = (one for report in reports for one in getattr(report, "user_properties", ()))
    told = sorted({str(value) for name, value in properties if name == TOLD})
    if told:
        terminalreporter.section("what was drawn")
        terminalreporter.write_line("\n".join(told))
