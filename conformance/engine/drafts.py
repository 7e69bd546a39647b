"""What a person must decide before a version of torch is certified, drafted from a run on it. Needs no torch."""

from __future__ import annotations

import ast
import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass

from conformance.files.entries import toml_entry
from conformance.results.causes import Cause, causes_of
from conformance.results.model import CellResult, Failure, FailureKind, KnownDeviation
from conformance.results.verdict import Results
from conformance.spec.devices import kind_of
from conformance.spec.gaps import EVERY

TO_FILL_IN = ""
"""Stands where a person must write. No entry can be used as long as it is there."""

DRAFT_DAYS = 365
"""The number of days until a drafted entry expires."""

LONGEST_WITNESS = 1000
"""The number of letters of a call that is drafted as a witness."""


@dataclass(frozen=True)
class Decisions:
    """What a run leaves to decide."""

    causes: tuple[Cause, ...]
    """what failed: each cause is torch's, and then a known deviation, or the suite's"""
    fixed: tuple[KnownDeviation, ...]
    """deviations that ended: their ranges get an upper bound"""
    gains: tuple[CellResult, ...]
    """dtypes that are taken by now: the spec may ask for them"""
    unanswered: tuple[str, ...]
    """what nobody answered: cells, or what is missing of the run"""

    @property
    def are_left(self) -> bool:
        """Whether the torch cannot be certified yet. A gain may wait."""
        return bool(self.causes or self.fixed or self.unanswered)


def decisions_of(results: Results) -> Decisions:
    """What a run leaves to decide."""
    fixed = {known.id: known for cell in results.cells for known in cell.fixed}
    return Decisions(
        causes=causes_of(results.cells),
        fixed=tuple(fixed.values()),
        gains=tuple(cell for cell in results.cells if cell.evidence.gain),
        unanswered=(
            *(f"{cell.id}: {cell.message or cell.verdict}" for cell in results.cells if cell.verdict.unanswered),
            *results.gaps,
        ),
    )


def drafts(decisions: Decisions, torch: str) -> list[str]:
    """A draft of a known deviation for each cause, as TOML. `torch` is the version of the run."""
    release = ".".join(re.findall(r"\d+", torch)[:2])
    return [_draft(number, cause, release) for number, cause in enumerate(decisions.causes, 1)]


def _draft(number: int, cause: Cause, release: str) -> str:
    first, failure = cause.first.cell, cause.first.failure
    operation = first.operation if len(cause.operations) == 1 else EVERY
    name = "-".join(re.findall("[a-z0-9]+", f"{first.operation} {failure.kind}".lower()))
    cells = [one.cell for one in cause.failures]
    fields = {
        "id": f"{name}-{number}",
        "operation": operation,
        "checks": list(dict.fromkeys(cell.check for cell in cells)),
        "dtypes": list(dict.fromkeys(cell.subject for cell in cells)),
        "devices": [kind_of(first.device)],
        "torch": f">={release}",
        "witness": witness_of(failure) or TO_FILL_IN,
        "promised": TO_FILL_IN,
        "failures": [str(failure.kind)] if failure.kind is not FailureKind.VALUES else [],
        "about": failure.about if len({one.failure.about for one in cause.failures}) == 1 else "",
        "error": failure.error,
        "symptom": failure.symptom,
        "reason": TO_FILL_IN,
        "link": TO_FILL_IN,
    }
    required = ("witness", "promised", "reason", "link")
    shown = {key: value for key, value in fields.items() if value or key in required}
    comment = "".join(f"# {line}\n" for line in _told(cause))
    expires = datetime.date.today() + datetime.timedelta(days=DRAFT_DAYS)
    return comment + toml_entry("deviation", shown) + f"expires = {expires}\n"


def _told(cause: Cause) -> Iterator[str]:
    """What was seen, for the person who completes a draft."""
    failure = cause.first.failure
    yield f"{cause.first.cell.id}: {failure.message}"
    if failure.sample is not None:
        yield from (f"    {line}" for line in failure.sample.text.splitlines())
    yield "The witness is the call; it must differ from `promised`. A predicate of the spec keeps the region narrow."


def witness_of(failure: Failure) -> str:
    """The failing call with its arguments written out, from the script that reproduces it; empty if it is no expression
    or a long one."""
    if not failure.call:
        return ""
    try:
        call = ast.parse(failure.call.strip(), mode="eval")
        known = _assigned(failure.script)
    except (SyntaxError, ValueError, RecursionError):
        return ""
    text = ast.unparse(_Written(known).visit(call))
    return text if len(text) <= LONGEST_WITNESS and "\n" not in text else ""


def _assigned(script: str) -> dict[str, ast.expr]:
    """The values that the function `main` of a script gives to names first, in which earlier names are written out.
    What is made on the CPU anyhow names no device."""
    known: dict[str, ast.expr] = {}
    functions = [node for node in ast.parse(script).body if isinstance(node, ast.FunctionDef) and node.name == "main"]
    for node in functions[0].body if functions else ():
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            known.setdefault(node.targets[0].id, _Written(known).visit(node.value))
    return known


class _Written(ast.NodeTransformer):
    """Writes out names, and leaves out the device: a witness is tried on the device that is asked."""

    def __init__(self, known: dict[str, ast.expr]) -> None:
        self._known = known

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self._known.get(node.id, node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        node.keywords = [keyword for keyword in node.keywords if keyword.arg != "device"]
        moves = isinstance(node.func, ast.Attribute) and node.func.attr == "to" and node.args
        if moves and isinstance(node.args[0], ast.Name) and node.args[0].id == "device":
            return self.visit(node.func.value)  # type: ignore[attr-defined, no-any-return]
        return self.generic_visit(node)
