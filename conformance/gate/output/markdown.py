"""A comparison as Markdown, for the summary of a CI step."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.gate.changes import CHANGE_KINDS
from conformance.gate.decision import Comparison
from conformance.gate.output.groups import ChangeGroup, groups_of

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
    yield f"# {comparison.decision}: torch {comparison.baseline.torch} → {comparison.candidate.torch}\n"
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
    yield f"\n### {first.kind}: `{first.operation}` {first.check} on {first.device}\n"
    yield f"{group.subjects}{f' (accepted: {group.accepted})' if group.accepted else ''}\n"
    if first.what:
        yield f"{_plain(first.what)}\n"
    if group.ulps:
        yield f"{group.ulps}\n"
    lines = [f"call    {first.call}" if first.call else "", first.sample]
    lines += [f"before  {first.before}" if first.before else "", f"after   {first.after}" if first.after else ""]
    shown = "\n".join(line for line in lines if line)
    if shown:
        yield f"```\n{shown.replace('```', '')}\n```\n"


def _plain(text: str) -> str:
    """The text with the characters escaped that are markup in Markdown."""
    return " ".join(text.split()).translate({ord(mark): f"\\{mark}" for mark in "<>*_`[]|"})
