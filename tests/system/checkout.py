"""A small checkout with spec files, in which pytest is run for real."""

from __future__ import annotations

import datetime
import json
import os
import subprocess
import time
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from conformance import results
from conformance.results.model import CellResult
from tests import warm

NEG = (Path(__file__).parent / "neg.py").read_text()

CHANGED = """

import dataclasses

from conformance.spec import *

{extra}
spec = dataclasses.replace(spec, {changes})
"""

LAWS = '(Law("twice", "input.neg().neg()", "input.clone()"), Law("operator", "-input", "input.neg()"))'

DEVIATION = {
    "id": "neg-differs",
    "operation": "torch.neg",
    "checks": ["values"],
    "dtypes": ["float32"],
    "torch": ">=2.2",
    "witness": "torch.neg(torch.tensor(1.0))",
    "promised": "torch.tensor(1.0)",
    "reason": "planted",
    "expires": datetime.date(2999, 1, 1),
}

NOT_OURS = ("PYTEST_ADDOPTS", "PYTEST_CURRENT_TEST", "PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT")
"""Variables of the tests' own pytest, by which one that they start would think itself its worker."""


PLUGIN = ("-p", "conformance.plugin.hooks", "--specs", "-p", "no:randomly")
"""Turns the plugin on in a pytest run of specs; what other tests need installed must not disturb it."""


class Checkout:
    """A folder with specs, all of torch.neg and sound unless a test replaces a part."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "pyproject.toml").write_text('[tool.pytest.ini_options]\ntestpaths = ["specs"]\n')

    def spec(self, name: str = "neg", *calls: str, extra: str = "", **changes: str) -> Path:
        """Write the spec file of `torch.name` with `calls` as its forms; `extra` is Python at the end of the file, and
        `changes` are fields of the spec with the Python that is to stand there."""
        fields = {"operation": repr(f"torch.{name}"), **changes}
        if calls:
            fields["forms"] = f"({', '.join(f'Form({call!r})' for call in calls)},)"
        path = self.root / "specs" / "small" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        changed = ", ".join(f"{field}={value}" for field, value in fields.items())
        path.write_text(NEG + CHANGED.format(extra=extra, changes=changed))
        return path

    def deviation(self, **changes: Any) -> None:
        """Add a deviation, that of `DEVIATION` unless told otherwise; None leaves a field out."""
        fields = {name: value for name, value in {**DEVIATION, **changes}.items() if value is not None}
        with (self.root / "specs" / "deviations.toml").open("a") as file:
            file.write("[[deviation]]\n" + "".join(f"{name} = {_toml(value)}\n" for name, value in fields.items()))

    def bounds(self, operation: str, workloads: Mapping[str, float], against: str = "elementwise") -> None:
        """Add the bounds of an operation's workloads."""
        with (self.root / "specs" / "times.toml").open("a") as file:
            for workload, bound in workloads.items():
                row = {
                    "id": f"{operation} {workload}",
                    "against": against,
                    "measured": 1.0,
                    "spread": 1.0,
                    "bound": bound,
                }
                file.write("[[bound]]\n" + "".join(f"{name} = {_toml(value)}\n" for name, value in row.items()))

    def claim(self, name: str, operation: str, check: str, verdict: str = "upheld", document: str = "guide") -> Path:
        """Add a claim to the one section of a document."""
        section = self.root / "specs" / "claims" / document / "01-start.toml"
        if not section.exists():
            section.parent.mkdir(parents=True)
            section.with_name("document.toml").write_text(f'title = "The {document}"\nauthor = ""\naddress = ""\n')
            section.write_text('section = "1"\n')
        fields = {"name": name, "operations": [operation] if operation else [], "statement": f"It is {name}."}
        fields |= {"verdict": verdict, "check": check}
        with section.open("a") as file:
            file.write("[[claim]]\n" + "".join(f"{field} = {_toml(value)}\n" for field, value in fields.items()))
        return section

    @property
    def deviations(self) -> list[str]:
        """The option that names the file of deviations, where there is one."""
        path = self.root / "specs" / "deviations.toml"
        return [f"--deviations={path}"] if path.exists() else []

    def run(self, *arguments: str, target: str | Path = "specs", out: str = "out", **variables: str) -> Ran:
        """Run pytest in a process of its own, which starts warm, with the quick profile unless one is named."""
        profile = [] if any("profile" in argument for argument in arguments) else ["--hypothesis-profile=quick"]
        options = [*PLUGIN, *self.deviations, *profile, f"--report-dir={out}"]
        command = [warm.python(), "-m", "pytest", *options, str(target), *arguments]
        return Ran(self.root / out, finished(command, self.root, variables))


class Ran:
    """A run of pytest that has ended: what it said, and what it left in the folder `out`."""

    def __init__(self, out: Path, run: pytest.RunResult) -> None:
        self.out, self.run = out, run
        self.ret, self.stdout, self.stderr = run.ret, run.stdout, run.stderr

    @cached_property
    def results(self) -> results.Results:
        return results.read(self.out / "results.ndjson")

    @property
    def cells(self) -> dict[str, CellResult]:
        """The cells by their names, of a run of one spec: `values[cpu-float32]`."""
        return {cell.id.split("::")[1]: cell for cell in self.results.cells}

    @property
    def verdicts(self) -> dict[str, str]:
        """The verdicts by the names of the cells, of a run of one spec."""
        return {name: cell.verdict for name, cell in self.cells.items()}

    def of(self, operation: str) -> dict[str, CellResult]:
        """The cells of one operation by their names."""
        return {cell.id.split("::")[1]: cell for cell in self.results.cells if cell.operation == operation}


def finished(command: list[str], folder: Path, variables: Mapping[str, str] | None = None) -> pytest.RunResult:
    """A command that was run to its end in a folder, with its lines to match."""
    kept = {name: value for name, value in os.environ.items() if name not in NOT_OURS}
    start = time.monotonic()
    done = subprocess.run(
        command,
        cwd=folder,
        env={**kept, "PY_COLORS": "0", **(variables or {})},
        capture_output=True,
        encoding="utf-8",
        errors="replace",
    )
    lines = done.stdout.splitlines(), done.stderr.splitlines()
    return pytest.RunResult(done.returncode, *lines, time.monotonic() - start)


def _toml(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime.date) else json.dumps(value)
