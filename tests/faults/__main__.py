"""`python -m tests.faults [OPERATION ...]`: plant every fault, score every spec, write the scores."""

from __future__ import annotations

import argparse
import multiprocessing
import sys
from pathlib import Path

from conformance.engine import mutation
from conformance.spec import loader
from tests import SPECS
from tests.faults import score

PROCESSES = 2


def main() -> int:
    """Score the specs asked for; 1 if a fault survived or a spec has too few."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("operations", nargs="*", metavar="OPERATION", help="operations to score [default: all]")
    parser.add_argument("--output", type=Path, help="file to write the scores to, such as reports/mutation.json")
    options = parser.parse_args()
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


if __name__ == "__main__":
    sys.exit(main())
