"""Devices beside the CPU, on one from outside torch that needs no hardware (tests/system/device)."""

from __future__ import annotations

import importlib.metadata
import os
import sys
from pathlib import Path

import pytest
import torch
from packaging.version import Version

from conformance.checks.repeatable import DETERMINISTIC
from conformance.results.model import FailureKind, Verdict
from tests import SPECS, warm
from tests.needs import applies, needs
from tests.system.checkout import Ran, finished

DEVICE = Path(__file__).parent / "device"
SOUND = [
    SPECS / name
    for name in (
        "joining/cat.py",
        "indexing/index_select.py",
        "indexing/masked_select.py",  # refuses fake tensors, inside the mode
        "shape/reshape.py",
        "shape/contiguous.py",
        "autograd/backward.py",  # a call that binds a name to a leaf, which holds its gradient
    )
]


PLACES = ("PYTHONPATH", "TEST_DEVICE_FOLDER")
"""The variables by which torch finds the device."""


@pytest.fixture(scope="session")
def fictive() -> dict[str, str]:
    """The environment in which torch finds the device, built where it has not been yet."""
    newest = Version(importlib.metadata.version("torch"))
    applies(newest >= Version("2.6"), "torch loads devices from outside by itself from 2.5 on, this one is for 2.6")
    needs("a C++ compiler")
    # pytester gives each test a home of its own, where nothing has been built.
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    python = os.pathsep.join(filter(None, (str(DEVICE), os.environ.get("PYTHONPATH"))))
    places = {"PYTHONPATH": python, "TEST_DEVICE_FOLDER": str(cache / "torch-conformance")}
    run = finished([sys.executable, "-c", "import torch"], DEVICE, places)
    assert run.ret == 0, run.stderr.str()
    return places


def suite(folder: Path, *arguments: str | Path, **variables: str) -> Ran:
    """Run specs of the project with the quick profile, in an empty checkout. `variables` are those of `fictive`, and
    may name faults of the device."""
    (folder / "pyproject.toml").touch()
    python = warm.python(**{name: value for name, value in variables.items() if name in PLACES})
    options = ["--hypothesis-profile=quick", f"--report-dir={folder}"]
    options += ["--import=fictive.planted"] if "TEST_DEVICE_WRONG" in variables else []
    return Ran(folder, finished([python, "-m", "pytest", *map(str, arguments), *options], folder, variables))


def test_the_device_works(fictive, tmp_path):
    # In the order of the file: the kernels that its last tests plant stay wrong.
    options = ["-p", "no:cacheprovider", "-p", "no:randomly"]
    run = finished([sys.executable, "-m", "pytest", str(DEVICE / "works.py"), *options], tmp_path, fictive)
    assert run.ret == 0
    assert run.parseoutcomes()["passed"] > 20


def test_specs_hold_on_a_device_from_outside(fictive, tmp_path):
    run = suite(tmp_path, *SOUND, "--device=fictive", "-k", "not inductor", **fictive)
    told = (
        "torch * keeps the part of its contracts that was asked on fictive: *not run: *fictive counts no allocations*"
    )
    run.stdout.fnmatch_lines([told])
    assert run.ret == 0
    found = run.results
    assert {cell.device for cell in found.cells} == {"fictive"}
    assert {cell.verdict for cell in found.cells} <= {"held", "unsupported", "deviates"}
    assert found.counts[Verdict.HELD] > 200
    values = next(cell for cell in found.cells if cell.check == "values" and cell.subject == "float32")
    assert {"contiguous", "permuted", "sliced"} <= set(values.evidence.layouts)
    gradients = [cell for cell in found.cells if cell.check == "gradients" and cell.evidence.comparisons]
    assert gradients and not any(ANY_ORDER in cell.evidence.notes for cell in gradients)


