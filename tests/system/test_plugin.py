"""What a run of pytest promises: verdicts, evidence, isolation, options. Each test plants what the promise is about."""

from __future__ import annotations

import datetime
import json
import math
import os
import sys

import msgspec
import pytest

from tests.system.checkout import Checkout, finished

# --- verdicts -----------------------------------------------------------------------------------------------------


def test_a_sound_operation_holds_and_leaves_evidence(sound):
    assert sound.ret == 0
    values = sound.cells["values[cpu-float32]"]
    assert values.verdict == "held"
    assert values.evidence.comparisons > 30 and values.evidence.samples > 20 and values.evidence.fingerprint
    assert {"contiguous", "permuted", "sliced"} <= set(values.evidence.layouts)
    assert (sound.out / "report.html").stat().st_size > 1000
    sound.stdout.fnmatch_lines(["torch * keeps its contracts on cpu: *"])


def test_a_run_with_a_wrong_spec_fails_and_says_so(judged):
    assert judged.ret == 1
    judged.stdout.fnmatch_lines(["BROKEN, INCOMPLETE: torch *"])
    assert {cell.verdict for cell in judged.of("torch.neg").values()} == {"held", "unsupported"}


def test_the_report_of_a_run_is_held_against_its_baseline(judged):
    page = (judged.out / "report.html").read_text(encoding="utf-8")
    assert "not asked before (by cause); 0 cells are mended" in page and "newly broken" not in page


def test_a_wrong_value_breaks_its_cell_alone_with_the_smallest_sample(judged):
    cells = judged.of("torch.at_three")
    broken = {name: cell for name, cell in cells.items() if cell.verdict == "broken"}
    assert set(broken) == {"values[cpu-float32]"}
    cell = broken["values[cpu-float32]"]
    shape = cell.failure.sample.data["arguments"][0][1]["shape"]
    assert math.prod(shape) <= 4 and cell.failure.repeats
    judged.stdout.fnmatch_lines(["*small/at_three.py*", "*smallest failing sample*", "*script*repro_*"])


def reproduced(ran, name):
    """What the script of a broken cell prints, where torch and NumPy are all there is. It exits with 1."""
    script = ran.out / ran.of(f"torch.{name.split('::')[0]}")[name.split("::")[1]].failure.repro
    assert "conformance" not in script.read_text().split('"""')[2]
    done = finished([sys.executable, "-I", str(script)], ran.out)
    assert done.ret == 1 and not done.errlines, str(done.stderr)
    return str(done.stdout)


def test_the_script_reproduces_with_torch_and_numpy_alone(judged):
    told = reproduced(judged, "at_three::values[cpu-float32]")
    assert "got -0x1.0000000000000p+2 (-4.0), promised -0x1.8000000000000p+1 (-3.0)" in told
    assert "ULP apart, 0 allowed" in told and told.splitlines()[-1].startswith("BROKEN: result: 1 of ")


def test_memory_that_is_asked_for_and_thrown_away_is_told_with_its_bytes(judged):
    cells = judged.of("torch.twice")
    assert {name for name, cell in cells.items() if cell.verdict == "broken"} == {"cost[cpu-float32]"}
    judged.stdout.fnmatch_lines(
        ["*made 2 allocations of * bytes in all, of which * stay in use", "promised  1 allocations of *"]
    )
    told = reproduced(judged, "twice::cost[cpu-float32]")
    assert "bytes of each allocation: [4, 4] promised: [4]" in told and "BROKEN: allocations: got 2, promised 1" in told


def test_a_cell_that_compared_nothing_is_a_failure(judged):
    cells = judged.of("torch.untried")
    assert cells["refusals[cpu-float32]"].verdict == "vacuous"
    assert not any(cell.verdict == "broken" for cell in cells.values())
    judged.stdout.fnmatch_lines(["*nothing was compared*", "VACUOUS specs/small/untried.py::refusals?cpu-float32?*"])
    failures = [cell for cell in judged.results.cells if cell.verdict in ("broken", "vacuous")]
    assert judged.run.parseoutcomes()["failed"] == len(failures)


