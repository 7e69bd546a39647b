"""Do the answers of whole runs depend on anything but the torch that is asked?

python benchmarks/runs.py --seeds 20          # one run for each seed: are the verdicts the same?
python benchmarks/runs.py --quiet 5 --busy 5  # runs of one seed, the last ones beside twelve busy processes:
                                              # are the verdicts and the bits the same?
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from conformance import results

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.slowness import ALWAYS_BUSY, load

BESIDE = 12
"""The number of busy processes."""


@dataclass(frozen=True)
class Run:
    """One run of all specs, and what it found."""

    name: str
    seconds: float
    found: results.Results


def run(name: str, folder: Path, *arguments: str) -> Run:
    """Run all specs with a worker for each core."""
    start = time.monotonic()
    command = [sys.executable, "-m", "pytest", "-q", "-n", "auto", f"--report-dir={folder}", *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode not in (0, 1):
        raise SystemExit(f"{' '.join(command)} ended with status {done.returncode}:\n{done.stdout[-2000:]}")
    return Run(name, time.monotonic() - start, results.read(folder / "results.ndjson"))


def of_seeds(count: int, folder: Path, options: list[str]) -> Iterator[Run]:
    for seed in range(count):
        yield run(f"seed {seed}", folder, f"--hypothesis-seed={seed}", *options)


def of_one_seed(quiet: int, busy: int, folder: Path, options: list[str]) -> Iterator[Run]:
    for number in range(quiet + busy):
        beside = number >= quiet
        with load(ALWAYS_BUSY, BESIDE) if beside else nullcontext():
            yield run(f"run {number + 1}{f', beside {BESIDE} busy processes' if beside else ''}", folder, *options)


def compare(runs: Iterator[Run], bits: bool) -> None:
    """Print each run, and the cells whose answers differ: in the verdict, and with `bits` in any bit of a result."""
    answers: dict[str, set[tuple[str, str]]] = defaultdict(set)
    count = 0
    for one in runs:
        count += 1
        for cell in one.found.cells:
            answers[cell.id].add((cell.verdict, cell.evidence.fingerprint if bits else ""))
            if cell.verdict in ("broken", "crashed", "vacuous"):
                sample = cell.failure.sample if cell.failure else None
                print(f"  {cell.id} {cell.verdict}: {cell.message}\n{sample.text if sample else ''}")
        print(f"{one.name}: {one.seconds:.1f} s, {results.verdict_line(one.found)}", flush=True)
    differing = {name: found for name, found in answers.items() if len(found) > 1}
    print(f"{len(differing)} of {len(answers)} answers differ over {count} runs")
    for name, found in differing.items():
        print(f"  {name}: {', '.join(sorted({verdict for verdict, _ in found}))}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=0, metavar="N", help="runs, each with a seed of its own")
    parser.add_argument("--quiet", type=int, default=0, metavar="N", help="runs of one seed")
    parser.add_argument("--busy", type=int, default=0, metavar="N", help="runs of one seed beside busy processes")
    options, rest = parser.parse_known_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if options.seeds:
            compare(of_seeds(options.seeds, folder, rest), bits=False)
        if options.quiet or options.busy:
            compare(of_one_seed(options.quiet, options.busy, folder, rest), bits=True)


if __name__ == "__main__":
    main()
