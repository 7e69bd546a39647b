"""Judgements of paired times: slower, faster, the same, or undecided. Needs no torch."""

from __future__ import annotations

import math
from dataclasses import dataclass

from conformance.gate.changes import FASTER, SLOWER
from conformance.numeric.intervals import Interval, median_interval

MARGIN = 1.10
"""The smallest ratio that counts as a difference. Smaller ones do not matter, and vary from process to process."""

LOOKS = (32, 64, 128)
"""The numbers of pairs after which the pairs are judged."""

ALPHA = 0.05
"""The probability that any workload of a comparison is called slower or faster by chance, without confirmation. It is
divided among the workloads, the attempts and the looks (Bonferroni correction)."""

ATTEMPTS = 3
"""The number of sets of new processes in which an undecided workload is timed. Memory placement biases a whole set, so
more pairs of the same set would not help."""

CONFIRMATIONS = 3
"""The number of sets of new processes that must confirm a difference. Memory placement makes some processes a tenth
slower for as long as they live."""

SUSPICIOUS = 2.0
"""A speed-up by more than this factor is doubted."""

SAME, UNDECIDED = "same", "open"
"""Verdicts beside SLOWER and FASTER, as gate.ndjson spells them."""


@dataclass(frozen=True)
class PairedRatios:
    """Ratios of times that were taken in turns."""

    candidate: tuple[float, ...] = ()
    """the candidate's times divided by the baseline's"""
    control: tuple[float, ...] = ()
    """the times of the control, a second process of the baseline, divided by the baseline's"""

    def __add__(self, more: PairedRatios) -> PairedRatios:
        return PairedRatios(self.candidate + more.candidate, self.control + more.control)


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """The judgement of one set of processes on one workload."""

    verdict: str
    """SLOWER, FASTER, SAME or UNDECIDED"""
    ratio: Interval
    """the interval of the median ratio of the candidate to the baseline"""
    margin: float
    """the ratio that counts as a difference, raised if the control differs by more than `MARGIN`"""
    pairs: int
    """the number of pairs"""
    pairs_needed: int = 0
    """the number of further pairs that would decide an undecided workload"""
    control: float = 1.0
    """the factor by which the control differs from the baseline, at least 1"""

    def supports(self, verdict: str) -> bool:
        """Whether the judgement confirms SLOWER or FASTER. The interval must lie in that direction, and the median must
        differ by more than `MARGIN` and by more than the control."""
        least = max(MARGIN, self.control)
        if verdict == SLOWER:
            return self.ratio.low > 1 and self.ratio.middle > least
        return self.ratio.high < 1 and self.ratio.middle < 1 / least

    def denies(self, verdict: str) -> bool:
        """Whether the judgement contradicts SLOWER or FASTER."""
        return self.verdict not in (UNDECIDED, verdict) and not self.supports(verdict)

    @property
    def summary(self) -> str:
        """The judgement as text for a reader."""
        ratio = f"{self.ratio.middle:.2f} times as long ({self.ratio.low:.2f} to {self.ratio.high:.2f})"
        text = f"{ratio}, margin {self.margin:.2f}, {self.pairs} pairs"
        if self.verdict == UNDECIDED:
            return f"{text}; inconclusive: {self.pairs_needed:,} more pairs would decide"
        if self.verdict == FASTER and self.ratio.middle < 1 / SUSPICIOUS:
            return f"{text}; more than twice as fast: is the benchmark broken?"
        return text


@dataclass(frozen=True)
class Instructions:
    """The numbers of instructions of one call on both sides, or the reason why they could not be counted."""

    baseline: int = 0
    candidate: int = 0
    problem: str = ""

    @property
    def summary(self) -> str:
        """The numbers as text for a reader."""
        if self.problem:
            return f"instructions not counted: {self.problem}"
        ratio = self.candidate / self.baseline
        return f"{ratio:.2f} times as many instructions ({self.baseline:,} before, {self.candidate:,} after)"


