"""What commands cost, in this checkout and in another commit by turns: CPU-seconds, wall-clock time, peak memory."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from conformance.numeric.intervals import median_interval

HERE = Path(__file__).resolve().parents[1]

CONFIDENCE = 0.95
"""The confidence of the interval of a ratio. It needs six pairs; with fewer the interval is the range."""

EMPTY, WARM = "empty", "warm"
"""What the cache of compiled code, TORCHINDUCTOR_CACHE_DIR, holds before a command: nothing, or what the same command
left."""


@dataclass(frozen=True)
class Case:
    """A command that is measured. `arguments` are those of Python, `variables` are set in its environment."""

    name: str
    arguments: tuple[str, ...]
    variables: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Side:
    """A checkout whose engine and specs the commands use."""

    name: str
    root: Path
    bytecode: Path
    """where Python keeps the bytecode of its modules"""


@dataclass(frozen=True)
class Cost:
    """What one command took, its child processes counted."""

    cpu: float
    """seconds"""
    wall: float
    """seconds"""
    peak: float
    """the memory of the largest process at its peak, in MiB"""


def measured(case: Case, side: Side, cache: Path) -> Cost:
    """The cost of a command in a checkout. Ends the benchmark if the command fails."""
    with tempfile.TemporaryDirectory(prefix="conformance-cost-") as folder, open(Path(folder, "said"), "w+") as said:
        start = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, *(text.replace("{folder}", folder) for text in case.arguments)],
            cwd=side.root,
            env=_variables(side, cache, case.variables),
            stdout=said,
            stderr=subprocess.STDOUT,
        )
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        wall = time.monotonic() - start
        if process.returncode not in (0, 1):  # 1: a cell is not as promised
            said.seek(0)
            raise SystemExit(f"{case.name} ended with status {process.returncode}:\n{said.read()[-2000:]}")
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return Cost(used.ru_utime + used.ru_stime, wall, used.ru_maxrss / unit)


def _variables(side: Side, cache: Path, more: dict[str, str]) -> dict[str, str]:
    """The environment of a command. Bytecode is kept, as it is for users."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    path = os.pathsep.join([str(side.root), str(HERE / "benchmarks")])
    return {
        **kept,
        "PYTHONPATH": path,
        "PYTHONPYCACHEPREFIX": str(side.bytecode),
        "TORCHINDUCTOR_CACHE_DIR": str(cache),
        **more,
    }


@contextmanager
def sides(commit: str | None) -> Iterator[list[Side]]:
    """This checkout as it is, and the one of a commit, which is a worktree for as long as it is measured."""
    with tempfile.TemporaryDirectory(prefix="conformance-sides-") as name:
        folder = Path(name)
        found = [Side("this", HERE, folder / "bytecode")]
        if commit is None:
            yield found
            return
        other = folder / "other"
        git = ["git", "-C", str(HERE), "worktree"]
        subprocess.run([*git, "add", "--quiet", "--detach", str(other), commit], check=True)
        try:
            yield [*found, Side(commit, other, folder / "other-bytecode")]
        finally:
            subprocess.run([*git, "remove", "--force", str(other)], check=True)


def compare(cases: Sequence[Case], found: Sequence[Side], caches: Sequence[str], pairs: int) -> None:
    """Measure each case `pairs` times on each side by turns, and print a line for each side, case and cache."""
    against = f", and ratios of pairs: this / {found[1].name}" if len(found) > 1 else ""
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; medians of {pairs}{against}")
    print(f"{'':44}{'CPU s':>9}{'wall s':>9}{'peak MiB':>10}", flush=True)
    for side in found:  # writes the bytecode
        measured(Case("a collection", ("-m", "pytest", "--collect-only", "-q")), side, side.bytecode)
    for case in cases:
        costs: dict[tuple[str, str], list[Cost]] = {(cache, side.name): [] for cache in caches for side in found}
        for number in range(pairs):
            for side in found if number % 2 else reversed(found):
                for cache, cost in _with_caches(case, side, caches):
                    costs[cache, side.name].append(cost)
        for cache in caches:
            _print(case, cache, {side.name: costs[cache, side.name] for side in found})


def _with_caches(case: Case, side: Side, caches: Iterable[str]) -> Iterator[tuple[str, Cost]]:
    """The cost with each state of the cache that is asked for."""
    with tempfile.TemporaryDirectory(prefix="conformance-cache-") as name:
        for cache in (EMPTY, WARM) if WARM in caches else (EMPTY,):
            cost = measured(case, side, Path(name))
            if cache in caches:
                yield cache, cost


def _print(case: Case, cache: str, costs: dict[str, list[Cost]]) -> None:
    name = f"{case.name}, {cache} cache"
    for side, ones in costs.items():
        cpu, wall, peak = (statistics.median(getattr(one, what) for one in ones) for what in ("cpu", "wall", "peak"))
        print(f"{name if side == 'this' else '  ' + side:44}{cpu:9.2f}{wall:9.2f}{peak:10.0f}")
    if len(costs) == 2:
        mine, others = costs.values()
        told = [f"{what} {_ratio(what, mine, others)}" for what in ("cpu", "wall", "peak")]
        print(f"  ratio: {'; '.join(told)}")
    sys.stdout.flush()


def _ratio(what: str, mine: Sequence[Cost], others: Sequence[Cost]) -> str:
    """The median of the ratios of the pairs, with its interval."""
    ratios = [getattr(one, what) / getattr(other, what) for one, other in zip(mine, others)]
    found = median_interval(ratios, CONFIDENCE)
    low, high = max(found.low, min(ratios)), min(found.high, max(ratios))
    return f"{found.middle:.3f} [{low:.3f}, {high:.3f}]"
