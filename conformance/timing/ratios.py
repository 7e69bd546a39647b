"""perf: does a workload take at most n times as long as a reference, and does its time grow with the size as promised?

Every figure is a ratio of times that are taken in turns in one process. Nothing is compared with a stored time. Calls
on the CPU are judged by processor time, so that a busy machine changes no verdict. Elsewhere a busy machine decides
nothing: what would be broken is "not run".
"""

from __future__ import annotations

import statistics
import time
from dataclasses import asdict, dataclass

from conformance.numeric.intervals import CONFIDENCE, Interval, exponent, format_seconds, median_interval
from conformance.results.model import Cell, CellResult, Evidence, Failure, FailureKind, Timing, Verdict
from conformance.spec.cells import PERF, result_of
from conformance.spec.contract import Spec
from conformance.timing.clock import Call, Timed, clock_of, share_of_processor
from conformance.timing.workloads import GROWTH, call_of, growing, workload_named

ROUNDS = 31
"""The number of times that are taken of each call."""

MARGIN = 0.5
"""An exponent may be larger than the promised one by this much: cache effects can add a factor of 4 over the 16-fold
range of sizes."""

LEAST_SHARE = 0.9
"""A process that is given less of a processor shares it: wall times then judge nothing."""

BACKWARD = 30.0
"""A backward pass may take at most n times as long as its forward call and a copy of its gradients together."""

TITLES = {"numpy": "NumPy", "forward": "the forward call", "memcpy": "a copy of as many bytes"}
"""The references of a ratio, as a reader sees them."""


@dataclass(frozen=True)
class Measured:
    """One measurement and its outcome."""

    problem: str
    """how the promise is broken; empty if it is kept"""
    promised: str
    """what is promised; empty if nothing is"""
    note: str
    """the figures, for a reader"""
    timing: Timing
    share: float = 1.0
    """the share of a processor with which wall times were taken; 1 for processor times"""

    @property
    def undecided(self) -> bool:
        """Whether the machine was too busy to judge a problem."""
        return bool(self.problem) and self.share < LEAST_SHARE

    @property
    def verdict(self) -> Verdict:
        if self.undecided:
            return Verdict.NOT_RUN
        if self.problem:
            return Verdict.BROKEN
        return Verdict.HELD if self.promised else Verdict.VACUOUS

    def failure(self, call: str) -> Failure | None:
        """The failure if the workload is not as promised, else None."""
        if self.undecided:
            message = f"not decided: others had {1 - self.share:.0%} of the processor; {self.problem}"
            return Failure(kind=FailureKind.UNDECIDED, message=message, call=call)
        if self.problem:
            return Failure(kind=FailureKind.SLOW, message=self.problem, call=call, promised=self.promised)
        if not self.promised:
            message = "the spec names no NumPy equivalent to be held against"
            return Failure(kind=FailureKind.NOTHING_COMPARED, message=message, call=call)
        return None


def measure(spec: Spec, name: str, device: str, file: str) -> CellResult:
    """The record of one workload of a spec, or of its growth. `file` is the name of the spec file in the results."""
    if name == GROWTH:
        call, found = spec.forms[0].call, _growth(spec, device)
    else:
        workload = workload_named(spec, name)
        call, found = call_of(spec, workload), _ratios(Timed(spec, workload, device, clock_of(device)))
    return result_of(
        file,
        spec.operation,
        device,
        Cell(PERF, name),
        found.verdict,
        found.failure(call),
        evidence=Evidence(comparisons=ROUNDS if found.promised else 0, notes=(found.note,)),
        timing=found.timing,
    )


def _ratios(timed: Timed) -> Measured:
    series = {"torch": timed.torch, "numpy": timed.numpy, "forward": timed.forward, "memcpy": timed.memcpy}
    seconds, share = _in_turns({name: (timed, call) for name, call in series.items() if call is not None})
    bound = BACKWARD if timed.workload.backward else timed.spec.cost.max_ratio
    against = _reference(timed, seconds)
    parts = [f"torch {format_seconds(statistics.median(seconds['torch']))}"]
    problem = ""
    interval: dict[str, float] = {}
    if against:
        title = " and ".join(TITLES[name] for name in against)
        ratio = _ratio(seconds["torch"], [sum(times) for times in zip(*(seconds[name] for name in against))])
        interval = asdict(ratio)
        parts.append(
            f"{ratio.middle:.2f} times {title} ({ratio.low:.2f} to {ratio.high:.2f}), promised {bound:g} at most"
        )
        problem = f"takes {ratio.low:.2f} times as long as {title}, or more" if ratio.low > bound else ""
    if "memcpy" in seconds:
        copied = _ratio(seconds["memcpy"], seconds["torch"])
        parts.append(f"{copied.middle:.0%} of the speed at which memory is copied")
    timing = Timing(kind="ratios", seconds=_frozen(seconds), bound=bound, against=tuple(against), **interval)
    return Measured(problem, f"{bound:g} times at most" if against else "", "; ".join(parts), timing, share)


def _reference(timed: Timed, seconds: dict[str, list[float]]) -> list[str]:
    """The series whose sum is the reference of a time. NumPy computes on the CPU. A call on another device must first
    be sent to it, so a copy, which must be sent too, is added there."""
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
    promised = spec.cost.growth_exponent
    most = promised + MARGIN
    note = f"time grows with size to the power of {slope.middle:.2f} ({slope.low:.2f} to {slope.high:.2f})"
    problem = note if slope.low > most else ""
    hardly = slope.high < promised - MARGIN
    known = "; these sizes are too small to say more" if hardly else ""
    interval = asdict(slope)
    timing = Timing(kind="growth", seconds=_frozen(seconds), bound=promised, margin=MARGIN, **interval)
    limit = f"{promised:g}, at most {most:g}"
    return Measured(problem, limit, f"{note}, promised {promised:g}{known}", timing, share)


def _in_turns(calls: dict[str, tuple[Timed, Call]]) -> tuple[dict[str, list[float]], float]:
    """The seconds of each call, round by round, and the share of a processor with which wall times were taken. Every
    other round takes the calls in reverse order."""
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


def _frozen(seconds: dict[str, list[float]]) -> dict[str, tuple[float, ...]]:
    return {name: tuple(times) for name, times in seconds.items()}
