"""What the first screen says of a comparison beside its changes: how far to trust it."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.gate.decision import Comparison
from conformance.html.numbers import percent
from conformance.report.headline import Fact


def facts_of(comparison: Comparison) -> list[Fact]:
    """The facts by which a reader can judge a comparison."""
    return list(_facts(comparison))


def _facts(comparison: Comparison) -> Iterator[Fact]:
    planned, compared = len(comparison.planned), len(comparison.compared)
    left = f"{planned - compared:,} were not compared" if planned > compared else "all that were planned"
    yield Fact(f"{compared:,}", f"of {planned:,} cells compared", left, "#missing" if planned > compared else "")
    yield Fact(f"{comparison.equal:,}", f"of {comparison.outcomes:,} outcomes are equal", _equal(comparison))
    if comparison.unsteady:
        text = "a side did not repeat its own results when it was asked again, so that they say nothing"
        yield Fact(f"{len(comparison.unsteady):,}", "changes vary from call to call", text, "#unsteady")
    elif comparison.changes and comparison.confirmed:
        text = "each was asked again in fresh processes, as far as it has a sample"
        yield Fact("every", "change repeats", text)
    if comparison.wrong_alike:
        text = "they break their contract on both sides in the same way"
        yield Fact(f"{len(comparison.wrong_alike):,}", "cells are wrong alike", text, "#alike")
    if comparison.accepted:
        text = "your team's file covers them; they stand at the end"
        yield Fact(f"{comparison.accepted:,}", "changes are accepted", text)
    yield _of_times(comparison)
    if comparison.terms:
        yield Fact("unequal", "terms", "; ".join(comparison.terms), "#terms")
    else:
        yield Fact("equal", "terms", "same machine, NumPy, specs and samples", "#terms")


def _equal(comparison: Comparison) -> str:
    share = f"{percent(comparison.equal, comparison.outcomes)}, bit for bit"
    share = share if comparison.confirmed else f"{share}, by their fingerprints: one outcome for each cell"
    if not comparison.nans_differ:
        return share
    return f"{share}; {comparison.nans_differ:,} of them but for the bits of NaNs, which IEEE 754 leaves open"


def _of_times(comparison: Comparison) -> Fact:
    if not comparison.timed:
        return Fact("no", "times compared", "--times does", "#times")
    return Fact(f"{len(comparison.speeds):,}", "workloads timed", "in turns, on one core", "#times")
