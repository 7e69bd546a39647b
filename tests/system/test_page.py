"""The report in a browser: its script runs, and shows the evidence of a cell."""

from __future__ import annotations

import importlib
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


def shown(folder, records):
    """The page of a run as a browser makes it, with the first cell chosen. Its script must not complain."""
    browser = needs("chromium")
    write_report(run_of(folder, records), folder / "report.html")
    done = subprocess.run(
        [browser, *OPTIONS, f"--user-data-dir={folder / 'profile'}", f"file://{folder / 'report.html'}#c0"],
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=120,
        check=True,
    )
    assert "CONSOLE" not in done.stderr
    assert re.search(r'<html[^>]* class="js"', done.stdout)
    assert 'aria-current="true"' in done.stdout
    return done.stdout


def panel_of(page):
    """The part of a page that shows the evidence of the chosen cell."""
    start = page.index('<aside id="evidence"')
    return page[start : page.index("</aside>", start)]


@pytest.mark.parametrize("make", [fake.realistic, hostile_records])
def test_the_script_runs_in_a_browser_and_shows_the_evidence(tmp_path, make):
    page = shown(tmp_path, make())
    panel = panel_of(page)
    assert "distinct samples" in panel and "How often each was compared" in panel
    assert "<img" not in page and page.count("<script") == 2


def test_a_very_large_run_is_shown_without_its_evidence(tmp_path, monkeypatch):
    monkeypatch.setattr(importlib.import_module("conformance.report.embed"), "MOST", 2)
    panel = panel_of(shown(tmp_path, fake.realistic()))
    assert "Its evidence is in the results file." in panel and "distinct samples" not in panel
