"""Small specs, sound until a test replaces a part of them, and the sweep that asks their cells in this process."""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import Any

import numpy as np

from conformance.engine.compiled import sweep
from conformance.engine.deviations import Deviation
from conformance.engine.sweep import Budget, CellState
from conformance.results.model import Cell
from conformance.samples.sample import Sample
from conformance.spec import DATA_MOVEMENT, LAYOUTS, PRESERVED, WRITABLE, Draw, Form, Spec
from conformance.spec.cells import cells_of


def arguments(draw: Draw) -> dict[str, Any]:
    """One tensor of up to two dimensions, in any layout."""
    return {"input": draw.tensor(draw.shape(max_rank=2), layout=LAYOUTS)}


def writable(draw: Draw) -> dict[str, Any]:
    """The same in layouts that a call may write to."""
    return {"input": draw.tensor(draw.shape(max_rank=2), layout=WRITABLE)}


def negative(input: Any) -> Any:
    return np.negative(input)


def same(input: Any) -> Any:
    return np.positive(input)


def large(dtype: str, input: Any) -> bool:
    return bool(input.numel > 3)


NEG = Spec(
    operation="torch.neg",
    summary="The negative of each element.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.neg.html",
    arguments=arguments,
    forms=(Form("torch.neg(input)"), Form("input.neg()")),
    dtypes=("int32", "float32"),
    oracle=negative,
    memory=PRESERVED,
    predicates=(large,),
    modes=(),
)
"""torch.neg, without gradients and modes."""

COPY = replace(
    NEG,
    operation="torch.clone",
    summary="A copy.",
    forms=(Form("input.clone()"),),
    dtypes=("float32", "float64"),
    oracle=same,
    gradient=DATA_MOVEMENT,
)
"""A copy, with its gradient."""


DIFFERS = Deviation(
    id="neg-differs",
    operation="torch.neg",
    checks=("values",),
    dtypes=("float32",),
    devices=(),
    torch=">=2.2",
    witness="torch.neg(torch.tensor(1.0))",
    promised="torch.tensor(1.0)",
    predicate="large",
    link="",
    reason="planted",
    expires=datetime.date(2999, 1, 1),
)
"""A known deviation of torch.neg for tensors of more than three elements."""


def called(spec: Spec, *calls: str) -> Spec:
    """The spec with other forms."""
    return replace(spec, forms=tuple(Form(call) for call in calls))


def swept(
    spec: Spec,
    *cells: Cell,
    examples: int = 40,
    deviations: tuple[Deviation, ...] = (),
    remembered: tuple[Sample, ...] = (),
) -> dict[Cell, CellState]:
    """What a sweep finds of some cells of a spec, of all where none are named."""
    return sweep(spec, "cpu", list(cells) or cells_of(spec), Budget(examples, 0, remembered), deviations)


def asked(spec: Spec, check: str, subject: str, examples: int = 40) -> CellState:
    """What a sweep finds of one cell."""
    cell = Cell(check, subject)
    return swept(spec, cell, examples=examples)[cell]


def broken_cells(spec: Spec, examples: int = 40) -> set[Cell]:
    """Which cells of a spec a sweep finds broken."""
    return {cell for cell, state in swept(spec, examples=examples).items() if state.verdict == "broken"}
