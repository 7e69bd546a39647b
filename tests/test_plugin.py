"""What a run of pytest promises: verdicts, evidence, isolation, options. Each test plants what the promise is about."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path

import pytest

from conformance import results


def read(checkout) -> results.Results:
    return results.read(checkout.out / "results.ndjson")


def verdicts(checkout) -> dict[str, str]:
    return {cell.id.split("::")[1]: cell.verdict for cell in read(checkout).cells}


# --- verdicts -----------------------------------------------------------------------------------------------------


def test_a_sound_operation_holds_and_leaves_evidence(checkout):
    checkout.spec()
    run = checkout.run()
    assert run.ret == 0
    found = read(checkout)
    values = next(cell for cell in found.cells if cell.check == "values" and cell.subject == "float32")
    assert values.verdict == "held"
    assert values.evidence.comparisons > 30 and values.evidence.samples > 20 and values.evidence.fingerprint
    assert {"contiguous", "permuted", "sliced"} <= set(values.evidence.layouts)
    assert (checkout.out / "report.html").stat().st_size > 1000
    run.stdout.fnmatch_lines(["torch * keeps its contracts on cpu: *"])


def test_a_wrong_value_breaks_its_cell_alone_with_the_smallest_sample(checkout):
    wrong = 'Form("torch.neg(input) - (input == 3).to(input.dtype) * (input.dtype == torch.float32)")'
    checkout.spec(forms=wrong, fields="cost=Cost(dtypes=())")
    run = checkout.run()
    assert run.ret == 1
    broken = {name for name, verdict in verdicts(checkout).items() if verdict == "broken"}
    assert broken == {"values[cpu-float32]"}
    cell = next(cell for cell in read(checkout).cells if cell.verdict == "broken")
    shape = cell.failure.sample.data["arguments"][0][1]["shape"]
    assert math.prod(shape) <= 4 and cell.failure.repeats
    run.stdout.fnmatch_lines(["*smallest failing sample*", "*script*repro_*", "BROKEN: torch *"])


def test_the_script_reproduces_with_torch_and_numpy_alone(checkout):
    checkout.spec(forms='Form("torch.neg(input) - (input == 3).to(input.dtype)")', dtypes='("float32",)')
    checkout.run()
    script = next(checkout.out.glob("repro_*values*.py"))
    assert "conformance" not in script.read_text().split('"""')[2]
    told = subprocess.run([sys.executable, "-I", str(script)], capture_output=True, text=True, check=True).stdout
    assert "tensor" in told and "promised" in told and "-2" in told


def test_a_cell_that_compared_nothing_is_a_failure(checkout):
    checkout.spec(fields='refusals=(Refusal("never tried", "torch.neg()", TypeError, when="False"),)')
    run = checkout.run()
    assert run.ret == 1
    assert verdicts(checkout)["refusals[cpu-float32]"] == "vacuous"
    run.stdout.fnmatch_lines(["*nothing was compared*"])


def test_an_input_that_is_changed_breaks_memory(checkout):
    checkout.spec(forms='Form("torch.neg(input.add_(0 if input.numel() < 3 else 1))")', layouts="WRITABLE")
    assert checkout.run().ret == 1
    assert verdicts(checkout)["memory[cpu-int32]"] == "broken"


def test_memory_that_is_asked_for_and_thrown_away_breaks_cost(checkout):
    checkout.spec(forms='Form("[torch.neg(input), torch.neg(input)][0]")', dtypes='("float32",)')
    run = checkout.run()
    assert run.ret == 1
    assert {name for name, verdict in verdicts(checkout).items() if verdict == "broken"} == {"cost[cpu-float32]"}
    run.stdout.fnmatch_lines(
        ["*made 2 allocations of * bytes in all, of which * stay in use", "promised  1 allocations of *"]
    )
    script = next(checkout.out.glob("repro_*cost*.py"))
    told = subprocess.run([sys.executable, "-I", str(script)], capture_output=True, text=True, check=True).stdout
    assert "bytes allocated: 8" in told and "promised: 1 allocations of 4 bytes" in told


def test_promised_scratch_is_held_to_the_byte(checkout):
    checkout.spec(
        forms='Form("[torch.neg(input), torch.neg(input)][0]")',
        dtypes='("float32", "int8")',
        fields="cost=Cost(scratch=scratch)",
        extra="def scratch(dtype, input):\n    return (4 * input.numel,)\n",
    )
    assert checkout.run().ret == 1
    assert verdicts(checkout)["cost[cpu-float32]"] == "held"
    assert verdicts(checkout)["cost[cpu-int8]"] == "broken"


