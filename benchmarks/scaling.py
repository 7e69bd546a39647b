"""How a run scales with its workers.

    python benchmarks/scaling.py measure specs/joining         # one process, and 1, 2 and 4 workers of a socket server
    python benchmarks/scaling.py worker                        # what one worker more costs
    python benchmarks/scaling.py schedule RESULTS --specs 130  # what the durations of the sweeps allow

`measure` and `worker` run each command `--pairs` times, by turns, with an empty cache of compiled code; the processor
time is that of all processes, the socket server's among them. `measure` says whether the answers are equal, in verdicts
and in bits. After `--` come options of pytest.

`schedule` gives the scopes of a results file to the worker that is free first, as the suite does: that many specs are
made by repeating them. The compiled cells are one scope, which takes `--compiling` seconds for the first spec and more
for each. Beside it stand as many shards of one worker.
"""

from __future__ import annotations

import argparse
import heapq
import math
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from conformance import results
from conformance.plugin.sharding import Shard
from conformance.report import read_run
from conformance.results.durations import durations
from conformance.results.model import COMPILED
from tests import ROOT
from tests.system.machines import server

WORKERS = (0, 1, 2, 4)
"""0: all in the process of the run."""

SCHEDULED = (1, 2, 3, 4, 8, 16, 32, 64)

ONE_CELL = ("-k", "cat and values and cpu-float32")
"""Every worker collects all cells, and one of them has something to do."""

Answers = dict[str, tuple[str, str]]
"""Verdicts and fingerprints by the ids of the cells."""


@dataclass(frozen=True)
class Took:
    """What a run took, in seconds, and its answers."""

    cpu: float
    wall: float
    answers: Answers


def run(workers: int, arguments: list[str]) -> Took:
    """A run of pytest by so many workers of one socket server."""
    before = _processor_time()
    with tempfile.TemporaryDirectory(prefix="conformance-scaling-") as name:
        variables = {**os.environ, "PYTHONPATH": str(ROOT), "TORCHINDUCTOR_CACHE_DIR": str(Path(name, "cache"))}
        os.environ.update(variables)  # the workers have those of their server
        with server(ROOT) if workers else nullcontext("") as address:
            there = ["-d", "--px", f"id=a//socket={address}", "--tx", f"{workers}*popen//via=a"] if workers else []
            command = [sys.executable, "-m", "pytest", "-q", f"--report-dir={name}", *there, *arguments]
            start = time.monotonic()
            done = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True)
            wall = time.monotonic() - start
        if done.returncode not in (0, 1):
            raise SystemExit(f"{' '.join(command)} ended with status {done.returncode}:\n{done.stdout[-2000:]}")
        found = results.read(Path(name, "results.ndjson"))
    answers = {cell.id: (str(cell.verdict), cell.evidence.fingerprint) for cell in found.cells}
    return Took(_processor_time() - before, wall, answers)


