"""Results files that are damaged, or made by somebody hostile: every command that reads one ends in one line and with
status 2, and none does what the file says. SECURITY.md says so."""

from __future__ import annotations

import base64
import gzip
import json
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from conformance.report import read_report, write_report
from conformance.results import ResultsError, file, read
from conformance.results.codec import DEEPEST
from conformance.results.status import Status
from tests import fake_results as fake
from tests.survival.strangers import command, run_of, sound, write
from tests.unit.test_report import Page

# --- damaged ------------------------------------------------------------------------------------------------------

CELL = json.dumps(fake.cell("torch.cat", "values", "int8", "broken", sample={"text": "a", "data": 1})).encode()


def cell_with(old: str, new: str) -> bytes:
    assert CELL.count(old.encode()) == 1
    return CELL.replace(old.encode(), new.encode())


COMPARISONS, DATA = '"comparisons": 10', '"data": 1'
DAMAGED = {
    "nesting": b"[" * 200_000 + b"]" * 200_000,
    "nesting in a record": cell_with(DATA, f'"data": {"[" * 200_000}{"]" * 200_000}'),
    "nesting that a reader takes and a writer does not": cell_with(DATA, f'"data": {"[" * 600}{"]" * 600}'),
    "objects in objects": cell_with(DATA, '"data": ' + '{"a":' * DEEPEST + "1" + "}" * DEEPEST),
    "no end of a list": b"[" * 200_000,
    "1e999": cell_with(COMPARISONS, '"comparisons": 10, "worst_ulp": 1e999'),
    "-1e999 in data": cell_with(DATA, '"data": -1e999'),
    "400 digits": cell_with(COMPARISONS, f'"comparisons": {"9" * 400}'),
    "400 digits for seconds": b'{"type": "end", "exit_status": 0, "seconds": ' + b"9" * 400 + b"}",
    "5,000 digits": cell_with(DATA, f'"data": {"9" * 5_000}'),
    "NaN": cell_with(DATA, '"data": NaN'),
    "Infinity": cell_with(COMPARISONS, '"comparisons": 10, "worst_ulp": Infinity'),
    "a key twice": cell_with('"verdict": "broken"', '"verdict": "broken", "verdict": "held"'),
    "a key twice in data": cell_with(DATA, '"data": {"a": 1, "a": 2}'),
    "no UTF-8": cell_with('"text": "a"', '"text": "?"').replace(b"?", b"\xff\xfe"),
    "UTF-16": CELL.decode().encode("utf-16"),
    "half a character as UTF-8": cell_with('"text": "a"', '"text": "?"').replace(b"?", b"\xed\xa0\x80"),
    "a byte order mark": b"\xef\xbb\xbf" + CELL,
    "NUL": b"\0" + CELL,
    "NUL in a text": cell_with('"text": "a"', '"text": "\0"'),
    "only NUL": b"\0" * 100,
    "a type that is no text": cell_with('"type": "cell"', '"type": ["cell"]'),
    "a name of a million letters": cell_with('"operation": "torch.cat"', f'"operation": "{"a" * 1_000_000}"'),
    "a list": b'["cell"]',
    "a number": b"1",
}


def damaged(path: Path, line: bytes) -> Path:
    """A results file that is sound but for one line."""
    lines = sound(path).read_bytes().splitlines()
    path.write_bytes(b"\n".join([*lines[:2], line, *lines[2:], b""]))
    return path


def refused(*arguments: str | Path) -> None:
    """Run a command that must refuse a file."""
    ended = command(*arguments)
    assert ended.exit_code == Status.WRONG_INPUT, ended.output[-2000:]
    told = ended.output.strip().splitlines()
    assert len(told) == 1 and len(told[0]) < 700 and "Traceback" not in told[0]


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_line_is_refused_in_one_line(tmp_path: Path, name: str) -> None:
    bad, good = damaged(tmp_path / "bad", DAMAGED[name]), sound(tmp_path / "good")
    out = ("--report-dir", tmp_path / "out")
    refused("report", bad, "--output", tmp_path / "report.html")
    refused("repro", bad, "values[cpu-int8]")
    refused("compare", bad, good, *out)
    refused("compare", good, bad, *out)
    refused("merge", good, bad, "--output", tmp_path / "whole")
    assert not (tmp_path / "report.html").exists() and not (tmp_path / "whole").exists()


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_first_line_is_refused_in_one_line(tmp_path: Path, name: str) -> None:
    path = tmp_path / "bad"
    path.write_bytes(DAMAGED[name] + b"\n" + CELL + b"\n")
    refused("report", path)


@pytest.mark.parametrize("version", ["true", "1.0", '"3"', "-1", "9" * 90, "1e400", "null", "[3]"])
def test_a_version_of_the_format_that_is_none_is_refused(tmp_path: Path, version: str) -> None:
    path = tmp_path / "bad"
    path.write_text(f'{{"type": "environment", "schema": {version}, "torch": "2", "devices": ["cpu"]}}\n')
    refused("report", path)


