"""Workloads: every spec has some, they run, and NumPy is timed at what torch does."""

from __future__ import annotations

import numpy as np
import pytest

from conformance.spec import loader
from conformance.timing.clock import Timed
from conformance.timing.workloads import GROWING, growing, names_of, workloads_of
from tests import SPECS

FILES = loader.spec_files(SPECS)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_spec_has_workloads_that_run(file):
    spec = loader.load(file)
    found = {workload.name: workload for workload in workloads_of(spec)}
    assert set(found) | {"growth"} == set(names_of(spec))
    assert set(found) - {"backward", "grown"} == {"small", "medium", "large", "strided"}
    assert ("backward" in found) == (spec.gradient is not None)
    sizes = [sum(tensor.numel for tensor in workload.sample.tensors) for workload in growing(spec)]
    assert len(sizes) == len(GROWING) and sizes[-1] / sizes[0] == pytest.approx(16, rel=0.2)
    for name in ("small", "medium", "strided", *(["backward"] if spec.gradient else [])):
        one = Timed(spec, found[name], "cpu")
        assert one.torch() is not None
        assert name == "backward" or (one.numpy is not None and one.numpy() is not None)


SAME_RESULTS = [file for file in FILES if file.stem not in ("kthvalue", "topk")]
"""NumPy puts more in order than those two hand back."""


@pytest.mark.parametrize("file", SAME_RESULTS, ids=lambda file: file.stem)
def test_what_numpy_is_timed_at_is_what_torch_does(file):
    spec = loader.load(file)
    one = Timed(spec, workloads_of(spec)[0], "cpu")
    assert one.numpy is not None
    found, wanted = one.torch(), one.numpy()
    first = found[0] if isinstance(found, (tuple, list)) else found
    expected = wanted[0] if isinstance(wanted, (tuple, list)) and first.shape != np.shape(wanted) else wanted
    if file.stem in ("backward", "grad"):  # the product comes first
        expected = wanted[1]
    np.testing.assert_allclose(first.detach().numpy(), expected, rtol=1e-5, atol=1e-6)
