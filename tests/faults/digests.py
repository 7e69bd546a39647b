"""What a mutation score hangs on, as digests: of one spec with its faults and known deviations, and of all that judges.

A digest says that something changed, not that it matters: a new comment changes one too.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import torch

from conformance.spec import catalogue
from conformance.spec.modules import shared_files
from tests import ROOT, SPECS
from tests.faults import deviations, faults_of, load
from tests.faults.kit import operations

HERE = Path(__file__).parent

JUDGING = ("checks", "drawing", "engine", "execution", "numeric", "results", "samples", "spec")
"""The rooms of the engine that decide what a spec catches."""

GENERAL = ("__init__", "gradients", "kinds", "kit", "modes")
"""The modules of faults that belong to no folder of specs."""


def of_engine() -> str:
    """A digest of what judges every spec: the engine, the general faults, the CPU's profile, the version of torch."""
    rooms = [path for room in JUDGING for path in sorted((ROOT / "conformance" / room).rglob("*.py"))]
    data = [catalogue.GAPS, catalogue.CERTIFIED, *sorted((catalogue.DEVICES / "cpu").glob("*.toml"))]
    return _digest(str(torch.__version__), *_texts([*rooms, *(HERE / f"{name}.py" for name in GENERAL), *data]))


def of_spec(file: Path) -> str:
    """A digest of a spec file with its shared modules, the faults of its operation, and the deviations known of it."""
    spec = load(file)
    known = [repr(one) for one in deviations() if one.operation in (spec.operation, "*")]
    titles = [fault.title for fault in faults_of(spec)]
    own = HERE / f"{file.parent.name}.py"
    source = source_of(own.read_text(encoding="utf-8"), spec.operation, operations()) if own.exists() else ""
    claims = map(repr, spec.claims)
    return _digest(*_texts([file, *shared_files(file)]), source, *titles, *known, *claims)


def of_everything() -> str:
    """A digest that hardly two commits have in common: of every source, page of documentation and data file."""
    folders = [ROOT / "conformance", SPECS, ROOT / "tests", ROOT / "docs"]
    kinds = (".py", ".toml", ".md", ".j2", ".css", ".js")
    files = [path for folder in folders for path in sorted(folder.rglob("*")) if path.suffix in kinds]
    return _digest(*_texts([*files, ROOT / "CHANGELOG.md"]))


def source_of(module: str, operation: str, every: Iterable[str]) -> str:
    """The part of a module of faults that concerns an operation: the statements that register faults of it, or that
    name none of `every` operation, and what they use of the module."""
    others = {*every} - {operation}
    kept = {one for texts, used in _registrations(module) if operation in texts or not texts & others for one in used}
    lines = module.splitlines()
    return "\n".join(line for first, last in sorted(kept) for line in lines[first - 1 : last])


@cache
def _registrations(module: str) -> list[tuple[set[str], set[tuple[int, int]]]]:
    """For each statement that does more than to give a name: the texts in it and in what it uses of the module, and
    the first and last lines of these statements."""
    statements = ast.parse(module).body
    defined = {name: statement for statement in statements for name in _defines(statement)}
    found = []
    for statement in filter(_registers, statements):
        used = _used(statement, defined)
        nodes = [node for one in used for node in ast.walk(one)]
        texts = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
        found.append((texts, {(_start(one), one.end_lineno or one.lineno) for one in used}))
    return found


def _registers(statement: ast.stmt) -> bool:
    """Whether a statement does more than to give a name."""
    if isinstance(statement, ast.FunctionDef):
        return bool(statement.decorator_list)
    return not isinstance(statement, (ast.Assign, ast.AnnAssign, ast.ClassDef, ast.Import, ast.ImportFrom))


def _defines(statement: ast.stmt) -> Iterator[str]:
    if isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
        yield statement.name
    elif isinstance(statement, (ast.Assign, ast.AnnAssign)):
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        yield from (node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name))


def _used(statement: ast.stmt, defined: dict[str, ast.stmt]) -> list[ast.stmt]:
    """A statement, and those of the module that define what it uses."""
    found = [statement]
    for one in found:  # which grows
        names = {node.id for node in ast.walk(one) if isinstance(node, ast.Name)}
        found += dict.fromkeys(defined[name] for name in sorted(names & defined.keys()) if defined[name] not in found)
    return found


def _start(statement: ast.stmt) -> int:
    """The line in which a statement begins, its decorators counted."""
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    return min([statement.lineno, *(one.lineno for one in decorators)])


def _texts(paths: Iterable[Path]) -> Iterator[str]:
    for path in paths:
        yield path.name
        yield path.read_text(encoding="utf-8") if path.exists() else ""


def _digest(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:16]
