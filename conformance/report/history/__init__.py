"""Several runs side by side as one HTML page: when operations broke or were mended, and when known deviations came and
went.

`write_history` makes the page. docs/reading-the-report.md describes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from conformance import __version__
from conformance.files.atomic import write_text
from conformance.html.page import part, render
from conformance.report.deviations import EFFECTS
from conformance.report.history.bars import bars_of
from conformance.report.history.columns import Column, columns_of
from conformance.report.history.steps import steps_of
from conformance.report.history.table import histories_of, tables_of
from conformance.report.signs import SIGNS
from conformance.results.verdict import Results

__all__ = ["write_history"]

_FOLDER = Path(__file__).parent


def write_history(runs: Mapping[Path, Results], path: Path) -> None:
    """Write the page of some runs, at least one, to `path`, atomically. The runs are given by their files, to whose
    reports the page links."""
    write_text(path, _page(columns_of(runs, path.parent)))


def _page(columns: tuple[Column, ...]) -> str:
    histories = histories_of(columns)
    return render(
        _FOLDER,
        style=part("page.css") + (_FOLDER / "history.css").read_text(encoding="utf-8"),
        script=part("page.js"),
        columns=columns,
        histories=histories,
        tables=tables_of(histories),
        steps=steps_of(columns),
        bars=bars_of(columns),
        signs=SIGNS,
        effects=EFFECTS,
        version=__version__,
    )
