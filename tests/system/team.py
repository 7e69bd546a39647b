"""A team's project that has nothing to do with this one, but for specs of its own: real files and real processes."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from conformance import results
from tests import warm

SPEC = """
import numpy as np

from conformance.spec import PRESERVED, Form, Spec


def arguments(draw):
    return {{"input": draw.tensor(draw.shape(max_rank=2))}}


def oracle(input):
    return np.negative(input)


def large(dtype, input):
    return input.numel > 3


spec = Spec(
    operation="{operation}",
    summary="The negative of each element.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.neg.html",
    arguments=arguments,
    forms=(Form("torch.abs(input) if {fault} else torch.neg(input)"),),
    dtypes=("float32",),
    oracle=oracle,
    memory=PRESERVED,
    predicates=(large,),
    modes=(),
)
"""

DEVIATION = """
[[deviation]]
id = "{name}"
operation = "{operation}"
checks = ["values"]
torch = ">=2.2"
witness = "torch.ones(4)"
promised = "-torch.ones(4)"
predicate = "{predicate}"
reason = "planted"
expires = 2999-01-01
"""

NEVER, LARGE, ALWAYS = "False", "input.numel() > 3", "True"
"""When the operation of a spec is wrong."""


def write_spec(path: Path, fault: str = NEVER, operation: str = "torch.neg") -> Path:
    """Write a spec of one dtype, of an operation that is wrong where the expression `fault` says."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(SPEC.format(fault=fault, operation=operation))
    return path


def deviation(name: str = "neg-of-many", operation: str = "torch.neg", predicate: str = "large") -> str:
    """An entry of a file of known deviations."""
    return DEVIATION.format(name=name, operation=operation, predicate=predicate)


def conformance(command: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """A command in a process of its own, which starts warm, in the current folder. `run` has the quick profile, and its
    results in out."""
    quick = ["--hypothesis-profile=quick", "--report-dir=out"] if command == "run" else []
    whole = [warm.python(), "-m", "conformance", command, *map(str, arguments), *quick]
    return subprocess.run(whole, capture_output=True, text=True, timeout=300)


def told(run: subprocess.CompletedProcess[str]) -> str:
    """Everything that a process said, for the message of an assertion."""
    return f"exit status {run.returncode}\n{run.stdout[-6000:]}\n{run.stderr[-3000:]}"


def cells(folder: str = "out") -> dict[str, results.CellResult]:
    """The cells that a run left, by their names below the spec."""
    found = results.read(Path(folder, "results.ndjson"))
    return {cell.id.partition("::")[2]: cell for cell in found.cells}


def verdicts(folder: str = "out") -> dict[str, str]:
    return {name: cell.verdict for name, cell in cells(folder).items()}


def files(pytester: pytest.Pytester, **texts: str) -> None:
    """Write the Python files of a project; `__` in a name stands for a folder."""
    for name, text in texts.items():
        path = pytester.path / f"{name.replace('__', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
