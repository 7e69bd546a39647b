"""The schedule: what each cell is asked of at least, and that faults in rare places are noticed."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from conformance.engine.schedule import FULL, TABLE, Plan, Schedule
from conformance.engine.search import draw_samples
from conformance.results.model import Cell
from conformance.samples.vocabulary import LAYOUTS
from conformance.spec import Form
from conformance.spec.cells import cells_of
from conformance.spec.loader import load
from tests import SPECS
from tests.engine.specs import NEG, asked, called, swept

SAMPLES = 200
WIDE = replace(
    NEG,
    dtypes=("int8", "int16", "int32", "int64", "float16", "bfloat16", "float32", "float64", "complex64", "complex128"),
    forms=(*NEG.forms, Form("torch.negative(input)", when="input.rank == 0")),
)
"""torch.neg in many dtypes, with a form that few samples fit."""


@pytest.fixture(scope="module")
def plan():
    return Plan(WIDE, draw_samples(WIDE, SAMPLES, 0))


def turns_of(plan, cell):
    schedule = Schedule(WIDE, "cpu", cells_of(WIDE))
    return plan.of(cell, schedule[cell])


@pytest.mark.parametrize("check", ["values", "memory", "forms"])
def test_each_cell_is_asked_of_its_least_number_of_each_layout(plan, check):
    there = Counter(kind for sample in plan.samples for kind in sample.layouts)
    for dtype in WIDE.dtypes:
        places = [place for place, _ in turns_of(plan, Cell(check, dtype))]
        met = Counter(kind for place in places for kind in plan.samples[place].layouts)
        assert len(set(places)) == len(places) >= TABLE[check].least
        assert all(met[kind] >= min(there[kind], TABLE[check].of_layout) for kind in LAYOUTS)


def test_each_form_is_asked_in_each_dtype_and_the_evidence_tells_it():
    found = swept(WIDE, *(Cell("forms", dtype) for dtype in WIDE.dtypes), examples=SAMPLES)
    for state in found.values():
        counts = state.evidence.build().counts
        assert all(counts[form.call] >= TABLE["forms"].of_part for form in WIDE.forms[1:])
        assert all(counts[kind] for kind in state.evidence.layouts)


def test_the_first_samples_are_asked_in_every_dtype_and_later_ones_in_few(plan):
    values = [turns_of(plan, Cell("values", dtype)) for dtype in WIDE.dtypes]
    asked_of = Counter(place for turns in values for place, _ in turns)
    assert all(asked_of[place] == len(WIDE.dtypes) for place in range(FULL))
    assert sum(asked_of[place] for place in range(FULL, SAMPLES)) < SAMPLES * len(WIDE.dtypes) / 2


def test_a_thorough_plan_asks_every_sample_in_every_dtype():
    plan = Plan(WIDE, draw_samples(WIDE, SAMPLES, 0), thorough=True)
    assert all(len(turns_of(plan, Cell("values", dtype))) == SAMPLES for dtype in WIDE.dtypes)


def test_what_a_cell_is_asked_does_not_depend_on_the_others_that_were_selected():
    cell = Cell("values", "bfloat16")
    alone, together = swept(WIDE, cell, examples=SAMPLES), swept(WIDE, examples=SAMPLES)
    assert alone[cell].evidence.fingerprint == together[cell].evidence.fingerprint


@pytest.mark.parametrize("dtype", ["int8", "complex128"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_fault_of_one_dtype_in_one_layout_is_noticed(dtype, layout):
    """No chance is left: each cell is asked of each layout, and every sample of that layout shows the fault."""
    spec = called(WIDE, f"torch.neg(input) + int(dtype == torch.{dtype} and kind == '{layout}')")
    spec = replace(spec, arguments=with_kind, oracle=negative)
    assert asked(spec, "values", dtype, examples=SAMPLES).verdict == "broken"


def with_kind(draw):
    """The arguments of torch.neg, and the layout by name."""
    tensor = draw.tensor(draw.shape())
    return {"input": tensor, "kind": tensor.layout.kind}


def negative(input, kind):
    return NEG.oracle(input)


def test_every_spec_asks_each_of_its_cells():
    for name in ("joining/cat", "autograd/grad", "loss/mse_loss"):
        spec = load(SPECS / f"{name}.py")
        plan, schedule = Plan(spec, draw_samples(spec, 32, 0)), Schedule(spec, "cpu", cells_of(spec))
        assert all(plan.of(cell, schedule[cell]) for cell in schedule.cells)
