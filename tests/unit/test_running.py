"""Running error bounds hold for programs that round, and are tight enough to notice a wrong one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from conformance.numeric.accuracy import compare_sums
from conformance.numeric.dtypes import DTYPES, Array
from conformance.numeric.running import Running, exact

Program = Callable[[Any, Any], Any]


def total(x: Any, y: Any) -> Any:
    return (x * y + 0.3 * x - 1.0).sum(axis=0)


def network(x: Any, y: Any) -> Any:
    hidden = x.T @ y
    return (hidden * hidden).mean() / 3.0


def cancelling(x: Any, y: Any) -> Any:
    return (1000.0 + x * x) - 1000.0 - x * x + 1.0 / (2.0 + y * y)


def product(x: Any, y: Any) -> Any:
    return (x.reshape(-1, 10) @ y.reshape(10, -1)) - 0.5


PROGRAMS: tuple[Program, ...] = (total, network, cancelling, product)


def inputs(seed: int) -> tuple[Array, Array]:
    draw = np.random.default_rng(seed)
    return draw.standard_normal((40, 10)).astype(np.float32), draw.standard_normal((40, 10)).astype(np.float32)


def bounded(program: Program, x: Array, y: Array) -> Running:
    found: Running = program(exact(x.astype(np.longdouble)), exact(y.astype(np.longdouble)))
    return found


def difference(got: Array, promised: Running) -> tuple[Any, Any]:
    return compare_sums(np.asarray(got, np.float32), promised.sums(), [DTYPES["float32"]], 0.0)


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("seed", range(20))
def test_a_program_in_float32_stays_within_the_bound(program: Program, seed: int) -> None:
    x, y = inputs(seed)
    assert difference(program(x, y), bounded(program, x, y))[0] is None


@pytest.mark.parametrize("program", PROGRAMS)
def test_an_error_far_beyond_rounding_is_noticed(program: Program) -> None:
    x, y = inputs(0)
    got = np.asarray(program(x, y))
    for wrong in (got * np.float32(1.01), program(x, np.roll(y, 1, 0)), program(x, -y) + got * np.float32(0.001)):
        assert difference(wrong, bounded(program, x, y))[0] is not None


def test_a_function_carries_the_error_of_its_argument() -> None:
    x, _ = inputs(1)
    total = (exact(x.astype(np.longdouble)) * 30.0).apply(np.exp, np.exp)
    with np.errstate(over="ignore"):
        assert difference(np.exp(x * np.float32(30.0)), total)[0] is None
    assert (total.error > 10 * np.abs(total.value)).any()


def test_numbers_that_are_chosen_or_moved_are_not_rounded() -> None:
    x, _ = inputs(2)
    kept = exact(x).where(x > 0)
    assert (kept.error == 0).all() and (kept.T.value == np.where(x > 0, x, 0).T).all()
