"""Compiled cells of many specs, some of which end the child: who is blamed, and that the others are answered."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.processes.client import ChildDied, ChildFailed
from conformance.processes.halves import Halves
from conformance.processes.journal import LastStep
from conformance.processes.requests import CompiledRequest, SweepRequest
from conformance.processes.survivor import MOST_CRASHES, Survived
from conformance.results.model import Cell, CellResult, Verdict
from conformance.spec.cells import result_of

CELLS = (Cell("modes", "aot_eager"), Cell("modes", "inductor"))
NAMES = "abcdefgh"


def request_of(name: str) -> SweepRequest:
    return SweepRequest(file=name, name=name, device="cpu", cells=CELLS, examples=300, seed=0)


def held(request: SweepRequest) -> tuple[CellResult, ...]:
    return tuple(result_of(request.name, "torch.neg", "cpu", cell, Verdict.HELD) for cell in request.cells)


class Child:
    """Answers, but dies where a request holds all specs of a group in `deadly`; alone only at the first cell. Fails at
    specs that are `faulty`."""

    def __init__(self, *deadly: str, faulty: str = "", steps: int = 5, dies_alone: bool = True) -> None:
        self.deadly, self.faulty, self.steps, self.dies_alone = deadly, faulty, steps, dies_alone
        self.deaths = 0

    def ask(self, request: Any) -> Any:
        sweeps = request.sweeps if isinstance(request, CompiledRequest) else (request,)
        names = {one.name for one in sweeps}
        alone = isinstance(request, SweepRequest)
        if any(set(group) <= names for group in self.deadly) and (not alone or self.dies_alone):
            if not alone or CELLS[0] in request.cells:
                self.deaths += 1
                raise ChildDied("the process was killed by SIGSEGV", LastStep(self.steps, 0, None))
        if names & set(self.faulty):
            raise ChildFailed("ValueError: planted")
        return held(request) if alone else tuple(held(one) for one in sweeps)

    def begin(self, request: Any) -> None:
        pass

    def finish(self, request: Any, steps: int = 1) -> Any:
        return self.ask(request)


def outcomes(child: Any) -> dict[str, Any]:
    return dict(zip(NAMES, Halves(child).ask(tuple(request_of(name) for name in NAMES))))


def crashed(found: dict[str, Any]) -> dict[str, list[Cell]]:
    return {name: [crash.cell for crash in one.crashes] for name, one in found.items() if one.crashes}


def answered(found: dict[str, Any]) -> int:
    return sum(len(one.answer or ()) for one in found.values())


def test_while_the_process_lives_all_is_asked_at_once():
    assert answered(outcomes(Child())) == 16


@pytest.mark.parametrize("name", NAMES)
def test_one_that_ends_the_process_is_crashed_and_the_others_are_answered(name):
    found = outcomes(Child(name))
    assert crashed(found) == {name: [CELLS[0]]} and answered(found) == 15


def test_several_that_end_the_process_are_all_crashed():
    found = outcomes(Child("b", "g", "h"))
    assert crashed(found) == {name: [CELLS[0]] for name in "bgh"} and answered(found) == 13


def test_a_death_that_no_smaller_part_repeats_is_told_all_the_same():
    """The process dies only of a graph that two specs share, and then of one whose calls live one by one."""
    assert crashed(outcomes(Child("dh"))) == {"a": [CELLS[0]]}
    found = outcomes(Child("d", dies_alone=False))
    assert crashed(found) == {"d": [CELLS[0]]} and answered(found) == 15


def test_where_all_end_the_process_it_is_given_up():
    child = Child(*NAMES)
    found = outcomes(child)
    assert sum(len(cells) for cells in crashed(found).values()) == MOST_CRASHES
    assert [one.not_reached for one in found.values()][MOST_CRASHES:] == [CELLS, CELLS]


def test_a_process_that_cannot_begin_is_not_started_again_and_again():
    child = Child(*NAMES, steps=0)
    found = outcomes(child)
    assert child.deaths == 1 and crashed(found) == {"a": [CELLS[0]]}
    assert found["b"].not_reached == CELLS and found["a"].not_reached == (CELLS[1],)


def test_an_error_of_the_suite_concerns_its_spec_alone():
    found = outcomes(Child(faulty="c"))
    assert isinstance(found.pop("c"), ChildFailed)
    assert all(isinstance(one, Survived) for one in found.values()) and answered(found) == 14
