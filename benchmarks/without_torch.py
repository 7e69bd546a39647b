"""A pytest plugin: every cell is answered as held, and some as broken, without torch being asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from conformance.plugin.runner import Plan, Runner
from conformance.results.model import Cell, CellResult, Environment, Evidence, Failure, FailureKind, Verdict
from conformance.spec.cells import result_of


def environment(self: Runner, *_: Any) -> Environment:
    return Environment(torch="none", devices=("cpu",))


def sweep(
    self: Runner, path: Path, name: str, device: str, cells: tuple[Cell, ...], plan: Plan
) -> dict[Cell, CellResult]:
    operation = self.spec(path).operation
    evidence = Evidence(comparisons=300, samples=300, layouts=("contiguous", "strided"), fingerprint=f"{hash(name):x}")
    found = {}
    for number, cell in enumerate(cells):
        broken = number == 7 and name.endswith("0.py")
        failure = Failure(kind=FailureKind.VALUES, message=f"wrong in {cell.subject}") if broken else None
        verdict = Verdict.BROKEN if broken else Verdict.HELD
        found[cell] = result_of(name, operation, device, cell, verdict, failure, evidence=evidence)
    return found


Runner.environment, Runner.sweep = environment, sweep  # type: ignore[method-assign]
