"""A comparison as Markdown, for the summary of a CI step."""

from __future__ import annotations

import re
from collections.abc import Iterator

from conformance.gate.changes import CELL_GONE, CELL_NEW, CHANGE_KINDS
from conformance.gate.decision import Comparison
from conformance.gate.output.groups import ChangeGroup, groups_of
from conformance.results.visible import visible

LIMIT = 900_000
"""The largest number of bytes. GitHub accepts a summary of up to 1 MiB."""


def as_markdown(comparison: Comparison) -> str:
    """The decision, the counts, and as many groups of changes as the limit allows."""
    text = "\n".join(_head(comparison))
    groups = groups_of(comparison.changes)
    for number, group in enumerate(groups):
        part = "\n".join(_group(group))
        if len((text + part).encode()) > LIMIT:
            return f"{text}\n\n{len(groups) - number} more groups of changes are in the report.\n"
        text += part
    return text + "\n"


def _head(comparison: Comparison) -> Iterator[str]:
    before, after = _plain(comparison.baseline.torch), _plain(comparison.candidate.torch)
    yield f"# {comparison.decision}: torch {before} → {after}\n"
    yield f"{_plain(comparison.line())}\n"
    if comparison.counts:
        yield "| change | cells | what it means |\n|---|---|---|"
        yield from (f"| {kind} | {count} | {CHANGE_KINDS[kind]} |" for kind, count in comparison.counts.items())
        yield ""
    alike = [str(one) for one in comparison.wrong_alike]
    missing, accepted = comparison.inconclusive, comparison.entries
    for title, lines in (
        ("What is missing", missing),
        ("Wrong on both sides alike", alike),
        ("Accepted changes", accepted),
    ):
        if lines:
            yield f"## {title}\n"
            yield from (f"- {_plain(line)}" for line in lines)
            yield ""
    if comparison.changes:
        yield "## Changes\n"


def _group(group: ChangeGroup) -> Iterator[str]:
    first = group.first
    names = group.operations[:3]
    more = f" and {len(group.operations) - 3} more" if len(group.operations) > 3 else ""
    yield f"\n### {first.kind}: {_plain(', '.join(names))}{more} on {_plain(first.device)}\n"
    yield from (f"- {_plain(place.operation)} {_plain(place.words)}" for place in group.places)
    yield ""
    if group.accepted:
        yield f"accepted: {_plain(group.accepted)}\n"
    if first.what:
        yield f"{_plain(group.title)}\n"
    if group.ulps:
        yield f"{group.ulps}\n"
    lines = [f"call    {first.call}" if first.call else "", first.sample]
    lines += [f"before  {first.before}" if first.before else "", f"after   {first.after}" if first.after else ""]
    shown = "\n".join(line for line in lines if line)
    if shown and first.kind not in (CELL_GONE, CELL_NEW):
        yield _block(shown)


def _block(text: str) -> str:
    """The text as a block of code. Its fence is longer than any in the text."""
    fence = "`" * (1 + max([2, *map(len, re.findall("`+", text))]))
    return f"{fence}\n{visible(text, lines=True)}\n{fence}\n"


def _plain(text: str) -> str:
    """The text on one line, with the characters escaped that are markup in Markdown."""
    return visible(" ".join(text.split())).translate({ord(mark): f"\\{mark}" for mark in "\\<>*_`[]|#&~$"})
