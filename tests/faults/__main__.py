"""`python -m tests.faults [OPERATION ...]`: plant every fault, score every spec, write the scores.

With `--regions` another fault is planted in the region of every known deviation.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
from pathlib import Path

from conformance.engine import mutation
from conformance.spec import loader
from tests import SPECS
from tests.faults import score
from tests.faults.regions import deviations, noticed

PROCESSES = 2


def main() -> int:
    """Score the specs asked for; 1 if a fault survived or a spec has too few."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("operations", nargs="*", metavar="OPERATION", help="operations to score [default: all]")
    parser.add_argument("--output", type=Path, help="file to write the scores to, such as reports/mutation.json")
    parser.add_argument("--regions", action="store_true", help="plant other faults in regions of known deviations")
    options = parser.parse_args()
    if options.regions:
        return _regions()
    files = {loader.load(file).operation: file for file in loader.spec_files(SPECS)}
    unknown = [name for name in options.operations if name not in files]
    if unknown:
        parser.error(f"no spec has the operation {unknown[0]!r}; known are {', '.join(files)}")
    chosen = [files[name] for name in options.operations or files]
    scores = []
    with multiprocessing.get_context("spawn").Pool(PROCESSES) as pool:
        for result in pool.imap(score, chosen):
            print(result.describe(), flush=True)
            scores.append(result)
    if options.output:
        mutation.write(options.output, scores)
    return 0 if all(result.complete for result in scores) else 1


def _regions() -> int:
    """Tell which cell notices another fault in each region; 1 if one is not noticed."""
    found = {known.id: noticed(known) for known in deviations()}
    for name, cell in found.items():
        print(f"{name:<60} {cell or 'NOT NOTICED'}")
    print(f"{sum(map(bool, found.values()))} of {len(found)} noticed")
    return 0 if all(found.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
