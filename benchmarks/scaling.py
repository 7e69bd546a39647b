"""How the time of a run beside its sweeps grows with the number of cells: a run whose sweeps cost nothing, and with how
many workers.

    python benchmarks/scaling.py                         # 1,000, 10,000 and 100,000 cells
    python benchmarks/scaling.py 1000 10000 --workers 2  # other numbers; also with two workers

Specs are copies of one, 90 cells each. Every cell is answered as held, and some as broken, without torch being asked.
Times are CPU-seconds, those of child processes among them, with the start of pytest. Beside each stands how often it is
the time of the number before: as often as there are cells is linear. `benchmarks/cost.py cells` measures the collection
and the report.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[1]
CELLS_OF_A_SPEC = 90

SPEC = """
import numpy as np

from conformance.numeric.dtypes import DTYPES
from conformance.spec import PRESERVED, Form, Spec


def arguments(draw):
    return {{"input": draw.tensor(draw.shape(max_rank=2))}}


def oracle(input):
    return np.negative(input)


spec = Spec(
    operation="torch.op{number}",
    summary="The negative of each element.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.neg.html",
    arguments=arguments,
    forms=(Form("torch.neg(input)"), Form("input.neg()")),
    dtypes=tuple(DTYPES),
    oracle=oracle,
    memory=PRESERVED,
    modes=(),
)
"""

WITHOUT_TORCH = """
from conformance.plugin.runner import Runner
from conformance.results.model import Environment, Evidence, Failure, FailureKind, Verdict
from conformance.spec.cells import result_of


def environment(self, *_):
    return Environment(torch="none", devices=("cpu",))


def sweep(self, path, name, device, cells, plan):
    operation = self.spec(path).operation
    evidence = Evidence(comparisons=300, samples=300, layouts=("contiguous", "strided"), fingerprint=f"{hash(name):x}")
    found = {}
    for number, cell in enumerate(cells):
        broken = number == 7 and name.endswith("0.py")
        failure = Failure(kind=FailureKind.VALUES, message=f"wrong in {cell.subject}") if broken else None
        verdict = Verdict.BROKEN if broken else Verdict.HELD
        found[cell] = result_of(name, operation, device, cell, verdict, failure, evidence=evidence)
    return found


Runner.environment, Runner.sweep = environment, sweep
"""


def cpu() -> float:
    """CPU-seconds of this process and of all that it waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def timed(call: Callable[[], object]) -> float:
    start = cpu()
    call()
    return cpu() - start


def write_specs(folder: Path, cells: int) -> int:
    """Write spec files that have at least so many cells; how many they have."""
    number = -(-cells // CELLS_OF_A_SPEC)
    (folder / "specs").mkdir()
    for place in range(number):
        (folder / "specs" / f"op{place}.py").write_text(SPEC.format(number=place))
    (folder / "without_torch.py").write_text(WITHOUT_TORCH)
    return number * CELLS_OF_A_SPEC


def pytest_in(folder: Path, *options: str) -> None:
    """Run pytest on the specs of a folder, in which no torch is asked."""
    plugins = ["-p", "conformance.plugin.hooks", "-p", "without_torch", "-p", "no:randomly"]
    variables = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(folder), *sys.path])}
    report = ["--report-dir=out", "--tb=no", "-q", "--specs", "specs"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *plugins, *report, *options],
        cwd=folder,
        env=variables,
        capture_output=True,
        text=True,
    )
    if done.returncode not in (0, 1):
        raise SystemExit(f"pytest ended with status {done.returncode}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")


def measure(cells: int, workers: int) -> dict[str, float]:
    """CPU-seconds of a run of so many cells, by the number of its workers."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_specs(folder, cells)
        found = {"a run": timed(lambda: pytest_in(folder))}
        if workers:
            found[f"with -n {workers}"] = timed(lambda: pytest_in(folder, "-n", str(workers)))
        return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cells", nargs="*", type=int, default=[1_000, 10_000, 100_000])
    parser.add_argument("--workers", type=int, default=0, metavar="N", help="also a run with so many workers")
    options = parser.parse_args()
    before: dict[str, float] = {}
    for cells in options.cells:
        start = time.monotonic()
        found = measure(cells, options.workers)
        print(f"{cells:,} cells, {time.monotonic() - start:.0f} s by the clock")
        for part, seconds in found.items():
            growth = f", {seconds / before[part]:.1f} times the one before" if before else ""
            print(f"  {part:<18}{seconds:8.2f} CPU-seconds{growth}", flush=True)
        before = found


if __name__ == "__main__":
    main()