def test_a_form_with_other_bits_breaks_forms(checkout):
    checkout.spec(forms='Form("torch.neg(input)"), Form("torch.neg(input).abs()")')
    assert checkout.run().ret == 1
    assert verdicts(checkout)["forms[cpu-float32]"] == "broken"
    assert verdicts(checkout)["values[cpu-float32]"] == "held"


def test_an_accepted_misuse_breaks_refusals(checkout):
    checkout.spec(fields='refusals=(Refusal("two tensors", "torch.add(input, input)", TypeError),)')
    assert checkout.run().ret == 1
    assert verdicts(checkout)["refusals[cpu-float32]"] == "broken"


def test_a_misuse_refused_with_another_class_breaks_refusals(checkout):
    checkout.spec(fields='refusals=(Refusal("no tensor", "torch.neg(\'x\')", IndexError),)')
    assert checkout.run().ret == 1
    assert verdicts(checkout)["refusals[cpu-float32]"] == "broken"


def test_a_dtype_that_is_lost_is_broken_and_one_gained_is_told(checkout):
    checkout.spec(dtypes='("bool", "float32")')
    assert checkout.run("-k", "support").ret == 1
    found = {cell.subject: cell for cell in read(checkout).cells}
    assert found["bool"].verdict == "broken"
    assert found["float64"].verdict == "held" and found["float64"].evidence.gain


def test_a_claim_that_comes_out_otherwise_is_broken(checkout):
    claim = (
        'Claim(name="{}", source="000 1", statement="neg of 1 is 1.", verdict={}, '
        'check="torch.neg(torch.tensor(1)).item() == 1")'
    )
    checkout.document("000", "A title")
    checkout.spec(fields=f"claims=({claim.format('right', 'REFUTED')}, {claim.format('wrong', 'UPHELD')})")
    assert checkout.run("-k", "claims").ret == 1
    assert verdicts(checkout) == {"claims[cpu-right]": "held", "claims[cpu-wrong]": "broken"}


def test_a_failure_that_does_not_repeat_is_told_as_such(checkout):
    checkout.spec(forms='Form("torch.neg(input) - (next(COUNT) == 40)")', extra="")
    spec = checkout.root / "specs" / "small" / "neg.py"
    call = "torch.neg(input) - int(torch.COUNT.append(0) or len(torch.COUNT) == 40)"
    spec.write_text(spec.read_text().replace("torch.neg(input) - (next(COUNT) == 40)", call))
    with spec.open("a") as file:
        file.write("import torch\ntorch.COUNT = []\n")
    assert checkout.run("-k", "values").ret == 1
    broken = [cell for cell in read(checkout).cells if cell.verdict == "broken"]
    assert len(broken) == 1 and not broken[0].failure.repeats


REMEMBERED = """
import os
import torch

torch.CALLS = []


def wrong(input):
    torch.CALLS.append(0)
    at_fault = {"always": True, "in the first call": len(torch.CALLS) == 1, "never": False}[os.environ["FAULT"]]
    return int(input.numel() > 40 and at_fault)


torch.wrong = wrong
"""


def test_deep_asks_first_what_broke_before_and_forgets_what_holds_again(checkout, monkeypatch):
    checkout.spec(forms='Form("torch.neg(input) - torch.wrong(input)")', dtypes='("int32",)', extra=REMEMBERED)

    def run(fault):
        monkeypatch.setenv("FAULT", fault)
        deep = checkout.run("--hypothesis-profile=deep", "-k", "values")
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
    checkout.spec(forms='Form("torch.abs(input)")', dtypes='("int32",)')
    assert checkout.run("--hypothesis-profile=shared", "-k", "values").ret == 1
    kept = [path for path in (checkout.root / "elsewhere").rglob("*") if path.is_file()]
    assert any(b"TensorSample" in path.read_bytes() for path in kept)


# --- isolation ----------------------------------------------------------------------------------------------------

CRASH = "Form(\"torch.neg(input) if input.numel() < 4 or input.dtype != torch.float32 else __import__('os').abort()\")"


@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_crash_is_told_with_its_sample_and_the_run_goes_on(checkout, workers):
    checkout.spec(forms=CRASH)
    checkout.spec("sound", operation="torch.negative", forms='Form("torch.negative(input)")')
    run = checkout.run("-n", workers, "-k", "not support")
    assert run.ret == 1
    found = read(checkout)
    crashed = {cell.id.split("::")[1]: cell for cell in found.cells if cell.verdict == "crashed"}
    assert set(crashed) == {f"{check}[cpu-float32]" for check in ("values", "memory", "cost", "determinism")}
    assert "SIGABRT" in crashed["values[cpu-float32]"].message
    assert crashed["values[cpu-float32]"].failure.sample is not None
    assert all(cell.verdict in ("held", "unsupported") for cell in found.cells if "sound" in cell.file)
    assert found.counts["held"] > 5 and found.counts["not run"] == 0


