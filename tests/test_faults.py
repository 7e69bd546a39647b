"""The suite can fail: every fault planted in torch is caught within the samples of the gate profile, from one seed."""

from __future__ import annotations

from contextlib import nullcontext

import pytest
import torch

from conformance import loader, mutation
from conformance.deviations import load as load_deviations
from tests.faults import SPECS, faults_of, score

FILES = loader.spec_files(SPECS)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_planted_fault_is_caught(file):
    found = score(file)
    assert found.planted >= mutation.FEWEST
    assert found.survivors == () and found.broken_before == ()


def test_a_fault_that_changes_nothing_survives():
    file = SPECS / "loss" / "mse_loss.py"
    known = load_deviations(loader.deviations_file(file))
    found = mutation.score(loader.load(file), [("nothing is wrong", nullcontext())], known)
    assert found.survivors == ("nothing is wrong",) and not found.complete


def test_torch_is_as_it_was_once_a_fault_is_taken_out():
    spec = loader.load(SPECS / "joining" / "cat.py")
    before = {name: getattr(torch, name) for name in ("cat", "concat", "concatenate")}
    for fault in faults_of(spec):
        with fault.planted(spec):
            changed = {name: getattr(torch, name) for name in before}
        assert {name: getattr(torch, name) for name in before} == before
        assert changed != before, fault.title


def test_scores_are_written_whole(tmp_path):
    scores = [mutation.Score("torch.cat", {"a": ("values", "float32")}, ("b",))]
    mutation.write(tmp_path / "mutation.json", scores)
    text = (tmp_path / "mutation.json").read_text()
    assert '"planted": 2' in text and '"survivors"' in text
