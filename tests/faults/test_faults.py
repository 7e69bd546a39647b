"""The suite can fail: faults planted in torch are caught within the samples of the gate profile, from one seed.

Which ones are tried is said at the end of pytest's output; `python -m tests.faults OPERATION --fault TITLE` tries one.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from functools import partial

import msgspec
import pytest

from conformance.engine import mutation
from conformance.engine.sweep import Budget
from conformance.report.mutation import read_scores
from conformance.results.model import Cell
from conformance.spec import loader
from tests import ROOT, SPECS
from tests.conftest import TOLD
from tests.faults import choice, deviations, digests, faults_of, load, regions, score
from tests.faults.kit import Fault, entry_points, operations

FILES = loader.spec_files(SPECS)
LAST = read_scores(ROOT / "reports" / "mutation.json")
SEED = digests.of_everything()
CHOSEN = choice.choose(FILES, LAST, digests.of_engine(), SEED)
CHANGED = [one.operation for one in CHOSEN if one.changed]

Record = Callable[[str, object], None]

pytestmark = pytest.mark.filterwarnings("ignore")  # as in the child process, where torch would warn for every sample


def check(chosen: choice.Choice) -> None:
    """Every fault that was chosen is caught, by the check that is to see it."""
    last = LAST.by_operation.get(chosen.operation)
    known = {title: Cell(*cell) for title, cell in last.caught_by.items()} if last else {}
    found = score(chosen.file, chosen.titles, known)
    assert found.is_clean, found.describe()
    for fault in faults_of(load(chosen.file)):
        if fault.title in chosen.titles and fault.seen_by:
            assert found.caught[fault.title][0] == fault.seen_by, fault.title


@pytest.mark.parametrize("chosen", CHOSEN, ids=lambda chosen: chosen.file.stem)
def test_planted_faults_are_caught(chosen: choice.Choice, record_property: Record):
    record_property(TOLD, chosen.describe())
    check(chosen)


def test_every_spec_has_enough_faults_and_the_last_trial_of_all_caught_every_one():
    for chosen in CHOSEN:
        assert chosen.planted >= mutation.FEWEST, chosen.operation
        if not chosen.changed:
            last = LAST.by_operation[chosen.operation]
            assert last.planted == chosen.planted and last.all_caught and not last.survivors, chosen.operation


def test_a_fault_that_survives_fails_the_test(monkeypatch):
    file = SPECS / "loss" / "mse_loss.py"
    nothing = Fault(
        "torch.nn.functional.mse_loss", "nothing is wrong", lambda clean, *args, **kwargs: clean(*args, **kwargs)
    )
    monkeypatch.setattr("tests.faults.faults_of", lambda spec: [nothing])
    with pytest.raises(AssertionError, match="survived: nothing is wrong"):
        check(choice.Choice(file, nothing.operation, (nothing.title,), 40, changed=False))


@pytest.mark.parametrize("known", regions.drawn(CHANGED, SEED), ids=lambda known: known.id)
def test_another_fault_in_the_region_of_a_known_deviation_is_noticed(known):
    assert regions.noticed(known)


def test_an_entry_that_does_not_say_how_torch_fails_hides_another_fault():
    known = next(known for known in regions.deviations() if known.id == "sigmoid-overflows-midway")
    assert not regions.noticed(msgspec.structs.replace(known, gives=()))


def test_a_fault_that_changes_nothing_survives():
    file = SPECS / "loss" / "mse_loss.py"
    found = mutation.score(load(file), [mutation.Planted("nothing is wrong", nullcontext)], deviations())
    assert found.survivors == ("nothing is wrong",) and not found.complete


def test_a_cell_that_was_broken_before_catches_nothing(monkeypatch):
    monkeypatch.setattr(mutation, "BUDGET", Budget(20, 0))
    spec = load(SPECS / "joining" / "cat.py")
    wrong = replace(spec, oracle=lambda tensors, dim: spec.oracle(tensors, dim)[::-1], claims=())
    fault = next(fault for fault in faults_of(spec) if fault.title.startswith("a result keeps"))
    found = mutation.score(wrong, [mutation.Planted(fault.title, partial(fault.planted, wrong))])
    assert ("values", "float32") in found.broken_before and not found.complete
    assert found.caught[fault.title][0] == "memory"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_torch_is_as_it_was_once_a_fault_is_taken_out(file):
    """What is put in place of torch's own hangs on `only`: one fault for each is tried."""
    spec = load(file)
    entries = entry_points(spec)

    def looked_up():
        return [(entry.name in vars(entry.owner), getattr(entry.owner, entry.name)) for entry in entries]

    before = looked_up()
    for fault in {fault.only: fault for fault in faults_of(spec)}.values():
        with fault.planted(spec):
            assert looked_up() != before, fault.title
        assert looked_up() == before, fault.title


def test_titles_are_unique_and_every_operation_with_faults_has_a_spec():
    specs = [load(file) for file in FILES]
    for spec in specs:
        titles = [fault.title for fault in faults_of(spec)]
        assert len(set(titles)) == len(titles), spec.operation
    assert set(operations()) <= {spec.operation for spec in specs}


def test_scores_are_written_whole(tmp_path):
    scores = [mutation.Score("torch.cat", {"a": Cell("values", "float32")}, ("b",))]
    mutation.write(tmp_path / "mutation.json", scores, "of the engine", {"torch.cat": "of the spec"})
    found = read_scores(tmp_path / "mutation.json")
    (score,) = found.specs
    assert (found.engine, score.digest) == ("of the engine", "of the spec")
    assert (score.planted, score.caught, score.survivors) == (2, 1, ("b",))
    assert score.caught_by == {"a": ("values", "float32")}
