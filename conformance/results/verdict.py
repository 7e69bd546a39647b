"""What a run amounts to: how many cells have each verdict, what is missing, and all of it in one line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from conformance.results.model import CellResult, End, Environment, ShardPlan, SpecEntry, SweepTime, Verdict
from conformance.results.status import Status
from conformance.results.visible import visible


@dataclass(frozen=True)
class Results:
    """One run. `cells` are in the order of the plan; planned cells without a record are there as "not run"."""

    environment: Environment
    planned: tuple[str, ...]
    deselected: int
    specs: tuple[SpecEntry, ...]
    cells: tuple[CellResult, ...]
    end: End | None
    sweeps: tuple[SweepTime, ...] = ()
    torn: bool = False
    """the last line was only half written, and is left out"""
    shard: ShardPlan | None = None
    """which part of a plan this is; None for a whole one"""
    suite: int = 0
    """the cells that a run of everything would have, 0 where that is not known"""
    left_out: tuple[str, ...] = ()
    """the operations of everything of which no cell is planned"""

    @cached_property
    def counts(self) -> dict[Verdict, int]:
        """How many cells have each verdict; every verdict is there."""
        return count_verdicts(self.cells)

    @property
    def all_cells(self) -> int:
        """The cells that a run of everything would have, as far as that is known."""
        return max(self.suite, len(self.planned) + self.deselected)

    @property
    def is_part(self) -> bool:
        """Whether cells were left out by choice, or are those of another shard."""
        return bool(self.shard) or len(self.planned) < self.all_cells

    @property
    def comparisons(self) -> int:
        return sum(cell.evidence.comparisons for cell in self.cells)

    @property
    def broken(self) -> bool:
        """Whether a cell says that torch does not keep a contract."""
        return any(cell.verdict.failed for cell in self.cells)

    @property
    def gaps(self) -> tuple[str, ...]:
        """Why the run cannot be called complete, cells apart."""
        found = []
        if not self.planned and not self.shard:
            found.append("no cell was planned")
        if self.end is None:
            found.append("the run did not end" + (" and its last line is cut off" if self.torn else ""))
        elif self.end.exit_status not in (Status.KEPT, Status.BROKEN, Status.INCOMPLETE):
            found.append(f"pytest ended with exit status {self.end.exit_status}")
        if self.end is not None:
            found.extend(self.end.errors)
        return tuple(found)

    @property
    def incomplete(self) -> bool:
        """Whether an answer that was asked for is missing."""
        return bool(self.gaps) or any(cell.verdict.unanswered for cell in self.cells)

    @property
    def status(self) -> Status:
        """The exit status of a command that tells the verdict of this run."""
        return Status.BROKEN if self.broken else Status.INCOMPLETE if self.incomplete else Status.KEPT


def count_verdicts(cells: Iterable[CellResult]) -> dict[Verdict, int]:
    """How many of the cells have each verdict; every verdict is there, the gravest first."""
    counts = dict.fromkeys(Verdict, 0)
    for cell in cells:
        counts[cell.verdict] += 1
    return counts


def statement(results: Results) -> str:
    """What the run says of torch, in words."""
    subject, devices = f"torch {results.environment.torch}", " and ".join(results.environment.devices)
    if results.broken:
        return f"{subject} does not keep its contracts on {devices}"
    if results.incomplete:
        return f"{subject} is not fully examined on {devices}"
    if not results.cells:
        return f"{subject} is not asked on {devices}"
    kept = "the part of its contracts that was asked" if results.is_part else "its contracts"
    return f"{subject} keeps {kept} on {devices}"


def verdict_line(results: Results) -> str:
    """What the run amounts to, in one line that is fit to be shown; anything but a full success is said in its first
    word."""
    counts = results.counts
    grave = (Verdict.BROKEN, Verdict.CRASHED, Verdict.VACUOUS, Verdict.NOT_RUN)
    bad = [f"{counts[verdict]:,} {verdict}" for verdict in grave]
    deviate = "deviates" if counts[Verdict.DEVIATES] == 1 else "deviate"
    good = [
        f"{counts[Verdict.HELD]:,} held",
        f"{counts[Verdict.DEVIATES]:,} {deviate} as known",
        f"{counts[Verdict.UNSUPPORTED]:,} unsupported as the spec says",
    ]
    words = ["BROKEN"] * results.broken + ["INCOMPLETE"] * results.incomplete
    opening = f"{', '.join(words)}: {statement(results)}" if words else statement(results)
    groups = [bad, good] if words else [good, bad]
    number, _, rest = groups[0][0].partition(" ")
    groups[0][0] = f"{number} {'cell' if number == '1' else 'cells'} {rest}"
    parts = [", ".join(group) for group in groups]
    parts.append(f"{results.comparisons:,} {'comparison' if results.comparisons == 1 else 'comparisons'}")
    if results.is_part:
        parts.append(f"{len(results.planned):,} of {results.all_cells:,} cells asked")
    if results.deselected:
        parts.append(f"{results.deselected:,} deselected")
    parts += results.environment.uncertified
    parts += [f"shard {results.shard} alone"] if results.shard else []
    parts += [f"not run: {missing}" for missing in results.environment.absent]
    return visible(f"{opening}: {'; '.join([*parts, *results.gaps])}")
