"""The cost of a gate: the CPU-seconds of a gate with one torch on both sides, divided by those of a run of the same
specs. The processes that either starts are counted.

    python benchmarks/gate.py                      # all specs: one run, one gate
    python benchmarks/gate.py torch.topk --pairs 5 # one spec: five runs and five gates in turns
    python benchmarks/gate.py --times 10           # ten gates: whether one torch on both sides is safe ten times

A SPEC is an operation, a spec file or a folder of them. The run and the two sides each have a torch.compile cache of
their own, since two torches share none. It is empty unless --warm is given.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from conformance.cli.arguments import selected


@dataclass(frozen=True)
class Took:
    """What a command took, and the last line that it printed."""

    cpu: float
    wall: float
    line: str


def took(command: list[str], cache: Path, allowed: tuple[int, ...]) -> Took:
    """Run a command to its end."""
    environment = {**os.environ, "TORCHINDUCTOR_CACHE_DIR": str(cache)}
    before, start = _children(), time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    wall, cpu = time.monotonic() - start, _children() - before
    line = (done.stdout.strip().splitlines() or [""])[-1]
    if done.returncode not in allowed or not line:
        raise SystemExit(
            f"{' '.join(command)} ended with status {done.returncode}:\n{done.stdout[-2000:]}{done.stderr}"
        )
    return Took(cpu, wall, line)


def _children() -> float:
    """The CPU-seconds of the children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@dataclass(frozen=True)
class Terms:
    """What a run and a gate have in common."""

    specs: tuple[str, ...]
    profile: str
    workers: int
    folder: Path
    warm: bool

    def run(self) -> Took:
        files = [str(file.path) for file in selected(self.specs).files] if self.specs else []
        options = ["-q", "-n", str(self.workers), f"--hypothesis-profile={self.profile}"]
        command = [sys.executable, "-m", "pytest", *options, f"--report-dir={self.folder / 'run'}", *files]
        return took(command, self._cache("run"), (0,))

    def gate(self) -> Took:
        candidate = self.folder / "python"
        candidate.write_text(
            f'#!/bin/sh\nTORCHINDUCTOR_CACHE_DIR={self._cache("candidate")} exec {sys.executable} "$@"\n'
        )
        candidate.chmod(0o755)
        command = [sys.executable, "-m", "conformance", "gate", "--baseline", "this", "--candidate", str(candidate)]
        options = ["--profile", self.profile, "--process-pairs", str(self.workers)]
        out = ["--report-dir", str(self.folder / "gate")]
        return took([*command, *options, *out, *self.specs], self._cache("baseline"), (0, 1, 4))

    def _cache(self, name: str) -> Path:
        """The folder of compiled code: a new one, or one that is kept."""
        return self.folder / f"cache-{name}" if self.warm else Path(tempfile.mkdtemp(dir=self.folder))


def compare(terms: Terms, pairs: int) -> None:
    ratios = []
    for number in range(pairs):
        run, gate = terms.run(), terms.gate()
        ratios.append(gate.cpu / run.cpu)
        print(
            f"pair {number + 1}: run {run.cpu:.1f} CPU-seconds ({run.wall:.1f} s), gate {gate.cpu:.1f} "
            f"({gate.wall:.1f} s), gate / run {ratios[-1]:.2f}; {gate.line}",
            flush=True,
        )
    print(f"gate / run: median {statistics.median(ratios):.2f}, from {min(ratios):.2f} to {max(ratios):.2f}")


def repeat(terms: Terms, times: int) -> None:
    for number in range(times):
        gate = terms.gate()
        print(f"gate {number + 1}: {gate.cpu:.1f} CPU-seconds ({gate.wall:.1f} s); {gate.line}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("specs", nargs="*", metavar="SPEC", help="what to run [default: all built-in specs]")
    parser.add_argument("--pairs", type=int, default=1, help="how many runs and gates to compare")
    parser.add_argument("--times", type=int, default=0, help="run so many gates instead, and no run")
    parser.add_argument("--profile", default="gate")
    parser.add_argument("--workers", type=int, default=max(1, (os.cpu_count() or 1) // 2), help="workers of both")
    parser.add_argument("--warm", action="store_true", help="keep the torch.compile cache from pair to pair")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        terms = Terms(tuple(options.specs), options.profile, options.workers, Path(folder), options.warm)
        if options.times:
            repeat(terms, options.times)
        else:
            compare(terms, options.pairs)


if __name__ == "__main__":
    main()