@dataclass(frozen=True, kw_only=True)
class Speed:
    """One workload timed on both sides."""

    cell: str
    """the id of the cell"""
    operation: str
    device: str
    workload: str
    call: str
    first: Judgement
    """the judgement of the last attempt, before confirmation"""
    pairs: PairedRatios
    """the ratios of the same attempt"""
    attempt: int = 1
    """the number of that attempt"""
    fresh: tuple[Judgement, ...] = ()
    """the judgements of the new processes that confirm a difference"""
    instructions: Instructions | None = None
    """evidence for a reader, on which the verdict does not depend"""

    @property
    def confirmed(self) -> int:
        """The number of sets of new processes that support the first judgement."""
        return sum(one.supports(self.first.verdict) for one in self.fresh)

    @property
    def verdict(self) -> str:
        """The final verdict. A difference that new processes deny is SAME, and one that too few of them confirm is
        UNDECIDED."""
        if self.first.verdict not in (SLOWER, FASTER) or self.confirmed >= CONFIRMATIONS:
            return self.first.verdict
        return SAME if any(one.denies(self.first.verdict) for one in self.fresh) else UNDECIDED

    @property
    def suspected(self) -> bool:
        """Whether the first judgement is a difference that is neither confirmed nor denied yet."""
        return self.first.verdict != UNDECIDED and self.verdict == UNDECIDED

    @property
    def differs(self) -> bool:
        """Whether the final verdict is slower or faster."""
        return self.verdict in (SLOWER, FASTER)

    @property
    def summary(self) -> str:
        """The verdict and its reasons as text for a reader."""
        parts = [self.first.summary]
        if self.attempt > 1:
            parts.append(f"attempt {self.attempt}")
        if self.suspected:
            parts.append(f"inconclusive: confirmed {self.confirmed} of {CONFIRMATIONS} times")
        elif self.first.verdict in (SLOWER, FASTER):
            parts.append(f"confirmed {self.confirmed} times" if self.differs else "not so in fresh processes")
        if self.instructions is not None:
            parts.append(self.instructions.summary)
        return "; ".join(parts)


def judge(pairs: PairedRatios, workloads: int) -> Judgement:
    """The judgement on one workload of `workloads`, by its pairs.

    The control can only raise the margin, to what two processes of one torch differ by.
    """
    confidence = 1 - ALPHA / (workloads * ATTEMPTS * len(LOOKS))
    ratio, control = (median_interval(ratios, confidence) for ratios in (pairs.candidate, pairs.control))
    margin = max(MARGIN, control.high, 1 / control.low if control.low > 0 else math.inf)
    count = len(pairs.candidate)
    verdict = _verdict(ratio, margin, count)
    return Judgement(
        verdict=verdict,
        ratio=ratio,
        margin=margin,
        pairs=count,
        pairs_needed=_pairs_needed(ratio, margin, count) if verdict == UNDECIDED else 0,
        control=max(control.middle, 1 / control.middle),
    )


def _verdict(ratio: Interval, margin: float, count: int) -> str:
    """The verdict of `count` pairs.

    SAME is not decided on a raised margin while more pairs could lower it, nor if the median exceeds `MARGIN`. SAME
    means not slower: a workload need not be shown not to be faster, unless it is suspiciously fast.
    """
    if ratio.low > margin:
        return SLOWER
    if ratio.high < 1 / margin:
        return FASTER
    if ratio.high < 1 / SUSPICIOUS:
        return UNDECIDED  # only the control keeps it from being faster
    largest = margin if count >= LOOKS[-1] and ratio.middle <= MARGIN else MARGIN
    return SAME if ratio.high <= largest else UNDECIDED


def _pairs_needed(ratio: Interval, margin: float, count: int) -> int:
    """The number of further pairs that would decide. The interval of a median narrows with the square root of the
    number of pairs."""
    if not (math.isfinite(ratio.high) and math.isfinite(margin)):
        return count
    width = max(math.log(ratio.high / ratio.middle), math.log(ratio.middle / ratio.low))
    gap = max(abs(math.log(ratio.middle / margin)), 0.01)
    return max(2, math.ceil(count * (width / gap) ** 2) - count)
