"""Options with values that make no sense: one line and exit status 4, and nothing is asked or left behind. A shard may
be empty."""

from __future__ import annotations

import os

import pytest
from click.testing import CliRunner

from conformance.cli.main import main
from conformance.results import verdict_line
from conformance.results.status import Status

NO_SECONDS = "is no number of seconds above 0"
NO_SEED = "is no whole number of up to 19 digits"
NO_NUMBERS = "cpu has no numbers; name it 'cpu'"


@pytest.mark.parametrize(
    ("option", "told"),
    [
        *((f"--patience={value}", NO_SECONDS) for value in ("-1", "0", "nan", "inf", "soon", "")),
        *((f"--hypothesis-seed={value}", NO_SEED) for value in ("²", "٣", "-3", "1_000", "9" * 5000)),
        *((f"--device={value}", NO_NUMBERS) for value in ("cpu:1", "cpu:0")),
        *((f"--device={value}", "cannot be used") for value in ("abacus", "meta", "")),
        *((f"--shard={value}", "is no shard") for value in ("0/2", "3/2", "٣/٤", "1/" + "9" * 5000)),
    ],
)
def test_a_run_is_not_begun(checkout, collect, option, told):
    checkout.spec(dtypes='("float32",)')
    run = collect(option)
    assert run.ret == Status.WRONG_OPTION
    (line,) = [line for line in run.stderr.lines if line]
    assert told in line and len(line) < 300
    run.stdout.no_fnmatch_line("*collect*")
    assert not os.path.exists("out")


@pytest.mark.parametrize(
    ("option", "told"),
    [
        *((f"--patience={value}", NO_SECONDS) for value in ("-1", "nan", "inf", "soon")),
        *((f"--seed={value}", "--seed") for value in ("²", "-3", "9" * 40)),
        ("--process-pairs=99999999", "--process-pairs"),
        ("--profile=swift", "--profile"),
        ("--device=cpu:1", NO_NUMBERS),
        ("--device=abacus", "cannot be used"),
    ],
)
def test_a_gate_is_not_begun(checkout, monkeypatch, option, told):
    monkeypatch.chdir(checkout.root)
    spec = str(checkout.spec(dtypes='("float32",)'))
    gate = CliRunner().invoke(main, ["gate", "--baseline=this", "--candidate=this", "--process-pairs=1", option, spec])
    assert gate.exit_code == Status.WRONG_OPTION
    assert gate.output.splitlines()[-1].startswith("Error: ") and told in gate.output.splitlines()[-1]
    assert not os.path.exists("reports/gate")


def test_the_options_of_pytest_are_listed():
    told = CliRunner().invoke(main, ["run", "-h"])
    assert told.exit_code == Status.KEPT
    assert "--report-dir" in told.output and "--hypothesis-profile" in told.output


def test_a_shard_without_cells_leaves_a_part_that_can_be_merged(checkout):
    checkout.spec(dtypes='("float32",)')
    parts = [
        checkout.run(f"--shard={number}/2", "-n", workers, out=number) for number, workers in (("1", "0"), ("2", "2"))
    ]
    assert [part.ret for part in parts] == [Status.KEPT, Status.KEPT]
    assert parts[1].results.cells == () and parts[1].results.end.exit_status == Status.KEPT
    assert verdict_line(parts[1].results) in parts[1].stdout.lines and "is not asked" in verdict_line(parts[1].results)
    files = [str(part.out / "results.ndjson") for part in parts]
    for order in (files, files[::-1]):
        merged = CliRunner().invoke(main, ["merge", *order, "--output", str(checkout.root / "whole")])
        assert merged.exit_code == Status.KEPT, merged.output
    alone = CliRunner().invoke(main, ["merge", files[1], "--output", str(checkout.root / "whole")])
    assert alone.exit_code == Status.INCOMPLETE
