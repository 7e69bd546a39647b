"""Samples that Hypothesis draws and shrinks. Needs no torch."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from hypothesis import HealthCheck, Phase, given, reject, settings
from hypothesis import seed as with_seed
from hypothesis import strategies as st
from hypothesis.errors import HypothesisException

from conformance.drawing.draw import Draw
from conformance.drawing.provider import BACKEND
from conformance.drawing.source import Rejected
from conformance.engine.order import in_order
from conformance.samples.sample import Sample, as_sample
from conformance.spec.contract import Spec
from conformance.spec.modules import trouble_of

CANDIDATES = 2
"""The number of samples that are drawn for each that is asked. To draw one costs less than to ask it."""


class CannotDraw(Exception):
    """The samples of a spec cannot be drawn. The message says why."""


def draw_samples(spec: Spec, examples: int, seed: int, rejected: Callable[[], None] | None = None) -> list[Sample]:
    """The samples that a spec draws from a seed, in the order in which they are asked. They are the best of
    `CANDIDATES` times as many: those that bring features together. `rejected` is called for each sample that the spec
    rejects.

    Raises `CannotDraw`.
    """
    drawn: list[Sample] = []
    try:
        _hypothesis(
            samples_of(spec, rejected or _nothing), drawn.append, CANDIDATES * examples, seed, (Phase.generate,)
        )
    except HypothesisException as error:
        raise CannotDraw(f"the spec's samples cannot be drawn: {type(error).__name__}: {error}") from None
    return [drawn[place] for place in in_order(drawn)[:examples]]


def smallest(spec: Spec, examples: int, seed: int, shows: Callable[[Sample], bool]) -> Sample | None:
    """The smallest sample that was found for which `shows` is true, or None if it is not true again for the same
    sample."""
    found: list[Sample] = []

    def body(sample: Sample) -> None:
        if shows(sample):
            found.append(sample)
            raise _Shown

    try:
        _hypothesis(samples_of(spec, _nothing), body, examples, seed, (Phase.generate, Phase.shrink))
    except _Shown:
        return found[-1]
    except (HypothesisException, CannotDraw):
        pass  # `shows` was true once, and not again
    return None


class _Shown(Exception):
    """Tells Hypothesis that `shows` is true for the sample under test."""


def samples_of(spec: Spec, rejected: Callable[[], None]) -> st.SearchStrategy[Sample]:
    """The strategy of a spec's samples. `rejected` is called for each sample that the spec rejects."""

    @st.composite
    def sample(draw: Callable[[st.SearchStrategy[Any]], Any]) -> Sample:
        try:
            return as_sample(spec.arguments(Draw(numbers_of(draw))))
        except Rejected:
            rejected()
            reject()
        except HypothesisException:
            raise
        except Exception as error:
            raise CannotDraw(f"the spec's samples cannot be drawn: {trouble_of(error, spec.arguments)}") from None

    return sample()


def numbers_of(draw: Callable[[st.SearchStrategy[int]], int]) -> Callable[[int, int], int]:
    """A function `number(low, high)` for `Draw`, by which Hypothesis draws whole numbers."""

    def number(low: int, high: int) -> int:
        return int(draw(_integers(low, high)))

    return number


@lru_cache(maxsize=4096)
def _integers(low: int, high: int) -> st.SearchStrategy[int]:
    return st.integers(low, high)


def _nothing() -> None:
    pass


def _hypothesis(
    strategy: st.SearchStrategy[Sample],
    body: Callable[[Sample], None],
    examples: int,
    seed: int,
    phases: tuple[Phase, ...],
) -> None:
    """Run `body` on samples drawn from `seed`, without deadlines and health checks."""

    def test(sample: Sample) -> None:
        body(sample)

    run = settings(
        max_examples=examples,
        database=None,
        deadline=None,
        derandomize=False,
        phases=phases,
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
        print_blob=False,
        backend=BACKEND,
    )(given(strategy)(test))
    with_seed(seed)(run)()
