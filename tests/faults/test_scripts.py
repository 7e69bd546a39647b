"""The script of a failure fails on the torch that is wrong, and passes on one that is right.

Each case plants a fault, has it found by one check, and runs the script that the failure comes with: while the fault is
planted, and without it. The cases have each check, and each kind of failure that such faults cause.
`python -m tests.faults --scripts 150` tries as many faults, drawn from all.
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest
import torch

from conformance.engine.deviations import load as load_deviations
from conformance.engine.script import script
from conformance.results.model import Cell, CellResult, Verdict
from conformance.spec import catalogue, loader
from conformance.spec.cells import CHECKS
from tests import SPECS
from tests.faults import faults_of
from tests.faults.kit import Fault
from tests.faults.scripts import Reproduction, reproductions, run
from tests.system.checkout import finished

pytestmark = pytest.mark.filterwarnings("ignore")  # as in the child process, where torch would warn for every sample

CASES = [
    ("powers/log", "float32 loses four bits", "values", "wrong values"),
    ("powers/log", "whole numbers become float64", "values", "wrong dtype"),
    ("creation/eye", "m is ignored", "values", "wrong shape"),
    ("shape/narrow", "no entries at the very end are refused", "values", "raised"),
    ("statistics/kthvalue", "NaN ranks below every number", "values", "wrong values"),
    ("comparison/equal", "NaN equals NaN", "values", "wrong values"),
    ("interop/item", "-0.0 comes as 0.0", "values", "wrong values"),
    ("random/rand", "1 is among the numbers", "values", "wrong values"),
    ("random/rand", "the global generator is used in place of the one given", "values", "global state changed"),
    ("shape/transpose", "a permuted input is read as if it were contiguous", "values", "wrong values"),
    ("shape/narrow", "a copy is returned for a view", "memory", "wrong sharing of memory"),
    ("shape/narrow", "the view begins at the start of the storage", "memory", "wrong strides"),
    ("joining/cat", "results are laid out column by column", "memory", "wrong strides"),
    ("arithmetic/mul", "a result lies in the memory of an earlier result", "memory", "wrong sharing of memory"),
    ("arithmetic/mul", "a result keeps a storage larger than itself", "memory", "wrong storage"),
    ("arithmetic/mul", "a contiguous input is written to", "memory", "argument changed"),
    ("arithmetic/mul", "a copy of the result is made and thrown away", "cost", "wrong allocations"),
    ("arithmetic/mul", "a strided out= is written to as if it were contiguous", "forms", "wrong values"),
    ("arithmetic/mul", "out= is written to, and a copy of it returned", "forms", "wrong container"),
    ("powers/log", "a permuted out= becomes row-major", "forms", "wrong strides"),
    (
        "arithmetic/mul",
        "an out= of a dtype that cannot hold the result is written to",
        "forms",
        "misuse accepted",
    ),
    ("arithmetic/mul", "the in-place form leaves its argument as it was", "forms", "wrong values"),
    ("joining/cat", "the alias concatenate takes dim for 0", "forms", "raised"),
    ("arithmetic/mul", "misuse raises KeyError", "refusals", "refused with another class"),
    ("arithmetic/mul", "calls that raise RuntimeError are accepted", "refusals", "misuse accepted"),
    ("random/rand", "float64 has the digits of float32", "laws", "wrong values"),
    ("comparison/equal", "shapes that broadcast count as equal ones", "laws", "wrong values"),
    ("powers/log", "complex128 gradients come back conjugated", "gradients", "wrong values"),
    ("splitting/split", "split_with_sizes is not recorded", "gradients", "wrongly tracked"),
    ("shape/narrow", "a call under no_grad is recorded", "gradients", "wrongly tracked"),
    ("shape/narrow", "a gradient cannot be differentiated again", "gradients", "wrong values"),
    ("joining/cat", "values are others under inference_mode", "gradients", "wrong values"),
    (
        "powers/log",
        "where a gradient is differentiated again the arguments count as constants",
        "gradients",
        "wrong values",
    ),
    ("arithmetic/mul", "under vmap every slice is zeros or, instead of 0, ones", "modes", "wrong values"),
    ("arithmetic/mul", "a meta result has a dimension too many", "modes", "wrong shape"),
    ("arithmetic/mul", "a meta result has its strides the other way round", "modes", "wrong strides"),
    ("arithmetic/mul", "functionalised results are zeros or, instead of 0, ones", "modes", "wrong values"),
    ("loss/mse_loss", "float64 inputs pass through float32", "modes", "wrong values"),
    ("random/rand", "many numbers are others in every other call", "determinism", "varies"),
    ("random/rand", "float32 numbers are drawn towards 0", "distribution", "wrong values"),
    ("random/rand", "the seed of a generator is ignored", "distribution", "wrong values"),
    (
        "statistics/topk",
        "the method takes a dim other than the last for the last",
        "claims",
        "claim comes out otherwise",
    ),
]
"""The file of a spec, the title of a fault, the check that finds it, and the kind of failure."""


def refuses_float16(clean, input, *args, **kwargs):
    if input.dtype == torch.float16:
        raise RuntimeError("not implemented for 'Half'")
    return clean(input, *args, **kwargs)


def loses_negative_zero(clean, input, *args, **kwargs):
    result = clean(input, *args, **kwargs)
    return result + 0 if result.dtype == torch.float32 and not clean.in_place else result


def ones_every_seventh_time(clean, input, *args, **kwargs):
    result = clean(input, *args, **kwargs)
    return result if clean.calls % 7 or clean.in_place else torch.ones_like(result)


NEGATIVE_ZERO = Fault("torch.neg", "-0.0 becomes 0.0", loses_negative_zero, only=("neg",))
MORE = [
    ("support", Fault("torch.neg", "float16 is refused", refuses_float16)),
    ("values", NEGATIVE_ZERO),
    ("values", Fault("torch.neg", "every seventh call gives ones", ones_every_seventh_time, only=("neg",))),
]
"""Faults of torch.neg that no spec has, and the check that finds each."""

NEG = "arithmetic/neg"
DEVIATIONS = load_deviations(catalogue.DEVIATIONS)

LAUNCHER = """
import runpy, sys, torch

