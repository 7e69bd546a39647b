"""A comparison as a JUnit file. Each cell is a test case, an unsafe change a failure, and a missing answer an error."""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement, indent, tostring

from conformance.gate.changes import Change
from conformance.gate.decision import Comparison
from conformance.results.visible import visible


def as_junit(comparison: Comparison) -> str:
    """The text of the JUnit file."""
    changes: dict[str, list[Change]] = {}
    for change in comparison.changes:
        changes.setdefault(change.cell, []).append(change)
    suites = Element("testsuites")
    suite = SubElement(suites, "testsuite", name="conformance gate", time=str(comparison.seconds))
    missing = set(comparison.missing)
    for name in dict.fromkeys((*comparison.planned, *changes)):
        case = _case(suite, name)
        for change in changes.get(name, ()):
            _add(case, change)
        if name in missing:
            SubElement(case, "error", message="not compared")
    for title, lines in (
        ("complete", comparison.inconclusive),
        ("accepted changes", comparison.entries),
    ):
        if lines:
            SubElement(_case(suite, f"gate::{title}"), "error", message="; ".join(lines))
    suite.set("tests", str(len(suite.findall("testcase"))))
    suite.set("failures", str(len(suite.findall("testcase[failure]"))))
    suite.set("errors", str(len(suite.findall("testcase[error]"))))
    indent(suites)
    return visible(tostring(suites, encoding="unicode", xml_declaration=True), lines=True) + "\n"


def _case(suite: Element, name: str) -> Element:
    file, _, cell = name.partition("::")
    return SubElement(suite, "testcase", classname=file, name=cell)


def _add(case: Element, change: Change) -> None:
    text = f"{change.call}\n{change.sample}\nbefore  {change.before}\nafter   {change.after}\n"
    message = f"{change.kind}: {change.what}".rstrip(": ")
    if change.unsafe:
        SubElement(case, "failure", message=message).text = text
    else:
        accepted = f" (accepted: {change.accepted})" if change.accepted else ""
        SubElement(case, "system-out").text = f"{message}{accepted}\n{text}"
