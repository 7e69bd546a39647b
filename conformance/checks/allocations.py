"""What a call allocates, counted: by torch's profiler on the CPU, by the device's own counters elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from conformance.checks.claim_helpers import profiled
from conformance.execution.devices import allocated, memory_allocated
from conformance.execution.gc_paused import gc_paused

BLOCK = 512
"""Bytes to which a device may round what it hands out."""


@dataclass(frozen=True)
class Allocations:
    """How many allocations there were, of how many bytes in all, and how many bytes are still in use."""

    count: int
    total: int
    kept: int

    def __str__(self) -> str:
        return f"{self.count} allocations of {self.total} bytes in all, of which {self.kept} stay in use"


def promised(device: str, results: Iterable[int], scratch: Iterable[int]) -> Allocations:
    """What must be counted for results and scratch of so many bytes each; allocations of 0 bytes do not count."""
    kept = [_as_counted(device, size) for size in results if size]
    passing = [_as_counted(device, size) for size in scratch if size]
    return Allocations(len(kept) + len(passing), sum(kept) + sum(passing), sum(kept))


def _as_counted(device: str, size: int) -> int:
    return size if device == "cpu" else -(-size // BLOCK) * BLOCK


def counted(device: str, call: Callable[[], Any]) -> tuple[Any, Allocations]:
    """A call's result and what the call allocated on the device.

    Source: torch.profiler, `profile_memory`; torch.cuda.memory_stats.
    """
    return _by_profiler(call) if device == "cpu" else _by_device(device, call)


def _by_profiler(call: Callable[[], Any]) -> tuple[Any, Allocations]:
    with gc_paused():  # garbage would count as given back
        result, sizes = profiled(call)
    made = [size for size in sizes if size > 0]
    return result, Allocations(len(made), sum(made), sum(sizes))


def _by_device(device: str, call: Callable[[], Any]) -> tuple[Any, Allocations]:
    count, total = allocated(device) or (0, 0)
    kept = memory_allocated(device) or 0
    with gc_paused():
        result = call()
    count_after, total_after = allocated(device) or (0, 0)
    return result, Allocations(count_after - count, total_after - total, (memory_allocated(device) or 0) - kept)
