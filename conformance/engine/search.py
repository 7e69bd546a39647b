"""Samples that Hypothesis draws. Needs no torch."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from hypothesis import HealthCheck, Phase, given, reject, settings
from hypothesis import seed as with_seed
from hypothesis import strategies as st
from hypothesis.control import current_build_context
from hypothesis.errors import HypothesisException

from conformance.drawing.choices import Drawn, drawn
from conformance.drawing.provider import BACKEND
from conformance.drawing.source import Rejected
from conformance.engine.order import in_order
from conformance.samples.sample import Sample
from conformance.spec.contract import Spec
from conformance.spec.modules import trouble_of

CANDIDATES = 2
"""The number of samples that are drawn for each that is asked. To draw one costs less than to ask it."""

FEWEST = 16
"""The number of samples that are asked even of a spec whose calls cost much."""

BATCH = 10
"""The number of samples in one example of Hypothesis, which costs as much as to draw them."""


class CannotDraw(Exception):
    """The samples of a spec cannot be drawn. The message says why."""


def draw_all(spec: Spec, examples: int, seed: int, rejected: Callable[[], None] | None = None) -> list[Drawn]:
    """The samples that a spec draws from a seed, in the order in which they are asked, with the choices behind each.
    They are the best of `CANDIDATES` times as many: those that bring features together. A spec with a `sample_share`
    has fewer, but no less than `FEWEST`. `rejected` is called for each sample that the spec rejects.

    Raises `CannotDraw`.
    """
    examples = min(examples, max(FEWEST, round(examples * spec.sample_share)))
    found: list[Drawn] = []
    strategy = st.none().map(partial(_batch, spec, rejected or _nothing))
    try:
        _hypothesis(strategy, found.extend, -(-CANDIDATES * examples // BATCH), seed)
    except HypothesisException as error:
        raise CannotDraw(f"the spec's samples cannot be drawn: {type(error).__name__}: {error}") from None
    return [found[place] for place in in_order([one.sample for one in found])[:examples]]


def draw_samples(spec: Spec, examples: int, seed: int) -> list[Sample]:
    """The samples that a spec draws from a seed, in the order in which they are asked. Raises `CannotDraw`."""
    return [one.sample for one in draw_all(spec, examples, seed)]


def samples_of(spec: Spec, rejected: Callable[[], None]) -> st.SearchStrategy[Sample]:
    """The strategy of a spec's samples. `rejected` is called for each sample that the spec rejects."""
    return st.none().map(partial(_batch, spec, rejected, size=1)).map(_first)


def _first(batch: list[Drawn]) -> Sample:
    return batch[0].sample


def _batch(spec: Spec, rejected: Callable[[], None], _: None, size: int = BATCH) -> list[Drawn]:
    """A few samples of one example of Hypothesis. If the spec rejects many in a row, there are fewer; if it rejects
    all, the example is rejected."""
    found: list[Drawn] = []
    number = numbers()
    for _try in range(10 * size):
        try:
            found.append(drawn(spec.arguments, number))
        except Rejected:
            rejected()
        except HypothesisException:
            raise
        except Exception as error:
            raise CannotDraw(f"the spec's samples cannot be drawn: {trouble_of(error, spec.arguments)}") from None
        if len(found) == size:
            return found
    if not found:
        reject()
    return found


def numbers() -> Callable[[int, int], int]:
    """A function `number(low, high)` for `Draw`, by which Hypothesis draws whole numbers for the test that it runs.

    They are drawn as `st.integers` draws them, without the cost of a strategy for each.
    """
    data = current_build_context().data

    def number(low: int, high: int) -> int:
        return int(data.draw_integer(low, high))

    return number


def _nothing() -> None:
    pass


def _hypothesis(
    strategy: st.SearchStrategy[list[Drawn]], body: Callable[[list[Drawn]], None], examples: int, seed: int
) -> None:
    """Run `body` on batches of samples drawn from `seed`, without deadlines and health checks."""

    def test(batch: list[Drawn]) -> None:
        body(batch)

    run = settings(
        max_examples=examples,
        database=None,
        deadline=None,
        derandomize=False,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
        print_blob=False,
        backend=BACKEND,
    )(given(strategy)(test))
    with_seed(seed)(run)()
