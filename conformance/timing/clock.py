"""Workloads as live calls, and the times of those calls on one thread and one core."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from functools import cached_property, partial
from typing import Any

import torch

from conformance.execution.devices import synchronize
from conformance.execution.execution import Execution
from conformance.execution.gc_paused import gc_paused
from conformance.execution.promise import Promise
from conformance.spec.contract import Spec
from conformance.spec.expressions import as_function
from conformance.timing.references import Call, Work, reference_call
from conformance.timing.workloads import DTYPE, Workload

Clock = Callable[[], float]
"""Seconds from some moment on."""

BATCH = 1e-3
"""The seconds that a batch of calls should take. It is shorter than a scheduler time slice, so that most batches are
not interrupted."""

WARM_UP = 10
"""The number of calls before the first timed one, by which the process allocates the memory that it needs."""

BATCHES = 3
"""The number of batches in one measurement, which is the time of the fastest."""

FINEST = BATCH / 100
"""Seconds that a clock may take for a step, so that a batch is measured to one in a hundred."""

SPIN = 0.02
"""Seconds for which the share of a processor is watched: several time slices."""


def use_one_core() -> None:
    """Make this process compute with one thread, and on one core if the system allows the choice."""
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
        self._execution = Execution(Promise(spec, workload.sample, DTYPE), device)

    @cached_property
    def torch(self) -> Call:
        """The call of the first form, or its backward pass."""
        return self._backward if self.workload.backward else self._forward

    @cached_property
    def reference(self) -> Call:
        """The plain call of torch that does the same kind of work."""
        return reference_call(self.workload.reference, self._work)

    @property
    def _forward(self) -> Call:
        """The call as a function of its own: evaluating its text takes longer than a view."""
        execution = self._execution
        if self.device == "cpu":
            return as_function(execution.form.call, (), execution.names)
        return partial(execution.call, execution.form.call)

    @property
    def _backward(self) -> Call:
        leaves = [one.tensor.detach().requires_grad_() for one in self._execution.operands if one.inexact]
        results = [one for one in self._execution.results_of_leaves(leaves) if one.requires_grad]
        incoming = [torch.ones_like(result) for result in results]
        return partial(torch.autograd.grad, results, leaves, incoming, retain_graph=True, allow_unused=True)

    @cached_property
    def _results(self) -> list[Any]:
        """The results of the first form."""
        return self._execution.tensors_of(self._forward())

    @property
    def _work(self) -> Work:
        """What a call reads and writes."""
        arguments = [one.tensor for one in self._execution.operands]
        touched = [*arguments, *self._results]
        count = max(one.numel() for one in touched)
        return Work(count, sum(one.numel() * one.element_size() for one in touched), self.device)

    def seconds(self, call: Call, loops: int) -> float:
        """The seconds of one call: from the fastest of a few batches of `loops` calls, or from a single call that takes
        as long as a batch."""
        with gc_paused():
            return (self._fastest(call, loops) if loops > 1 else self._batch(call, 1)) / loops

    def loops(self, call: Call) -> int:
        """The number of calls in a batch. Warms up first."""
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
