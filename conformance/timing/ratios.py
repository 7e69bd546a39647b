"""perf: does a workload take at most n times as long as a reference, and does its time grow with the size as promised?

The reference is a plain call of the same torch that does the same kind of work. Every figure is a ratio of times that
are taken in turns in one process. Nothing is compared with a stored time. Calls on the CPU are judged by processor
time, so that a busy machine changes no verdict. Elsewhere a busy machine decides nothing: what would be broken is "not
run".
"""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass

from conformance.numeric.intervals import CONFIDENCE, Interval, exponent, format_seconds, median_interval
from conformance.results.model import Cell, CellResult, Evidence, Failure, FailureKind, Timing, Verdict
from conformance.spec.bounds import TIMES, Bound
from conformance.spec.cells import PERF, result_of
from conformance.spec.contract import Reference, Spec
from conformance.timing.clock import Timed, clock_of, share_of_processor
from conformance.timing.references import Call
from conformance.timing.workloads import GROWING, GROWTH, call_of, growing, workload_named

LOOKS = (15, 31, 62, 124)
"""The numbers of rounds after which a measurement is judged. A further look is taken only if the last one was open."""

MARGIN = 0.25
"""An exponent may be larger than the promised one by this much, and by what caches add to that of the reference."""

CONSTANT_MARGIN = 0.1
"""The same of calls whose time does not depend on the size, nor on caches."""

LEAST_TIME = 1e-9
"""The seconds that are left of a time that its overhead exceeds by chance."""

ELSEWHERE = 5.0
"""The factor by which a bound is wider on other devices than the CPU, on which it was measured."""

LEAST_SHARE = 0.9
"""A process that is given less of a processor shares it: wall times then judge nothing."""

TITLES: dict[Reference, str] = {
    "copy": "a copy of as many bytes",
    "view": "a view",
    "elementwise": "a product of elements, added to a third",
    "exponential": "the exponential of each element",
    "reduction": "the sum of the numbers of each row",
    "sort": "the order of each row",
    "matmul": "a matrix product, added to a matrix",
    "backward": "the backward pass of an exponential",
}
"""The references, as a reader sees them."""

Seconds = Mapping[str, list[float]]
"""The times of each series, round by round."""


@dataclass(frozen=True)
class Measured:
    """One measurement and its outcome."""

    found: Interval
    """the interval of the median ratio or exponent"""
    least: float
    """an interval below it decides nothing: it does not show the work that the promise is about"""
    most: float
    """the largest ratio or exponent that is promised; infinite if nothing is"""
    told: str
    """what was found, as a sentence without its subject"""
    note: str
    """the figures, for a reader"""
    timing: Timing
    share: float = 1.0
    """the share of a processor with which wall times were taken; 1 for processor times"""

    @property
    def broken(self) -> bool:
        """Whether the promise is broken with confidence."""
        return self.found.low > self.most

    @property
    def open(self) -> bool:
        """Whether the spread of the times leaves it open whether the promise is kept."""
        return not self.broken and (self.found.high > self.most or self.found.high < self.least)

    @property
    def promised(self) -> str:
        """What is promised; empty if nothing is."""
        return "" if math.isinf(self.most) else f"at most {self.most:.3g}"

    @property
    def verdict(self) -> Verdict:
        if not self.promised:
            return Verdict.VACUOUS
        if self.open or (self.broken and self.share < LEAST_SHARE):
            return Verdict.NOT_RUN
        return Verdict.BROKEN if self.broken else Verdict.HELD

    def failure(self, call: str) -> Failure | None:
        """The failure if the workload is not as promised, or if that is not decided, else None."""
        if self.verdict is Verdict.HELD:
            return None
        kind, message = {
            Verdict.VACUOUS: (FailureKind.NOTHING_COMPARED, self.told),
            Verdict.NOT_RUN: (FailureKind.UNDECIDED, f"not decided: {self._why_open}; {self.told}"),
            Verdict.BROKEN: (FailureKind.SLOW, self.told),
        }[self.verdict]
        return Failure(kind=kind, message=message, call=call, promised=self.promised)

    @property
    def _why_open(self) -> str:
        if self.broken:
            return f"others had {1 - self.share:.0%} of the processor"
        if self.found.high < self.least:
            return "these sizes do not show the promised growth"
        return "the times vary too much"


def measure(spec: Spec, name: str, device: str, file: str, bounds: Mapping[str, Bound]) -> CellResult:
    """The record of one workload of a spec, or of its growth. `file` is the name of the spec file in the results."""
    if name == GROWTH:
        call, found = spec.forms[0].call, _growth(spec, device)
    else:
        workload = workload_named(spec, name)
        timed = Timed(spec, workload, device, clock_of(device))
        call, found = call_of(spec, workload), _ratios(timed, bounds.get(f"{spec.operation} {name}"))
    rounds = len(next(iter(found.timing.seconds.values())))
    return result_of(
        file,
        spec.operation,
        device,
        Cell(PERF, name),
        found.verdict,
        found.failure(call),
        evidence=Evidence(comparisons=rounds if found.promised else 0, notes=(found.note,)),
        timing=found.timing,
    )


