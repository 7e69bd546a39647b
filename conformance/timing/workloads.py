"""Workloads: the calls of a spec that are timed, in several sizes. Needs no torch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from conformance.samples.sample import Layout, Sample, TensorSample, as_sample
from conformance.samples.strides import contiguous_strides
from conformance.spec.contract import Reference, Spec

DTYPE = "float32"
"""The dtype in which workloads are timed."""

GROWTH = "growth"
GROWING = (1 << 16, 1 << 18, 1 << 20)
"""The sizes over which growth is measured, in elements: so large that a processor has not learnt by heart which way the
comparisons of a sort go, and small enough for the caches."""

TINY = 1 << 8
"""The size of a call that is all overhead."""

CACHED = 1 << 15
SIZES = {"small": 1 << 8, "medium": CACHED, "large": 1 << 22}
SIZES |= {"strided": CACHED, "backward": CACHED, "row": 1 << 18, "grown": 1 << 18}
"""Sizes in elements. A small workload shows the overhead of a call, a medium one fits in a core's cache, a large one
does not fit in any cache. Then come a workload with another layout, the backward pass, one long row, and a spec's own
workload of growth, such as one with more and more tensors."""


@dataclass(frozen=True)
class Workload:
    """One call to time, or its backward pass."""

    name: str
    size: int
    sample: Sample
    reference: Reference
    """the kind of work that it does"""
    backward: bool = False


def workloads_of(spec: Spec) -> tuple[Workload, ...]:
    """The workloads of a spec that are timed one by one; none if it has no `workload`."""
    cost = spec.cost
    if cost.workload is None:
        return ()
    found = [_workload(name, cost.workload, cost.reference) for name in ("small", "medium", "large")]
    harder = _workload("strided", cost.strided_workload or cost.workload, cost.strided_reference or cost.reference)
    found.append(harder if cost.strided_workload else replace(harder, sample=harder.sample.with_tensors(_transposed)))
    if cost.row_workload is not None:
        found.append(_workload("row", cost.row_workload, cost.reference))
    if cost.growth_workload is not None:
        found.append(_workload("grown", cost.growth_workload, cost.reference))
    if spec.gradient is not None:
        found.append(replace(_workload("backward", cost.workload, "backward"), backward=True))
    return tuple(found)


def workload_named(spec: Spec, name: str) -> Workload:
    """One of the workloads of a spec."""
    return next(workload for workload in workloads_of(spec) if workload.name == name)


def call_of(spec: Spec, workload: Workload) -> str:
    """The timed call, for a reader."""
    return spec.forms[0].call + (", backward" if workload.backward else "")


def growing(spec: Spec) -> tuple[Workload, ...]:
    """The workloads by which growth is measured: a tiny one, whose time is overhead, and those of several sizes."""
    cost = spec.cost
    build = cost.growth_workload or cost.workload
    sizes = (TINY, *GROWING) if build else ()
    return tuple(Workload(GROWTH, size, as_sample(build(size)), cost.reference) for size in sizes if build)


def names_of(spec: Spec) -> tuple[str, ...]:
    """The names of a spec's workloads, and of its growth."""
    names = tuple(workload.name for workload in workloads_of(spec))
    return (*names, GROWTH) if names else ()


def _workload(name: str, build: Callable[[int], dict[str, Any]], reference: Reference) -> Workload:
    return Workload(name, SIZES[name], as_sample(build(SIZES[name])), reference)


def _transposed(tensor: TensorSample) -> TensorSample:
    """A tensor with the order of its dimensions in memory reversed."""
    if tensor.rank < 2:
        return tensor
    strides = tuple(reversed(contiguous_strides(tuple(reversed(tensor.shape)))))
    return replace(tensor, layout=Layout("permuted", strides, 0, tensor.layout.storage))