def _processor_time() -> float:
    """The seconds of the processes that were started here and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measure(arguments: list[str], pairs: int) -> None:
    """Print what runs take, and what one worker more takes, and whether their answers are equal."""
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; medians of {pairs}")
    took: dict[int, list[Took]] = defaultdict(list)
    for _ in range(pairs):
        for workers in WORKERS:
            took[workers].append(run(workers, arguments))
    first = took[0][0].answers
    print(f"{'':24}{'CPU s':>9}{'wall s':>9}   answers")
    for workers in WORKERS:
        cpu, wall = (statistics.median(getattr(one, what) for one in took[workers]) for what in ("cpu", "wall"))
        unlike = sum(first.get(name) != one.answers.get(name) for one in took[workers] for name in first | one.answers)
        name = f"{workers} {'worker' if workers == 1 else 'workers'}" if workers else "one process"
        print(f"{name:24}{cpu:9.1f}{wall:9.1f}   {f'{unlike} differ' if unlike else f'all {len(first)} equal'}")
    costs = {workers: statistics.median(one.cpu for one in took[workers]) for workers in WORKERS}
    more = statistics.mean((costs[workers] - costs[1]) / (workers - 1) for workers in WORKERS if workers > 1)
    print(f"one worker more: {more:.1f} CPU s")


# --- schedules ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Scope:
    """Cells that one worker asks; what they take, in seconds."""

    name: str
    seconds: float
    cells: int


def scopes_of(found: results.Results, specs: int, compiling: float) -> list[Scope]:
    """The scopes of a run of so many specs, in the order in which they are begun. `compiling` are the seconds of the
    compiled cells that do not grow with the specs."""
    cells = Counter(cell.file for cell in found.cells)
    taken = durations(found.sweeps)
    each = [Scope(one.file, one.seconds, cells[one.file]) for one in taken if one.file != COMPILED]
    compiled = sum(one.seconds for one in taken if one.file == COMPILED)
    repeated = list(islice(cycle(sorted(each, key=_name)), specs))
    growing = (compiled - compiling) * specs / len(each)
    return [Scope(COMPILED, compiling + growing, 0), *sorted(repeated, key=_cells, reverse=True)]


def _name(scope: Scope) -> str:
    return scope.name


def _cells(scope: Scope) -> int:
    return scope.cells


def finished(scopes: list[Scope], workers: int) -> float:
    """The seconds until all is done, if each scope goes to the worker that is free first."""
    free = [0.0] * workers
    for scope in scopes:
        heapq.heapreplace(free, free[0] + scope.seconds)
    return max(free)


def sharded(scopes: list[Scope], shards: int, compiling: float) -> float:
    """The seconds until the longest shard of one worker is done. A shard has the compiled cells of its own specs."""
    compiled, *others = scopes
    growing = (compiled.seconds - compiling) / len(others)
    by_name = sorted(others, key=_name)
    parts = [Shard(number, shards).part(by_name) for number in range(1, shards + 1)]
    return max(compiling + sum(scope.seconds + growing for scope in part) for part in parts)


def schedule(path: Path, counts: list[int], start: float, compiling: float) -> None:
    """Print what the scopes of a results file allow."""
    found = read_run(path)
    for count in counts or [len(found.specs)]:
        scopes = scopes_of(found, count, compiling)
        alone = start + finished(scopes, 1)
        longest = max(scopes, key=_seconds)
        print(f"{count} specs, {alone:.0f} s with one worker; longest: {longest.name}, {longest.seconds:.0f} s")
        print(f"{'workers or shards':>18}{'one run, s':>12}{'speed-up':>10}{'shards, s':>12}{'speed-up':>10}")
        for workers in SCHEDULED:
            times = finished(scopes, workers), sharded(scopes, min(workers, count), compiling)
            columns = (f"{start + seconds:12.1f}{alone / (start + seconds):10.1f}" for seconds in times)
            print(f"{workers:18}{''.join(columns)}")
        enough = math.ceil(sum(scope.seconds for scope in scopes) / longest.seconds)
        print(f"the longest scope bounds a run: {enough} workers are enough")


def _seconds(scope: Scope) -> float:
    return scope.seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["measure", "worker", "schedule"])
    parser.add_argument("named", nargs="*", help="spec files, folders or cells; none means all. Of a schedule, RESULTS")
    parser.add_argument("--pairs", type=int, default=3, help="how often each command is measured")
    parser.add_argument("--specs", type=int, action="append", help="how many specs are scheduled; repeatable")
    parser.add_argument("--start", type=float, default=0.0, help="the seconds that a worker takes to start")
    parser.add_argument("--compiling", type=float, default=0.0, help="the seconds that the first compiled cells take")
    mine, options = sys.argv[1:], []
    if "--" in mine:
        mine, options = mine[: mine.index("--")], mine[mine.index("--") + 1 :]
    asked = parser.parse_args(mine)
    if asked.what == "schedule":
        schedule(Path(asked.named[0]), asked.specs or [], asked.start, asked.compiling)
    else:
        measure([*asked.named, *(ONE_CELL if asked.what == "worker" else ()), *options], asked.pairs)


if __name__ == "__main__":
    main()
