"""Files of accepted changes and of known deviations that are damaged, or that hold what there is not: one line and
status 2."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from conformance.engine.deviations import DeviationError
from conformance.engine.known_deviations import known_deviations
from conformance.files.toml import TomlError
from conformance.gate import accepted
from conformance.gate.changes import BROKE, Change
from conformance.results.status import Status
from conformance.spec import catalogue
from tests.survival.strangers import command, sound
from tests.system.team import deviation, write_spec

ENTRY = """
[[accepted]]
id = "one"
operation = "torch.cat"
kind = "broke"
reason = "we know"
link = "https://example.org"
owner = "us"
expires = 2999-01-01
"""

DAMAGED = {
    "nesting": "a = " + "[" * 200_000,
    "nesting in an entry": ENTRY + "checks = " + "[" * 3_000 + "]" * 3_000,
    "tables in tables": "[" + ".".join("a" * 20_000) + "]",
    "digits": ENTRY + "at_most = " + "9" * 5_000,
    "no number": ENTRY + "at_most = nan",
    "a number without an end": ENTRY + "at_most = 1e999",
    "NUL": ENTRY + "\0",
    "a byte order mark in the middle": ENTRY + "\ufeff",
    "a key twice": ENTRY + 'owner = "them"\n',
    "an id twice": ENTRY + ENTRY,
    "an unknown key": ENTRY + 'severity = "low"\n',
    "an unknown kind": ENTRY.replace("broke", "gone"),
    "a missing key": ENTRY.replace('owner = "us"\n', ""),
    "a day that there is not": ENTRY.replace("2999-01-01", "2999-02-30"),
    "a time in the place of a day": ENTRY.replace("2999-01-01", "2999-01-01T00:00:00Z"),
    "another table": ENTRY + "[[deviation]]\n",
    "a table in the place of a list": ENTRY.replace("[[accepted]]", "[accepted]"),
    "entries that are no tables": "accepted = [1]",
    "escapes in a name": ENTRY.replace('"one"', '"one\\u001b[31m"'),
    "half of it": ENTRY[:60],
    "rubbish": "\x7fELF\x02\x01",
}


def refused(*arguments: str | Path) -> None:
    ended = command(*arguments)
    assert ended.exit_code == Status.WRONG_INPUT, ended.output[-1000:]
    told = ended.output.strip().splitlines()
    assert len(told) == 1 and len(told[0]) < 600 and "\x1b" not in told[0]


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_file_of_accepted_changes_is_refused_in_one_line(tmp_path: Path, name: str) -> None:
    path, run = tmp_path / "accepted.toml", sound(tmp_path / "run")
    path.write_bytes(DAMAGED[name].encode())
    refused("compare", run, run, "--accepted", path, "--report-dir", tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("content", [b"\xff\xfe", b"\xff\xfea\0", b"a = '\xed\xa0\x80'"])
def test_a_file_of_accepted_changes_that_is_no_text_is_refused(tmp_path: Path, content: bytes) -> None:
    path, run = tmp_path / "accepted.toml", sound(tmp_path / "run")
    path.write_bytes(content)
    refused("compare", run, run, "--accepted", path, "--report-dir", tmp_path / "out")


DEVIATIONS = {
    "an unknown key": deviation() + 'severity = "low"\n',
    "an unknown key of an entry that has expired": deviation().replace("2999", "1999") + "poison = true\n",
    "an unknown table": deviation() + '[tool]\na = "b"\n',
    "an unknown key beside the entries": "version = 2\n" + deviation(),
    "an unknown check": deviation().replace('"values"', '"value"'),
    "a range that is none": deviation().replace(">=2.2", "about 2"),
    "nesting": "a = " + "[" * 200_000,
    "an expression with NUL": deviation().replace("torch.ones(4)", "torch.ones(4)\\u0000", 1),
    "an expression too deep": deviation().replace("torch.ones(4)", "(" * 500 + "1" + ")" * 500, 1),
    "an expression without an end": deviation().replace("torch.ones(4)", "-" * 9_000 + "1", 1),
    "an expression that is none": deviation().replace("torch.ones(4)", "import torch", 1),
    "half a character in an expression": deviation().replace("torch.ones(4)", "'\\ud800'", 1),
}


@pytest.mark.parametrize("name", DEVIATIONS)
def test_a_wrong_file_of_deviations_is_refused_in_one_line(tmp_path: Path, name: str) -> None:
    path, spec = tmp_path / "team.toml", write_spec(tmp_path / "specs" / "neg.py")
    path.write_text(DEVIATIONS[name])
    with pytest.raises(DeviationError) as caught:
        known_deviations([path], catalogue.select([str(spec)]).files)
    assert len(str(caught.value).splitlines()) == 1 and len(str(caught.value)) < 600


CHANGE = Change(
    cell="a::values[cpu-int8]", operation="torch.cat", check="values", device="cpu", subject="int8", kind=BROKE, what=""
)
TEXTS = (
    '"',
    "\\",
    "'''",
    "\N{SLIGHTLY SMILING FACE}",
    "\x7f",
    "\x85",
    "\0",
    "\r\n",
    "\u2028",
    "a\ud800b",
    "\ud800",
    "\ufeff",
)


@pytest.mark.parametrize("text", TEXTS)
def test_a_draft_can_be_read_whatever_a_change_says(tmp_path: Path, text: str) -> None:
    path = tmp_path / "draft.toml"
    change = dataclasses.replace(CHANGE, what=f"wrong {text} value", operation=f"torch.{text}", subject=text)
    assert accepted.draft([change], path) == 1
    with pytest.raises(TomlError, match="is not filled in"):
        accepted.load(path)
    path.write_text(path.read_text(encoding="utf-8").replace('"?"', '"a person"'), encoding="utf-8")
    (entry,) = accepted.load(path)
    assert entry.change in change.what and len(entry.change) >= len(" value")
    assert entry.covers(change) == ("\ud800" not in text)