def test_every_record_is_plain_json(judged):
    lines = (judged.out / "results.ndjson").read_text().splitlines()
    assert all(isinstance(json.loads(line, parse_constant=pytest.fail), dict) for line in lines)


# --- what broke before --------------------------------------------------------------------------------------------

REMEMBERED = """
import os
import torch

torch.CALLS = []


def wrong(input):
    torch.CALLS.append(0)
    at_fault = {"always": True, "in the first call": len(torch.CALLS) == 1, "never": False}[os.environ["TEST_FAULT"]]
    return int(input.numel() > 40 and at_fault)


torch.wrong = wrong
"""


LESS_DEEP = """
import hypothesis

hypothesis.settings.register_profile("deep", hypothesis.settings.get_profile("deep"), max_examples=100)
"""
"""The profile as it is, but for the number of samples."""


def test_deep_asks_first_what_broke_before_and_forgets_what_holds_again(checkout):
    checkout.spec("neg", "torch.neg(input) - torch.wrong(input)", dtypes='("int32",)', extra=REMEMBERED)
    (checkout.root / "conftest.py").write_text(LESS_DEEP)

    def run(fault):
        deep = checkout.run("--hypothesis-profile=deep", "-k", "values", TEST_FAULT=fault)
        kept = [path for path in (checkout.root / ".hypothesis" / "examples").rglob("*") if path.is_file()]
        return deep.ret, sum(b"TensorSample" in path.read_bytes() for path in kept)

    assert run("always") == (1, 1)
    assert run("in the first call")[0] == 1
    assert run("never") == (0, 0)


SHARED = """
import hypothesis
from hypothesis.database import DirectoryBasedExampleDatabase

quick = hypothesis.settings.get_profile("quick")
hypothesis.settings.register_profile("shared", quick, database=DirectoryBasedExampleDatabase("elsewhere"))
"""


def test_a_profile_of_ones_own_brings_its_own_database(checkout):
    (checkout.root / "conftest.py").write_text(SHARED)
    checkout.spec("neg", "torch.abs(input)", dtypes='("int32",)')
    assert checkout.run("--hypothesis-profile=shared", "-k", "values").ret == 1
    kept = [path for path in (checkout.root / "elsewhere").rglob("*") if path.is_file()]
    assert any(b"TensorSample" in path.read_bytes() for path in kept)


# --- isolation ----------------------------------------------------------------------------------------------------

CRASH = "torch.neg(input) if input.numel() < 4 or input.dtype != torch.float32 else __import__('os').abort()"


@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_crash_is_told_with_its_sample_and_the_run_goes_on(checkout, workers):
    checkout.spec("neg", CRASH)
    checkout.spec("sound", "torch.negative(input)")
    run = checkout.run("-n", workers, "-k", "not support")
    assert run.ret == 1
    crashed = {name: cell for name, cell in run.of("torch.neg").items() if cell.verdict == "crashed"}
    assert set(crashed) == {f"{check}[cpu-float32]" for check in ("values", "memory", "cost", "determinism")}
    assert "SIGABRT" in crashed["values[cpu-float32]"].message
    assert crashed["values[cpu-float32]"].failure.sample is not None
    assert all(cell.verdict in ("held", "unsupported") for cell in run.of("torch.sound").values())
    assert run.results.counts["held"] > 5 and run.results.counts["not run"] == 0


def test_a_hang_is_told_and_the_run_goes_on(checkout):
    hang = "torch.neg(input) if input.numel() < 4 else __import__('time').sleep(600)"
    checkout.spec("neg", hang, dtypes='("float32",)')
    run = checkout.run("--patience", "3", "-k", "values or claims or refusals")
    assert run.ret == 1
    assert run.verdicts == {"values[cpu-float32]": "crashed"}
    run.stdout.fnmatch_lines(["*hung for more than 3 s*"])


