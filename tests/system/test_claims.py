"""Claims as users meet them: cells of a spec or of their section, in a run, in the gate, and where one is wrong."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from conformance.results.status import Status
from tests.system.checkout import Checkout, Ran, finished
from tests.system.test_cli import conformance

OWN, SECTION = "specs/small/neg.py", "specs/claims/guide/01-start.toml"

HERE = [f"{OWN}::claims[cpu-own]", f"{SECTION}::claims[cpu-general]", f"{SECTION}::claims[cpu-wrong]"]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A checkout with a spec, a claim about its operation, one about nothing, and a wrong one about another."""
    checkout = Checkout(tmp_path_factory.mktemp("claims"))
    checkout.spec(dtypes='("float32",)')
    checkout.claim("own", "torch.neg", "torch.neg(torch.ones(1)).item() == -1")
    checkout.claim("general", "", "torch.ones(1).item() == 1")
    checkout.claim("wrong", "torch.sum", "torch.ones(2).sum().item() == 1")
    return checkout


@pytest.fixture(scope="module")
def ran(told: Checkout) -> Ran:
    return told.run("-k", "claims")


def test_a_claim_is_a_cell_of_its_spec_or_of_its_section(ran):
    assert [cell.id for cell in ran.results.cells] == HERE
    assert [str(cell.verdict) for cell in ran.results.cells] == ["held", "held", "broken"]
    assert [cell.operation for cell in ran.results.cells] == ["torch.neg", "The guide, 1", "The guide, 1"]


def test_a_claim_that_is_broken_is_told_with_its_statement_and_a_script(ran):
    assert ran.ret == Status.BROKEN
    failure = ran.results.cells[-1].failure
    assert failure is not None and "the statement is not true on this torch" in failure.message
    done = finished([sys.executable, "-I", str(ran.out / failure.repro)], ran.out)
    assert (done.ret, done.outlines[-1]) == (1, "BROKEN: the statement is true: got False, promised True")


def test_the_report_shows_the_claims_of_a_section(ran):
    page = (ran.out / "report.html").read_text()
    assert "3 statements: 3 upheld" in page and "<strong>The guide, 1</strong>" in page


@pytest.mark.parametrize(
    ("target", "arguments", "asked"),
    [
        (SECTION, (), HERE[1:]),
        ("specs/claims", (), HERE[1:]),
        ("specs", ("-k", "general"), HERE[1:2]),
        (HERE[0], (), HERE[:1]),
        (HERE[1], (), HERE[1:2]),
    ],
)
def test_claims_are_chosen_as_other_cells_are(told, target, arguments, asked):
    run = told.run(*arguments, target=target, out="chosen")
    assert [cell.id for cell in run.results.cells] == asked


def test_workers_ask_claims_too(told):
    run = told.run("-n", "2", "-k", "claims", out="shared")
    assert sorted(cell.id for cell in run.results.cells) == sorted(HERE)


def test_list_and_show_tell_claims(told):
    lines = conformance("list", "specs", folder=told.root).outlines
    assert [line.split()[-1] for line in lines] == [OWN, SECTION]
    assert lines[1].startswith("The guide, 1") and " 2 cells " in lines[1]
    text = conformance("show", "neg", "--specs", "specs", folder=told.root).stdout.str()
    assert "[upheld] It is own. (The guide, 1)" in text
    text = conformance("show", SECTION, "--specs", "specs", folder=told.root).stdout.str()
    assert "[upheld] It is general. (The guide, 1)" in text and "Forms" not in text


def test_the_gate_compares_claims(told, tmp_path):
    options = ("--baseline", "this", "--candidate", "this", "--profile", "quick", "--report-dir", tmp_path / "gate")
    run = conformance("gate", *options, "specs/claims", folder=told.root)
    assert "2 of 2 cells compared" in run.stdout.str()


@pytest.mark.parametrize("target", ["specs", "specs/claims"])
def test_a_wrong_claim_is_one_clear_line(checkout, target):
    checkout.spec()
    section = checkout.claim("own", "torch.neg", "True", verdict="maybe")
    run = checkout.run(target=target)
    assert run.ret == Status.WRONG_INPUT
    line = f"{section}: claim 'own': verdict: there is no verdict 'maybe'; known are upheld, refuted, outdated*"
    run.run.stdout.fnmatch_lines([line])
    run.run.stdout.no_fnmatch_line("*Traceback*")
    done = conformance("list", target, folder=checkout.root)
    assert done.ret == Status.WRONG_INPUT and len(done.errlines) == 1


def test_a_claim_that_leaves_its_default_dtype_and_seed_behind_changes_nothing_that_follows(checkout):
    checkout.spec(dtypes='("float32",)')
    checkout.claim(
        "a", "torch.neg", "torch.set_default_dtype(torch.float64); torch.set_printoptions(precision=1)\nTrue"
    )
    checkout.claim(
        "b", "torch.neg", "(torch.ones(1) / 3).dtype == torch.float32 and '0.3333' in repr(torch.ones(1) / 3)"
    )
    checkout.claim("c", "torch.neg", "torch.manual_seed(3)\ntorch.use_deterministic_algorithms(True)\nTrue")
    checkout.claim("d", "torch.neg", "not torch.are_deterministic_algorithms_enabled()")
    run = checkout.run("-k", "claims")
    assert run.ret == 0 and len(run.cells) == 4


def test_claims_of_another_folder_are_not_asked(told):
    path = Path(told.root) / "specs" / "small" / "neg.py"
    run = told.run(target=path, out="alone")
    assert [cell.id for cell in run.results.cells if cell.check == "claims"] == HERE[:1]
