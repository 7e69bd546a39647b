"""What travels between processes: plain data that comes back as it was, and nothing that could run code."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest

import conformance
from conformance.engine.deviations import Deviation
from conformance.engine.outcome import Answers, CellOutcomes, Outcome, WitnessAnswer
from conformance.processes import requests
from conformance.results.codec import DataError, from_json, to_json
from conformance.results.model import Cell, CellResult, Failure, FailureKind, Verdict
from conformance.samples.sample import as_sample, dense
from conformance.samples.serial import from_data, to_data

DATA = to_data(as_sample({"input": dense((2, 3)), "p": float("inf"), "q": 1j, "dims": (0, -1), "none": None}))
CELLS = (Cell("values", "float32"), Cell("modes", "vmap"))
KNOWN = Deviation(
    id="a-b",
    operation="*",
    checks=("values",),
    torch=">=2.2",
    witness="1",
    promised="2",
    reason="r",
    expires=datetime.date(2999, 1, 1),
)
WHERE: dict[str, Any] = {"file": "/a/specs/b.py", "device": "cpu"}

REQUESTS = [
    requests.EnvironmentRequest(devices=("cpu", "npu:1")),
    requests.ProfileRequest(device="npu"),
    requests.SurveyRequest(operation="torch.hypot"),
    requests.DeviceRequest(device="npu"),
    requests.IsolatedRefusalRequest(**WHERE, title="t", dtype="int8", seed=3),
    requests.SweepRequest(
        **WHERE, name="b.py", cells=CELLS, examples=3, seed=-1, deviations=(KNOWN,), remembered=(DATA,), journal="j"
    ),
    requests.CompiledRequest(
        sweeps=(requests.SweepRequest(**WHERE, name="b.py", cells=CELLS, examples=3, seed=-1, one_by_one=True),),
    ),
    requests.ReplayRequest(**WHERE, cells=CELLS, samples=(DATA,), deviations=(KNOWN,)),
    requests.ReplaysRequest(
        replays=(requests.ReplayRequest(**WHERE, cells=CELLS, samples=(DATA,), deviations=(KNOWN,)),), journal="j"
    ),
    requests.AskRequest(**WHERE, cell=CELLS[1], dtype="int8", sample=DATA, repeats=5),
    requests.TimingRequest(**WHERE, name="b.py", workload="small"),
    requests.LapRequest(**WHERE, workload="small", loops=0),
    requests.CountRequest(**WHERE, workload="small"),
]


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda one: type(one).__name__)
def test_a_request_arrives_as_it_was_sent(request_: requests.Request[Any]) -> None:
    assert from_json(to_json(request_), requests.AnyRequest) == request_


def test_every_request_is_tried() -> None:
    assert {type(request) for request in REQUESTS} == set(requests.AnyRequest.__args__)


def test_a_sample_arrives_exactly() -> None:
    sent = requests.ReplayRequest(**WHERE, cells=CELLS, samples=(DATA,), deviations=())
    arrived = from_json(to_json(sent), requests.AnyRequest)
    assert from_data(arrived.samples[0]) == from_data(DATA)


FAILURE = Failure(kind=FailureKind.RAISED, message="raised A: b", error="A")
OUTCOMES = {-1: Outcome(failure=FAILURE), 7: Outcome(worst_ulp=float("inf"), refusals={"t": "TypeError"})}
ANSWERS = [
    (Answers, Answers(cells=(CellOutcomes(cell=CELLS[0], outcomes=OUTCOMES),), not_held=CELLS)),
    (Answers, Answers(witnesses={"a-b": WitnessAnswer(deviates=True, gave="\ud800 odd text")})),
    (requests.IsolatedRefusal, requests.IsolatedRefusal(tried=False)),
    (requests.IsolatedRefusal, requests.IsolatedRefusal(tried=True, failure=FAILURE)),
    (
        CellResult,
        CellResult(
            id="i",
            file="f",
            operation="o",
            check="c",
            device="d",
            subject="s",
            verdict=Verdict.BROKEN,
            failure=FAILURE,
        ),
    ),
]


@pytest.mark.parametrize(("kind", "answer"), ANSWERS)
def test_an_answer_arrives_as_it_was_given(kind: Any, answer: Any) -> None:
    assert from_json(to_json(answer, infinities=True), kind) == answer


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ('{"cells": 3}', "field cells"),
        ('{"cells": [{"cell": ["values"], "outcomes": {}}]}', "field cells"),
        ('{"cells": [], "more": 1}', "unknown field `more`"),
        ('{"cells": [{"cell": ["a", "b"], "outcomes": {"x": {}}}]}', "Expected `int`"),
    ],
)
def test_an_answer_of_another_form_is_refused_in_one_line(text: str, told: str) -> None:
    with pytest.raises(DataError, match=told) as caught:
        from_json(text, Answers)
    assert "\n" not in str(caught.value)


def test_nothing_is_pickled() -> None:
    package = Path(conformance.__file__).parent
    assert [path for path in package.rglob("*.py") if "pickle" in path.read_text(encoding="utf-8")] == []
