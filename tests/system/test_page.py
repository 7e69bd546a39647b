"""The report in a browser: its script runs, and shows the evidence of a cell."""

from __future__ import annotations

import re
import subprocess

import pytest

from conformance.report import write_report
from tests import fake_results as fake
from tests.needs import needs
from tests.unit.test_report import hostile_records, run_of

OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--enable-logging=stderr",
    "--dump-dom",
)


@pytest.mark.parametrize("make", [fake.realistic, hostile_records])
def test_the_script_runs_in_a_browser_and_shows_the_evidence(tmp_path, make):
    browser = needs("chromium")
    write_report(run_of(tmp_path, make()), tmp_path / "report.html")
    done = subprocess.run(
        [browser, *OPTIONS, f"--user-data-dir={tmp_path / 'profile'}", f"file://{tmp_path / 'report.html'}#c0"],
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=120,
        check=True,
    )
    assert "CONSOLE" not in done.stderr
    assert re.search(r'<html[^>]* class="js"', done.stdout)
    panel = done.stdout[done.stdout.index('<aside id="evidence"') :]
    assert "distinct samples" in panel and "How often each was compared" in panel
    assert 'aria-current="true"' in done.stdout
    assert "<img" not in done.stdout and done.stdout.count("<script") == 2
