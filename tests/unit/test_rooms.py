"""The rooms of the code, and those of the tests."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests import ROOT

COLLECT = """
import sys
import pytest

status = pytest.main(["tests/unit", "--collect-only", "-q", "-p", "no:cacheprovider"])
print("torch" in sys.modules, int(status))
"""


def test_no_module_of_the_unit_tests_imports_torch():
    """Their functions are kept from it by a fixture (tests/unit/conftest.py)."""
    done = subprocess.run([sys.executable, "-c", COLLECT], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "False 0", done.stdout


# --- the rooms of the code ----------------------------------------------------------------------------------------


def linted(root: Path) -> subprocess.CompletedProcess[str]:
    """What import-linter says of the package in a folder, by the contracts of pyproject.toml there."""
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"]
    variables = {**os.environ, "PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run([*command, "--no-cache"], cwd=root, env=variables, capture_output=True, text=True)


def test_imports_run_one_way_and_torch_is_imported_in_the_child_alone():
    done = linted(ROOT)
    assert done.returncode == 0 and "4 kept, 0 broken" in done.stdout, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("results/file.py", "import conformance.samples.sample", "Imports run one way"),
        ("engine/search.py", "from conformance.gate import run", "Imports run one way"),
        ("a_new_room/__init__.py", "", "Imports run one way"),
        ("report/claims.py", "import torch", "torch is imported in the child alone"),
        ("gate/match.py", "from conformance.execution import tensors", "torch is imported in the child alone"),
        ("engine/sweep.py", "import pytest", "pytest is known to the plugin alone"),
        ("spec/text.py", "from hypothesis import given", "Hypothesis is known to what draws"),
    ],
)
def test_an_import_of_the_wrong_room_is_found(tmp_path, module, line, contract):
    shutil.copytree(ROOT / "conformance", tmp_path / "conformance", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    path = tmp_path / "conformance" / module
    path.parent.mkdir(exist_ok=True)
    text = path.read_text() if path.exists() else ""
    path.write_text(f"{text}\n{line}\n")
    done = linted(tmp_path)
    assert done.returncode != 0
    assert contract in done.stdout.partition("broken.")[2] + done.stderr, done.stdout
