"""`python -m tests.faults [OPERATION ...]`: plant every fault, score every spec, write the scores.

`--fault TITLE` plants one alone. With `--regions` another fault is planted in the region of every known deviation.
`--scripts N` makes the scripts of N faults, drawn from all, and runs each on the wrong torch and on the right one.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import warnings
from pathlib import Path
from random import Random

from conformance.engine import mutation
from conformance.engine.deviations import load as load_deviations
from conformance.spec import catalogue, loader
from tests import SPECS
from tests.faults import digests, faults_of, score
from tests.faults.regions import deviations, noticed
from tests.faults.scripts import reproductions

PROCESSES = 2


def main() -> int:
    """Score the specs asked for; 1 if a fault survived or a spec has too few."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("operations", nargs="*", metavar="OPERATION", help="operations to score [default: all]")
    parser.add_argument("--fault", metavar="TITLE", help="the only fault to plant in the operation")
    parser.add_argument("--output", type=Path, help="file to write all scores to: reports/mutation.json")
    parser.add_argument("--regions", action="store_true", help="plant other faults in regions of known deviations")
    parser.add_argument("--scripts", type=int, metavar="N", help="try the scripts of so many faults, drawn from all")
    options = parser.parse_args()
    if options.regions:
        return _regions()
    files = {loader.load(file).operation: file for file in loader.spec_files(SPECS)}
    for name in options.operations:
        if name not in files:
            parser.error(f"no spec has the operation {name!r}; known are {', '.join(files)}")
    if options.output and options.operations:
        parser.error("--output is for the scores of all operations; name none")
    chosen = [files[name] for name in options.operations or files]
    if options.scripts:
        return _scripts(chosen, options.scripts)
    if options.fault is not None:
        return _one(parser, chosen, options.fault)
    # What is written was tried: the digests are those from before.
    engine, specs = digests.of_engine(), {loader.load(file).operation: digests.of_spec(file) for file in chosen}
    scores = []
    with multiprocessing.get_context("spawn").Pool(PROCESSES) as pool:
        for result in pool.imap(score, chosen):
            print(result.describe(), flush=True)
            scores.append(result)
    if options.output:
        mutation.write(options.output, scores, engine, specs)
    return 0 if all(result.complete for result in scores) else 1


def _one(parser: argparse.ArgumentParser, files: list[Path], title: str) -> int:
    """Plant one fault; 1 if it survived."""
    having = [file for file in files if title in [fault.title for fault in faults_of(loader.load(file))]]
    if not having:
        parser.error(f"no fault of these operations has the title {title!r}")
    scores = [score(file, [title]) for file in having]
    for result in scores:
        print(result.describe())
    return 0 if all(result.is_clean for result in scores) else 1


def _scripts(files: list[Path], count: int) -> int:
    """Make the scripts of some faults, and tell how many tell the wrong torch from the right one; 1 if one does not."""
    warnings.simplefilter("ignore")
    specs, known = map(loader.load, files), load_deviations(catalogue.DEVIATIONS)
    faults = [(spec, fault) for spec in specs for fault in faults_of(spec)]
    good = total = 0
    for spec, fault in Random(0).sample(faults, min(count, len(faults))):
        for one in reproductions(spec, fault, known):
            good, total = good + one.reproduces, total + 1
            if not one.reproduces:
                statuses = f"{one.on_wrong} on the wrong torch, {one.on_right} on the right one"
                print(f"{spec.operation}: {fault.title}: {one.cell.check}, {one.failure.kind}: {statuses}", flush=True)
    print(f"{good} of {total} scripts fail on the wrong torch and pass on the right one")
    return 0 if good == total else 1


def _regions() -> int:
    """Tell which cell notices another fault in each region; 1 if one is not noticed."""
    found = {known.id: noticed(known) for known in deviations()}
    for name, cell in found.items():
        print(f"{name:<60} {cell or 'NOT NOTICED'}")
    print(f"{sum(map(bool, found.values()))} of {len(found)} noticed")
    return 0 if all(found.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
