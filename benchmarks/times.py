"""Can times be believed? Sessions under a load that this command makes itself, and the bounds that they are held to.

    python benchmarks/times.py --planted 20  # the gate, with planted slowness: how often is each caught
    python benchmarks/times.py --same 20     # the gate, one torch on both sides: how often is anything slower or faster
    python benchmarks/times.py --alone 20    # one torch alone: false alarms, and how often a tripled time is noticed
    python benchmarks/times.py --bounds 5    # measures the ratios of all workloads and writes specs/times.toml

Each session starts processes of its own. The load keeps every core busy for about half of the time.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from conformance.gate.changes import FASTER, SLOWER
from conformance.gate.times.speed import SAME
from conformance.gate.times.stopwatch import Stopwatch, TimedCell, time_all, timed_cells
from conformance.plugin.runner import Runner
from conformance.results.model import CellResult, Verdict
from conformance.spec import loader
from conformance.spec.bounds import TIMES
from conformance.timing.workloads import GROWTH, workloads_of

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests import SPECS
from tests.slowness import PLANTED, interpreters, load, planted_workload, repeated

FACTOR = 2.0
"""A bound is the measured ratio times this: a tripled time is above it by half, a sound one below it by half."""

LEAST_ROOM = 1.3
"""A bound is above the highest ratio that was measured by this factor at least."""

EVERY = 7
"""One of so many workloads is tripled in each session, another one in the next."""

HEADER = """\
# How many times as long as its reference a workload may take, measured by `python benchmarks/times.py --bounds`.
# measured: the median of {sessions} processes; spread: the highest of them divided by the lowest.

