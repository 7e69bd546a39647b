"""Can the gate's times be believed? Sessions under a load that this command makes itself.

    python benchmarks/times.py --planted 20  # planted slowness: how often is each caught
    python benchmarks/times.py --same 20     # one torch on both sides: how often is anything slower or faster

Each session starts processes of its own. The load keeps every core busy for about half of the time.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from conformance.gate.changes import FASTER, SLOWER
from conformance.gate.times.speed import SAME
from conformance.gate.times.stopwatch import Stopwatch, TimedCell, time_all, timed_cells
from conformance.spec import loader

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests import SPECS
from tests.slowness import PLANTED, interpreters, load, planted_workload


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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--planted", type=int, default=0, metavar="N", help="sessions with planted slowness")
    parser.add_argument("--same", type=int, default=0, metavar="N", help="sessions with one torch on both sides")
    options = parser.parse_args()
    with load(), tempfile.TemporaryDirectory() as folder:
        if options.planted:
            slower(options.planted, Path(folder))
        if options.same:
            same(options.same)


if __name__ == "__main__":
    main()
