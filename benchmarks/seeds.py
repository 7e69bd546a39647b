"""Does any verdict depend on the seed? Whole runs with two workers or more, one for each seed.

python benchmarks/seeds.py 20
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from conformance import results


def run(*arguments: str, folder: Path) -> float:
    """Wall-clock seconds of one run of pytest; its results are left in `folder`."""
    start = time.monotonic()
    command = [sys.executable, "-m", "pytest", "-q", f"--report-dir={folder}", *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode not in (0, 1):
        raise SystemExit(f"{' '.join(command)} ended with status {done.returncode}:\n{done.stdout[-2000:]}")
    return time.monotonic() - start


def _sample_of(cell: results.CellResult) -> str:
    sample = cell.failure.sample if cell.failure else None
    return sample.text if sample else ""


def seeds(count: int, profile: str) -> None:
    first: dict[str, str] = {}
    differing: dict[str, set[str]] = {}
    with tempfile.TemporaryDirectory() as name:
        for seed in range(count):
            folder = Path(name) / str(seed)
            seconds = run("-n", "auto", f"--hypothesis-seed={seed}", f"--hypothesis-profile={profile}", folder=folder)
            found = results.read(folder / "results.ndjson")
            for cell in found.cells:
                if first.setdefault(cell.id, cell.verdict) != cell.verdict:
                    differing.setdefault(cell.id, set()).update({first[cell.id], cell.verdict})
                if cell.verdict in ("broken", "crashed", "vacuous"):
                    print(f"  {cell.id} {cell.verdict}: {cell.message}\n{_sample_of(cell)}")
            print(f"seed {seed}: {seconds:.1f} s, {results.verdict_line(found)}", flush=True)
    print(f"{len(differing)} of {len(first)} verdicts differ over {count} seeds")
    for cell_id, verdicts in differing.items():
        print(f"  {cell_id}: {', '.join(sorted(verdicts))}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("count", type=int, nargs="?", default=20, help="the number of seeds")
    parser.add_argument("--profile", default="gate", help="the profile of the runs")
    options = parser.parse_args()
    seeds(options.count, options.profile)


if __name__ == "__main__":
    main()
