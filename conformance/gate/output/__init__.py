"""The files of a gate: a page for readers, Markdown for a CI summary, JUnit for a CI server, and records for
machines."""

from __future__ import annotations

from pathlib import Path

from conformance.files.atomic import write_text
from conformance.gate.decision import Comparison
from conformance.gate.output.junit import as_junit
from conformance.gate.output.markdown import as_markdown
from conformance.gate.output.page import as_page
from conformance.gate.output.records import GateRecords

PAGE, MARKDOWN, JUNIT, RECORDS = "gate.html", "gate.md", "junit.xml", "gate.ndjson"
FILES = (PAGE, MARKDOWN, JUNIT, RECORDS)

__all__ = [
    "FILES",
    "MARKDOWN",
    "PAGE",
    "RECORDS",
    "GateRecords",
    "as_junit",
    "as_markdown",
    "as_page",
    "remove_pages",
    "write_all",
]


def remove_pages(folder: Path) -> None:
    """Remove the pages of an earlier comparison, so that nobody takes them for those of this one."""
    for name in (PAGE, MARKDOWN, JUNIT):
        (folder / name).unlink(missing_ok=True)


def write_all(comparison: Comparison, folder: Path) -> None:
    """Write the page, the Markdown and the JUnit file of a comparison."""
    write_text(folder / PAGE, as_page(comparison))
    write_text(folder / MARKDOWN, as_markdown(comparison))
    write_text(folder / JUNIT, as_junit(comparison))
