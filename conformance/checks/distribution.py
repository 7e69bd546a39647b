"""distribution: are random numbers distributed as promised, and independent of each other?"""

from __future__ import annotations

import numpy as np

from conformance.checks.literals import Code, written
from conformance.checks.sources import definitions
from conformance.checks.steps import Lines, arguments, held
from conformance.execution.broken import Broken
from conformance.execution.evidence import EvidenceBuilder
from conformance.execution.execution import Execution, attempt, flatten
from conformance.execution.promise import fits
from conformance.execution.tensors import to_array
from conformance.numeric.distributions import COUNT, as_uniform, dependence, farthest, misfit, other_spread
from conformance.numeric.dtypes import Array
from conformance.results.model import Cell, Failure, FailureKind
from conformance.samples.sample import Sample, tensors_in
from conformance.spec.contract import Distribution, Spec
from conformance.spec.expressions import function_text

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


def reproduce(execution: Execution, cell: Cell, failure: Failure) -> Lines:
    """The steps that draw the numbers, and hold them to repeating for a seed, to being others for another seed, and to
    the promised distribution, by independent numbers."""
    promised = execution.spec.distribution
    assert promised is not None
    seed = execution.sample.pick("seed of the distribution", 1 << 31)
    drawn = function_text("draw", promised.call, "seed, count")
    lines = [*arguments(execution), *drawn.splitlines(), "", f"numbers = array(draw({seed}, {COUNT})).ravel()"]
    if failure.kind is FailureKind.RAISED:
        return lines
    if failure.kind is FailureKind.SHAPE:
        return [*lines, *held("enough numbers", f"numbers.size >= {COUNT}", "True")]
    others = {"again": seed, "others": seed + 1}
    lines += [f"{name} = array(draw({other}, {COUNT})).ravel()" for name, other in others.items()]
    return [
        *lines,
        *held("a seed gives the same numbers again", "numbers.tobytes() == again.tobytes()", "True"),
        "differ = numbers.tobytes() != others.tobytes() or len(set(numbers.tolist())) == 1",
        *held("another seed gives other numbers", "differ", "True"),
        *_distribution_held(execution, promised),
    ]


def _distribution_held(execution: Execution, promised: Distribution) -> Lines:
    """The steps that make the numbers uniform ones, if they are distributed as promised, and hold them to being so."""
    lines, (probability,) = definitions(promised.probability)
    plain = {
        name: None if tensors_in(value) else Code(written(value)) for name, value in execution.sample.by_name.items()
    }
    given = ", ".join(f"{name}={value!r}" for name, value in plain.items())
    return [
        *lines,
        'values = numbers if numbers.dtype.kind in "biu" else numbers.astype(np.float64)',
        f"at_most, below = {probability}(values, {execution.dtype!r}, {given})",
        "chance = np.random.RandomState([2009, 2, 1]).random_sample(numbers.size)",
        "uniform = below + (at_most - below) * chance  # if the distribution is the promised one",
        "half = uniform.size // 2",
        "pairs = [(uniform[0 : 2 * half : 2], uniform[1 : 2 * half : 2]), (uniform[:half], uniform[half : 2 * half])]",
        'far = {"distribution": distance(uniform), "spread": distance(np.abs(2 * uniform - 1))}',
        'for name, (first, second) in zip(("neighbours", "halves"), pairs):',
        "    far[name] = max(distance((first + second) % 1), distance((first - second) % 1))",
        f"most = {{name: {farthest(COUNT):.6f} for name in far}}",
        f'most |= dict.fromkeys(("neighbours", "halves"), {farthest(COUNT // 2):.6f})',
        'print("how far the numbers are from what is promised, and at most:", far, most)',
        *held("what is further", "[name for name in far if not far[name] <= most[name]]", "[]"),
    ]
