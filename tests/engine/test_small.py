"""The sample of a broken cell is small, whatever the fault hangs on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from conformance.engine.sweep import Budget, Sweep
from conformance.results.model import Cell, FailureKind
from conformance.samples.sample import Sample
from conformance.spec import CELL_DTYPE, FRESH, Draw, Form, Spec
from tests.engine.specs import NEG, called, swept
from tests.small import FAULTS, Most

VALUES = Cell("values", "float32")


def failing(spec: Spec, examples: int = 300) -> Sample:
    """The sample of the values in float32, which must break."""
    finding = swept(spec, VALUES, examples=examples)[VALUES].finding
    assert finding is not None and finding.repeats and finding.sample is not None
    return finding.sample


@pytest.mark.parametrize(("call", "most"), FAULTS.values(), ids=FAULTS)
def test_the_sample_of_a_fault_in_one_tensor_is_small(call: str, most: Most) -> None:
    assert most.exceeded_by(failing(called(NEG, call))) == []


def with_a_count(draw: Draw) -> dict[str, Any]:
    return {"count": draw.integer(0, 40), "input": draw.tensor(draw.shape()), "flag": draw.boolean()}


def counted(count: int, input: Any, flag: bool) -> Any:
    return -input


def test_the_sample_of_a_fault_in_another_argument_is_small() -> None:
    spec = replace(called(NEG, "torch.neg(input) - 1.0 * (count > 4)"), arguments=with_a_count, oracle=counted)
    sample = failing(spec)
    assert sample.by_name["count"] == 5 and sample.by_name["flag"] is False
    assert Most(1, 0, 0, 0).exceeded_by(sample) == []


def several(draw: Draw) -> dict[str, Any]:
    shapes = draw.mutually_broadcastable_shapes(3)
    return {"tensors": [draw.exactly_representable_tensor(shape, CELL_DTYPE) for shape in shapes]}


def added(tensors: Any) -> Any:
    return tensors[0] + tensors[1] + tensors[2]


def test_the_sample_of_a_fault_in_several_tensors_is_small() -> None:
    call = "sum(tensors[1:], tensors[0]) - 1.0 * (tensors[0].dim() < tensors[1].dim())"
    spec = replace(NEG, operation="torch.add", arguments=several, oracle=added, forms=(Form(call),), memory=FRESH)
    assert Most(1, 1, 0, 0).exceeded_by(failing(spec, examples=100)) == []


def test_the_sample_breaks_by_the_cause_that_was_found_first() -> None:
    """Smaller samples raise, so that a search for any failure would end at one of them."""
    call = "torch.neg(input) + 1 if input.numel() > 4 else torch.neg(input) if input.numel() < 3 else torch.neg()"
    sweep = Sweep(called(NEG, call), "cpu", [VALUES], Budget(300, 0))
    causes: list[str] = []
    keep = sweep.keep

    def noted(cell: Cell, number: int, evidence: Any, finding: Any, execution: Any) -> None:
        causes.extend([finding.failure.cause] if finding else [])
        keep(cell, number, evidence, finding, execution)

    sweep.keep = noted  # type: ignore[method-assign]
    finding = sweep.run()[VALUES].finding
    assert finding is not None and finding.sample is not None and finding.failure.cause == causes[0]
    assert finding.failure.kind is FailureKind.VALUES
    assert 5 <= finding.sample.tensors[0].numel <= 6


@pytest.mark.parametrize("fault", FAULTS)
def test_few_samples_are_asked(fault: str) -> None:
    sweep = Sweep(called(NEG, FAULTS[fault].call), "cpu", [VALUES], Budget(300, 0))
    asked = 0
    ask_once = sweep.examiner.ask_once

    def counted(cell: Cell, dtype: str, sample: Sample) -> Any:
        nonlocal asked
        asked += 1
        return ask_once(cell, dtype, sample)

    sweep.examiner.ask_once = counted  # type: ignore[method-assign]
    found = sweep.run()[VALUES].findings
    assert found and 0 < asked <= 100 * len(found)
