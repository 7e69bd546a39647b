"""What paired times say of two torches: slower, faster, neither, or not yet known. Needs no torch."""

from __future__ import annotations

import math
from dataclasses import dataclass

from conformance.gate.changes import FASTER, SLOWER
from conformance.numeric.intervals import Interval, median_interval

MARGIN = 1.10
"""The least ratio that counts: smaller differences matter to nobody and vary from process to process."""

LOOKS = (32, 64, 128)
"""Pairs after which is looked whether they suffice."""

ALPHA = 0.05
"""The chance that any workload of a comparison is called slower or faster by accident, confirmation left aside; it is
shared out among the workloads, the attempts and the looks (Bonferroni)."""

ATTEMPTS = 3
"""Sets of fresh processes in which a workload is timed until it is decided: what one set owes to where its memory lies,
more of its pairs would not show."""

CONFIRMATIONS = 3
"""Sets of fresh processes that must say so too: where memory came to lie makes some a tenth slower all their life."""

SUSPICIOUS = 2.0
"""How many times as fast is hard to believe."""

SAME, OPEN = "same", "open"


@dataclass(frozen=True)
class Pairs:
    """Ratios of times taken in turns: of the `candidate` to the baseline, and of a second process of the baseline, the
    `control`, to the first."""

    candidate: tuple[float, ...] = ()
    control: tuple[float, ...] = ()

    def __add__(self, more: Pairs) -> Pairs:
        return Pairs(self.candidate + more.candidate, self.control + more.control)


@dataclass(frozen=True)
class Judgement:
    """`word` is SLOWER, FASTER, SAME or OPEN; `ratio` the interval of the median; `margin` what it was held against;
    `more` how many pairs would decide an open one; `control` by what factor the control differed, 1 or more."""

    word: str
    ratio: Interval
    margin: float
    pairs: int
    more: int = 0
    control: float = 1.0

    def supports(self, word: str) -> bool:
        """Whether it says slower or faster, too: surely in that direction, and most likely by more than the least that
        counts and more than the control."""
        least = max(MARGIN, self.control)
        if word == SLOWER:
            return self.ratio.low > 1 and self.ratio.middle > least
        return self.ratio.high < 1 and self.ratio.middle < 1 / least

    def denies(self, word: str) -> bool:
        """Whether it decides that it is not so."""
        return self.word not in (OPEN, word) and not self.supports(word)

    @property
    def words(self) -> str:
        """The judgement for a reader."""
        ratio = f"{self.ratio.middle:.2f} times as long ({self.ratio.low:.2f} to {self.ratio.high:.2f})"
        text = f"{ratio}, margin {self.margin:.2f}, {self.pairs} pairs"
        if self.word == OPEN:
            return f"{text}; inconclusive: {self.more:,} more pairs would decide"
        if self.word == FASTER and self.ratio.middle < 1 / SUSPICIOUS:
            return f"{text}; more than twice as fast: is the benchmark broken?"
        return text


@dataclass(frozen=True)
class Instructions:
    """Instructions of one call on either side, or the `problem` that left them uncounted."""

    baseline: int = 0
    candidate: int = 0
    problem: str = ""

    @property
    def words(self) -> str:
        if self.problem:
            return f"instructions not counted: {self.problem}"
        ratio = self.candidate / self.baseline
        return f"{ratio:.2f} times as many instructions ({self.baseline:,} before, {self.candidate:,} after)"


@dataclass(frozen=True)
class Speed:
    """One workload timed on both sides, of which the `first` judgement and its `pairs` came in the attempt of that
    number; `fresh` are the judgements of fresh processes on a first finding. The instructions are evidence alone:
    `word` does not depend on them."""

    cell: str
    operation: str
    device: str
    workload: str
    call: str
    first: Judgement
    pairs: Pairs
    attempt: int = 1
    fresh: tuple[Judgement, ...] = ()
    instructions: Instructions | None = None

    @property
    def confirmed(self) -> int:
        """How many sets of fresh processes support the first judgement."""
        return sum(one.supports(self.first.word) for one in self.fresh)

    @property
    def word(self) -> str:
        """What is said in the end: a finding that fresh processes deny is none, and one that they do not repeat often
        enough is not decided."""
        if self.first.word not in (SLOWER, FASTER) or self.confirmed >= CONFIRMATIONS:
            return self.first.word
        return SAME if any(one.denies(self.first.word) for one in self.fresh) else OPEN

    @property
    def suspected(self) -> bool:
        """Whether it was slower or faster at first, and is neither confirmed nor denied yet."""
        return self.first.word != OPEN and self.word == OPEN

    @property
    def differs(self) -> bool:
        """Whether it is slower or faster in the end."""
        return self.word in (SLOWER, FASTER)

    @property
    def words(self) -> str:
        said = [self.first.words]
        if self.attempt > 1:
            said.append(f"attempt {self.attempt}")
        if self.suspected:
            said.append(f"inconclusive: confirmed {self.confirmed} of {CONFIRMATIONS} times")
        elif self.first.word in (SLOWER, FASTER):
            said.append(f"confirmed {self.confirmed} times" if self.differs else "not so in fresh processes")
        if self.instructions is not None:
            said.append(self.instructions.words)
        return "; ".join(said)


def judge(pairs: Pairs, workloads: int) -> Judgement:
    """What the pairs of one of so many workloads say.

    The control can only raise the margin: by as much as two processes of one torch may differ. A raised margin is not
    taken for an answer while more pairs may lower it, nor ever of what is surely or most likely slower by more than the
    least that counts. Being not slower is enough; whether something is faster need not be decided, unless it is
    suspiciously so.
    """
    confidence = 1 - ALPHA / (workloads * ATTEMPTS * len(LOOKS))
    ratio, control = (median_interval(ratios, confidence) for ratios in (pairs.candidate, pairs.control))
    margin = max(MARGIN, control.high, 1 / control.low if control.low > 0 else math.inf)
    count = len(pairs.candidate)
    more = 0
    hidden = ratio.high < 1 / SUSPICIOUS  # by the control alone, or it were faster
    most = margin if count >= LOOKS[-1] and ratio.middle <= MARGIN else MARGIN
    if ratio.low > margin:
        word = SLOWER
    elif ratio.high < 1 / margin:
        word = FASTER
    elif ratio.high <= most and not hidden:
        word = SAME
    else:
        word, more = OPEN, _more(ratio, margin, count)
    return Judgement(word, ratio, margin, count, more, max(control.middle, 1 / control.middle))


def _more(ratio: Interval, margin: float, count: int) -> int:
    """How many more pairs would decide: an interval of a median narrows with the square root of their number."""
    if not (math.isfinite(ratio.high) and math.isfinite(margin)):
        return count
    width = max(math.log(ratio.high / ratio.middle), math.log(ratio.middle / ratio.low))
    gap = max(abs(math.log(ratio.middle / margin)), 0.01)
    return max(2, math.ceil(count * (width / gap) ** 2) - count)
