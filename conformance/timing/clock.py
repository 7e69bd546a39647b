"""Workloads made live, and the time that their calls take. Of one thread, on one core."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from functools import cached_property, partial
from typing import Any

import numpy as np
import torch

from conformance.execution.devices import synchronize
from conformance.execution.execution import Execution, flatten
from conformance.execution.gc_paused import not_collected
from conformance.execution.tensors import storage_address
from conformance.spec.contract import Spec
from conformance.spec.expressions import evaluate
from conformance.timing.workloads import DTYPE, Workload

Call = Callable[[], Any]

Clock = Callable[[], float]
"""Seconds from some moment on."""

BATCH = 1e-3
"""Seconds that a batch of calls should take: less than a turn on the processor, so that most are not interrupted."""

PAGE = 4096

WARM_UP = 10
"""Calls before any is timed: after so many a process has the memory that it needs."""

BATCHES = 3
"""Batches whose fastest is one measurement."""

FINEST = BATCH / 100
"""Seconds that a clock may take for a step, so that a batch is measured to one in a hundred."""

SPIN = 0.02
"""Seconds for which the share of a processor is watched: several time slices."""


def alone() -> None:
    """From now on this process computes with one thread, on one core where the system lets it choose."""
    torch.set_num_threads(1)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def clock_of(device: str) -> Clock:
    """The clock by which calls on a device are judged: processor time, which stands still while other processes have
    the processor, where this process computes and the system counts finely (Windows does so in steps of 16 ms); else
    wall time, by which a call longer than a time slice takes the longer the busier the machine is, and a shorter one
    does not, so that their ratio grows with the load."""
    return time.process_time if device == "cpu" and _step(time.process_time) < FINEST else time.perf_counter


def share_of_processor() -> float:
    """The share of a processor that this process is given while it wants one all the time."""
    start, used = time.perf_counter(), time.process_time()
    while time.perf_counter() < start + SPIN:
        pass
    return (time.process_time() - used) / (time.perf_counter() - start)


def _step(clock: Clock) -> float:
    """The smallest step of a clock that is seen in a few."""
    steps = []
    for _ in range(10):
        start = now = clock()
        while now == start:
            now = clock()
        steps.append(now - start)
    return min(steps)


class Timed:
    """A workload on live tensors, ready to be called and timed by a clock."""

    def __init__(self, spec: Spec, workload: Workload, device: str, clock: Clock = time.perf_counter) -> None:
        self.spec, self.workload, self.device, self.clock = spec, workload, device, clock
        self._execution = Execution(spec, workload.sample, DTYPE, device)

    @property
    def torch(self) -> Call:
        """The call of the first form, or its backward pass."""
        return self._backward if self.workload.backward else self._forward

    @property
    def forward(self) -> Call | None:
        """The forward call that a backward pass belongs to."""
        return self._forward if self.workload.backward else None

    @cached_property
    def _forward(self) -> Call:
        return partial(self._execution.call, self._execution.form.call)

    @cached_property
    def _backward(self) -> partial[Any]:
        leaves = [one.tensor.detach().requires_grad_() for one in self._execution.operands if one.inexact]
        results = [one for one in self._execution.results_of_leaves(leaves) if one.requires_grad]
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
        moved = self._gradient_bytes() if self.workload.backward else self._bytes_moved()
        return _copy_of(max(moved // 2, 1), self.device) if moved else None

    def _bytes_moved(self) -> int:
        """What is read of the arguments and written to results, where the results are new."""
        execution = self._execution
        results = flatten(self._forward(), execution.form.call)
        given = {storage_address(one.tensor) for one in execution.operands}
        written = sum(_bytes(one) for one in results if storage_address(one) not in given)
        return written and written + sum(_bytes(one.tensor) for one in execution.operands)

    def _gradient_bytes(self) -> int:
        """The gradients of the results, which are read, and those of the arguments, which are written."""
        results: list[Any] = self._backward.args[0]
        return sum(_bytes(one) for one in (*results, *self._backward()) if one is not None)

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
        start = self.clock()
        for _ in range(loops):
            call()
        synchronize(self.device)
        return self.clock() - start


def _copy_of(count: int, device: str) -> Call:
    """A copy of so many bytes on a device. On the CPU it is to a place far from the first in the last twelve bits of
    its address: processors that find those alike take a store for the next load's, and wait."""
    if device != "cpu":
        source = torch.ones(count, dtype=torch.uint8, device=device)
        return partial(torch.empty_like(source).copy_, source)
    memory = np.ones(2 * count + 2 * PAGE, np.uint8)
    start = count + (PAGE // 2 - count) % PAGE
    return partial(np.copyto, memory[start : start + count], memory[:count])


def _bytes(tensor: Any) -> int:
    return int(tensor.numel() * tensor.element_size())