def test_results_are_on_disk_as_they_arrive(checkout):
    """A run that is ended from outside leaves every record so far, and says that it is incomplete."""
    checkout.spec("a")
    checkout.spec("b")
    (checkout.root / "ends.py").write_text(
        "def pytest_runtest_logreport(report):\n    if '/b.py' in report.nodeid: __import__('os')._exit(9)\n"
    )
    found = checkout.run("-p", "ends").results
    assert found.end is None and found.incomplete
    assert found.counts["held"] > 5 and found.counts["not run"] > 5


# --- xdist and seeds ----------------------------------------------------------------------------------------------


def test_with_and_without_xdist_the_records_of_one_seed_are_the_same(wrongs, judged):
    spread = wrongs.run("-n", "2", "--hypothesis-seed=1", out="spread")
    alone, shared = ({cell.id: cell for cell in run.results.cells} for run in (judged, spread))
    assert alone == shared and len(alone) > 60


def test_another_seed_gives_other_bits(wrongs, judged):
    other = wrongs.run("--hypothesis-seed=2", "-k", "values and float32", target="specs/small/neg.py", out="other")
    assert other.ret == 0
    values = "values[cpu-float32]"
    assert other.cells[values].evidence.fingerprint != judged.of("torch.neg")[values].evidence.fingerprint


# --- selection ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("workers", ["0", "2"])
def test_cells_are_selected_by_id_file_folder_and_expression(checkout, workers):
    for name in ("one", "whole"):
        checkout.spec(name)
    (checkout.root / "specs" / "folder").mkdir()
    checkout.spec("moved").rename(checkout.root / "specs" / "folder" / "moved.py")
    cells = ("specs/small/one.py::values[cpu-float32]", "specs/small/one.py::memory[cpu-int32]")
    targets = (*cells[1:], "specs/small/whole.py", "specs/folder")
    run = checkout.run("-n", workers, "-k", "neg or float32 and not support", *targets, target=cells[0])
    assert run.ret == 0
    every = {f"{check}[cpu-float32]" for check in ("values", "memory", "cost", "forms", "determinism")}
    selected = {name: set(run.of(f"torch.{name}")) for name in ("one", "whole", "moved")}
    assert selected == {"one": {"values[cpu-float32]"}, "whole": every, "moved": every}
    run.stdout.fnmatch_lines(
        ["torch * keeps the part of its contracts that was asked on cpu: *; * cells asked; * deselected;*"]
    )


def test_a_run_that_was_cut_short_says_so(checkout):
    checkout.spec("neg", "torch.abs(input)")
    run = checkout.run("-x")
    assert run.ret != 0
    run.stdout.fnmatch_lines(["*BROKEN, INCOMPLETE: *not run*"])


# --- known deviations ---------------------------------------------------------------------------------------------

WRONG_WHEN_LARGE = "torch.neg(input) if input.numel() < 4 else torch.neg(input) + 1"
RIGHT = "torch.tensor(-1.0)"


REGION = {"predicate": "large", "witness": "torch.neg(torch.ones(4)) + 1", "promised": "-torch.ones(4)"}


@pytest.fixture(scope="module")
def deviating(tmp_path_factory):
    """A run of specs that each have a known deviation."""
    checkout = Checkout(tmp_path_factory.mktemp("deviating"))
    checkout.spec("region", WRONG_WHEN_LARGE, dtypes='("float32",)')
    checkout.deviation(id="region-differs", operation="torch.region", **REGION)
    checkout.spec("beyond", "torch.neg(input) + 1", dtypes='("float32",)')
    checkout.deviation(id="beyond-differs", operation="torch.beyond", predicate="large")
    for name, change in (
        ("gone", {"promised": RIGHT}),
        ("expired", {"expires": datetime.date(2001, 1, 1)}),
        ("elsewhere", {"torch": "<2.2", "promised": RIGHT}),
    ):
        checkout.spec(name, dtypes='("float32",)')
        checkout.deviation(id=f"{name}-differs", operation=f"torch.{name}", **change)
    return checkout.run("-k", "values", "-rf")


