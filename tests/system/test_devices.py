"""Devices beside the CPU, on one from outside torch that needs no hardware (tests/system/device)."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from packaging.version import Version

from conformance import results
from conformance.engine.sweep import Budget, Sweep
from conformance.plugin.xdist import scope_of
from conformance.spec import loader
from conformance.spec.cells import cells_of

ROOT = Path(__file__).parents[2]
DEVICE = Path(__file__).parent / "device"
SPECS = [
    ROOT / "specs" / name
    for name in (
        "joining/cat.py",
        "indexing/index_select.py",
        "shape/reshape.py",
    )
]


@pytest.fixture(scope="session")
def built() -> dict[str, str]:
    """The environment in which torch finds the device, built where it has not been yet."""
    if Version(importlib.metadata.version("torch")) < Version("2.6"):
        pytest.skip("torch loads devices from outside by itself from 2.5 on, and this one is made for 2.6 or later")
    compiler = os.environ.get("CXX", "c++")
    if shutil.which(compiler) is None:
        pytest.skip(f"there is no C++ compiler {compiler!r} to build the device with")
    # pytester gives each test a home of its own, where nothing has been built.
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    places = {"PYTHONPATH": str(DEVICE), "TEST_DEVICE_FOLDER": str(cache / "torch-conformance")}
    run = subprocess.run(
        [sys.executable, "-c", "import torch"], env={**os.environ, **places}, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    return places


@pytest.fixture
def fictive(built, monkeypatch):
    """Processes started from now on have the device as soon as they import torch."""
    monkeypatch.setenv("PYTHONPATH", built["PYTHONPATH"], prepend=os.pathsep)
    monkeypatch.setenv("TEST_DEVICE_FOLDER", built["TEST_DEVICE_FOLDER"])


def suite(pytester: pytest.Pytester, *arguments: str | Path) -> tuple[pytest.RunResult, results.Results]:
    """Run the suite with the quick profile."""
    options = ("-p", "no:randomly", "--hypothesis-profile=quick", "--report-dir=out")
    run = pytester.runpytest_subprocess(*arguments, *options)
    return run, results.read(pytester.path / "out" / "results.ndjson")


def test_the_device_works(pytester, fictive):
    run = pytester.runpytest_subprocess("-p", "no:randomly", DEVICE / "works.py")
    assert run.ret == 0
    assert run.parseoutcomes()["passed"] > 20


def test_specs_hold_on_a_device_from_outside(pytester, fictive):
    # Inductor has no code for the device; one claim of cat is about NumPy, which takes tensors of the CPU alone.
    selected = "not inductor and not numpy"
    run, found = suite(pytester, *SPECS, "--device=fictive", "-k", selected)
    run.stdout.fnmatch_lines(["torch * keeps its contracts on fictive: *not run: *fictive counts no allocations*"])
    assert run.ret == 0
    assert {cell.device for cell in found.cells} == {"fictive"}
    assert {cell.verdict for cell in found.cells} <= {"held", "unsupported", "deviates"}
    assert found.counts["held"] > 200
    values = next(cell for cell in found.cells if cell.check == "values" and cell.subject == "float32")
    assert {"contiguous", "permuted", "sliced"} <= set(values.evidence.layouts)


@pytest.mark.parametrize(
    ("fault", "spec", "asked", "broken"),
    [
        ("sigmoid-is-1-above-4", "activation/sigmoid.py", "float32 and (values or memory)", "values"),
        ("cat-loses-the-last-row", "joining/cat.py", "float32 and (values or memory)", "values"),
        ("take-keeps-a-copy", "indexing/take.py", "float32 and (values or memory)", "memory"),
        ("index-select-takes-any-index", "indexing/index_select.py", "float32 and (values or refusals)", "refusals"),
    ],
)
def test_a_kernel_wrong_on_the_device_alone_breaks_its_cell_there(
    pytester, fictive, monkeypatch, fault, spec, asked, broken
):
    monkeypatch.setenv("TEST_DEVICE_WRONG", fault)
    run, found = suite(pytester, ROOT / "specs" / spec, "--device=cpu", "--device=fictive", "-k", asked)
    assert run.ret == 1
    verdicts = {(cell.device, cell.check): cell.verdict for cell in found.cells}
    assert len(verdicts) == 4
    assert {cell for cell, verdict in verdicts.items() if verdict == "broken"} == {("fictive", broken)}
    assert verdicts["cpu", broken] in ("held", "deviates")


def test_what_is_not_there_is_told_and_not_planned(checkout, monkeypatch):
    checkout.spec(modes='("inductor",)')
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent))
    monkeypatch.setenv("CXX", "no-such-compiler")
    run = checkout.run()
    found = results.read(checkout.out / "results.ndjson")
    assert run.ret == 0 and not [cell for cell in found.cells if cell.check == "modes"]
    assert "no C++ compiler for inductor" in found.environment.absent
    run.stdout.fnmatch_lines(["*not run: no C++ compiler for inductor*"])
    if not torch.cuda.is_available():
        run.stdout.fnmatch_lines(["*not run: no CUDA device*"])


def test_dtypes_that_a_device_cannot_hold_are_unsupported(checkout, monkeypatch):
    monkeypatch.setattr("conformance.engine.schedule.missing_dtypes", lambda device: frozenset({"float32"}))
    spec = loader.load(checkout.spec(modes='("meta",)'))
    states = Sweep(spec, "cpu", cells_of(spec), Budget(20, 0)).run()
    assert {state.verdict for cell, state in states.items() if cell[1] == "float32"} == {"unsupported"}
    assert states["values", "int32"].verdict == states["modes", "meta"].verdict == "held"


def test_one_worker_has_all_of_an_accelerator():
    assert scope_of("specs/a.py::values[cpu-int8]") != scope_of("specs/b.py::values[cpu-int8]")
    assert scope_of("specs/a.py::values[cuda:1-int8]") == scope_of("specs/b.py::values[cuda:1-int8]") == "cuda:1"


def test_a_device_that_holds_no_values_is_refused_in_one_line(pytester):
    run = pytester.runpytest_subprocess(SPECS[0], "--device=meta")
    assert run.ret == 4
    run.stderr.fnmatch_lines(["*--device: device 'meta' cannot be used*"])
    assert "Traceback" not in run.stderr.str() + run.stdout.str()