def test_a_hang_is_told_and_the_run_goes_on(checkout):
    hang = "torch.neg(input) if input.numel() < 4 else __import__('time').sleep(600)"
    checkout.spec(forms=f'Form("{hang}")', dtypes='("float32",)')
    run = checkout.run("--patience", "3", "-k", "values or claims or refusals")
    assert run.ret == 1
    assert verdicts(checkout) == {"values[cpu-float32]": "crashed"}
    run.stdout.fnmatch_lines(["*hung for more than 3 s*"])


def test_results_are_on_disk_as_they_arrive(checkout):
    """A run that is ended from outside leaves every record so far, and says that it is incomplete."""
    checkout.spec("a")
    checkout.spec("b", operation="torch.negative", forms='Form("torch.negative(input)")')
    plugin = "def pytest_runtest_logreport(report):\n    if '/b.py' in report.nodeid: __import__('os')._exit(9)\n"
    checkout.pytester.makepyfile(ends=plugin)
    checkout.run("-p", "ends")
    found = read(checkout)
    assert found.end is None and found.incomplete
    assert found.counts["held"] > 5 and found.counts["not run"] > 5


# --- xdist --------------------------------------------------------------------------------------------------------


def test_with_and_without_xdist_the_records_are_the_same(checkout):
    checkout.spec(fields='laws=(Law("a", "input.neg().neg()", "input + 0"), Law("b", "-input", "input.neg()"))')
    checkout.spec("wrong", operation="torch.negative", forms='Form("torch.abs(input)")')
    told = []
    for workers in ("0", "2"):
        checkout.run("-n", workers)
        told.append({cell.id: cell for cell in read(checkout).cells})
    assert told[0] == told[1] and len(told[0]) > 20


# --- selection ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("workers", ["0", "2"])
def test_cells_are_selected_by_id_file_and_expression(checkout, workers):
    checkout.spec()
    for target, arguments, expected in [
        ("specs/small/neg.py::values[cpu-float32]", (), {"values[cpu-float32]"}),
        (
            "specs/small/neg.py",
            ("-k", "neg and float32 and not support"),
            {f"{c}[cpu-float32]" for c in ("values", "memory", "cost", "forms", "determinism")},
        ),
        ("specs", ("-k", "memory and int32"), {"memory[cpu-int32]"}),
    ]:
        assert checkout.run("-n", workers, *arguments, target=target).ret == 0
        assert set(verdicts(checkout)) == expected


def test_a_run_that_was_cut_short_says_so(checkout):
    checkout.spec(forms='Form("torch.abs(input)")')
    run = checkout.run("-x")
    assert run.ret != 0
    run.stdout.fnmatch_lines(["*BROKEN, INCOMPLETE: *not run*"])


def test_deselected_cells_are_told_in_the_verdict_line(checkout):
    checkout.spec()
    checkout.run("-k", "values").stdout.fnmatch_lines(["*deselected*"])


# --- known deviations ---------------------------------------------------------------------------------------------

WRONG_WHEN_LARGE = 'Form("torch.neg(input) if input.numel() < 4 else torch.neg(input) + 1")'


def test_a_known_deviation_keeps_its_region_out_and_is_told(checkout):
    checkout.spec(forms=WRONG_WHEN_LARGE, dtypes='("float32",)')
    witness = "torch.neg(torch.ones(4)) + 1"
    checkout.deviation(predicate='"large"', witness=f'"{witness}"', promised='"-torch.ones(4)"')
    run = checkout.run("-k", "values")
    assert run.ret == 0
    assert verdicts(checkout) == {"values[cpu-float32]": "deviates"}
    run.stdout.fnmatch_lines(["known deviation neg-differs: planted*", "*1 deviates*"])


def test_a_deviation_does_not_hide_what_lies_outside_its_region(checkout):
    checkout.spec(forms='Form("torch.neg(input) + 1")', dtypes='("float32",)')
    checkout.deviation(predicate='"large"')
    assert checkout.run("-k", "values").ret == 1
    assert verdicts(checkout) == {"values[cpu-float32]": "broken"}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"promised": '"torch.tensor(-1.0)"'}, "*no longer deviates on torch*end its torch range*"),
        ({"expires": "2001-01-01"}, "*expired on 2001-01-01: look at it again*"),
    ],
)
def test_a_stale_deviation_is_a_failure_that_says_what_to_do(checkout, change, told):
    checkout.spec()
    checkout.deviation(**change)
    run = checkout.run("-k", "values")
    assert run.ret == 1
    run.stdout.fnmatch_lines([told])


