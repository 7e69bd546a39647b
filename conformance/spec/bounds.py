"""How long workloads may take: a table, times.toml, in the folder that holds the specs.

An entry has an `id`, the operation and the name of a workload; the reference `against` which it was measured; the ratio
of their times that was `measured`, the median of several processes; the `spread`, the factor by which the highest of
those exceeds the lowest; and the `bound` to which the ratio is held. `python benchmarks/times.py --bounds` writes it.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from conformance.files.entries import read_entries
from conformance.results.model import Name, Record
from conformance.spec.beside import beside

TIMES = "times.toml"

Ratio = Annotated[float, Meta(gt=0)]


class Bound(Record, frozen=True, kw_only=True):
    """How many times as long as its reference a workload may take, as times.toml lists it."""

    id: Name
    against: Name
    measured: Ratio
    spread: Annotated[float, Meta(ge=1)]
    bound: Ratio


def bounds_of(path: Path) -> dict[str, Bound]:
    """The bounds that go with a spec file, by operation and workload; none if there is no table.

    Raises `TomlError` for a table that cannot be used.
    """
    table = beside(path, TIMES)
    return _read(table, table.stat().st_mtime_ns) if table.exists() else {}


@lru_cache(maxsize=16)
def _read(table: Path, _changed: int) -> dict[str, Bound]:
    return {entry.id: entry for entry in read_entries(table, "bound", Bound)}