@pytest.mark.parametrize(
    "record",
    [
        {"deviations": [1]},
        {"deviations": 1, "evidence": {"notes": ["a"]}},
        {"deviations": [{}], "evidence": {"notes": ["a"]}},
        {"evidence": {"notes": [[1]]}},
        {"evidence": {"notes": [{"a": 1}]}},
        {"verdict": ["broken"]},
    ],
)
def test_a_wrong_record_of_the_first_schema_is_refused(tmp_path: Path, record: dict[str, object]) -> None:
    first = {**fake.environment(), "schema": 1}
    refused("report", write(tmp_path / "bad", [first, {**fake.cell("torch.cat", "values", "int8"), **record}]))


def test_a_line_of_a_hundred_megabytes_is_refused_before_it_is_read(tmp_path: Path) -> None:
    refused("report", damaged(tmp_path / "bad", cell_with('"text": "a"', f'"text": "{"a" * 100_000_000}"')))


def test_a_line_is_as_long_as_what_the_writer_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be read again is not written, and a plan may be longer than other records."""
    monkeypatch.setattr(file, "LONGEST", 2_000)
    long = fake.cell("torch.cat", "values", "int8", "broken", message="a" * 2_000)
    with pytest.raises(ResultsError, match="is longer than 2,000 bytes"):
        fake.write(tmp_path / "bad", fake.run_of([long]))
    cells = [fake.cell("torch.cat", "values", f"int{number}") for number in range(100)]
    assert len(read(fake.write(tmp_path / "good", fake.run_of(cells))).planned) == 100


REPORTS = {
    "nesting": "[" * 200_000,
    "a list": "[]",
    "a place that is none": '{"cells": {"fields": ["id"], "values": ["a"], "rows": [[7]]}}',
    "fields that are no names": '{"cells": {"fields": [1], "values": ["a"], "rows": [[0]]}}',
    "1e999": '{"cells": 1e999}',
}


@pytest.mark.parametrize("name", REPORTS)
def test_a_damaged_report_is_refused_in_one_line(tmp_path: Path, name: str) -> None:
    write_report(read(sound(tmp_path / "good")), tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text()
    start = page.index('<script type="application/gzip" id="conformance-results">')
    end = page.index("</script>", start)
    packed = base64.b64encode(gzip.compress(REPORTS[name].encode())).decode()
    for kind, text in (("gzip", packed), ("json", REPORTS[name])):
        element = f'<script type="application/{kind}" id="conformance-results">{text}'
        (tmp_path / "report.html").write_text(page[:start] + element + page[end:])
        with pytest.raises(ResultsError, match="damaged"):
            read_report(tmp_path / "report.html")


@pytest.mark.parametrize("name", ["nesting", "1e999", "5,000 digits", "no UTF-8", "NUL", "a list"])
def test_damaged_mutation_scores_are_refused_in_one_line(tmp_path: Path, name: str) -> None:
    scores = tmp_path / "mutation.json"
    scores.write_bytes(DAMAGED[name])
    refused("report", sound(tmp_path / "good"), "--mutation", scores, "--output", tmp_path / "report.html")


TIMES: dict[str, fake.Record] = {
    "no size": {"kind": "growth", "seconds": {"many": [1.0], "more": [1.0]}, "bound": 1.0},
    "no sizes": {"kind": "growth", "seconds": {}, "bound": 1.0},
    "no times": {"kind": "growth", "seconds": {"1": [], "2": []}, "bound": 1.0},
    "growth without an end": {"kind": "growth", "seconds": {"1": [1.0], "1000": [1.0]}, "bound": 1e300},
    "ratios without an end": {"kind": "ratios", "seconds": {"torch": [1e300], "copy": [5e-324]}, "against": ["copy"]},
    "a negative bound": {
        "kind": "ratios",
        "seconds": {"torch": [1.0], "copy": [1.0]},
        "against": ["copy"],
        "bound": -1,
    },
}


@pytest.mark.parametrize("name", TIMES)
def test_times_that_nobody_measured_are_left_without_a_picture(tmp_path: Path, name: str) -> None:
    timing: fake.Record = {"bound": 1.0, "low": 1.0, "middle": 1.0, "high": 1.0, **TIMES[name]}
    cell = fake.cell("torch.cat", "perf", "large", timing=timing)
    ended = command("report", write(tmp_path / "run", fake.run_of([cell])), "--output", tmp_path / "report.html")
    assert ended.exit_code == Status.KEPT, ended.output


# --- hostile ------------------------------------------------------------------------------------------------------

WATCH = """
    import os, sys
    from conformance.cli.main import main

    WATCHED = ("open", "exec", "compile", "import", "subprocess.", "ctypes.", "shutil.", "socket.", "os.", "urllib.")
    seen = []


    def note(event, about):
        if event.startswith(WATCHED) and any("evil" in str(one) for one in about):
            seen.append((event, [str(one)[:200] for one in about]))


    sys.addaudithook(note)
    for arguments in {commands}:
        try:
            main(arguments)
        except SystemExit as end:
            assert end.code in (0, 1, 2, 4, 6), (arguments, end.code)
    assert not seen, seen
