"""A system that lacks something, such as room on the disk: nothing is said of torch, and what is lacking is told."""

from __future__ import annotations

import errno

import pytest

LACKS = {
    "a full disk": f"OSError({errno.ENOSPC}, __import__('os').strerror({errno.ENOSPC}))",
    "a full disk, of a compiler": "RuntimeError('C++ compile error\\\\n\\\\nas: header.o: No space left on device')",
    "no further file": f"OSError({errno.EMFILE}, __import__('os').strerror({errno.EMFILE}))",
    "no further process": "RuntimeError('g++: fatal error: cannot execute: vfork: Resource temporarily unavailable')",
    "no further thread": "RuntimeError('can' + chr(39) + 't start new thread')",
}


@pytest.mark.parametrize("lack", LACKS)
def test_what_the_system_lacks_is_no_verdict(checkout, lack):
    checkout.spec("lacks", f"(_ for _ in ()).throw({LACKS[lack]})", dtypes='("float32",)')
    checkout.spec(dtypes='("float32",)')
    run = checkout.run("-k", "values or memory")
    assert run.ret == 3 and not run.results.broken
    assert {cell.verdict for cell in run.of("torch.neg").values()} == {"held"}
    assert {cell.verdict for cell in run.of("torch.lacks").values()} == {"not run"}
    run.stdout.fnmatch_lines(["*the system lacks something, which says nothing of torch: *"])
    run.stdout.fnmatch_lines(["INCOMPLETE: *"])


def test_memory_that_a_call_asks_for_in_vain_is_torchs_answer(checkout):
    checkout.spec("greedy", "torch.empty(2**60)", dtypes='("float32",)')
    run = checkout.run("-k", "values")
    assert run.ret == 1 and run.verdicts == {"values[cpu-float32]": "broken"}
