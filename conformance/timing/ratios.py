"""perf: does a workload take no more than so many times a reference, and does its time grow with the size as promised?

Everything is a ratio of times taken in turns in one process; nothing is compared with a stored time. Times are those of
the processor where they can be had, so that a busy machine changes no verdict. Elsewhere a busy machine decides
nothing: what would be broken is "not run".
"""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
from typing import Any

from conformance.execution.evidence import Evidence, cell_record
from conformance.numeric.intervals import CONFIDENCE, Interval, exponent, median_interval, told
from conformance.spec.cells import PERF
from conformance.spec.contract import Spec
from conformance.timing.clock import Call, Timed, clock_of, share_of_processor
from conformance.timing.workloads import GROWTH, call_of, growing, workload_named

ROUNDS = 31
MARGIN = 0.5
"""How far an exponent may lie above the promised one: caches cost up to fourfold over the sixteenfold of sizes."""

LEAST_SHARE = 0.9
"""A process that is given less of a processor shares it: wall times then judge nothing."""

BACKWARD = 30.0
"""A backward pass may take so many times as long as its forward call and a copy of its gradients."""

TITLES = {"numpy": "NumPy", "forward": "the forward call", "memcpy": "a copy of as many bytes"}
"""What a time can be held against, for a reader."""


@dataclass(frozen=True)
class Measured:
    """What was found: the problem if there is one, what is promised if anything is, a note, the times (seconds by
    series) with what they were held against, and the share of a processor that wall times were taken with (1 for
    processor times)."""

    problem: str
    promised: str
    note: str
    timing: dict[str, Any]
    share: float = 1.0

    def as_record(self, device: str, name: str, call: str) -> dict[str, Any]:
        """The record of the perf cell of a workload."""
        evidence = Evidence()
        for _ in range(ROUNDS if self.promised else 0):
            evidence.compared(None)
        evidence.note(self.note)
        verdict, message = self._verdict()
        record = cell_record(device, (PERF, name), verdict, evidence, message)
        return {**record, "call": call, "promised": self.promised if self.problem else "", "timing": self.timing}

    def _verdict(self) -> tuple[str, str]:
        if self.problem and self.share < LEAST_SHARE:
            return "not run", f"not decided: others had {1 - self.share:.0%} of the processor; {self.problem}"
        if self.problem:
            return "broken", self.problem
        if self.promised:
            return "held", ""
        return "vacuous", "the spec names no NumPy equivalent to be held against"


def measure(spec: Spec, name: str, device: str) -> dict[str, Any]:
    """The record of one workload of a spec, or of its growth."""
    if name == GROWTH:
        return _growth(spec, device).as_record(device, name, spec.forms[0].call)
    workload = workload_named(spec, name)
    return _ratios(Timed(spec, workload, device, clock_of(device))).as_record(device, name, call_of(spec, workload))


def _ratios(timed: Timed) -> Measured:
    series = {"torch": timed.torch, "numpy": timed.numpy, "forward": timed.forward, "memcpy": timed.memcpy}
    seconds, share = _in_turns({name: (timed, call) for name, call in series.items() if call is not None})
    bound = BACKWARD if timed.workload.backward else timed.spec.cost.at_most
    against = _reference(timed, seconds)
    parts = [f"torch {told(statistics.median(seconds['torch']))}"]
    problem = ""
    if against:
        title = " and ".join(TITLES[name] for name in against)
        ratio = _ratio(seconds["torch"], [sum(times) for times in zip(*(seconds[name] for name in against))])
        parts.append(
            f"{ratio.middle:.2f} times {title} ({ratio.low:.2f} to {ratio.high:.2f}), promised {bound:g} at most"
        )
        problem = f"takes {ratio.low:.2f} times as long as {title}, or more" if ratio.low > bound else ""
    if "memcpy" in seconds:
        copied = _ratio(seconds["memcpy"], seconds["torch"])
        parts.append(f"{copied.middle:.0%} of the speed at which memory is copied")
    timing = {"kind": "ratios", "seconds": seconds, "bound": bound, "against": against}
    return Measured(problem, f"{bound:g} times at most" if against else "", "; ".join(parts), timing, share)


def _reference(timed: Timed, seconds: dict[str, list[float]]) -> list[str]:
    """The series whose sum a time is held against. NumPy computes on the CPU; elsewhere a call must first be sent to
    the device, as a copy must."""
    if timed.workload.backward:
        return [name for name in ("forward", "memcpy") if name in seconds]
    if "numpy" not in seconds:
        return []
    return ["numpy"] if timed.device == "cpu" or "memcpy" not in seconds else ["numpy", "memcpy"]


def _growth(spec: Spec, device: str) -> Measured:
    timed = [Timed(spec, workload, device, clock_of(device)) for workload in growing(spec)]
    seconds, share = _in_turns({str(one.workload.size): (one, one.torch) for one in timed})
    sizes = [one.workload.size for one in timed]
    slope = median_interval([exponent(sizes, times) for times in zip(*seconds.values())], CONFIDENCE)
    most = spec.cost.growth + MARGIN
    note = f"time grows with size to the power of {slope.middle:.2f} ({slope.low:.2f} to {slope.high:.2f})"
    problem = note if slope.low > most else ""
    hardly = slope.high < spec.cost.growth - MARGIN
    known = "; these sizes are too small to say more" if hardly else ""
    timing = {"kind": "growth", "seconds": seconds, "bound": spec.cost.growth, "margin": MARGIN}
    promised = f"{spec.cost.growth:g}, at most {most:g}"
    return Measured(problem, promised, f"{note}, promised {spec.cost.growth:g}{known}", timing, share)


def _in_turns(calls: dict[str, tuple[Timed, Call]]) -> tuple[dict[str, list[float]], float]:
    """Seconds of each call, round by round, forwards and backwards by turns; and the share of a processor that wall
    times were taken with."""
    loops = {name: timed.loops(call) for name, (timed, call) in calls.items()}
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    shares: list[float] = []
    for number in range(ROUNDS):
        for name in list(calls)[:: 1 if number % 2 else -1]:
            timed, call = calls[name]
            seconds[name].append(timed.seconds(call, loops[name]))
        if timed.clock is time.perf_counter:
            shares.append(share_of_processor())
    return seconds, statistics.fmean(shares) if shares else 1.0


def _ratio(above: list[float], below: list[float]) -> Interval:
    return median_interval([one / other for one, other in zip(above, below)], CONFIDENCE)
