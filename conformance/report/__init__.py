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
from conformance.report.baseline import changes_of
from conformance.report.claims import claims_of
from conformance.report.deviations import EFFECTS, by_effect, deviations_of, fixed_of
from conformance.report.durations import durations_of
from conformance.report.embed import embed, is_whole, read_report, read_run
from conformance.report.findings import findings_of
from conformance.report.headline import headline_of
from conformance.report.mutation import FaultScores, read_scores
from conformance.report.operations import operations_of
from conformance.report.overview import overview_of
from conformance.report.signs import SIGNS
from conformance.report.support import support_of
from conformance.report.times import times_of
from conformance.report.words import CHECKS, LAYOUTS, VALUES
from conformance.results.verdict import Results, verdict_line

__all__ = ["read_report", "read_run", "write_report"]

LISTED = 1_000
"""The entries of a list that the page shows. The others are counted."""

TOLD = 20
"""The failures of a cause that the page tells in full. The cells of the others are named."""

_FOLDER = Path(__file__).parent


def write_report(results: Results, path: Path, mutation: Path | None = None, baseline: Results | None = None) -> None:
    """Write the report of a run to `path`, atomically. `mutation` is a file of mutation scores. With a `baseline`, an
    earlier run, the page says what is newly broken, still broken and mended."""
    scores = read_scores(mutation) if mutation else None
    write_text(path, _page(results, scores, baseline))


def _page(results: Results, scores: FaultScores | None, baseline: Results | None) -> str:
    findings = findings_of(results)
    deviations, claims = deviations_of(results), claims_of(results)
    return render(
        _FOLDER,
        style=part("page.css"),
        script=part("page.js") + (_FOLDER / "report.js").read_text(encoding="utf-8"),
        results=results,
        environment=to_builtins(results.environment),
        headline=headline_of(results, scores),
        verdict=verdict_line(results),
        findings=findings,
        changes=changes_of(results, findings.causes, baseline) if baseline else None,
        overview=overview_of(results),
        operations=operations_of(results, scores.by_operation if scores else {}, deviations, claims),
        deviations=by_effect(deviations),
        effects=EFFECTS,
        fixed=fixed_of(results),
        claims=claims,
        support=support_of(results),
        times=times_of(results),
        durations=durations_of(results),
        scores=scores,
        signs=SIGNS,
        checks=CHECKS,
        sample_words=(("Values", VALUES), ("Layouts", LAYOUTS)),
        data=Markup(embed(results)),
        whole=is_whole(results),
        listed=LISTED,
        told=TOLD,
        version=__version__,
    )