def test_a_known_deviation_keeps_its_region_out_and_is_told(deviating):
    assert deviating.of("torch.region")["values[cpu-float32]"].verdict == "deviates"
    deviating.stdout.fnmatch_lines(["known deviation region-differs: planted*", "*1 deviates*"])
    deviating.stdout.no_fnmatch_line("FAILED*region.py*")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("beyond", "*1 of 1 wrong; worst*"),
        ("gone", "*no longer deviates on torch*end its torch range*"),
        ("expired", "*expired on 2001-01-01: look at it again*"),
    ],
)
def test_what_lies_outside_and_what_is_stale_is_a_failure_that_says_what_to_do(deviating, name, told):
    assert deviating.ret == 1
    deviating.stdout.fnmatch_lines(["BROKEN: torch *"])
    cell = deviating.of(f"torch.{name}")["values[cpu-float32]"]
    assert cell.verdict == "broken"
    deviating.stdout.fnmatch_lines([told])
    deviating.stdout.fnmatch_lines([f"FAILED specs/small/{name}.py::values?cpu-float32?*"])


def test_a_deviation_for_another_torch_is_passed_over(deviating):
    assert {cell.verdict for cell in deviating.of("torch.elsewhere").values()} == {"held"}


def test_a_run_that_only_deviates_as_known_ends_with_0(checkout):
    checkout.spec("region", WRONG_WHEN_LARGE, dtypes='("float32",)')
    checkout.deviation(id="region-differs", operation="torch.region", **REGION)
    checkout.spec("elsewhere", dtypes='("float32",)')
    checkout.deviation(id="elsewhere-differs", operation="torch.elsewhere", torch="<2.2", promised=RIGHT)
    run = checkout.run("-k", "values")
    assert run.ret == 0
    assert sorted(cell.verdict for cell in run.results.cells) == ["deviates", "held"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"operation": "torch.nil"}, "*no spec has the operation 'torch.nil'*"),
        ({"checks": ["valeus"]}, "*there is no check 'valeus'*"),
        ({"dtypes": ["float33"]}, "*there is no dtype 'float33'*"),
        ({"predicate": "huge"}, "*has no predicate 'huge'; it has large*"),
        ({"torch": "two"}, "*is no version range*"),
        ({"expires": "soon"}, "*field 'expires'*"),
        ({"witness": "torch.("}, "*witness is no Python expression*"),
        ({"reason": None}, "*missing required field `reason`*"),
        ({"colour": "red"}, "*unknown field `colour`*"),
    ],
)
def test_a_wrong_deviation_file_is_one_clear_line(checkout, collect, change, told):
    checkout.spec()
    checkout.deviation(**change)
    run = collect()
    assert run.ret == 2
    run.stdout.fnmatch_lines([told])
    run.stdout.no_fnmatch_line("*Traceback*")


# --- wrong input --------------------------------------------------------------------------------------------------


MISSPELT = """
def misspelt(draw):
    return {"input": draw.tensor(draw.shape(max_rank=2), layout=("contigous",))}
"""


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        (
            {"forms": '(Form("torch.neg(inptu)"),)'},
            "*specs/small/neg.py: form 'torch.neg(inptu)': 'inptu' is no argument*",
        ),
        ({"forms": '(Form("torch.neg("),)'}, "*is no Python expression*"),
        ({"dtypes": '("float33",)'}, "*there is no dtype 'float33'*"),
        ({"extra": "raise ValueError('no')"}, "*specs/small/neg.py:*: cannot be read: ValueError: no*"),
        ({"extra": "def ("}, "*specs/small/neg.py:*: cannot be read: SyntaxError*"),
        ({"claims": "(1,)"}, "*claims: needs a tuple such as (Claim*"),
        (
            {"arguments": "misspelt", "extra": MISSPELT},
            "*specs/small/neg.py: arguments: neg.py:*: draw.tensor: layout: there is no layout 'contigous'; did*",
        ),
    ],
)
def test_a_wrong_spec_file_is_one_clear_line(checkout, collect, broken, told):
    checkout.spec(**broken)
    run = collect()
    assert run.ret == 2
    run.stdout.fnmatch_lines([told])
    run.stdout.no_fnmatch_line("*Traceback*")


