"""Workloads made live, and the time that their calls take. Of one thread, on one core."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from functools import cached_property, partial
from typing import Any

import numpy as np
import torch

from conformance.cost.garbage import not_collected
from conformance.cost.workloads import DTYPE, Workload
from conformance.devices import synchronize
from conformance.execution import Execution, flatten
from conformance.expressions import evaluate
from conformance.spec import Spec
from conformance.tensors import storage_address

Call = Callable[[], Any]

BATCH = 1e-3
"""Seconds that a batch of calls should take: less than a turn on the processor, so that most are not interrupted."""

PAGE = 4096

WARM_UP = 10
"""Calls before any is timed: after so many a process has the memory that it needs."""

BATCHES = 3
"""Batches whose fastest is one measurement."""


def alone() -> None:
    """From now on this process computes with one thread, on one core where the system lets it choose."""
    torch.set_num_threads(1)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


class Timed:
    """A workload on live tensors, ready to be called."""

    def __init__(self, spec: Spec, workload: Workload, device: str) -> None:
        self.spec, self.workload, self.device = spec, workload, device
        self._execution = Execution(spec, workload.sample, DTYPE, device)

    @cached_property
    def torch(self) -> Call:
        """The call of the first form, or its backward pass."""
        execution = self._execution
        if not self.workload.backward:
            return partial(execution.call, execution.form.call)
        leaves = [one.tensor.detach().requires_grad_() for one in execution.operands if one.inexact]
        results = [one for one in execution.results_of_leaves(leaves) if one.requires_grad]
        incoming = [torch.ones_like(result) for result in results]
        return partial(torch.autograd.grad, results, leaves, incoming, retain_graph=True, allow_unused=True)

    @cached_property
    def numpy(self) -> Call | None:
        """NumPy's natural equivalent, or None where there is none."""
        expression = self.spec.cost.numpy
        if not expression or self.workload.backward:
            return None
        arguments = self._execution.arguments_with(one.array for one in self._execution.operands)
        return partial(evaluate, expression, {"np": np, **arguments})

    @cached_property
    def memcpy(self) -> Call | None:
        """A copy of memory that moves as many bytes as the call does, or None where it moves none."""
        moved = self._bytes_moved()
        if not moved:
            return None
        return _copy_of(max(moved // 2, 1))

    def _bytes_moved(self) -> int:
        """What is read of the arguments and written to results, where the results are new."""
        execution = self._execution
        results = flatten(execution.call(execution.form.call), execution.form.call)
        given = {storage_address(one.tensor) for one in execution.operands}
        written = sum(_bytes(one) for one in results if storage_address(one) not in given)
        read = sum(_bytes(one.tensor) for one in execution.operands)
        return read + written if written and not self.workload.backward else 0

    def seconds(self, call: Call, loops: int) -> float:
        """Seconds of one call: the fastest of a few batches of so many, or of a call that is a batch by itself."""
        with not_collected():
            return (self._fastest(call, loops) if loops > 1 else self._batch(call, 1)) / loops

    def loops(self, call: Call) -> int:
        """How many calls make up a batch; warms up."""
        self._batch(call, WARM_UP)
        loops = 1
        while (took := self._fastest(call, loops)) < BATCH / 2 and loops < 1 << 16:
            loops = max(2 * loops, int(loops * BATCH / max(took, 1e-9) / 4))
        return max(1, round(loops * BATCH / took)) if took < BATCH else loops

    def _fastest(self, call: Call, loops: int) -> float:
        return min(self._batch(call, loops) for _ in range(BATCHES))

    def _batch(self, call: Call, loops: int) -> float:
        start = time.perf_counter()
        for _ in range(loops):
            call()
        synchronize(self.device)
        return time.perf_counter() - start


def _copy_of(count: int) -> Call:
    """A copy of so many bytes, to a place far from the first in the last twelve bits of its address: processors that
    find those alike take a store for the next load's, and wait."""
    memory = np.ones(2 * count + 2 * PAGE, np.uint8)
    start = count + (PAGE // 2 - count) % PAGE
    return partial(np.copyto, memory[start : start + count], memory[:count])


def _bytes(tensor: Any) -> int:
    return int(tensor.numel() * tensor.element_size())
