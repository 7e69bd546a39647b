"""A child whose device is lost: for once, or in every process that is started."""

from __future__ import annotations

from typing import Any

from conformance.processes.client import ChildDied, ChildFailed
from conformance.processes.halves import Halves
from conformance.processes.journal import LastStep
from conformance.processes.requests import SweepRequest
from conformance.processes.survivor import Survivor
from conformance.results.model import Cell, Verdict
from conformance.spec.cells import result_of

CELLS = (Cell("values", "int8"), Cell("values", "float32"), Cell("memory", "int8"))
REQUEST = SweepRequest(file="a", name="a", device="npu", cells=CELLS, examples=300, seed=0)
GONE = "npu no longer works in this process: lost"


class Child:
    """Dies after as many steps as are named, one after the other, at the first cell of the request. Then it answers."""

    def __init__(self, *steps: int) -> None:
        self.steps = list(steps)

    def begin(self, request: SweepRequest) -> None:
        pass

    def finish(self, request: SweepRequest, steps: int = 1) -> Any:
        if self.steps:
            raise ChildDied("the process ended with status 70", LastStep(self.steps.pop(0), 0, None, GONE))
        return tuple(result_of("a", "torch.neg", "npu", cell, Verdict.HELD) for cell in request.cells)

    ask = finish


def a_child(*steps: int) -> Any:
    return Child(*steps)


def survived(*steps: int) -> Any:
    survivor: Survivor[Any] = Survivor(a_child(*steps), REQUEST)
    survivor.begin()
    return survivor.finish()


def test_a_device_that_is_lost_before_the_first_step_is_asked_again():
    found = survived(0)
    assert [result.cell for result in found.answer] == list(CELLS) and not found.crashes and not found.reason


def test_a_device_that_is_lost_again_and_again_costs_a_cell_each_time():
    found = survived(5, 0, 3, 0)
    assert [crash.cell for crash in found.crashes] == list(CELLS[:2]) and not found.reason
    assert [result.cell for result in found.answer] == [CELLS[2]]


def test_a_device_that_is_lost_for_good_is_the_reason_why_others_are_not_reached():
    found = survived(5, 0, 0)
    assert [crash.cell for crash in found.crashes] == [CELLS[0]]
    assert (found.answer, found.not_reached, found.reason) == (None, CELLS[1:], GONE)


def test_compiled_cells_are_not_reached_for_the_same_reason():
    (found,) = Halves(a_child(0)).ask((REQUEST,))
    assert not isinstance(found, ChildFailed)
    assert not found.crashes and (found.not_reached, found.reason) == (CELLS, GONE)
