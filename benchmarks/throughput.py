"""Comparisons per CPU-second: a full sweep against a bare loop over the same samples and one Hypothesis test per cell.

    python benchmarks/throughput.py [--examples 300] [--rounds 3]

All three run in turn in one process, on every dtype of `torch.cat` and of `torch.softmax`; the ratios are what counts.
The bare loop makes the tensors and arrays, calls torch, calls the oracle and compares; it draws nothing and keeps no
ledger. A full sweep asks all checks of plain calls: compiling has nothing to be measured against here. One test per
cell draws anew for each dtype and compares the values.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, Phase, given, settings

from conformance.engine.compiled import sweep
from conformance.engine.mutation import PLAIN
from conformance.engine.search import draw_samples, samples_of
from conformance.engine.sweep import Budget
from conformance.execution.execution import Execution
from conformance.execution.promise import Promise
from conformance.numeric.accuracy import compare_exact, compare_ulps
from conformance.numeric.dtypes import DTYPES, convert
from conformance.samples.sample import Sample
from conformance.spec import Spec
from conformance.spec.cells import cells_of
from conformance.spec.loader import load

SPECS = ("specs/joining/cat.py", "specs/activation/softmax.py")


def compare_bare(spec: Spec, sample: Sample, dtype: str) -> None:
    """One comparison with nothing around it."""
    execution = Execution(Promise(spec, sample, dtype), "cpu")
    promised = execution.promise.promised[0]
    name = execution.promise.promised_dtype(spec.outputs[0])
    if spec.accuracy.bound is None:
        assert compare_exact(execution.arrays[0], convert(promised, name)) is None
    else:
        bound = spec.accuracy.bound(name, **sample.by_name)
        assert compare_ulps(execution.arrays[0], promised, DTYPES[name], bound)[0] is None


def bare_loop(spec: Spec, samples: list[Sample]) -> int:
    with np.errstate(over="ignore"):
        for sample in samples:
            for dtype in spec.dtypes:
                compare_bare(spec, sample, dtype)
    return len(samples) * len(spec.dtypes)


def one_test_per_cell(spec: Spec, examples: int) -> int:
    count = 0

    def test(dtype: str) -> Callable[[], None]:
        @settings(
            max_examples=examples,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
        )
        @given(samples_of(spec, lambda: None))
        def compare(sample: Sample) -> None:
            nonlocal count
            count += 1
            compare_bare(spec, sample, dtype)

        return compare

    for dtype in spec.dtypes:
        test(dtype)()
    return count


def full_sweep(spec: Spec, examples: int, checks: tuple[str, ...]) -> int:
    cells = [cell for cell in cells_of(spec) if cell[0] in checks]
    states = sweep(spec, "cpu", cells, Budget(examples, 0))
    return sum(state.evidence.comparisons for state in states.values())


def rate(action: Callable[[], int]) -> float:
    """Comparisons per CPU-second of one call."""
    start = time.process_time()
    return action() / (time.process_time() - start)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--examples", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    for path in SPECS:
        spec = load(Path(path).resolve())
        samples = draw_samples(spec, options.examples, 0)
        bare_loop(spec, samples)  # fills the value pools
        ways = (
            partial(bare_loop, spec, samples),
            partial(full_sweep, spec, options.examples, PLAIN),
            partial(full_sweep, spec, options.examples, ("values",)),
            partial(one_test_per_cell, spec, options.examples),
        )
        rounds = [[rate(way) for way in ways] for _ in range(options.rounds)]
        bare, sweep, values, single = (statistics.median(column) for column in zip(*rounds))
        print(f"{spec.operation}, {len(spec.dtypes)} dtypes, comparisons per CPU-second, median of {options.rounds}:")
        print(
            f"  bare loop {bare:,.0f}; full sweep {sweep:,.0f}; sweep of values alone {values:,.0f}; "
            f"one test per cell {single:,.0f}"
        )
        print(f"  full sweep / bare loop {sweep / bare:.2f}; full sweep / one test per cell {sweep / single:.1f}")


if __name__ == "__main__":
    main()
