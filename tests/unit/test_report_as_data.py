"""A report is taken wherever a results file is: every command says the same of both."""

from __future__ import annotations

import base64
import gzip
import importlib
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from conformance.cli.main import main
from conformance.report import read_run, write_report
from conformance.report.embed import ELEMENT
from conformance.results import ResultsError, read
from conformance.results.file import SCHEMA
from conformance.results.status import Status
from tests import fake_results as fake


def both(folder: Path, records: list[fake.Record], name: str = "results") -> tuple[Path, Path]:
    """The results file of a run, and its report."""
    results, page = folder / f"{name}.ndjson", folder / f"{name}.html"
    write_report(read(fake.write(results, records)), page)
    return results, page


def told(*arguments: str | Path) -> tuple[int, str]:
    """The exit status of a command and what it says."""
    ended = CliRunner().invoke(main, [str(one) for one in arguments])
    return ended.exit_code, ended.output


def shard(cells: list[fake.Record], number: int, whole: list[str]) -> list[fake.Record]:
    """The records of one of two shards, the second of which lost its last cell."""
    records = fake.run_of(cells)
    records[1]["shard"] = {"number": number, "of": 2, "plan": whole}
    return [one for one in records if one is not cells[-1]] if number == 2 else records


def test_every_command_says_the_same_of_a_report_as_of_its_results(tmp_path: Path) -> None:
    script = "import torch\n\nprint(torch.ones(3))\n"
    records = fake.realistic()
    cell = next(one for one in records if one.get("verdict") == "broken" and one["failure"]["kind"] == "wrong values")
    cell["failure"] = {**cell["failure"], "script": script}
    results, page = both(tmp_path, records)
    assert read_run(page) == read_run(results) == read(results)
    assert told("repro", page, cell["id"]) == told("repro", results, cell["id"]) == (Status.KEPT, script)
    assert told("certify", page) == told("certify", results)
    ended = [
        told("compare", one, two, "--report-dir", tmp_path / "out") for one, two in ((results, page), (page, page))
    ]
    assert ended[0] == ended[1] and "outcomes equal" in ended[0][1]
    first, again = tmp_path / "first.html", tmp_path / "again.html"
    assert told("report", results, "--output", first)[0] == told("report", page, "--output", again)[0] == Status.KEPT
    assert again.read_bytes() == first.read_bytes()
    assert told("report", again, "--output", again)[0] == Status.KEPT and read_run(again) == read(results)


def test_the_reports_of_shards_are_merged_as_their_results_are(tmp_path: Path) -> None:
    cells = [fake.cell("torch.cat", "values", name) for name in ("int8", "int16", "int32", "int64")]
    whole = [cell["id"] for cell in cells]
    files = [both(tmp_path, shard(cells[at : at + 2], number, whole), f"{number}") for number, at in ((1, 0), (2, 2))]
    outputs = [tmp_path / "from-results", tmp_path / "from-reports"]
    for output, shards in zip(outputs, zip(*files)):
        status, text = told("merge", *shards, "--output", output)
        assert status == Status.INCOMPLETE and "1 not run" in text
    assert outputs[0].read_bytes() == outputs[1].read_bytes()
    assert [cell.verdict for cell in read(outputs[0]).cells] == ["held", "held", "held", "not run"]
    # The lost cell is answered by a third file, as it must be: what a shard does not say is no answer.
    again = both(tmp_path, shard(cells[3:], 1, whole), "again")[1]
    assert told("merge", *(page for _, page in files), again, "--output", tmp_path / "all")[0] == Status.KEPT


def damaged(page: str) -> dict[str, tuple[str, str]]:
    """Pages that cannot be used, and what is said of each."""
    start = page.index(f'id="{ELEMENT}">') + len(f'id="{ELEMENT}">')
    end = page.index("</script>", start)
    data = gzip.decompress(base64.b64decode(page[start:end])).decode()

    def holding(text: str) -> str:
        return page[:start] + base64.b64encode(gzip.compress(text.encode())).decode() + page[end:]

    def of_schema(number: int, text: str = data) -> str:
        return holding(re.sub(r'"schema":\d+', f'"schema":{number}', text, count=1))

    return {
        "another page": ("<!doctype html><title>Allure</title>", "is no report of a run"),
        "only its beginning": (page[: start // 2], "is no report of a run"),
        "cut in the results": (page[: start + 500], "is cut off"),
        "a letter lost": (page[: start + 500] + page[start + 501 :], "are damaged"),
        "a part lost": (page[: start + 500] + page[end:], "are damaged"),
        "changed by hand": (holding(data.replace('"values":[', '"values":', 1)), "are damaged"),
        "of an older suite": (
            of_schema(1, data.replace('"evidence.comparisons"', '"evidence.compared"')),
            "holds results of schema 1 in a form of its time",
        ),
        "of a newer suite": (of_schema(SCHEMA + 1), "upgrade torch-conformance"),
    }


def test_a_page_that_cannot_be_used_is_refused_in_one_line_by_every_command(tmp_path: Path) -> None:
    results, page = both(tmp_path, fake.realistic(claims=2))
    bad, out = tmp_path / "bad.html", tmp_path / "out"
    for name, (text, words) in damaged(page.read_text(encoding="utf-8")).items():
        bad.write_text(text, encoding="utf-8")
        for command in (
            ("report", bad, "--output", out),
            ("repro", bad, "x"),
            ("certify", bad),
            ("compare", results, bad),
            ("compare", bad, results),
            ("merge", results, bad, "--output", out),
            ("history", results, bad, "--output", out),
        ):
            status, said = told(*command)
            assert status == Status.WRONG_INPUT and said.count("\n") == 1 and words in said, (name, command, said)
    assert not out.exists()


def test_the_report_of_a_very_large_run_says_where_the_evidence_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.import_module("conformance.report.embed"), "MOST", 2)
    _, page = both(tmp_path, fake.realistic(claims=2))
    with pytest.raises(ResultsError, match="read its results file"):
        read_run(page)
    assert told("report", page)[0] == Status.WRONG_INPUT


def test_a_results_file_may_begin_with_anything_but_an_element(tmp_path: Path) -> None:
    for content in (b"", b"hello", b"\xff\xfe", b"{}"):
        (tmp_path / "x").write_bytes(content)
        with pytest.raises(ResultsError):
            read_run(tmp_path / "x")
