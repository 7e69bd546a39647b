"""Whether a change of the engine changed what it finds: every cell's verdict and fingerprint, before and after.

    python benchmarks/unchanged.py reports/torch-2.13.0-cpu/report.html reports/latest/results.ndjson

Both runs must be of one torch, seed, profile and CPU capability. The exit status is 0 if every cell is the same.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from conformance.report import read_run

SHOWN = 20
TERMS = ("torch", "cpu_capability", "numpy", "profile", "seed")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("before", type=Path)
    parser.add_argument("after", type=Path)
    options = parser.parse_args()
    runs = [read_run(path) for path in (options.before, options.after)]
    unequal = [name for name in TERMS if len({getattr(run.environment, name) for run in runs}) > 1]
    if unequal:
        parser.error(f"the runs differ in {', '.join(unequal)}; ATEN_CPU_CAPABILITY=avx2 forces one CPU capability")
    before, after = ({cell.id: (cell.verdict, cell.evidence.fingerprint) for cell in run.cells} for run in runs)
    differing = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    for name in differing[:SHOWN]:
        print(f"{name}: {before.get(name, 'no such cell')} before, {after.get(name, 'no such cell')} after")
    pairs = [(before[name], after[name]) for name in before if name in after]
    verdicts, prints = (sum(was[place] == now[place] for was, now in pairs) for place in (0, 1))
    print(
        f"{len(before):,} cells before and {len(after):,} after: {verdicts:,} verdicts, {prints:,} fingerprints equal"
    )
    sys.exit(1 if differing else 0)


if __name__ == "__main__":
    main()
