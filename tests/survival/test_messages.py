"""What a child sends is data, whoever it is. A message of another form, a reply to another request, an answer of
another type or size: each is an error of that request alone. The journal of a child that died may hold anything."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance.processes import interpreter
from conformance.processes.client import LARGEST, ChildDied, ChildFailed, ChildProcess
from conformance.processes.journal import Journal, Reader, create
from conformance.processes.requests import DeviceRequest
from conformance.results.model import Cell
from conformance.samples.sample import as_sample, dense

SENDER = """
import pickle


def boot(channel):
    channel.receive()
    channel.send(0)
    number, text = channel.receive()
    channel.send({message})
    channel.receive()


if __name__ == "__channelexec__":
    boot(globals()["channel"])
"""

MESSAGES = [
    "None",
    "'held'",
    "{'number': 1}",
    "(number,)",
    "(number, '\"\"', '', 0.0, 0.0, 0, False, 'more')",
    "(number + 1, '\"\"', '', 0.0, 0.0, 0, False)",
    "('1', '\"\"', '', 0.0, 0.0, 0, False)",
    "(number, '[]', '', 0.0, 0.0, 0, False)",
    "(number, '', '', 0.0, 0.0, 0, False)",
    "(number, '[' * 200_000, '', 0.0, 0.0, 0, False)",
    "(number, '1e999', '', 0.0, 0.0, 0, False)",
    "(number, pickle.dumps(print), '', 0.0, 0.0, 0, False)",
    "(number, '\"\"', '', 'soon', 0.0, 0)",
    "(number, '\"\"', '', 0.0, 0.0, 10**400, False)",
]


@pytest.fixture
def child(tmp_path: Path) -> Iterator[ChildProcess]:
    one = ChildProcess(patience=20)
    yield one
    one.close()


def sending(message: str, folder: Path) -> Path:
    file = folder / "sender.py"
    file.write_text(SENDER.format(message=message))
    return file


@pytest.mark.parametrize("message", MESSAGES)
def test_a_message_that_is_no_reply_is_an_error_of_its_request(child, monkeypatch, tmp_path, message):
    with monkeypatch.context() as planted:
        planted.setattr(interpreter, "_BOOTSTRAP", sending(message, tmp_path))
        with pytest.raises(ChildFailed) as failed:
            child.ask(DeviceRequest(device="cpu"))
    assert len(str(failed.value)) < 500
    assert child._gateway is None  # whatever it may still send does not count


def test_a_message_that_is_too_large_ends_the_child(child, monkeypatch, tmp_path):
    monkeypatch.setattr(
        interpreter, "_BOOTSTRAP", sending(f"(number, 'x' * {LARGEST + 1}, '', 0.0, 0.0, 0, False)", tmp_path)
    )
    with pytest.raises(ChildDied):
        child.ask(DeviceRequest(device="cpu"))


def test_a_child_cannot_run_code_in_its_parent(child, monkeypatch, tmp_path):
    """execnet carries code to children. In the other direction it must be refused."""
    trace = tmp_path / "ran"
    code = f"open({str(trace)!r}, 'w').close()"
    attack = f"channel.gateway.remote_exec({code!r}).waitclose(5)"
    monkeypatch.setattr(
        interpreter, "_BOOTSTRAP", sending(f"(number, str({attack}), '', 0.0, 0.0, 0, False)", tmp_path)
    )
    with pytest.raises((ChildFailed, ChildDied)):
        child.ask(DeviceRequest(device="cpu"))
    assert not trace.exists()


def test_a_journal_that_was_written_over_names_some_cell_and_no_sample(tmp_path):
    """A torch that writes where it must not may hit the mapped file."""
    path = create(tmp_path)
    journal = Journal(path)
    journal.note(1, as_sample({"input": dense((3,))}))
    journal.say("last words")
    journal.close()
    size, cells = path.stat().st_size, [Cell("values", "float32"), Cell("memory", "float32")]
    reader = Reader(path)
    assert (reader.last().of(cells), reader.last().words) == (cells[1], "last words")
    reader.close()
    for seed in range(200):
        path.write_bytes(os.urandom(size) if seed else b"\xff" * size)
        reader = Reader(path)
        last = reader.last()
        assert last.of(cells) in cells and last.sample is None and isinstance(last.words, str)
        reader.close()
