"""Which planted faults the tests try: all of a spec that changed, and a drawn share of the others."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from conformance.engine import mutation
from conformance.report.mutation import FaultScores, read_scores
from conformance.spec import loader
from tests import SPECS
from tests.faults import choice, digests, faults_of

FILES = [SPECS / name for name in ("joining/cat.py", "joining/stack.py", "splitting/split.py")]


@pytest.fixture
def last(tmp_path: Path) -> FaultScores:
    """The scores of a trial of all faults of `FILES` as they are."""
    specs = {loader.load(file).operation: digests.of_spec(file) for file in FILES}
    mutation.write(tmp_path / "scores.json", [mutation.Score(name, {}, ()) for name in specs], "engine", specs)
    return read_scores(tmp_path / "scores.json")


def counts(last: FaultScores, engine: str = "engine", files: list[Path] = FILES) -> list[int]:
    chosen = choice.choose(files, last, engine, "seed")
    assert all(len(one.titles) <= one.planted == len(faults_of(loader.load(one.file))) for one in chosen)
    return [len(one.titles) for one in chosen]


def test_of_specs_that_did_not_change_a_share_is_drawn_anew_in_each_commit(last, monkeypatch):
    monkeypatch.setattr(choice, "AS_BEFORE", 12)
    assert counts(last) == [4, 4, 4]
    one, same, other = (choice.choose(FILES, last, "engine", seed) for seed in ("one", "one", "other"))
    assert one == same and one != other


def test_a_larger_share_is_drawn_if_what_judges_changed(last, monkeypatch):
    monkeypatch.setattr(choice, "ANEW", 30)
    assert counts(last, "another engine") == [10, 10, 10]


def test_all_faults_are_tried_of_a_spec_that_changed_or_is_new(last, tmp_path, monkeypatch):
    monkeypatch.setattr(choice, "AS_BEFORE", 2)
    folder = shutil.copytree(SPECS / "joining", tmp_path / "joining")
    changed = folder / "cat.py"
    changed.write_text(changed.read_text() + "# another line\n")
    whole = len(faults_of(loader.load(changed)))
    assert counts(last, files=[changed, *FILES[1:]]) == [whole, 1, 1]
    assert counts(FaultScores(torch=last.torch, engine="engine", specs=last.specs[1:])) == [whole, 1, 1]


def test_where_many_specs_changed_as_many_faults_are_drawn_of_each(last, monkeypatch):
    monkeypatch.setattr(choice, "OF_CHANGED", 9)
    assert counts(FaultScores(torch=last.torch, engine="engine", specs=())) == [3, 3, 3]


def test_a_line_says_what_was_drawn(last, monkeypatch):
    monkeypatch.setattr(choice, "AS_BEFORE", 6)
    one = choice.choose(FILES, last, "engine", "seed")[0]
    assert one.describe() == f"torch.cat: 2 of {one.planted} planted faults: {'; '.join(one.titles)}"
    whole = replace(one, titles=("x",) * one.planted, changed=True)
    assert whole.describe() == f"torch.cat, changed: all {one.planted} planted faults"


def test_what_a_test_drew_is_told_at_the_end(pytester):
    pytester.makeconftest("from tests.conftest import pytest_terminal_summary")
    pytester.makepyfile(
        "from tests.conftest import TOLD\n"
        "def test_it(record_property):\n    record_property(TOLD, 'torch.cat: 1 of 9 planted faults: a zero')\n"
    )
    pytester.runpytest_inprocess("-p", "no:randomly").stdout.fnmatch_lines(["*what was drawn*", "torch.cat: 1 of 9 *"])


# --- digests --------------------------------------------------------------------------------------------------------


def digest_of(folder: Path, change: str) -> str:
    """The digest of a copy of `cat`'s spec, with a line added to one of its files."""
    copy = shutil.copytree(SPECS / "joining", folder / "joining")
    shutil.copytree(SPECS / "claims", folder / "claims")
    if change:
        (copy / change).write_text((copy / change).read_text() + "# another line\n")
    return digests.of_spec(copy / "cat.py")


def test_the_digest_of_a_spec_is_of_its_own_file_and_of_shared_ones(tmp_path):
    found = {
        name: digest_of(tmp_path / (name or "as-it-is"), name) for name in ("", "cat.py", "_workloads.py", "stack.py")
    }
    assert found[""] == digests.of_spec(SPECS / "joining" / "cat.py") == found["stack.py"]
    assert len(set(found.values())) == 3


def test_the_digest_of_a_spec_is_of_its_known_deviations_and_faults(monkeypatch):
    before = digests.of_spec(FILES[0])
    monkeypatch.setattr(digests, "deviations", lambda: ())
    without = digests.of_spec(SPECS / "statistics" / "topk.py")
    monkeypatch.undo()
    assert without != digests.of_spec(SPECS / "statistics" / "topk.py")
    monkeypatch.setattr(digests, "faults_of", lambda spec: faults_of(spec)[1:])
    assert before != digests.of_spec(FILES[0])


MODULE = """
NAMES = ("torch.a", "torch.b")
ZERO = 0


def _shared(value):
    return value + ZERO


def _of_a(value):
    return 2


for operation in NAMES:
    plant(operation, _shared)

plant("torch.a", _of_a)


@fault(
    "torch.b", "b is wrong"
)
def b_is_wrong(clean):
    return 3


@fault("torch.c", "c is wrong")
def c_is_wrong(clean):
    return 4


for name in ("x", "y"):
    check(name)
"""


@pytest.mark.parametrize(
    "old, new, concerned",
    [
        ("+ ZERO", "- ZERO", "ab"),
        ("ZERO = 0", "ZERO = 1", "ab"),
        ("return 2", "return 0", "a"),
        ("return 3", "return 0", "b"),
        ("b is wrong", "b is odd", "b"),
        ("return 4", "return 0", "c"),
        ('("x", "y")', '("x",)', "abc"),
        ("\n\n\n", "\n\n# a comment between\n\n", ""),
    ],
)
def test_a_change_of_a_fault_concerns_the_operations_that_it_is_planted_in(old, new, concerned):
    every = ("torch.a", "torch.b", "torch.c")
    assert old in MODULE
    changed = {
        name
        for name in every
        if digests.source_of(MODULE, name, every) != digests.source_of(MODULE.replace(old, new), name, every)
    }
    assert changed == {f"torch.{letter}" for letter in concerned}
