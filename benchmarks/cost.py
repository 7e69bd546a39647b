"""What runs cost: CPU-seconds with child processes, wall-clock time, and the memory of the largest process.

    python benchmarks/cost.py run --against main           # the whole run, by turns with another commit
    python benchmarks/cost.py run specs/statistics/topk.py # one spec
    python benchmarks/cost.py start --against main         # importing torch, a collection, one cell, one spec
    python benchmarks/cost.py samples                      # 30 to 3,000 samples a sweep
    python benchmarks/cost.py workers                      # 1, 2 and 4 workers
    python benchmarks/cost.py specs                        # each spec alone
    python benchmarks/cost.py cells                        # all but the sweeps, of 1,000 to 200,000 cells

Each command is measured `--pairs` times. With `--against` a commit it is measured there too, right before or after, and
the ratio of each pair counts: a load then hits both alike. The cache of compiled code is a new, empty one for every
command; with `--cache warm` the command has run once on it; `run` shows both. After `--` come options of pytest.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from measuring import EMPTY, HERE, WARM, Case, compare, sides

sys.path.insert(0, str(HERE))

from conformance.spec import catalogue
from conformance.spec.cells import cells_of
from tests import fake_results
from tests.system.checkout import Checkout

SAMPLES = (30, 100, 300, 1000, 3000)
WORKERS = (1, 2, 4)
CELLS = (1_000, 10_000, 100_000)
REPORTED = (*CELLS, 200_000)
CELL = "specs/joining/cat.py::values[cpu-float32]"
SPEC = "specs/statistics/topk.py"


def run_of(name: str, *arguments: str, **variables: str) -> Case:
    """A run of pytest, whose report goes to a folder that is thrown away."""
    return Case(name, ("-m", "pytest", "-q", "--report-dir={folder}", *arguments), variables)


def start(specs: list[str], options: list[str]) -> list[Case]:
    """What a run takes before its first sample."""
    return [
        Case("import torch", ("-c", "import torch")),
        run_of("--collect-only", "--collect-only", *options),
        run_of("one cell", CELL, *options),
        run_of("one cell, two workers", "-n", "2", CELL, *options),
        run_of(SPEC, SPEC, *options),
    ]


def run(specs: list[str], options: list[str]) -> list[Case]:
    return [run_of("the run", *specs, *_workers(options), *options)]


def samples(specs: list[str], options: list[str]) -> list[Case]:
    profile = ("-p", "sample_profile", "--hypothesis-profile=samples")
    return [
        run_of(f"{count:,} samples", *specs, *profile, *_workers(options), *options, SAMPLES=str(count))
        for count in SAMPLES
    ]


def workers(specs: list[str], options: list[str]) -> list[Case]:
    return [run_of(f"workers: {count}", *specs, "-n", str(count), *options) for count in WORKERS]


def each_spec(specs: list[str], options: list[str]) -> list[Case]:
    """Each spec in a run of its own. The first case is what such a run takes without a sample."""
    names = specs or [file.name for file in catalogue.built_in_files()]
    return [run_of("the start alone", "--collect-only", names[0]), *(run_of(name, name, *options) for name in names)]


def _workers(options: list[str]) -> tuple[str, ...]:
    """One worker per core, unless the options say how many."""
    return () if any(option.startswith(("-n", "--numprocesses")) for option in options) else ("-n", "auto")


@contextmanager
def cells() -> Iterator[list[Case]]:
    """The report of results with many cells; of specs with as many the collection, and a run whose sweeps cost nothing,
    in one process and with two workers."""
    with tempfile.TemporaryDirectory(prefix="conformance-cells-") as name:
        found = []
        for count in REPORTED:
            folder = Path(name, str(count))
            folder.mkdir()
            report = ("-m", "conformance", "report", str(_results(folder, count)), "--output={folder}/report.html")
            found.append(Case(f"report of {count:,} cells", report))
            if count not in CELLS:
                continue
            specs = ("-p", "conformance.plugin.hooks", "--specs", str(_specs(folder, count)))
            free = ("-p", "without_torch", "--tb=no", *specs)
            found += [
                run_of(f"collection of {count:,} cells", "--collect-only", *specs),
                run_of(f"run of {count:,} cells", *free),
                run_of(f"run of {count:,} cells, two workers", "-n", "2", *free),
            ]
        yield found


def _results(folder: Path, count: int) -> Path:
    """A results file with so many cells."""
    subjects = (f"float{number}" for number in range(count))
    found = [fake_results.cell("torch.cat", "values", subject) for subject in subjects]
    return fake_results.write(folder / "results.ndjson", fake_results.run_of(found))


def _specs(folder: Path, count: int) -> Path:
    """A folder with specs that have so many cells together."""
    checkout = Checkout(folder)
    first = checkout.spec("neg")
    each = len(cells_of(catalogue.load(catalogue.spec_file(first))))
    for number in range(1, count // each):
        checkout.spec(f"neg{number}")
    return first.parent


KINDS = {"run": run, "start": start, "samples": samples, "workers": workers, "specs": each_spec}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=[*KINDS, "cells"])
    parser.add_argument("specs", nargs="*", help="spec files, folders or cells; none means all")
    parser.add_argument("--against", metavar="COMMIT", help="the commit to measure by turns with this checkout")
    parser.add_argument("--pairs", type=int, default=3, help="how often each command is measured")
    parser.add_argument("--cache", choices=(EMPTY, WARM, "both"), help="what the cache of compiled code holds")
    mine, options = sys.argv[1:], []
    if "--" in mine:
        mine, options = mine[: mine.index("--")], mine[mine.index("--") + 1 :]
    asked = parser.parse_args(mine)
    cache = asked.cache or ("both" if asked.what == "run" else EMPTY)
    caches = (EMPTY, WARM) if cache == "both" else (cache,)
    with sides(asked.against) as found:
        if asked.what in KINDS:
            compare(KINDS[asked.what](asked.specs, options), found, caches, asked.pairs)
        else:
            with cells() as many:
                compare(many, found, caches, asked.pairs)


if __name__ == "__main__":
    main()