bound = [
"""


# --- the gate -----------------------------------------------------------------------------------------------------


def session(timed: list[TimedCell], family: int) -> tuple[dict[str, str], list[str]]:
    """One session: the word of each workload, and in full what is said of those that are not the same."""
    stopwatch = Stopwatch(*interpreters(), patience=120.0)
    try:
        speeds, gaps = time_all(stopwatch, timed, _nobody, family)
    finally:
        stopwatch.close()
    told = [f"{speed.cell}: {speed.verdict}: {speed.summary}" for speed in speeds if speed.verdict != SAME]
    return {speed.cell: speed.verdict for speed in speeds}, told + gaps


def everything() -> list[TimedCell]:
    return [one for file in loader.spec_files(SPECS) for one in timed_cells(file.stem, file, loader.load(file), "cpu")]


def same(count: int) -> None:
    timed = everything()
    total: Counter[str] = Counter()
    for number in range(count):
        start = time.monotonic()
        words, told = session(timed, len(timed))
        found = Counter(words.values())
        total += found
        print(f"session {number + 1}: {dict(found)} in {time.monotonic() - start:.0f} s", *told, sep="\n  ", flush=True)
    print(f"{count} sessions of {len(timed)} workloads, one torch: {total[SLOWER]} slower, {total[FASTER]} faster")


def slower(count: int, root: Path) -> None:
    family = len(everything())
    timed = {title: planted_workload(root, title) for title in PLANTED}
    caught: Counter[str] = Counter()
    for number in range(count):
        words, told = session(list(timed.values()), family)
        caught.update(title for title in timed if words.get(timed[title].cell) == SLOWER)
        print(f"session {number + 1}: {dict(Counter(words.values()))}", *told, sep="\n  ", flush=True)
    for title in timed:
        print(f"{title}: caught in {caught[title]} of {count} sessions")


def _nobody(*_: object) -> None:
    pass


# --- one torch alone ----------------------------------------------------------------------------------------------

Place = tuple[Path, str]
"""A spec file and the name of one of its workloads."""


def every_workload() -> list[Place]:
    """The workloads of all specs. Those of one spec follow one another, as in a run."""
    return [(file, one.name) for file in loader.spec_files(SPECS) for one in workloads_of(loader.load(file))]


def growths() -> list[Place]:
    return [(file, GROWTH) for file in loader.spec_files(SPECS) if workloads_of(loader.load(file))]


def results_of(places: Iterable[Place]) -> Iterator[CellResult]:
    """The results of workloads, timed by processes as those of a run are."""
    runner = Runner(patience=120.0)
    try:
        for file, name in places:
            yield runner.time(file, file.stem, "cpu", name)
    finally:
        runner.close()


def alone(count: int, root: Path) -> None:
    sound, growing = every_workload(), growths()
    slow = [(repeated(root, file, 3), name) for file, name in sound]
    shutil.copy(SPECS / TIMES, root / "specs")
    alarms = planted = noticed = undecided = 0
    for number in range(count):
        start = time.monotonic()
        found = list(results_of(sound + growing))
        tripled_ones = list(results_of(slow[number % EVERY :: EVERY]))
        told = [f"sound: {_told(one)}" for one in found if one.verdict is not Verdict.HELD]
        told += [f"tripled: {_told(one)}" for one in tripled_ones if one.verdict is not Verdict.BROKEN]
        alarms += sum(one.verdict.failed for one in found)
        undecided += sum(one.verdict is Verdict.NOT_RUN for one in found)
        planted += len(tripled_ones)
        noticed += sum(one.verdict is Verdict.BROKEN for one in tripled_ones)
        told.append(
            f"so far {alarms} false alarms, {undecided} undecided, {noticed} of {planted} tripled times noticed"
        )
        print(f"session {number + 1} in {time.monotonic() - start:.0f} s", *told, sep="\n  ", flush=True)
    print(f"{count} sessions of {len(sound)} workloads and {len(growing)} growths, one torch alone")


def _told(result: CellResult) -> str:
    message = result.failure.message if result.failure else "; ".join(result.evidence.notes)
    return f"{result.operation} {result.subject}: {result.verdict}: {message}"


def bounds(count: int) -> None:
    """Measure the ratios of all workloads, in so many sessions, and write the table of bounds."""
    ratios: defaultdict[str, list[float]] = defaultdict(list)
    against: dict[str, str] = {}
    for number in range(count):
        for one in results_of(every_workload()):
            if one.timing is None:
                sys.exit(f"{_told(one)}; no bounds were written")
            name = f"{one.operation} {one.subject}"
            ratios[name].append(one.timing.middle)
            against[name] = one.timing.against[0]
        print(f"session {number + 1} of {count}", flush=True)
    rows = [_row(name, against[name], found) for name, found in ratios.items()]
    (SPECS / TIMES).write_text(HEADER.format(sessions=count) + "".join(rows) + "]\n", encoding="utf-8")


def _row(name: str, against: str, ratios: list[float]) -> str:
    lowest, measured, highest = min(ratios), statistics.median(ratios), max(ratios)
    bound = max(FACTOR * measured, LEAST_ROOM * highest)
    if 3 * lowest < LEAST_ROOM * bound:
        print(f"{name}: a tripled time may go unnoticed: {lowest:.3g} to {highest:.3g}, bound {bound:.3g}")
    measurement = f"measured = {measured:.3g}, spread = {highest / lowest:.2f}, bound = {bound:.3g}"
    return f'  {{ id = "{name}", against = "{against}", {measurement} }},\n'


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--planted", type=int, default=0, metavar="N", help="gate sessions with planted slowness")
    parser.add_argument("--same", type=int, default=0, metavar="N", help="gate sessions with one torch on both sides")
    parser.add_argument("--alone", type=int, default=0, metavar="N", help="sessions of one torch alone")
    parser.add_argument("--bounds", type=int, default=0, metavar="N", help="sessions that measure the bounds")
    options = parser.parse_args()
    with load(), tempfile.TemporaryDirectory() as folder:
        if options.bounds:
            bounds(options.bounds)
        if options.planted:
            slower(options.planted, Path(folder))
        if options.same:
            same(options.same)
        if options.alone:
            alone(options.alone, Path(folder))


if __name__ == "__main__":
    main()
