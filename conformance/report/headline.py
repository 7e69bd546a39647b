"""What a reader should know first: the verdict with its scope, and how far it can be trusted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from conformance.html.numbers import counted, percent
from conformance.report.mutation import FaultScores
from conformance.report.words import is_document
from conformance.results.model import CellResult, Verdict
from conformance.results.verdict import Results, statement

NAMED = 4
"""The most operations, checks or dtypes that the scope names; of more it gives the number."""

LEFT_OUT = 12
"""The most operations named that were left out."""

MARKS = {"kept": "✓", "broken": "✗", "incomplete": "?"}


@dataclass(frozen=True)
class Fact:
    """One reason to trust a run, or not to: a number, what it counts, and what else is to be said."""

    number: str
    what: str
    text: str
    link: str = ""


@dataclass(frozen=True)
class Headline:
    """The verdict of a run. `standing` is kept, broken or incomplete. A part is one of which cells were left out."""

    standing: str
    is_part: bool
    title: str
    scope: str
    """of which cells it speaks, and what came of them"""
    left_out: str
    """the operations that were not asked, in words; empty if there are none"""
    missing: tuple[str, ...]
    """why the run is not complete"""
    facts: tuple[Fact, ...]

    @property
    def mark(self) -> str:
        return MARKS[self.standing]


def headline_of(results: Results, scores: FaultScores | None) -> Headline:
    """The headline of a run."""
    standing = "broken" if results.broken else "incomplete" if results.incomplete or not results.cells else "kept"
    return Headline(
        standing=standing,
        is_part=results.is_part,
        title=_title(results),
        scope=f"{_scope(results)} {_outcome(results)}".strip(),
        left_out=_left_out(results.left_out),
        missing=results.gaps,
        facts=(_comparisons(results), _faults(results, scores), _set_aside(results), _not_asked(results)),
    )


def _title(results: Results) -> str:
    if not results.cells:
        return (
            f"torch {results.environment.torch} was not asked anything on {' and '.join(results.environment.devices)}"
        )
    return statement(results)


def _scope(results: Results) -> str:
    """Of how many cells the run speaks, and of which if it is a part."""
    planned = len(results.planned)
    if not results.is_part:
        operations = len({cell.operation for cell in results.cells if not is_document(cell.file)})
        every = "All " if results.suite else ""  # of older results, and of specs of others, it is not known
        return f"{every}{_number(planned, 'cell')} of {_number(operations, 'operation')} were asked:"
    shard = f"shard {results.shard}; " if results.shard else ""
    return f"{counted(planned)} of {counted(results.all_cells)} cells were asked ({shard}{_which(results)}):"


def _which(results: Results) -> str:
    """Which cells a part has: its operations, and its checks and subjects if they are few."""
    cells = results.cells
    operations = _names([cell.operation for cell in cells], "operation")
    checks = {cell.check for cell in cells}
    narrowed = [_names([cell.check for cell in cells], "check")] if len(checks) <= NAMED else []
    subjects = [cell.subject for cell in cells]
    narrowed += [_names(subjects, "subject")] if len(set(subjects)) <= NAMED else []
    return f"{operations}{': ' if narrowed else ''}{' in '.join(narrowed)}"


def _names(names: Sequence[str], noun: str) -> str:
    known = list(dict.fromkeys(names))
    return ", ".join(known) if 0 < len(known) <= NAMED else _number(len(known), noun)


def _number(count: int, noun: str) -> str:
    return f"{counted(count)} {noun}{'' if count == 1 else 's'}"


_OUTCOMES = {
    Verdict.CRASHED: "crashed",
    Verdict.BROKEN: "broke",
    Verdict.VACUOUS: "compared nothing",
    Verdict.NOT_RUN: "did not run",
    Verdict.HELD: "held",
    Verdict.DEVIATES: "differed as known",
    Verdict.UNSUPPORTED: "refused as the specs say",
}


def _outcome(results: Results) -> str:
    counts = results.counts
    if results.cells and counts[Verdict.HELD] == len(results.cells):
        return "it held." if len(results.cells) == 1 else "all held."
    told = [f"{counted(counts[verdict])} {words}" for verdict, words in _OUTCOMES.items() if counts[verdict]]
    return f"{', '.join(told)}." if told else ""


def _left_out(operations: Sequence[str]) -> str:
    if not operations:
        return ""
    shown = ", ".join(operations[:LEFT_OUT])
    more = f" and {counted(len(operations) - LEFT_OUT)} more" if len(operations) > LEFT_OUT else ""
    return f"{_number(len(operations), 'operation')}: {shown}{more}"


# --- how far to trust it ------------------------------------------------------------------------------------------


def _comparisons(results: Results) -> Fact:
    samples = results.environment.examples
    text = f"on {counted(samples)} samples of each operation, drawn from seed {results.environment.seed}"
    return Fact(counted(results.comparisons), "comparisons", text if samples else "")


def _faults(results: Results, scores: FaultScores | None) -> Fact:
    asked = {cell.operation for cell in results.cells}
    known = [score for score in scores.specs if score.operation in asked] if scores else []
    planted, caught = sum(score.planted for score in known), sum(score.caught for score in known)
    if not planted:
        return Fact("?", "planted faults", "No mutation scores say how many planted faults these specs catch.")
    named = {score.operation for score in known}
    without = sum(1 for spec in results.specs if spec.dtypes and spec.operation in asked - named)
    text = f"{counted(caught)} of {counted(planted)} wrong versions of these operations, planted on purpose"
    if scores and scores.torch != results.environment.torch:
        text += f" in torch {scores.torch}"
    text += f"; {_number(without, 'operation')} without a score" if without else ""
    return Fact(percent(caught, planted), "of planted faults caught", text, "#faults")


def _set_aside(results: Results) -> Fact:
    asked = sum(cell.evidence.asked for cell in results.cells)
    aside = sum(cell.evidence.set_aside for cell in results.cells)
    known = len({deviation.id for cell in results.cells for deviation in cell.deviations})
    if not known:
        return Fact("0 %", "of samples set aside", "No known deviation concerns these cells.")
    say = "says" if known == 1 else "say"
    if not asked:
        text = f"which fail as {_number(known, 'known deviation')} {say}; these older results do not tell of how many"
        return Fact(counted(aside), "samples set aside", text, "#deviations")
    text = f"{counted(aside)} of {counted(asked)}, which fail as {_number(known, 'known deviation')} {say}"
    return Fact(percent(aside, asked), "of samples set aside", text, "#deviations")


def _not_asked(results: Results) -> Fact:
    missing = results.all_cells - len(results.planned)
    unanswered = [cell for cell in results.cells if cell.verdict.unanswered]
    texts = [*results.environment.absent, *results.environment.uncertified]
    if results.shard:
        texts.insert(0, f"this is shard {results.shard} alone")
    if unanswered:
        texts.insert(0, f"{_number(len(unanswered), 'cell')} planned without an answer{_of(unanswered)}")
    return Fact(counted(missing + len(unanswered)), "cells not asked or not answered", "; ".join(texts))


def _of(cells: Sequence[CellResult]) -> str:
    return f" ({_names([cell.operation for cell in cells], 'operation')})"
