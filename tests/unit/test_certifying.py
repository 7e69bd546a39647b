"""Certified versions of torch, and what is left to decide before another one is."""

from __future__ import annotations

import sys

import msgspec
import pytest
from click.testing import CliRunner

from conformance.cli.main import main
from conformance.engine.deviations import Deviation
from conformance.engine.drafts import decisions_of, drafts
from conformance.results.file import write_whole
from conformance.results.model import (
    CellResult,
    End,
    Environment,
    Evidence,
    Failure,
    FailureKind,
    KnownDeviation,
    Plan,
    Verdict,
)
from conformance.results.verdict import Results, verdict_line
from conformance.spec.certified import certified, is_certified, newest_certified, uncertified

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

SCRIPT = """
import torch


def main():
    device = "cuda"
    dtype = torch.float32
    input = torch.tensor([1.0, 2.0], dtype=dtype).to(device).as_strided((2,), (1,), 0)
    dim = 0

    result = torch.take(input, torch.zeros(2, device=device) + dim)
    input = input.clone()


main()
"""

RAISED = Failure(
    kind=FailureKind.RAISED,
    message="raised RuntimeError: no",
    call="torch.take(input, torch.zeros(2, device=device) + dim)",
    error="RuntimeError",
    script=SCRIPT,
)


def cell(check: str, subject: str, failure: Failure | None = None, **fields) -> CellResult:
    return CellResult(
        id=f"specs/a.py::{check}[cuda-{subject}]",
        file="specs/a.py",
        operation="torch.take",
        check=check,
        device="cuda",
        subject=subject,
        verdict=Verdict.BROKEN if failure else Verdict.HELD,
        failure=failure,
        **fields,
    )


ENDED = KnownDeviation(id="ended", reason="was so", link="", witness="1", torch=">=2.2")


def results(*cells: CellResult, **fields) -> Results:
    environment = Environment(torch="9.8.7+cu999", devices=("cuda",), **fields)
    end = End(exit_status=0, seconds=1)
    return Results(environment, tuple(one.id for one in cells), 0, (), cells, end)


def test_the_newest_certified_torch_is_the_last_of_its_device():
    versions = [entry.version for entry in certified() if entry.device == "cpu"]
    assert newest_certified("cpu") == versions[-1] and newest_certified("npu") == ""
    assert is_certified(f"{versions[-1]}+cpu", "cpu") and not is_certified(f"{versions[-1]}a0", "cpu")
    assert uncertified(versions[-1], "cpu") == ""
    assert uncertified("99.1", "cpu") == f"99.1 is newer than the newest torch that is certified on cpu, {versions[-1]}"
    assert uncertified("2.2.1", "cpu") == "2.2.1 is not certified on cpu"
    assert uncertified("2.2.1", "npu:0") == "no torch is certified on npu"


def test_the_verdict_says_that_a_torch_is_not_certified():
    assert "; 9.8.7 is not certified;" in verdict_line(results(uncertified=("9.8.7 is not certified",), absent=("x",)))


def test_what_is_left_to_decide():
    found = decisions_of(
        results(
            cell("values", "int8", RAISED),
            cell("memory", "int16", RAISED),
            cell("laws", "int8", msgspec.structs.replace(RAISED, error="TypeError")),
            cell("forms", "int8", fixed=(ENDED,)),
            cell("support", "bool", evidence=Evidence(gain=True)),
        )
    )
    checks = [[one.cell.check for one in cause.failures] for cause in found.causes]
    assert checks == [["values", "memory"], ["laws"]]
    assert found.fixed == (ENDED,) and [one.subject for one in found.gains] == ["bool"] and found.are_left
    assert not decisions_of(results(cell("values", "int8"))).are_left


def test_a_draft_is_an_entry_once_a_person_has_completed_it():
    texts = drafts(
        decisions_of(results(cell("values", "int8", RAISED), cell("memory", "int16", RAISED))), "9.8.7+cu999"
    )
    (entry,) = tomllib.loads("\n".join(texts))["deviation"]
    assert entry["witness"] == (
        "torch.take(torch.tensor([1.0, 2.0], dtype=torch.float32).as_strided((2,), (1,), 0), torch.zeros(2) + 0)"
    )
    assert (entry["checks"], entry["dtypes"], entry["torch"]) == (["values", "memory"], ["int8", "int16"], ">=9.8")
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(entry, Deviation)
    complete = {**entry, "promised": "None", "reason": "so it is"}
    assert msgspec.convert(complete, Deviation).failures == (FailureKind.RAISED,)


@pytest.mark.parametrize("call", ["torch.compile of x, backend='inductor'", "", "x" * 2000])
def test_what_is_no_call_is_left_to_the_person(call):
    (text,) = drafts(decisions_of(results(cell("modes", "int8", msgspec.structs.replace(RAISED, call=call)))), "9.8")
    assert 'witness = ""' in text


@pytest.mark.parametrize(
    ("cells", "status", "told"),
    [
        ([cell("values", "int8", RAISED)], 1, "explain  torch.take on cuda: values (int8): raised RuntimeError: no"),
        ([cell("values", "int8", fixed=(ENDED,))], 6, "end      ended: its range '>=2.2' ends before 9.8.7"),
        ([cell("values", "int8")], 0, 'certify  [[torch]] id = "9.8.7-cuda", version = "9.8.7", device = "cuda"'),
    ],
)
def test_the_command_ends_with_0_once_nothing_is_left(tmp_path, cells, status, told):
    path = tmp_path / "results.ndjson"
    environment = Environment(torch="9.8.7+cu999", devices=("cuda",), schema=3)
    plan = Plan(cells=tuple(one.id for one in cells))
    write_whole(path, [environment, plan, *cells, End(exit_status=int(bool(status)), seconds=1.0)])
    ran = CliRunner().invoke(
        main, ["certify", str(path), "--drafts", str(tmp_path / "drafts.toml")], standalone_mode=False
    )
    assert told in ran.output, ran.output
    assert ran.return_value == status or getattr(ran.exception, "exit_code", ran.return_value) == status
    tomllib.loads((tmp_path / "drafts.toml").read_text())


def test_a_part_of_a_run_is_not_certified(tmp_path):
    path = tmp_path / "results.ndjson"
    write_whole(path, [Environment(torch="9.8.7", devices=("cpu",), schema=3), Plan(deselected=3)])
    ran = CliRunner().invoke(main, ["certify", str(path)])
    assert ran.exit_code == 2 and "certify a whole run" in ran.output
