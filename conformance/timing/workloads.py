"""Workloads: the sized calls of a spec whose time is measured. Needs no torch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from conformance.samples.sample import Layout, Sample, TensorSample, as_sample
from conformance.samples.strides import contiguous_strides
from conformance.spec.contract import Spec

DTYPE = "float32"
"""The dtype in which workloads are timed."""

GROWTH = "growth"
GROWING = (1 << 14, 1 << 16, 1 << 18)
"""The sizes over which growth is measured: beyond the overhead of a call, and within the caches."""

CACHED = 1 << 15
SIZES = {"small": 1 << 8, "medium": CACHED, "large": 1 << 22}
SIZES |= {"strided": CACHED, "backward": CACHED, "grown": GROWING[-1]}
"""Elements: so few that the overhead of a call shows; as many as stay in a core's cache; more than any cache holds;
then a harder layout, the backward pass, and the largest of what grows in a way of its own, as in ever more tensors."""


@dataclass(frozen=True)
class Workload:
    """One call to be timed, forward or `backward`."""

    name: str
    size: int
    sample: Sample
    backward: bool = False


def workloads_of(spec: Spec) -> tuple[Workload, ...]:
    """The workloads of a spec that are timed one by one; none where it has no `workload`."""
    cost = spec.cost
    if cost.workload is None:
        return ()
    found = [_workload(name, cost.workload) for name in ("small", "medium", "large")]
    harder = _workload("strided", cost.strided_workload or cost.workload)
    found.append(harder if cost.strided_workload else replace(harder, sample=harder.sample.with_tensors(_transposed)))
    if cost.growth_workload is not None:
        found.append(_workload("grown", cost.growth_workload))
    if spec.gradient is not None:
        found.append(replace(_workload("backward", cost.workload), backward=True))
    return tuple(found)


def workload_named(spec: Spec, name: str) -> Workload:
    """One of the workloads of a spec."""
    return next(workload for workload in workloads_of(spec) if workload.name == name)


def call_of(spec: Spec, workload: Workload) -> str:
    """What is timed, for a reader."""
    return spec.forms[0].call + (", backward" if workload.backward else "")


def growing(spec: Spec) -> tuple[Workload, ...]:
    """The same call in several sizes."""
    build = spec.cost.growth_workload or spec.cost.workload
    return tuple(Workload(GROWTH, size, as_sample(build(size))) for size in GROWING) if build else ()


def names_of(spec: Spec) -> tuple[str, ...]:
    """What is timed of a spec: the names of its workloads, and its growth."""
    names = tuple(workload.name for workload in workloads_of(spec))
    return (*names, GROWTH) if names else ()


def _workload(name: str, build: Callable[[int], dict[str, Any]]) -> Workload:
    return Workload(name, SIZES[name], as_sample(build(SIZES[name])))


def _transposed(tensor: TensorSample) -> TensorSample:
    """A tensor of several dimensions with its memory in the opposite order."""
    if tensor.rank < 2:
        return tensor
    strides = tuple(reversed(contiguous_strides(tuple(reversed(tensor.shape)))))
    return replace(tensor, layout=Layout("permuted", strides, 0, tensor.layout.storage))
