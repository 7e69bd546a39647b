"""A run's results as one HTML file. The page needs no server. It holds the whole run as data, unless the run is very
large.

`write_report` makes the page, `read_report` reads the run from it, and `read_run` reads it from either file.
docs/reading-the-report.md describes the page.
"""

from __future__ import annotations

from pathlib import Path

from markupsafe import Markup
from msgspec import to_builtins

from conformance import __version__
from conformance.files.atomic import write_text
from conformance.html.page import part, render
from conformance.report.claims import claims_of
from conformance.report.durations import durations_of
from conformance.report.embed import embed, is_whole, read_report, read_run
from conformance.report.findings import deviations_of, findings_of, fixed_of, script_link
from conformance.report.matrix import matrices_of
from conformance.report.mutation import FaultScores, read_scores
from conformance.report.signs import SIGNS
from conformance.report.support import support_of
from conformance.report.times import times_of
from conformance.results.verdict import Results, verdict_line

__all__ = ["read_report", "read_run", "write_report"]

LISTED = 1_000
"""The entries of a list that the page shows. The others are counted."""

TOLD = 20
"""The failures of a cause that the page tells in full. The cells of the others are named."""

_FOLDER = Path(__file__).parent


def write_report(results: Results, path: Path, mutation: Path | None = None) -> None:
    """Write the report of a run to `path`, atomically. `mutation` is a file of mutation scores."""
    scores = read_scores(mutation) if mutation else None
    write_text(path, _page(results, scores))


def _page(results: Results, scores: FaultScores | None) -> str:
    return render(
        _FOLDER,
        style=part("page.css"),
        script=part("page.js"),
        results=results,
        environment=to_builtins(results.environment),
        verdict=verdict_line(results),
        standing="broken" if results.broken else "incomplete" if results.incomplete else "kept",
        findings=findings_of(results),
        deviations=deviations_of(results),
        fixed=fixed_of(results),
        matrices=matrices_of(results, scores.by_operation if scores else {}),
        claims=claims_of(results),
        support=support_of(results),
        times=times_of(results),
        durations=durations_of(results),
        scores=scores,
        signs=SIGNS,
        data=Markup(embed(results)),
        whole=is_whole(results),
        listed=LISTED,
        told=TOLD,
        script_link=script_link,
        version=__version__,
    )