def _ratios(timed: Timed, bound: Bound | None) -> Measured:
    reference = timed.workload.reference
    calls = {"torch": (timed, timed.torch), reference: (timed, timed.reference)}
    known = bound is not None and bound.against == reference
    most = bound.bound * (1 if timed.device == "cpu" else ELSEWHERE) if bound and known else math.inf
    unknown = "" if known else f"no bound in {TIMES} is against {reference}; "

    def judged(seconds: Seconds, share: float) -> Measured:
        ratio = _ratio(seconds["torch"], seconds[reference])
        told = f"{unknown}takes {ratio.low:.2f} to {ratio.high:.2f} times as long as {TITLES[reference]}"
        note = f"{format_seconds(statistics.median(seconds['torch']))}; {told}"
        if known:
            note += f", promised {most:.3g} at most"
        timing = Timing(
            kind="ratios",
            seconds={name: tuple(times) for name, times in seconds.items()},
            bound=most if known else 0.0,
            against=(reference,),
            **asdict(ratio),
        )
        return Measured(ratio, 0.0, most, told, note, timing, share)

    return _until_decided(calls, judged)


def _growth(spec: Spec, device: str) -> Measured:
    """How time grows, less the overhead of a call; and how that of the reference does, to which caches add as much."""
    promised = spec.cost.growth_exponent
    timed = {one.size: Timed(spec, one, device, clock_of(device)) for one in growing(spec)}
    calls = {str(size): (one, one.torch) for size, one in timed.items()}
    references = {f"reference {size}": (one, one.reference) for size, one in timed.items() if promised}

    def judged(seconds: Seconds, share: float) -> Measured:
        net = _net([seconds[name] for name in calls]) if promised else [seconds[str(size)] for size in GROWING]
        slope = _exponent(net)
        caches = max(_exponent(_net([seconds[name] for name in references])).middle - 1, 0.0) if promised else 0.0
        margin = MARGIN + caches if promised else CONSTANT_MARGIN
        told = f"time grows with size to the power of {slope.middle:.2f} ({slope.low:.2f} to {slope.high:.2f})"
        note = f"{told}, promised {promised:g}"
        if promised:
            note += f"; {TITLES[spec.cost.reference]}: {1 + caches:.2f}"
        times = {str(size): tuple(times) for size, times in zip(GROWING, net)}
        timing = Timing(kind="growth", seconds=times, bound=promised, margin=margin, **asdict(slope))
        return Measured(slope, promised - MARGIN, promised + margin, told, note, timing, share)

    return _until_decided(calls | references, judged)


def _net(seconds: list[list[float]]) -> list[list[float]]:
    """The times of each size, less those of the first series, which is overhead."""
    overhead, *sizes = seconds
    return [[max(time - less, LEAST_TIME) for time, less in zip(times, overhead)] for times in sizes]


def _exponent(seconds: list[list[float]]) -> Interval:
    return median_interval([exponent(GROWING, times) for times in zip(*seconds)], CONFIDENCE)


def _until_decided(calls: dict[str, tuple[Timed, Call]], judged: Callable[[Seconds, float], Measured]) -> Measured:
    """The judgement on calls that are timed in turns, for as many looks as it takes."""
    turns = _Turns(calls)
    for look in LOOKS:
        turns.take(look - turns.taken)
        found = judged(turns.seconds, turns.share)
        if not found.open:
            break
    return found


class _Turns:
    """The seconds of each call, round by round, and the share of a processor with which wall times were taken."""

    def __init__(self, calls: dict[str, tuple[Timed, Call]]) -> None:
        self._calls = calls
        self._loops = {name: timed.loops(call) for name, (timed, call) in calls.items()}
        self._shares: list[float] = []
        self.seconds: dict[str, list[float]] = {name: [] for name in calls}
        self.taken = 0

    @property
    def share(self) -> float:
        return statistics.fmean(self._shares) if self._shares else 1.0

    def take(self, rounds: int) -> None:
        """Take more rounds. Every other one takes the calls in reverse order."""
        for _ in range(rounds):
            self.taken += 1
            for name in list(self._calls)[:: 1 if self.taken % 2 else -1]:
                timed, call = self._calls[name]
                self.seconds[name].append(timed.seconds(call, self._loops[name]))
            if timed.clock is time.perf_counter:
                self._shares.append(share_of_processor())


def _ratio(above: list[float], below: list[float]) -> Interval:
    return median_interval([one / other for one, other in zip(above, below)], CONFIDENCE)
