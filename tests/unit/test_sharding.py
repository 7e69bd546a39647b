"""Who runs what: the shards of a plan, and the workers of one machine."""

from __future__ import annotations

import pytest

from conformance.plugin.sharding import Shard, parse
from conformance.plugin.xdist import scope_of


@pytest.mark.parametrize("text", ["0/2", "3/2", "1", "a/b", "1/2/3", "-1/2", ""])
def test_what_is_no_shard_is_refused(text):
    with pytest.raises(ValueError, match="is no shard"):
        parse(text)


def test_shards_share_out_every_sweep_once():
    sweeps = list(range(11))
    parts = [Shard(number, 4).part(sweeps) for number in range(1, 5)]
    assert sorted(sweep for part in parts for sweep in part) == sweeps
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


def test_workers_share_every_device_by_specs_and_one_has_its_compiled_cells():
    for device in ("cpu", "cuda:1"):
        assert scope_of(f"specs/a.py::values[{device}-int8]") == scope_of(f"specs/a.py::modes[{device}-vmap]")
        assert scope_of(f"specs/a.py::values[{device}-int8]") != scope_of(f"specs/b.py::values[{device}-int8]")
        assert scope_of(f"specs/a.py::modes[{device}-inductor]") == scope_of(f"specs/b.py::modes[{device}-aot_eager]")
    assert scope_of("specs/a.py::modes[cpu-inductor]") != scope_of("specs/a.py::modes[cuda-inductor]")