def test_a_deviation_for_another_torch_is_passed_over(checkout):
    checkout.spec()
    checkout.deviation(torch='"<2.2"', promised='"torch.tensor(-1.0)"')
    assert checkout.run("-k", "values").ret == 0
    assert set(verdicts(checkout).values()) == {"held"}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"operation": '"torch.nil"'}, "*no spec has the operation 'torch.nil'*"),
        ({"checks": '["valeus"]'}, "*there is no check 'valeus'*"),
        ({"dtypes": '["float33"]'}, "*there is no dtype 'float33'*"),
        ({"predicate": '"huge"'}, "*has no predicate 'huge'; it has large*"),
        ({"torch": '"two"'}, "*is no version range*"),
        ({"expires": '"soon"'}, "*field 'expires'*"),
        ({"witness": '"torch.("'}, "*witness is no Python expression*"),
        ({"reason": None}, "*missing required field `reason`*"),
        ({"colour": '"red"'}, "*unknown field `colour`*"),
    ],
)
def test_a_wrong_deviation_file_is_one_clear_line(checkout, change, told):
    checkout.spec()
    checkout.deviation(**change)
    run = checkout.collect()
    assert run.ret == 2
    run.stdout.fnmatch_lines([told])
    run.stdout.no_fnmatch_line("*Traceback*")


# --- wrong input --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        (
            {"forms": 'Form("torch.neg(inptu)")'},
            "*specs/small/neg.py: form 'torch.neg(inptu)': 'inptu' is no argument*",
        ),
        ({"forms": 'Form("torch.neg(")'}, "*is no Python expression*"),
        ({"dtypes": '("float33",)'}, "*there is no dtype 'float33'*"),
        (
            {"layouts": '("contigous",)'},
            "*specs/small/neg.py: arguments: neg.py:8: draw.tensor: layout: there is no layout 'contigous'; did*",
        ),
        ({"extra": "raise ValueError('no')"}, "*specs/small/neg.py:*: cannot be read: ValueError: no*"),
        ({"extra": "def ("}, "*specs/small/neg.py:*: cannot be read: SyntaxError*"),
        (
            {"fields": 'claims=(Claim(name="a", source="0", statement="s", verdict="maybe", check="True"),)'},
            "*there is no verdict 'maybe'*",
        ),
    ],
)
def test_a_wrong_spec_file_is_one_clear_line(checkout, broken, told):
    checkout.spec(**broken)
    run = checkout.collect()
    assert run.ret == 2
    run.stdout.fnmatch_lines([told])
    run.stdout.no_fnmatch_line("*Traceback*")


@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_spec_that_cannot_be_collected_makes_the_verdict_incomplete(checkout, workers):
    checkout.spec()
    checkout.spec("wrong", forms='Form("torch.neg(")')
    run = checkout.run("-n", workers, "--continue-on-collection-errors")
    assert run.ret != 0
    run.stdout.fnmatch_lines(["INCOMPLETE: *not collected: *wrong.py: form*"])


def test_a_file_without_a_spec_is_told(checkout):
    (checkout.root / "specs").mkdir()
    (checkout.root / "specs" / "empty.py").write_text("x = 1\n")
    run = checkout.collect()
    assert run.ret == 2
    run.stdout.fnmatch_lines(["*assigns no Spec to the name 'spec'*"])


@pytest.mark.parametrize(
    ("option", "told"),
    [
        ("--device=abacus", "*--device: device 'abacus' cannot be used*"),
        ("--hypothesis-profile=swift", "*there is no profile 'swift'; take quick, gate, deep*"),
        ("--hypothesis-seed=pi", "*'pi' is no whole number*"),
    ],
)
def test_a_wrong_option_is_one_clear_line(checkout, option, told):
    checkout.spec()
    run = checkout.run(option)
    assert run.ret == 4
    run.stderr.fnmatch_lines([told])
    assert "Traceback" not in run.stderr.str() + run.stdout.str()


def test_the_same_seed_gives_the_same_bits_and_another_gives_others(checkout):
    checkout.spec()
    prints = []
    for seed in ("1", "1", "2"):
        assert checkout.run("--hypothesis-seed", seed, "-k", "values and float32").ret == 0
        prints.append(next(cell.evidence.fingerprint for cell in read(checkout).cells))
    assert prints[0] == prints[1] != prints[2]


def test_every_record_is_plain_json(checkout):
    checkout.spec(forms='Form("torch.neg(input) + 1")')
    checkout.run()
    lines = Path(checkout.out / "results.ndjson").read_text().splitlines()
    assert all(isinstance(json.loads(line, parse_constant=pytest.fail), dict) for line in lines)
