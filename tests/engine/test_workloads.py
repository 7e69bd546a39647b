"""Workloads: every spec has some, they run, and each has a bound against a reference that is none of the specs."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.spec import loader
from conformance.spec.bounds import bounds_of
from conformance.spec.contract import REFERENCES
from conformance.timing.clock import Timed
from conformance.timing.ratios import TITLES
from conformance.timing.references import Work, reference_call
from conformance.timing.workloads import GROWING, growing, names_of, workloads_of
from tests import SPECS

FILES = loader.spec_files(SPECS)


UNTIMED = (
    "torch.set_default_dtype", "torch.Tensor", "torch.tensor", "torch.Tensor.item", "torch.Tensor.tolist",
    "torch.manual_seed",
)  # fmt: skip
"""Operations that are no work of torch's kernels, but of Python."""

TIMED = [file for file in FILES if loader.load(file).operation not in UNTIMED]


def _elements(spec, workload):
    """The number of elements of the arguments, or of the result where no argument is a tensor."""
    tensors = workload.sample.tensors
    return sum(tensor.numel for tensor in tensors) if tensors else Timed(spec, workload, "cpu").torch().numel()


def test_the_operations_without_workloads_are_known():
    assert {spec.operation for spec in map(loader.load, FILES) if not names_of(spec)} == {*UNTIMED}


@pytest.mark.parametrize("file", TIMED, ids=lambda file: file.stem)
def test_every_spec_has_workloads_that_run(file):
    spec = loader.load(file)
    found = {workload.name: workload for workload in workloads_of(spec)}
    assert set(found) | {"growth"} == set(names_of(spec))
    assert set(found) - {"backward", "row", "grown"} == {"small", "medium", "large", "strided"}
    assert ("backward" in found) == (spec.gradient is not None)
    sizes = [_elements(spec, workload) for workload in growing(spec)]
    assert len(sizes) == 1 + len(GROWING) and sizes[-1] / sizes[1] == pytest.approx(16, rel=0.2)
    known = bounds_of(file)
    for name, workload in found.items():
        bound = known[f"{spec.operation} {name}"]
        assert bound.against == workload.reference and bound.bound >= 1.3 * bound.measured
    for name in ("small", "medium", "strided", *(["backward"] if spec.gradient else [])):
        one = Timed(spec, found[name], "cpu")
        assert one.torch() is not None
        assert one.reference() is not None


def test_each_bound_is_that_of_a_workload():
    specs = [loader.load(file) for file in FILES]
    names = {f"{spec.operation} {workload.name}" for spec in specs for workload in workloads_of(spec)}
    assert set(bounds_of(FILES[0])) == names


@pytest.mark.parametrize("name", REFERENCES)
def test_references_do_the_work_of_a_workload_and_are_no_operation_with_a_spec(name):
    call: Any = reference_call(name, Work(1 << 12, 1 << 16, "cpu"))
    first = call()[0] if name in ("matmul", "backward") else call()
    assert first.numel() == {"copy": 1 << 13, "view": 64, "reduction": 64}.get(name, 1 << 12)
    assert TITLES[name]
    specs = [loader.load(file) for file in FILES]
    operations = {spec.operation.rpartition(".")[2] for spec in specs if spec.cost.reference == name}
    assert call.func.__name__.rstrip("_") not in operations
