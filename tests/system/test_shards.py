"""Shards of a real run, put together again."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from conformance import results
from conformance.cli.main import main
from conformance.gate.compare import compare_results
from conformance.results.status import Status

TURNS_ROUND = """
def pytest_collection_modifyitems(items):
    items.reverse()
"""


def test_shards_of_a_real_run_add_up_to_the_whole(checkout):
    (checkout.root / "turns_round.py").write_text(TURNS_ROUND)  # as pytest-randomly changes the order
    names = ("last", "neg", "negative", "other")
    for name in names:
        checkout.spec(name, dtypes='("float32",)')
    files = []
    for number, options in ((1, ("-n", "0")), (2, ("-n", "2", "-p", "turns_round"))):
        run = checkout.run(f"--shard={number}/2", *options, out=f"out{number}")
        assert run.ret == 0
        run.stdout.fnmatch_lines([f"*shard {number}/2 alone*"])
        files.append(run.out / "results.ndjson")
    whole = checkout.run()
    assert whole.ret == 0
    merged = CliRunner().invoke(main, ["merge", *map(str, files), "--output", str(checkout.root / "all.ndjson")])
    assert merged.exit_code == 0, merged.output
    joined = results.read(checkout.root / "all.ndjson")
    comparison = compare_results(whole.results, joined)
    assert comparison.status == 0 and comparison.equal == len(whole.results.cells) == len(joined.cells)
    assert sorted(sweep.operation for sweep in joined.sweeps) == [f"torch.{name}" for name in names]
    half = CliRunner().invoke(main, ["merge", str(files[0]), "--output", str(checkout.root / "half.ndjson")])
    assert half.exit_code == Status.INCOMPLETE and "not run" in half.output


@pytest.mark.parametrize(
    ("options", "told"), [(["--shard=1/2", "-k", "neg"], "leave out -k"), (["--shard=3/2"], "is no shard")]
)
def test_a_shard_that_cannot_be_had_is_one_clear_line(checkout, collect, options, told):
    checkout.spec()
    run = collect(*options)
    assert run.ret == 4
    run.stderr.fnmatch_lines([f"*{told}*"])
