"""Counts of what a call allocates: by torch's profiler on the CPU, by the device's own counters elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import torch

from conformance.checks.claim_helpers import profiled
from conformance.execution.devices import allocated, memory_allocated
from conformance.execution.gc_paused import gc_paused


@dataclass(frozen=True)
class Allocations:
    """The allocations of a call, in numbers."""

    count: int
    total: int
    """the bytes of all allocations"""
    kept: int
    """the bytes that are still in use after the call"""

    def __str__(self) -> str:
        return f"{self.count} allocations of {self.total} bytes in all, of which {self.kept} stay in use"


def promised(device: str, results: Iterable[int], scratch: Iterable[int]) -> Allocations:
    """The allocations that must be counted. `results` and `scratch` have the bytes of each promised allocation;
    allocations of 0 bytes do not count."""
    kept = [_as_counted(device, size) for size in results if size]
    passing = [_as_counted(device, size) for size in scratch if size]
    return Allocations(len(kept) + len(passing), sum(kept) + sum(passing), sum(kept))


@cache
def _as_counted(device: str, size: int) -> int:
    """What a device counts for an allocation of so many bytes: its allocator may round up. It is tried."""
    if device == "cpu":
        return size
    before = memory_allocated(device) or 0
    held = torch.empty(size, dtype=torch.uint8, device=device)
    counted = (memory_allocated(device) or 0) - before
    del held
    return counted


def counted(device: str, call: Callable[[], Any]) -> tuple[Any, Allocations]:
    """The result of a call, and what the call allocated on the device.

    Source: torch.profiler, `profile_memory`; torch.cuda.memory_stats.
    """
    return _by_profiler(call) if device == "cpu" else _by_device(device, call)


def _by_profiler(call: Callable[[], Any]) -> tuple[Any, Allocations]:
    with gc_paused():  # freed garbage would be counted
        result, sizes = profiled(call)
    made = [size for size in sizes if size > 0]
    return result, Allocations(len(made), sum(made), sum(sizes))


def _by_device(device: str, call: Callable[[], Any]) -> tuple[Any, Allocations]:
    with gc_paused():  # also while the counters are read: garbage is freed by the objects that they are told in
        count, total = allocated(device) or (0, 0)
        before = memory_allocated(device) or 0
        result = call()
        count_after, total_after = allocated(device) or (0, 0)
        kept = (memory_allocated(device) or 0) - before
    return result, Allocations(count_after - count, total_after - total, kept)
