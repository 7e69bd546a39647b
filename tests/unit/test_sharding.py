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


def test_one_worker_has_all_of_an_accelerator():
    assert scope_of("specs/a.py::values[cpu-int8]") != scope_of("specs/b.py::values[cpu-int8]")
    assert scope_of("specs/a.py::values[cuda:1-int8]") == scope_of("specs/b.py::values[cuda:1-int8]") == "cuda:1"