@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_spec_that_cannot_be_collected_makes_the_verdict_incomplete(checkout, workers):
    checkout.spec()
    checkout.spec("wrong", "torch.neg(")
    run = checkout.run("-n", workers, "--continue-on-collection-errors", "-k", "values or wrong")
    assert run.ret != 0
    run.stdout.fnmatch_lines(["INCOMPLETE: *not collected: *wrong.py: form*"])


def test_a_file_without_a_spec_is_told(checkout, collect):
    (checkout.root / "specs").mkdir()
    (checkout.root / "specs" / "empty.py").write_text("x = 1\n")
    run = collect()
    assert run.ret == 2
    run.stdout.fnmatch_lines(["*assigns no Spec to the name 'spec'*"])


@pytest.mark.parametrize(
    ("option", "told"),
    [
        ("--device=abacus", "*--device: device 'abacus' cannot be used*"),
        ("--hypothesis-profile=swift", "*there is no profile 'swift'; take quick, gate, deep*"),
        ("--hypothesis-seed=pi", "*'pi' is no whole number*"),
        ("--baseline=nowhere", "*--baseline: *nowhere: there is no such file*"),
    ],
)
def test_a_wrong_option_is_one_clear_line(checkout, collect, option, told):
    checkout.spec()
    run = collect(option)
    assert run.ret == 4
    run.stderr.fnmatch_lines([told])
    assert "Traceback" not in run.stderr.str() + run.stdout.str()


@pytest.mark.parametrize("workers", ["0", "2"])
@pytest.mark.parametrize(
    ("option", "variables", "told"),
    [
        ("--device=abacus", {}, "ERROR: --device: device 'abacus' cannot be used by this torch: *"),
        ("-v", {"PYTHONPATH": "without"}, "ERROR: there is no torch here: install the one to be tested *"),
    ],
)
def test_what_no_child_can_run_on_ends_the_run_with_one_line(checkout, workers, option, variables, told):
    (checkout.root / "without").mkdir()
    (checkout.root / "without" / "torch.py").write_text(NO_TORCH)
    checkout.spec()
    checkout.spec("other")
    path = {name: f"{folder}{os.pathsep}{os.environ.get(name, '')}" for name, folder in variables.items()}
    run = checkout.run("-n", workers, option, **path)
    assert run.ret == 4 and not run.out.exists()
    assert [line for line in run.stderr.lines if line] == run.stderr.lines[:1]
    run.stderr.fnmatch_lines([told])
    run.stdout.no_fnmatch_line("*rror*")


NO_TORCH = """raise ModuleNotFoundError("No module named 'torch'")\n"""


# --- the workers of xdist -----------------------------------------------------------------------------------------

NO_CHILD = """
import os
from conformance.processes.client import ChildProcess

def refuse(child):
    raise AssertionError("the controller started a child")

if "PYTEST_XDIST_WORKER" not in os.environ:
    ChildProcess._launch = refuse
"""

UNALIKE = """
import os

if os.environ.get("PYTEST_XDIST_WORKER") == "gw1":
    os.environ["ATEN_CPU_CAPABILITY"] = "default"
"""


def test_the_controller_starts_no_child_and_records_what_the_workers_run_on(checkout, sound):
    (checkout.root / "conftest.py").write_text(NO_CHILD)
    checkout.spec()
    run = checkout.run("-n", "2", "-k", "values")
    assert run.ret == 0
    environment = run.results.environment
    assert msgspec.structs.replace(environment, started="") == msgspec.structs.replace(
        sound.results.environment, started="", spec_hash=environment.spec_hash
    )
    assert checkout.run("-n", "0", "-k", "values").ret != 0  # without workers it would have had to start one


def test_workers_that_run_on_different_terms_are_refused(checkout):
    (checkout.root / "conftest.py").write_text(UNALIKE)
    checkout.spec()
    run = checkout.run("-n", "2", "-k", "values")
    assert run.ret == 4
    run.stderr.fnmatch_lines(["ERROR: the workers are not alike: cpu_capability is *, and * on gw?"])
    assert "Traceback" not in run.stderr.str() + run.stdout.str()