def test_two_devices_of_one_kind_are_asked_each(fictive, tmp_path):
    both = ("--device=fictive:0", "--device=fictive:1")
    run = suite(tmp_path, SPECS / "joining/cat.py", *both, "-k", "float32 or forward or vmap", **fictive)
    assert run.ret == 0
    first, second = (
        {(cell.file, cell.cell): cell for cell in run.results.cells if cell.device == device}
        for device in ("fictive:0", "fictive:1")
    )
    assert first.keys() == second.keys() and len(first) > 8
    assert all(first[key].evidence.fingerprint == second[key].evidence.fingerprint for key in first)
    one = suite(tmp_path, f"{SPECS / 'joining/cat.py'}::values[fictive:1-float32]", "--device=fictive:1", **fictive)
    assert one.ret == 0 and [cell.device for cell in one.results.cells] == ["fictive:1"]


def test_a_result_on_another_device_of_the_kind_is_wrong(fictive, tmp_path):
    fault = {"TEST_DEVICE_WRONG": "cat-goes-to-the-first-device", **fictive}
    both = ("--device=fictive:0", "--device=fictive:1")
    run = suite(tmp_path, SPECS / "joining/cat.py", *both, "-k", "values and float32", **fault)
    first, second = sorted(run.results.cells, key=lambda cell: cell.device)
    assert (first.device, first.verdict) == ("fictive:0", "held")
    assert second.verdict == "broken" and "lies on fictive:0, promised fictive:1" in second.message


LACKS = "the device fictive does not hold the dtype that this needs"


def test_a_device_without_float64_is_asked_the_rest(fictive, tmp_path):
    specs = (SPECS / name for name in ("activation/softmax.py", "statistics/norm.py", "loss/mse_loss.py"))
    options = ("--device=fictive", "-k", "not (float16 or aot_eager)")
    run = suite(tmp_path, *specs, *options, TEST_DEVICE_WRONG="device-has-no-float64", **fictive)
    assert run.ret == 0
    cells = run.results.cells
    assert {cell.verdict for cell in cells} == {"held", "deviates", "unsupported"}
    lacking = [cell for cell in cells if LACKS in cell.evidence.notes]
    assert {cell.verdict for cell in lacking} == {"unsupported"}
    assert {cell.subject for cell in lacking} >= {"float64", "complex128", "forward", "two-norm"}
    asked = {cell.check for cell in cells if cell.subject == "float32" and cell.verdict != "unsupported"}
    assert asked == {"values", "memory", "forms", "refusals", "laws", "gradients", "determinism", "support"}


ANY_ORDER = "a second backward pass gives other bits, within the bound: the device adds in no fixed order"


@pytest.mark.parametrize("fault, verdict", [("sums-in-any-order", "held"), ("sums-always-in-any-order", "broken")])
def test_gradients_that_are_added_in_any_order(fictive, tmp_path, fault, verdict):
    specs = (SPECS / "indexing/index_select.py", SPECS / "indexing/take.py")
    options = ("--device=fictive", "-k", "float32 and (values or gradients)")
    run = suite(tmp_path, *specs, *options, TEST_DEVICE_WRONG=fault, **fictive)
    assert {cell.verdict for cell in run.results.cells if cell.check == "values"} == {"held"}
    gradients = [cell for cell in run.results.cells if cell.check == "gradients"]
    assert len(gradients) == 2 and {cell.verdict for cell in gradients} == {verdict}
    assert all(ANY_ORDER in cell.evidence.notes for cell in gradients)
    for cell in gradients if verdict == "broken" else ():
        assert cell.failure and (cell.failure.kind, cell.failure.about) == (FailureKind.VARIES, DETERMINISTIC)


WRONG = {
    "torch.sigmoid": ("sigmoid-is-1-above-4", "activation/sigmoid.py", "values"),
    "torch.cat": ("cat-loses-the-last-row", "joining/cat.py", "values"),
    "torch.take": ("take-keeps-a-copy", "indexing/take.py", "memory"),
    "torch.index_select": ("index-select-takes-any-index", "indexing/index_select.py", "refusals"),
}
"""For each operation a fault of its kernel, its spec, and the check that sees it."""


