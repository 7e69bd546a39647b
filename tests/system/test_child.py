"""A child process after errors: what it may still answer never counts for another request. Real children."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from conformance.processes.client import ChildFailed, ChildProcess
from conformance.processes.journal import Reader
from conformance.processes.requests import DeviceRequest, EnvironmentRequest, SweepRequest
from conformance.results.model import Cell
from conformance.spec.loader import spec_files
from tests import SPECS

FILE = next(path for path in spec_files(SPECS) if path.stem == "squeeze")
SWEEP = SweepRequest(
    file=str(FILE), name="a.py", device="cpu", cells=(Cell("values", "float32"),), examples=300, seed=0
)


@pytest.fixture(scope="module")
def shared() -> Iterator[ChildProcess]:
    child = ChildProcess()
    yield child
    child.close()


def test_an_error_of_the_parent_while_it_waits_does_not_shift_the_answers(shared, monkeypatch):
    """The poll of the journal fails in the middle of a sweep, as it once did; the next request has its own answer."""

    def fails(reader: Reader) -> int:
        raise RuntimeError("planted")

    slow = SWEEP.without(set())
    with monkeypatch.context() as planted:
        planted.setattr(Reader, "steps", property(fails))
        planted.setattr(shared, "patience", 0.01)
        with pytest.raises(RuntimeError, match="planted"):
            shared.ask(slow)
    assert shared.ask(EnvironmentRequest()).devices == ("cpu",)
    assert [result.verdict for result in shared.ask(SWEEP)] == ["held"]


def test_an_answer_to_another_request_is_no_answer(shared):
    shared.begin(DeviceRequest(device="cpu"))
    shared._number += 1  # as if the parent had given that one up
    with pytest.raises(ChildFailed, match="was answered as number"):
        shared.finish(EnvironmentRequest())
    assert shared.ask(DeviceRequest(device="cpu")) == ""


def test_an_answer_of_another_form_is_an_error_of_the_suite(shared):
    shared.begin(DeviceRequest(device="abacus"))
    with pytest.raises(ChildFailed, match="the child's answer"):
        shared.finish(EnvironmentRequest())
    assert shared.ask(DeviceRequest(device="cpu")) == ""


def test_a_request_that_cannot_be_carried_out_tells_its_traceback_once(shared):
    with pytest.raises(ChildFailed, match="no_such_file"):
        shared.ask(
            SweepRequest(**{**{f: getattr(SWEEP, f) for f in SWEEP.__struct_fields__}, "file": "no_such_file.py"})
        )
    assert shared.ask(DeviceRequest(device="cpu")) == ""


AT_EXIT = """

import atexit
import pathlib

atexit.register(pathlib.Path(__file__).with_suffix(".ended").touch)
"""


def test_a_child_calls_the_functions_for_the_exit_and_ends_with_status_0(tmp_path):
    """Coverage saves its data that way. The child alone runs the file."""
    file = tmp_path / "squeeze.py"
    file.write_text(FILE.read_text(encoding="utf-8") + AT_EXIT, encoding="utf-8")
    child = ChildProcess()
    child.ask(replace(SWEEP, file=str(file)))
    child._gateway.exit()
    assert child._gateway._io.popen.wait() == 0
    assert file.with_suffix(".ended").exists()
    child.close()
