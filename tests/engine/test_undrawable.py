"""A spec whose samples cannot all be drawn: every cell says why, and on which line of the spec."""

from __future__ import annotations

from typing import Any

import numpy as np

from conformance.engine.sweep import Budget, Sweep
from conformance.spec import Draw, Form, Spec
from conformance.spec.cells import cells_of


def arguments(draw: Draw) -> dict[str, Any]:
    """Only the layout of the longest vectors is misspelt, which a loader may not meet."""
    shape = draw.shape(1, 1)
    return {"input": draw.tensor(shape, layout=("contigous",) if shape >= (1000,) else ("sliced",))}  # type: ignore


def oracle(input: Any) -> Any:
    return np.negative(input)


def test_every_cell_is_broken_by_the_line_that_cannot_be_drawn() -> None:
    spec = Spec(
        operation="torch.neg",
        summary="The negative of each element.",
        documentation="https://docs.pytorch.org/docs/stable/generated/torch.neg.html",
        arguments=arguments,
        forms=(Form("torch.neg(input)"),),
        dtypes=("float32",),
        oracle=oracle,
        modes=(),
    )
    states = Sweep(spec, "cpu", cells_of(spec), Budget(100, 0)).run()
    told = {state.failure.message if state.failure else "" for state in states.values()}
    assert len(told) == 1 and len(states) > 4
    line = arguments.__code__.co_firstlineno + 3
    assert f"cannot be drawn: test_undrawable.py:{line}: draw.tensor: layout: there is no layout 'conti" in told.pop()