@pytest.fixture(scope="module")
def wrong_kernels(fictive, tmp_path_factory):
    """A run on the CPU and on the device, where each operation has its own wrong kernel."""
    faults, specs, _ = zip(*WRONG.values())
    asked = "float32 and (values or memory or (index_select and refusals))"
    options = ("--device=cpu", "--device=fictive", "-k", asked)
    folder = tmp_path_factory.mktemp("wrong")
    run = suite(folder, *(SPECS / spec for spec in specs), *options, TEST_DEVICE_WRONG=",".join(faults), **fictive)
    assert run.ret == 1
    return run.results.cells


@pytest.mark.parametrize("operation", WRONG)
def test_a_kernel_wrong_on_the_device_alone_breaks_its_cell_there(wrong_kernels, operation):
    broken = WRONG[operation][-1]
    verdicts = {(cell.device, cell.check): cell.verdict for cell in wrong_kernels if cell.operation == operation}
    assert len(verdicts) == (6 if broken == "refusals" else 4)
    assert {cell for cell, verdict in verdicts.items() if verdict == "broken"} == {("fictive", broken)}
    assert verdicts["cpu", broken] in ("held", "deviates")


OUT_OF_RANGE = "a position past the last entry"


def test_an_index_out_of_range_that_is_taken_is_told(wrong_kernels):
    failure = next(cell.failure for cell in wrong_kernels if cell.operation == "torch.index_select" and cell.failure)
    assert (failure.kind, failure.about) == (FailureKind.ACCEPTED, OUT_OF_RANGE)


def test_an_index_out_of_range_is_tried_in_a_process_of_its_own(fictive, tmp_path):
    options = ("--device=fictive", "-k", "float32 and (values or refusals)")
    fault = {"TEST_DEVICE_WRONG": "index-select-dies-of-an-index", **fictive}
    run = suite(tmp_path, SPECS / "indexing/index_select.py", *options, **fault)
    assert run.ret == 1
    assert {cell.check: cell.verdict for cell in run.results.cells} == {"values": "held", "refusals": "crashed"}
    failure = next(cell.failure for cell in run.results.cells if cell.failure)
    assert (failure.kind, failure.about) == (FailureKind.CRASHED, OUT_OF_RANGE)


@pytest.mark.parametrize("fault", ["index-select-loses-the-device", "index-select-loses-the-device-later"])
def test_a_refusal_may_lose_the_device_of_its_process(fictive, tmp_path, fault):
    spec = SPECS / "indexing/index_select.py"
    options = ("--device=fictive", "-k", "(float32 or int16) and (values or refusals)")
    run = suite(tmp_path, spec, *options, TEST_DEVICE_WRONG=fault, **fictive)
    assert run.ret == 0 and {cell.verdict for cell in run.results.cells} == {"held"}
    notes = {note for cell in run.results.cells for note in cell.evidence.notes}
    assert "a position past the last entry: in a process of its own" in notes


def test_what_is_not_there_is_told_and_not_planned(checkout):
    checkout.spec(modes='("inductor",)')
    run = checkout.run(PATH=str(Path(sys.executable).parent), CXX="no-such-compiler")
    assert run.ret == 0 and not [cell for cell in run.results.cells if cell.check == "modes"]
    assert "no C++ compiler for inductor" in run.results.environment.absent
    run.stdout.fnmatch_lines(["*not run: no C++ compiler for inductor*"])
    assert ("not run: no CUDA device" in run.stdout.str()) is not torch.cuda.is_available()


def test_a_device_that_holds_no_values_is_refused_in_one_line(checkout, collect):
    checkout.spec()
    run = collect("--device=meta")
    assert run.ret == 4
    run.stderr.fnmatch_lines(["*--device: device 'meta' cannot be used*"])
    assert "Traceback" not in run.stderr.str() + run.stdout.str()


