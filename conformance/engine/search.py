"""Samples that Hypothesis draws. Needs no torch."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter

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


class CannotDraw(Exception):
    """The samples of a spec cannot be drawn. The message says why."""


def draw_all(spec: Spec, examples: int, seed: int, rejected: Callable[[], None] | None = None) -> list[Drawn]:
    """The samples that a spec draws from a seed, in the order in which they are asked, with the choices behind each.
    They are the best of `CANDIDATES` times as many: those that bring features together. `rejected` is called for each
    sample that the spec rejects.

    Raises `CannotDraw`.
    """
    found: list[Drawn] = []
    try:
        _hypothesis(_drawn_of(spec, rejected or _nothing), found.append, CANDIDATES * examples, seed)
    except HypothesisException as error:
        raise CannotDraw(f"the spec's samples cannot be drawn: {type(error).__name__}: {error}") from None
    found = list({one.sample: one for one in found}.values())
    return [found[place] for place in in_order([one.sample for one in found])[:examples]]


def draw_samples(spec: Spec, examples: int, seed: int) -> list[Sample]:
    """The samples that a spec draws from a seed, in the order in which they are asked. Raises `CannotDraw`."""
    return [one.sample for one in draw_all(spec, examples, seed)]


def samples_of(spec: Spec, rejected: Callable[[], None]) -> st.SearchStrategy[Sample]:
    """The strategy of a spec's samples. `rejected` is called for each sample that the spec rejects."""
    return _drawn_of(spec, rejected).map(attrgetter("sample"))


def _drawn_of(spec: Spec, rejected: Callable[[], None]) -> st.SearchStrategy[Drawn]:
    def sample(_: None) -> Drawn:
        try:
            return drawn(spec.arguments, numbers())
        except Rejected:
            rejected()
            reject()
        except HypothesisException:
            raise
        except Exception as error:
            raise CannotDraw(f"the spec's samples cannot be drawn: {trouble_of(error, spec.arguments)}") from None

    return st.none().map(sample)


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


def _hypothesis(strategy: st.SearchStrategy[Drawn], body: Callable[[Drawn], None], examples: int, seed: int) -> None:
    """Run `body` on samples drawn from `seed`, without deadlines and health checks."""

    def test(found: Drawn) -> None:
        body(found)

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
