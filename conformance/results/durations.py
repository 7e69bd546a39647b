"""How long the specs of a run took."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from conformance.results.model import SweepTime


@dataclass(frozen=True)
class Duration:
    """What the sweeps of a spec on a device took together, in seconds by the clock and of processor time."""

    file: str
    operation: str
    device: str
    seconds: float
    cpu_seconds: float


def durations(sweeps: Iterable[SweepTime]) -> tuple[Duration, ...]:
    """The duration of each spec on each device, the longest first. A sweep that was shared out among workers has a time
    for each."""
    found: dict[tuple[str, str, str], list[SweepTime]] = {}
    for one in sweeps:
        found.setdefault((one.file, one.operation, one.device), []).append(one)
    every = [
        Duration(*about, sum(one.seconds for one in parts), sum(one.cpu_seconds for one in parts))
        for about, parts in found.items()
    ]
    return tuple(sorted(every, key=_seconds, reverse=True))


def _seconds(duration: Duration) -> float:
    return duration.seconds
