"""The package as its users get it: the wheel, in a fresh environment that has a torch, in a folder that has nothing."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path
from types import ModuleType

import execnet
import numpy
import pytest
import torch

from conformance import results
from conformance.spec import catalogue
from tests.system.team import LARGE, deviation, told, write_spec

ROOT = Path(__file__).parents[2]
CELL = "specs/joining/cat.py::values[cpu-float32]"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel that this checkout makes."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    run = subprocess.run([*pip, "--wheel-dir", str(folder), str(ROOT)], capture_output=True, text=True)
    assert run.returncode == 0, told(run)
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of a fresh environment with the wheel. It sees torch and what else is installed here, and not the
    checkout: of a folder that a path file names no path files are read."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder)
    interpreter = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(interpreter), "install", "--quiet", "--no-deps", "--no-index"]
    run = subprocess.run([*pip, str(wheel)], capture_output=True, text=True)
    assert run.returncode == 0, told(run)
    (packages,) = {path.parent for path in folder.rglob("conformance") if path.parent.name == "site-packages"}
    (packages / "beside.pth").write_text("\n".join({_packages(module) for module in (torch, numpy, pytest, execnet)}))
    return interpreter


def _packages(module: ModuleType) -> str:
    return str(Path(str(module.__file__)).parents[1])


@pytest.fixture
def conformance(python, tmp_path, monkeypatch):
    """Runs a command of the installed package in an empty folder."""
    monkeypatch.chdir(tmp_path)
    for name in ("PYTHONPATH", "PYTEST_ADDOPTS"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: str | Path, status: int = 0) -> str:
        command = [str(python.with_name("conformance")), *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300)
        assert done.returncode == status, told(done)
        return done.stdout

    return run


def ids(file: str) -> set[str]:
    return {cell.id for cell in results.read(Path(file)).cells}


def test_the_wheel_holds_specs_deviations_and_pages_and_nothing_beside_the_package(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    specs = {
        path.relative_to(ROOT).as_posix() for path in (ROOT / "specs").rglob("*") if path.suffix in (".py", ".toml")
    }
    assert "specs/deviations.toml" in specs
    assert {f"conformance/{name}" for name in (*specs, "plugin/run.ini")} <= set(names)
    for suffix in (".j2", ".css", ".js"):
        inside = {path.relative_to(ROOT).as_posix() for path in (ROOT / "conformance").rglob(f"*{suffix}")}
        assert inside and inside <= set(names)
    assert {name.partition("/")[0].partition("-")[0] for name in names} == {"conformance", "torch_conformance"}
    (entry_points,) = (name for name in names if name.endswith("entry_points.txt"))
    assert "pytest11" not in zipfile.ZipFile(wheel).read(entry_points).decode()


def test_the_environment_has_the_wheel_and_not_the_checkout(python, tmp_path):
    program = "import conformance.spec.catalogue as it; print(it.BUILT_IN)"
    run = subprocess.run([python, "-I", "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert python.parents[1] in Path(run.stdout.strip()).parents


def test_list_and_show(conformance):
    listed = conformance("list").splitlines()
    assert len(listed) == len(catalogue.built_in_files())
    assert "specs/joining/cat.py" in {line.split()[-1] for line in listed}
    assert "torch.concatenate(tensors, dim)" in conformance("show", "cat")
    write_spec(Path("my_specs/neg.py"))
    assert conformance("list", "my_specs").split()[::3] == ["torch.neg", "my_specs/neg.py"]
    assert "torch.neg(input)" in conformance("show", "neg", "--specs", "my_specs")


QUICK = ("--hypothesis-profile=quick", "-p", "no:randomly", "-k", "values and float32")


def test_built_in_specs_run_in_an_empty_folder(conformance):
    conformance("run", CELL, "stack", *QUICK, "-n", "2")
    assert ids("reports/latest/results.ndjson") == {CELL, CELL.replace("cat", "stack")}
    assert {path.name for path in Path().iterdir()} <= {"reports", ".pytest_cache", ".benchmarks"}


def test_what_breaks_is_reproduced_from_its_results_file(conformance):
    write_spec(Path("my_specs/neg.py"), fault=LARGE)
    conformance("run", "my_specs", *QUICK, status=1)
    script = conformance("repro", "reports/latest/results.ndjson", "values[cpu-float32]")
    assert "torch.neg(input)" in script
    assert script == Path("reports/latest/repro_my_specs_neg_py_values_cpu_float32.py").read_text()


def test_a_teams_specs_and_deviations_go_through_every_command(conformance):
    write_spec(Path("my_specs/neg.py"), fault=LARGE)
    Path("team.toml").write_text(deviation())
    known = ("my_specs", "--deviations", "team.toml")
    out = conformance("run", *known, *QUICK[:1], "--shard=1/1")
    assert "known deviation neg-of-many" in out
    file = Path("reports/latest/results.ndjson")
    assert Path(conformance("report", file).strip()).stat().st_size > 1000
    conformance("merge", file, "--output", "whole.ndjson")
    assert ids("whole.ndjson") == ids(str(file))
    conformance("compare", "whole.ndjson", "whole.ndjson")
    gate = ("gate", "--baseline=this", "--candidate=this", "--profile=quick")
    assert "SAFE" in conformance(*gate, *known)
