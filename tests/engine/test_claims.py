"""Claims: each statement is asked of the installed torch, and leaves no trace behind it."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from conformance.execution import ending
from conformance.execution.global_state import GlobalState
from conformance.results.model import Cell
from conformance.spec import catalogue
from conformance.spec.contract import REFUTED, UPHELD, Claim
from tests.engine.specs import NEG, swept
from tests.survival.test_calls import CHANGED

LASTS = ("threads of Python",)
"""What nobody can undo: the process is replaced once it has answered."""


def claim(name="a", **changes):
    return Claim(
        **{"name": name, "source": "A guide, 1", "statement": "s", "verdict": UPHELD, "check": "True", **changes}
    )


def states(*claims):
    """What a sweep finds in the cells of claims, in order."""
    cells = [Cell("claims", one.name) for one in claims]
    found = swept(replace(NEG, claims=claims), *cells)
    return [found[cell] for cell in cells]


def test_a_claim_that_comes_out_otherwise_is_broken():
    right, wrong = states(
        claim("right", verdict=REFUTED, check="torch.neg(torch.tensor(1)).item() == 1"),
        claim("wrong", check="torch.neg(torch.tensor(1)).item() == 1"),
    )
    assert (right.verdict, wrong.verdict) == ("held", "broken")


def test_a_claim_about_an_operation_that_torch_does_not_have_is_not_decided():
    [state] = states(claim(operations=("torch.neg", "torch.negg")))
    assert state.verdict == "broken"
    assert state.failure.message == "the claim names torch.negg, which this torch does not have"


@pytest.mark.parametrize("name", [name for name in CHANGED if name not in LASTS])
def test_a_claim_leaves_the_global_state_as_it_was(name, tmp_path, monkeypatch):
    (tmp_path / "inside").mkdir()
    monkeypatch.chdir(tmp_path / "inside")
    before = GlobalState()
    leaves = f"import os\ninput = 0\n{CHANGED[name]}\nTrue"
    leak, after = states(
        claim("leaves", check=leaves), claim("after", check="(torch.ones(2) / 3).dtype == torch.float32")
    )
    assert (leak.verdict, after.verdict) == ("held", "held")
    assert [str(left) for left in before.restored()] == []
    assert torch.get_default_device() == torch.device("cpu")


def test_where_a_claim_leaves_a_thread_the_process_is_replaced(monkeypatch):
    asked = []
    monkeypatch.setattr(ending, "replace_process", lambda: asked.append(True))
    monkeypatch.setattr("builtins.kept", end := __import__("threading").Event(), raising=False)
    [state] = states(claim(check="import threading\nthreading.Thread(target=kept.wait).start()\nTrue"))
    end.set()
    assert state.verdict == "held" and asked


def test_the_operations_that_built_in_claims_name_are_torchs():
    names = {name for spec in specs() for one in spec.claims for name in one.operations}
    assert {name for name in names if not name.startswith("torch.")} == set()
    for name in sorted(names):
        eval(name, {"torch": torch})


def specs():
    return [catalogue.load(file) for file in catalogue.built_in_files()]
