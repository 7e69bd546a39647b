"""How long the specs took: the longest of them."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.results.durations import Duration, durations
from conformance.results.verdict import Results

SHOWN = 20
"""The number of specs that the page shows."""


@dataclass(frozen=True)
class Durations:
    """The specs that took longest, the longest first, and what all of them took. Seconds."""

    count: int
    seconds: float
    cpu_seconds: float
    longest: tuple[Duration, ...]


def durations_of(results: Results) -> Durations:
    """The durations of a run; results of a schema before the third have none."""
    every = durations(results.sweeps)
    seconds, cpu_seconds = sum(one.seconds for one in every), sum(one.cpu_seconds for one in every)
    return Durations(len(every), seconds, cpu_seconds, every[:SHOWN])
