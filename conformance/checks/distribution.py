"""distribution: are random numbers distributed as promised, and independent of each other?"""

from __future__ import annotations

import numpy as np

from conformance.checks.plain import call_lines
from conformance.execution.broken import Broken
from conformance.execution.evidence import EvidenceBuilder
from conformance.execution.execution import Execution, attempt, flatten
from conformance.execution.promise import fits
from conformance.execution.tensors import to_array
from conformance.numeric.distributions import COUNT, as_uniform, dependence, misfit, other_spread
from conformance.numeric.dtypes import Array
from conformance.results.model import Cell, Failure, FailureKind
from conformance.samples.sample import Sample
from conformance.spec.contract import Distribution, Spec

NAME = "distribution"


def conditions(spec: Spec) -> tuple[str, ...]:
    """The conditions on samples of what is asked; empty ones always hold."""
    return (spec.distribution.when,) if spec.distribution else ()


def parts(spec: Spec, sample: Sample, dtype: str) -> tuple[str, ...]:
    """One part, or none if the spec promises no distribution for a sample."""
    return ("",) if spec.distribution is not None and fits(sample, dtype, spec.distribution.when) else ()


def examine(execution: Execution, evidence: EvidenceBuilder) -> None:
    """Draw many numbers, twice from one seed and once from another, and compare them with the distribution."""
    promised = execution.spec.distribution
    if promised is None or not execution.promise.fits(promised.when):
        return
    seed = execution.sample.pick("seed of the distribution", 1 << 31)
    numbers, same, others = (_drawn(execution, promised, one) for one in (seed, seed, seed + 1))
    if numbers.tobytes() != same.tobytes():
        raise Broken(FailureKind.VARIES, "a seed gives other numbers the second time", promised.call, "equal numbers")
    if numbers.tobytes() == others.tobytes() and len(np.unique(numbers)) > 1:
        raise Broken(FailureKind.VALUES, "two seeds give equal numbers", promised.call, "others for another seed")
    _require_distribution(execution, promised, numbers)
    evidence.compared(execution.sample)


def _drawn(execution: Execution, promised: Distribution, seed: int) -> Array:
    """The numbers of a seed. Raises `Broken`."""
    made, error = attempt(lambda: execution.call(promised.call, count=COUNT, seed=seed))
    if error is not None:
        raise Broken.raised(error, promised.call, "random numbers") from error
    (tensor,) = flatten(made, promised.call)
    if tensor.numel() < COUNT:
        raise Broken(FailureKind.SHAPE, f"gives {tensor.numel()} numbers", promised.call, f"{COUNT} numbers")
    return to_array(tensor).ravel()


def _require_distribution(execution: Execution, promised: Distribution, numbers: Array) -> None:
    values = numbers if numbers.dtype.kind in "biu" else numbers.astype(np.float64)
    at_most, below = promised.probability(values, execution.dtype, **execution.sample.by_name)
    difference = misfit(values, at_most, below)
    if difference is None:
        uniform = as_uniform(at_most, below)
        difference = other_spread(uniform) or dependence(uniform)
    if difference is not None:
        raise Broken.differs(difference, promised.call, "the promised distribution, by independent numbers")


def reproduce(execution: Execution, cell: Cell, failure: Failure) -> str:
    """The lines that print the numbers that were drawn, and what is promised of them."""
    seed = execution.sample.pick("seed of the distribution", 1 << 31)
    return f"seed, count = {seed}, {COUNT}\n{call_lines(execution, failure)}print('promised:', {failure.promised!r})\n"