# --- profiles -----------------------------------------------------------------------------------------------------

PROFILE = """
addresses = true
strides = true
counts_allocations = false
flushes_subnormals = false
lacks = []
"""
GAP = """
[[gap]]
id = "no-values-of-cat"
operations = ["torch.cat"]
checks = ["values"]
dtypes = ["int8", "int16"]
reason = "declared in a test"
"""


def command(*arguments: str, **variables: str) -> pytest.RunResult:
    return finished([warm.python(**variables), "-m", "conformance", *arguments], DEVICE, variables)


def test_a_device_is_printed_as_a_profile_that_can_be_used(fictive, tmp_path):
    found = command("device", "fictive", **fictive)
    assert found.ret == 0 and found.stderr.str() == ""
    path = tmp_path / "fictive.toml"
    path.write_text(found.stdout.str())
    assert "addresses = true" in found.outlines and "counts_allocations = false" in found.outlines
    again = command("device", "fictive", "--device-profile", str(path), **fictive)
    assert again.ret == 0 and again.outlines == found.outlines


def test_a_profile_that_says_otherwise_than_the_device_is_refused(fictive, tmp_path):
    path = tmp_path / "fictive.toml"
    path.write_text('lacks = ["float64"]')
    run = suite(tmp_path, SPECS / "joining/cat.py", "--device=fictive", f"--device-profile={path}", **fictive)
    assert run.ret == 4 and "Traceback" not in run.stderr.str() + run.stdout.str()
    assert "the profile of 'fictive' says lacks = ('float64',)" in run.stderr.str()


def test_a_declared_gap_is_asked_and_told_if_it_is_none(fictive, tmp_path):
    path = tmp_path / "fictive.toml"
    path.write_text(PROFILE + GAP)
    options = ("--device=fictive", f"--device-profile={path}", "-k", "values or support")
    run = suite(tmp_path, SPECS / "joining/cat.py", *options, **fictive)
    assert run.ret == 0
    gains = {cell.subject for cell in run.results.cells if cell.evidence.gain}
    assert gains == {"int8", "int16"}


def test_the_backend_of_a_profile_takes_the_place_of_inductor(fictive, tmp_path):
    path = tmp_path / "fictive.toml"
    path.write_text('compile_backend = "eager"\n')
    run = suite(
        tmp_path, SPECS / "joining/cat.py", "--device=fictive", f"--device-profile={path}", "-k", "modes", **fictive
    )
    assert run.ret == 0, run.stdout.str()
    verdicts = {cell.subject: cell.verdict for cell in run.results.cells}
    assert verdicts["eager"] == Verdict.HELD and "inductor" not in verdicts
    assert not [reason for reason in run.results.environment.absent if "inductor" in reason]


def test_a_module_that_cannot_be_imported_is_one_line(checkout):
    checkout.spec()
    (checkout.root / "breaks.py").write_text("raise RuntimeError('no driver\\nsecond line')\n")
    for module, reason in (("no_such_module", "No module named"), ("breaks", "RuntimeError: no driver")):
        run = checkout.run(f"--import={module}")
        assert run.ret == 4
        run.stderr.fnmatch_lines([f"*the module '{module}' cannot be imported: *{reason}*"])
        assert "Traceback" not in run.stderr.str() + run.stdout.str()


def test_a_module_is_imported_in_every_process_and_in_scripts(checkout):
    checkout.spec("neg", "torch.neg(input) + 1")
    (checkout.root / "backend.py").write_text("import torch\ntorch.backend_is_here = True\n")
    run = checkout.run("--import=backend", "-k", "values and float32")
    assert run.ret == 1
    script = next(checkout.root.rglob("repro_*.py")).read_text()
    assert "\ntry:\n    import backend\nexcept" in script and "sys.exit(125)" in script
