"""Allocations: counted to the byte on the CPU, in the device's own blocks elsewhere."""

from __future__ import annotations

import itertools

import pytest
import torch

from conformance.checks import allocations
from conformance.checks.allocations import Allocations, counted, promised
from conformance.execution import devices


def test_allocations_are_counted_to_the_byte():
    tensor = torch.ones(100)
    result, found = counted("cpu", lambda: torch.neg(torch.neg(tensor)))
    assert found == Allocations(2, 800, 400) == promised("cpu", [400], [400]) and result.numel() == 100
    assert counted("cpu", lambda: tensor.view(10, 10))[1] == Allocations(0, 0, 0) == promised("cpu", [0], [])


def test_devices_count_by_themselves_in_blocks(monkeypatch):
    counts = iter([(5, 5120), (7, 6656)])
    kept = iter([1024, 1536, 1536, 2048, 1536, 2560])
    monkeypatch.setattr(allocations, "allocated", lambda device: next(counts))
    monkeypatch.setattr(allocations, "memory_allocated", lambda device: next(kept))
    found = counted("meta", lambda: "result")
    assert found == ("result", Allocations(2, 1536, 512))
    assert promised("meta", [400], [600]) == found[1]  # what it counts for as many bytes is tried


@pytest.mark.parametrize("moves", [False, True])
def test_counts_that_never_move_are_none(monkeypatch, moves):
    counts = itertools.count() if moves else itertools.repeat(0)
    monkeypatch.setattr(devices, "allocated", lambda device: (next(counts), next(counts)))
    assert devices.counts_allocations("meta") is moves