original = torch.neg

def wrong(input):
    result = original(input)
    return result + 0 if result.dtype == torch.float32 else result  # -0.0 becomes 0.0

torch.neg = wrong if sys.argv[2] == "wrong" else original
try:
    runpy.run_path(sys.argv[1], run_name="__main__")
finally:
    assert not {name.partition(".")[0] for name in sys.modules} & {"conformance", "tests", "hypothesis"}
"""
"""Runs a script in a process that imports nothing of this project, on a torch that is wrong or right."""


def reproduction(file: str, fault: str | Fault, check: str) -> Reproduction:
    """What the script of a fault's failure says, as a check finds it."""
    spec = loader.load(SPECS / f"{file}.py")
    planted = fault if isinstance(fault, Fault) else next(one for one in faults_of(spec) if one.title == fault)
    found = next(reproductions(spec, planted, DEVIATIONS, checks=(check,)), None)
    assert found is not None, f"{check} does not find: {planted.title}"
    return found


def imported_by(text: str) -> set[str]:
    """The modules outside the standard library that a script imports."""
    nodes = list(ast.walk(ast.parse(text)))
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [str(node.module) for node in nodes if isinstance(node, ast.ImportFrom)]
    return {name.partition(".")[0] for name in names} - sys.stdlib_module_names


@pytest.mark.parametrize(("file", "title", "check", "kind"), CASES)
def test_a_script_fails_on_the_wrong_torch_and_passes_on_the_right_one(file, title, check, kind):
    found = reproduction(file, title, check)
    assert (found.failure.kind, found.on_wrong, found.on_right) == (kind, 1, 0), f"{found.told}\n{found.text}"
    assert imported_by(found.text) <= {"torch", "numpy"}
    used = {node.id for node in ast.walk(ast.parse(found.text)) if isinstance(node, ast.Name)}
    assert ("import numpy as np" in found.text) == ("np" in used) and ("import math" in found.text) == ("math" in used)


@pytest.mark.parametrize(("check", "fault"), MORE)
def test_faults_that_no_spec_has_are_reproduced_too(check, fault):
    found = reproduction(NEG, fault, check)
    assert found.reproduces, f"{found.told}\n{found.text}"


def test_every_check_has_a_case():
    assert {check for _, _, check, _ in CASES} | {check for check, _ in MORE} == {*CHECKS}


@pytest.fixture(scope="module")
def negative_zero() -> Reproduction:
    """The script of a -0.0 that became 0.0."""
    return reproduction(NEG, NEGATIVE_ZERO, "values")


@pytest.mark.parametrize(("torch_is", "status"), [("wrong", 1), ("right", 0)])
def test_a_script_needs_nothing_of_this_project(negative_zero, tmp_path, torch_is, status):
    path = Path(tmp_path, "script.py")
    path.write_text(negative_zero.text)
    done = finished([sys.executable, "-I", "-c", LAUNCHER, str(path), torch_is], tmp_path)
    assert done.ret == status and not done.errlines, str(done.stderr)
    promised = "got 0x0.0p+0 (0.0), promised -0x0.0p+0 (-0.0), 0 ULP apart, 0 allowed"
    assert (promised in str(done.stdout)) == (torch_is == "wrong")


def test_literals_are_readable(negative_zero):
    main = negative_zero.text.partition("def main():\n")[2].partition("\n\n\n")[0].splitlines()
    assert main == [
        "    input = torch.tensor(0.0)",
        "",
        "    result = torch.neg(input)",
        "    promised = -0.0",
        '    compare("result", result.tolist(), promised, torch.float32)',
    ]


def test_where_the_device_is_not_there_the_status_is_125(negative_zero):
    elsewhere = CellResult(
        id="neg.py::values[nowhere-float32]",
        file="neg.py",
        operation="torch.neg",
        check="values",
        device="nowhere",
        subject="float32",
        verdict=Verdict.BROKEN,
    )
    assert elsewhere.cell == Cell("values", "float32")
    status, told = run(script(loader.load(SPECS / f"{NEG}.py"), elsewhere, negative_zero.failure))
    assert status == 125 and "It cannot be asked here" in told
