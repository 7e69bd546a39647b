"""Two results files compared, and shards put together."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from conformance import results
from conformance.cli.main import main
from conformance.gate import changes
from conformance.gate.compare import compare_results
from conformance.gate.decision import INCOMPLETE
from conformance.gate.output.groups import groups_of
from conformance.results.status import Status
from tests import fake_results as fake


def run_of(path, cells, *others, **terms):
    """A results file of these cells, read."""
    records = fake.run_of(cells, *others)
    records[0].update(terms)
    return results.read(fake.write(path, records))


def one(verdict="held", check="values", **changed):
    """One cell, held unless told otherwise."""
    evidence = {
        "comparisons": 3,
        "samples": 3,
        "fingerprint": changed.pop("bits", "aa"),
        "refusals": changed.pop("refusals", {}),
    }
    return fake.cell("torch.cat", check, "float32", verdict, evidence=evidence, **changed)


def refusing(name):
    """A cell in which a misuse was refused with a class."""
    return one(check="refusals", refusals={"a": name})


KNOWN = [{"id": "known", "reason": "it differs", "link": "", "witness": "torch.cat([])"}]

PAIRS = [
    (one(), one(), None),
    (one(), one(bits="bb"), changes.MOVED),
    (one(), one("broken", message="wrong"), changes.BROKE),
    (one(), one("crashed", message="killed by SIGSEGV"), changes.CRASHED),
    (one("broken", message="wrong"), one(), changes.FIXED),
    (one("broken", message="wrong"), one("broken", kind="wrong shape", message="shape is ()"), changes.WRONG_OTHERWISE),
    (one("broken", message="wrong"), one("broken", message="wrong"), None),
    (one(), one("deviates", deviations=KNOWN, bits="bb"), changes.BROKE),
    (one("deviates", deviations=KNOWN), one(bits="bb"), changes.NO_DEVIATION),
    (one(check="memory"), one(check="memory", bits="bb"), changes.MEMORY_CHANGED),
    (one(check="refusals"), one("crashed", check="refusals", message="killed"), changes.CRASHED),
    (one(check="refusals", refusals={"a": "B"}), one(check="refusals", refusals={"a": "C"}), changes.REFUSAL_CHANGED),
    (refusing("RuntimeError"), refusing("NotImplementedError"), changes.REFUSAL_NARROWED),
    (refusing("NotImplementedError"), refusing("RuntimeError"), changes.REFUSAL_CHANGED),
    (one(check="support"), one("unsupported", check="support", refusals={"refused": "A"}), changes.SUPPORT_LOST),
    (one("unsupported", check="support", refusals={"refused": "A"}), one(check="support"), changes.SUPPORT_GAINED),
]


@pytest.mark.parametrize(("before", "after", "kind"), PAIRS)
def test_each_difference_of_two_records_has_one_kind(tmp_path, before, after, kind):
    two = (run_of(tmp_path / name, [cell]) for name, cell in (("a", before), ("b", after)))
    comparison = compare_results(*two)
    assert [change.kind for change in comparison.changes] == ([kind] if kind else [])
    assert len(comparison.compared) == comparison.outcomes == 1


def test_a_known_deviation_of_one_side_is_one_cause_and_shows_what_it_gives(tmp_path):
    known = [{**KNOWN[0], "gave": "tensor(4.)"}]
    names = ("torch.cat", "torch.stack")
    before = [fake.cell(name, "values", "int8") for name in names]
    after = [fake.cell(name, "values", "int8", "deviates", deviations=known) for name in names]
    (group,) = groups_of(compare_results(run_of(tmp_path / "a", before), run_of(tmp_path / "b", after)).changes)
    assert (group.operations, group.first.call) == (names, "torch.cat([])")
    assert (group.first.before, group.first.after) == ("not known of this torch", "tensor(4.)")


def test_the_bound_beside_a_moved_error_is_that_of_the_worse_side(tmp_path):
    cells = [
        fake.cell(
            "torch.cat",
            "values",
            "float32",
            evidence={"comparisons": 3, "fingerprint": bits, "worst_ulp": worst, "worst_bound": bound},
        )
        for bits, worst, bound in (("aa", 3.0, 7.0), ("bb", 2.0, 5.0))
    ]
    (change,) = compare_results(run_of(tmp_path / "a", cells[:1]), run_of(tmp_path / "b", cells[1:])).changes
    assert (change.kind, change.ulp_before, change.ulp_after, change.ulp_bound) == (changes.MOVED, 3.0, 2.0, 7.0)


def test_cells_on_one_side_alone_are_gone_or_new(tmp_path):
    both, gone, new = (fake.cell("torch.cat", "values", name) for name in ("int8", "int16", "int32"))
    comparison = compare_results(run_of(tmp_path / "a", [both, gone]), run_of(tmp_path / "b", [both, new]))
    told = {change.cell: change.kind for change in comparison.changes}
    assert told == {gone["id"]: changes.CELL_GONE, new["id"]: changes.CELL_NEW}


def test_times_of_two_runs_are_never_called_equal(tmp_path):
    cells = [one(), fake.cell("torch.cat", "perf", "small", "held")]
    comparison = compare_results(run_of(tmp_path / "a", cells), run_of(tmp_path / "b", cells))
    assert (comparison.outcomes, comparison.status) == (1, INCOMPLETE)
    assert "candidate: times say nothing of another run's" in comparison.line()


def test_the_command_exits_as_documented(tmp_path):
    def ended(first, second, *options):
        arguments = ["compare", str(first), str(second), "--report-dir", str(tmp_path / "out"), *options]
        return CliRunner().invoke(main, arguments)

    def made(name, cells, *others, **terms):
        run_of(tmp_path / name, cells, *others, **terms)
        return tmp_path / name

    held, broken = made("held", [one()]), made("broken", [one("broken", message="wrong")])
    assert ended(held, held).exit_code == Status.KEPT
    assert ended(held, broken).exit_code == Status.BROKEN
    other = made("other", [one()], numpy="1.26.4")
    refused = ended(held, other)
    assert refused.exit_code == Status.WRONG_INPUT and "NOT COMPARABLE: NumPy: 2.4.6 and 1.26.4" in refused.output
    assert ended(held, other, "--unequal-terms").exit_code == Status.INCOMPLETE
    part = made("part", [one(), fake.cell("torch.cat", "values", "int8", "not run")])
    assert ended(held, part).exit_code == Status.INCOMPLETE
    records = [fake.environment(), fake.plan([]), fake.END]
    nothing = fake.write(tmp_path / "nothing", records)
    assert ended(nothing, nothing).exit_code == Status.NOTHING
    cut = fake.write(tmp_path / "cut", [fake.environment(), fake.plan([one()]), one()])
    assert ended(held, cut).exit_code == Status.INCOMPLETE
    (tmp_path / "text").write_text("hello\n")
    wrong = ended(held, tmp_path / "text")
    assert wrong.exit_code == Status.WRONG_INPUT and "is not a results file" in wrong.output


# --- shards -------------------------------------------------------------------------------------------------------


def shard(path, number, cells, plan, **terms):
    """The results file of one shard."""
    records = fake.run_of(cells)
    records[0].update(terms)
    for record in records:
        if record["type"] == "plan":
            record["shard"] = {"number": number, "of": 2, "plan": plan}
    return str(fake.write(path, records))


def test_shards_that_do_not_belong_together_are_told(tmp_path):
    first, second = (fake.cell("torch.cat", "values", name) for name in ("int8", "int16"))
    plan = [first["id"], second["id"]]
    output = str(tmp_path / "all")

    def merge(*shards):
        return CliRunner().invoke(main, ["merge", *shards, "--output", output])

    a, b = shard(tmp_path / "a", 1, [first], plan), shard(tmp_path / "b", 2, [second], plan)
    assert merge(a, b).exit_code == 0
    changed = {**first, "evidence": {**first["evidence"], "fingerprint": "other"}}
    twice = merge(a, b, shard(tmp_path / "c", 1, [changed], plan))
    assert twice.exit_code == Status.INCOMPLETE and "came twice, with different bits" in twice.output
    for wrong, told in (
        (shard(tmp_path / "d", 2, [second], plan, torch="2.9.1"), "torch: 2.13.0+cpu and 2.9.1"),
        (shard(tmp_path / "e", 2, [second], plan, threads=4), "threads: 2 and 4"),
        (shard(tmp_path / "f", 2, [second], [second["id"]]), "their plans differ"),
        (str(fake.write(tmp_path / "g", fake.run_of([second]))), "is no shard"),
    ):
        refused = merge(a, wrong)
        assert refused.exit_code == Status.WRONG_INPUT and told in refused.output
    assert CliRunner().invoke(main, ["merge", a, b, "--output", a]).exit_code == Status.WRONG_OPTION
    assert str(results.read(tmp_path / "a").shard) == "1/2"