"""
"""Runs commands and fails if Python opens, runs or touches anything that is called evil."""

NAMES = ("/tmp/evil.py", "../evil.py", "specs/evil.py", "evil", "evil.toml", "file:///evil.py", "javascript:evil()")


@pytest.mark.parametrize("name", NAMES)
def test_no_command_opens_or_runs_what_a_results_file_names(tmp_path: Path, name: str) -> None:
    """SECURITY.md: no command executes anything of a results file, or opens what it names."""
    shard = {"number": 1, "of": 1}
    bad, good = write(tmp_path / "a", run_of(name, shard=shard)), write(tmp_path / "b", run_of(name, "held"))
    cell = f"{name}::values[{name}-{name}]"
    out = ["--report-dir", "out", "--write-accepted", "accepted.toml", "--unequal-terms"]
    commands = [
        ["report", str(bad)],
        ["repro", str(bad), cell],
        ["compare", str(good), str(bad), *out],
        ["compare", str(bad), str(good), *out, "--accepted", "accepted.toml"],
        ["merge", str(bad), "--output", "whole"],
        ["report", "whole", "--output", "whole.html"],
        ["history", str(bad), str(good), "whole.html", "--output", "index.html"],
    ]
    script = textwrap.dedent(WATCH).replace("{commands}", repr(commands))
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    made = {path.name for path in tmp_path.iterdir()}
    assert {"report.html", "whole", "whole.html", "index.html", "out", "accepted.toml"} <= made


LINKS = (
    "javascript:alert(1)",
    "JavaScript:alert(1)",
    "data:text/html,<script>",
    "file:///etc/passwd",
    "vbscript:x",
    "//evil",
)


@pytest.mark.parametrize("link", LINKS)
def test_no_page_leads_where_a_results_file_says(tmp_path: Path, link: str) -> None:
    """SECURITY.md: pages lead to web addresses, to parts of themselves, and a history to its reports, alone."""
    bad, good = write(tmp_path / "a", run_of(link)), write(tmp_path / "b", run_of(link, "held"))
    assert command("report", bad, "--output", tmp_path / "report.html").exit_code == Status.KEPT
    assert command("compare", good, bad, "--report-dir", tmp_path).exit_code == Status.BROKEN
    assert command("history", good, bad, "--output", tmp_path / "index.html").exit_code == Status.KEPT
    for page in ("report.html", "gate.html", "index.html"):
        targets = [
            value for _, found in Page(tmp_path / page).elements for value in map(found.get, ("href", "src")) if value
        ]
        assert all(re.match(r"#|https?://|data:,$|repro_|report\.html$", target) for target in targets), targets
    assert "](" not in (tmp_path / "gate.md").read_text()


def test_a_script_of_a_results_file_is_printed_and_not_run(tmp_path: Path) -> None:
    """SECURITY.md: `repro` prints the script of the file."""
    mark = tmp_path / "was_run"
    script = f"open({str(mark)!r}, 'w')\n"
    cell = fake.cell("torch.cat", "values", "int8", "broken", script=script)
    ended = command("repro", write(tmp_path / "run", fake.run_of([cell])), "values[cpu-int8]")
    assert ended.output == script and not mark.exists()


# --- shards -------------------------------------------------------------------------------------------------------

FIRST, SECOND, OTHER = (fake.cell("torch.cat", "values", dtype) for dtype in ("int8", "int16", "int32"))
PLAN = [FIRST["id"], SECOND["id"]]


def shard(path: Path, number: int, planned: list[str], cells: list[fake.Record], of: int = 2) -> Path:
    part = {"number": number, "of": of, "plan": PLAN}
    plan = {"type": "plan", "cells": planned, "deselected": 0, "shard": part}
    return write(path, [fake.environment(), plan, *cells, fake.END])


def test_a_shard_with_cells_of_another_plan_is_refused(tmp_path: Path) -> None:
    good = shard(tmp_path / "good", 1, PLAN[:1], [FIRST])
    for name, planned, cells in (("planned", [PLAN[1], OTHER["id"]], [SECOND]), ("asked", PLAN[1:], [SECOND, OTHER])):
        bad = shard(tmp_path / name, 2, planned, cells)
        ended = command("merge", good, bad, "--output", tmp_path / "whole")
        assert ended.exit_code == Status.WRONG_INPUT and "holds cells that are not in its plan" in ended.output
        assert not (tmp_path / "whole").exists()


def test_overlapping_shards_are_put_together_and_nothing_is_lost(tmp_path: Path) -> None:
    """What came twice counts once, by its graver verdict; what came never is not run."""
    first, again = shard(tmp_path / "a", 1, PLAN[:1], [FIRST]), shard(tmp_path / "b", 1, PLAN[:1], [FIRST])
    both = shard(tmp_path / "c", 2, PLAN, [FIRST, SECOND])
    worse = shard(tmp_path / "d", 2, PLAN, [{**FIRST, "verdict": "broken"}, SECOND])
    whole = tmp_path / "whole"
    for parts, status in (
        ((first, both), Status.KEPT),
        ((first, again), Status.INCOMPLETE),
        ((first, worse), Status.BROKEN),
    ):
        assert command("merge", *parts, "--output", whole).exit_code == status
        assert [cell.id for cell in read(whole).cells] == PLAN
