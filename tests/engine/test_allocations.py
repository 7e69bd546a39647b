"""Allocations: counted to the byte on the CPU, in the device's own blocks elsewhere."""

from __future__ import annotations

import torch

from conformance.checks import allocations
from conformance.checks.allocations import Allocations, counted, promised


def test_allocations_are_counted_to_the_byte():
    tensor = torch.ones(100)
    result, found = counted("cpu", lambda: torch.neg(torch.neg(tensor)))
    assert found == Allocations(2, 800, 400) == promised("cpu", [400], [400]) and result.numel() == 100
    assert counted("cpu", lambda: tensor.view(10, 10))[1] == Allocations(0, 0, 0) == promised("cpu", [0], [])


def test_devices_count_by_themselves_in_blocks(monkeypatch):
    counts = iter([(5, 5120), (7, 6656)])
    kept = iter([1024, 1536])
    monkeypatch.setattr(allocations, "allocated", lambda device: next(counts))
    monkeypatch.setattr(allocations, "memory_allocated", lambda device: next(kept))
    assert counted("gpu", lambda: "result") == ("result", promised("gpu", [400], [600]))
