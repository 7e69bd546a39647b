"""The whole run under pytest: seconds and memory with two workers and one, the quick profile, and twenty seeds.

    python benchmarks/whole_run.py            # one worker against two, quick, memory
    python benchmarks/whole_run.py --seeds 20 # does any verdict differ between seeds?

Start-up is the same run with one small cell selected; "beyond start-up" is what is left after taking it away.
"""

from __future__ import annotations

import argparse
import resource
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


def cost() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        start = {workers: run("-n", workers, "-k", "sigmoid and values and float64", folder=folder) for workers in "12"}
        print(f"start-up: {start['1']:.1f} s with one worker, {start['2']:.1f} s with two")
        whole = {workers: run("-n", workers, folder=folder) for workers in "12"}
        print(f"whole run: {whole['1']:.1f} s with one worker, {whole['2']:.1f} s with two")
        ratio = (whole["1"] - start["1"]) / (whole["2"] - start["2"])
        print(f"two workers against one, beyond start-up: {ratio:.2f} times as fast")
        print(f"quick, two workers: {run('-n', '2', '--hypothesis-profile=quick', folder=folder):.1f} s")
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
        print(f"largest process: {peak:.2f} GiB")


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
    parser.add_argument("--seeds", type=int, help="compare the verdicts of this many seeds instead")
    parser.add_argument("--profile", default="gate", help="the profile of the seeds' runs")
    options = parser.parse_args()
    if options.seeds:
        seeds(options.seeds, options.profile)
    else:
        cost()


if __name__ == "__main__":
    main()
