"""Checkouts to run pytest in, and runs that many tests read."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from tests import warm
from tests.system.checkout import LAWS, PLUGIN, Checkout, Ran


@pytest.fixture
def checkout(pytester: pytest.Pytester) -> Checkout:
    """An empty checkout, which is the folder that the test runs in."""
    return Checkout(pytester.path)


@pytest.fixture
def collect(
    pytester: pytest.Pytester, checkout: Checkout, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., pytest.RunResult]:
    """Run pytest on the checkout in this process, its child warm: for what is wrong before any sweep begins."""
    monkeypatch.setattr(sys, "executable", warm.python())

    def run(*arguments: str) -> pytest.RunResult:
        return pytester.runpytest_inprocess(*PLUGIN, *checkout.deviations, "specs", "--report-dir=out", *arguments)

    return run


@pytest.fixture(scope="session")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """A run of a sound spec."""
    checkout = Checkout(tmp_path_factory.mktemp("sound"))
    checkout.spec()
    return checkout.run()


@pytest.fixture(scope="session")
def wrongs(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A checkout with a sound spec and some that are wrong, each in a way of its own."""
    checkout = Checkout(tmp_path_factory.mktemp("wrongs"))
    checkout.spec(laws=LAWS)
    at_three = "torch.neg(input) - (input == 3).to(input.dtype) * (input.dtype == torch.float32)"
    checkout.spec("at_three", at_three, cost="Cost(dtypes=())")
    checkout.spec("everywhere", "torch.neg(input) + 1", "torch.abs(input)", laws=LAWS)
    checkout.spec("twice", "[torch.neg(input), torch.neg(input)][0]", dtypes='("float32",)')
    checkout.spec("untried", refusals='(Refusal("never tried", "torch.neg()", TypeError, when="False"),)')
    return checkout


@pytest.fixture(scope="session")
def judged(wrongs: Checkout, sound: Ran) -> Ran:
    """A run of all those specs, held against that of the sound one."""
    baseline = f"--baseline={sound.out / 'results.ndjson'}"
    return wrongs.run("-n", "0", "--hypothesis-seed=1", "-rf", baseline, out="judged")
