"""Calls that never end, each in a way of its own: the cell is told as hung, and the rest of the run goes on."""

from __future__ import annotations

import pytest

from tests.system.checkout import Checkout, Ran

HANGS = {
    "sleep": "__import__('time').sleep(1000)",
    "python loop": "[0 for _ in iter(int, 1)]",
    "C code that lets nobody else run": "__import__('re').match('(a+)+$', 'a' * 60 + 'b')",
    "signals ignored": "[__import__('signal').signal(one, 1) for one in (2, 15)] and __import__('time').sleep(1000)",
    "stopped": "__import__('os').kill(__import__('os').getpid(), 19)",
    "lock": "(lock := __import__('threading').Lock()).acquire() and lock.acquire()",
}


@pytest.fixture(scope="module")
def hanging(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """A run of a spec for each, and of a sound one."""
    checkout = Checkout(tmp_path_factory.mktemp("hanging"))
    for number, hang in enumerate(HANGS.values()):
        checkout.spec(f"hangs_{number}", f"[torch.neg(input), {hang}][0]", dtypes='("float32",)')
    checkout.spec(dtypes='("float32",)')
    return checkout.run("-n", "2", "--patience", "1", "-k", "values")


def test_the_rest_of_the_run_goes_on(hanging):
    assert hanging.ret == 1 and len(hanging.results.cells) == len(HANGS) + 1
    assert {cell.verdict for cell in hanging.of("torch.neg").values()} == {"held"}


@pytest.mark.parametrize("hang", HANGS)
def test_a_call_that_never_ends_is_told(hanging, hang):
    (cell,) = hanging.of(f"torch.hangs_{list(HANGS).index(hang)}").values()
    assert cell.verdict == "crashed" and "hung for more than 1 s" in cell.message
    assert cell.failure.sample is not None
