"""Characters that a terminal or a browser obeys or hides, in text of a torch or of a results file: they are escaped
visibly wherever the text is shown, as SECURITY.md says."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Browser

from conformance.gate import accepted
from conformance.plugin.progress import Progress
from conformance.plugin.terminal import cause_lines, deviation_lines, duration_lines, failure_text
from conformance.results import read, verdict_line
from conformance.results.status import Status
from conformance.results.visible import visible
from tests.survival.strangers import command, run_of, write

CONTROLS = "".join(map(chr, (*range(0x20), *range(0x7F, 0xA0))))
DIRECTIONS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
OTHERS = "\u200b\u2028\u2029\ufeff\ufff9\U000e0041\ue000\uffff\udcff\ud800"
HIDDEN = CONTROLS + DIRECTIONS + OTHERS
HOSTILE = f"a{HIDDEN}\x1b[31mred\x1b]0;title\x07\x1b[2J<script>alert(1)</script>```\n</pre><b>`|[x](javascript:y)\\<i>"


def hidden_in(text: str) -> set[str]:
    """The characters of a text that are obeyed or hidden."""
    return {
        one
        for one in text
        if one not in "\n\t" and unicodedata.category(one) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
    }


def test_the_characters_of_this_test_are_hidden_ones() -> None:
    assert hidden_in(HIDDEN) == set(HIDDEN) - {"\n", "\t"}


@pytest.mark.parametrize("character", HIDDEN)
def test_what_is_hidden_is_escaped_and_nothing_else(character: str) -> None:
    shown = visible(f"é{character}漢 \N{SLIGHTLY SMILING FACE}\u3000½")
    assert shown == f"é{repr(character)[1:-1]}漢 \N{SLIGHTLY SMILING FACE}\u3000½"
    assert visible(shown) == shown
    assert visible(character, lines=True) == (character if character in "\n\t" else repr(character)[1:-1])


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """Two runs of a torch that says all of it, sound and broken, and the folder that they lie in."""
    folder = tmp_path_factory.mktemp("hostile")
    shard = {"number": 1, "of": 1}
    return (
        write(folder / "held", run_of(HOSTILE, "held", shard)),
        write(folder / "broken", run_of(HOSTILE, shard=shard)),
        folder,
    )


def told(*arguments: str | Path) -> str:
    """What a command says, which has no hidden character and no line that a text of the file has made."""
    ended = command(*arguments)
    assert ended.exit_code in (Status.KEPT, Status.BROKEN, Status.INCOMPLETE, Status.WRONG_OPTION), ended.output
    assert not hidden_in(ended.output) and "\\x1b" in ended.output
    return ended.output


def test_the_commands_say_it_escaped(files: tuple[Path, Path, Path]) -> None:
    held, broken, folder = files
    assert len(told("merge", held, "--output", folder / "whole").splitlines()) == 2
    compared = told("compare", held, broken, "--report-dir", folder, "--write-accepted", folder / "accepted.toml")
    assert len(compared.splitlines()) == 4
    told("repro", broken, "")
    told("repro", held, f"{HOSTILE}::values[{HOSTILE}-{HOSTILE}]")
    told("repro", broken, f"{HOSTILE}::values[{HOSTILE}-{HOSTILE}]")


def test_the_pages_show_it_escaped_and_without_its_markup(files: tuple[Path, Path, Path]) -> None:
    held, broken, folder = files
    assert command("report", broken, "--output", folder / "report.html").exit_code == Status.KEPT
    assert command("compare", held, broken, "--report-dir", folder).exit_code == Status.BROKEN
    for name in ("report.html", "gate.html", "gate.md", "junit.xml"):
        page = (folder / name).read_text(encoding="utf-8")
        assert not hidden_in(page) and "\\x1b" in page
        assert name == "gate.md" or "<script>alert" not in page
    assert ElementTree.parse(folder / "junit.xml").getroot().tag == "testsuites"


def test_the_script_of_the_report_shows_it_escaped(files: tuple[Path, Path, Path], chromium: Browser) -> None:
    """The evidence of a cell is shown by the page's own script, which escapes the same characters."""
    _, broken, folder = files
    assert command("report", broken, "--output", folder / "shown.html").exit_code == Status.KEPT
    page = chromium.new_page()
    page.goto((folder / "shown.html").as_uri())
    page.wait_for_selector("html.ready")
    page.locator(".op > summary").first.click()
    page.locator(".op .squares a").first.click()
    panel = page.locator("#evidence").inner_html()
    page.close()
    assert "distinct samples" in panel and "\\x1b" in panel and "\\u202e" in panel and "\\ud800" in panel
    assert not hidden_in(panel)


def test_the_summary_of_a_gate_has_no_markup_of_what_it_tells(files: tuple[Path, Path, Path]) -> None:
    """Outside of blocks of code every mark is escaped, and no text ends a block early."""
    held, broken, folder = files
    command("compare", held, broken, "--report-dir", folder)
    text = (folder / "gate.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^(`{3,})\n.*?^\1$", text, flags=re.DOTALL | re.MULTILINE)
    assert blocks and all(len(fence) > 3 for fence in blocks)
    outside = re.sub(r"^(`{3,})\n.*?^\1$", "", text, flags=re.DOTALL | re.MULTILINE)
    assert "alert" in outside
    assert not re.search(r"(?<!\\)(\\\\)*[<>`\[\]]", outside)


def test_a_draft_of_accepted_changes_can_be_read_and_has_no_hidden_character(files: tuple[Path, Path, Path]) -> None:
    held, broken, folder = files
    draft = folder / "draft.toml"
    command("compare", held, broken, "--report-dir", folder, "--write-accepted", draft)
    text = draft.read_text(encoding="utf-8")
    assert not hidden_in(text)
    draft.write_text(text.replace('"?"', '"a person"'), encoding="utf-8")
    entries = accepted.load(draft)
    assert entries and "\x1b[31mred" in entries[0].change


def test_what_a_run_says_on_the_terminal_is_escaped(files: tuple[Path, Path, Path]) -> None:
    found = read(files[1])
    deviating = read(write(files[2] / "deviates", run_of(HOSTILE, "deviates")))
    progress = Progress([HOSTILE], {HOSTILE: HOSTILE}, 0.0)
    progress.begin(HOSTILE, 0.0)
    lines = [verdict_line(found), *cause_lines(found), *duration_lines(found, 0, 0.0), *deviation_lines(deviating)]
    assert len(lines) >= 4
    for line in (*lines, progress.text(1.0)):
        assert not hidden_in(line) and "\n" not in line and ("\\x1b" in line or line == "1 cause in 4 cells")
    text = failure_text(found.cells[0])
    assert not hidden_in(text) and "\\x1b" in text and "\\u202e" in text


RAISES = "(_ for _ in ()).throw(RuntimeError('red \\x1b[31m \\u202e' + chr(0xd800) + chr(0x9b)))"


def test_what_torch_raises_is_escaped_in_a_run(checkout) -> None:
    checkout.spec("neg", RAISES, dtypes='("float32",)')
    ran = checkout.run("-k", "values", "-rA", "-v")
    assert ran.ret == Status.BROKEN
    for text in (ran.stdout.str(), ran.stderr.str(), (ran.out / "report.html").read_text(encoding="utf-8")):
        assert not hidden_in(text)
    assert "red \\x1b[31m \\u202e\\ud800\\x9b" in ran.stdout.str()
    assert "red \x1b[31m \u202e\ud800\x9b" in ran.cells["values[cpu-float32]"].message


UNREADABLE = "if 'torch' in __import__('sys').modules:\n    raise RuntimeError('red \\x1b[31m \\u202e')\n"


def test_what_fails_in_a_child_is_escaped_in_a_run(checkout) -> None:
    checkout.spec("neg", dtypes='("float32",)', extra=UNREADABLE)
    ran = checkout.run("-k", "values")
    assert ran.ret not in (Status.KEPT, Status.BROKEN)
    assert not hidden_in(ran.stdout.str() + ran.stderr.str()) and "red \\x1b[31m \\u202e" in ran.stdout.str()


def test_what_a_child_writes_to_its_standard_error_is_escaped(checkout):
    writes = "__import__('os').write(2, b'WRITTEN \\x1b[31m \\xe2\\x80\\xae\\n')"
    checkout.spec("neg", f"[torch.neg(input), {writes}][0]", dtypes='("float32",)')
    run = checkout.run("-k", "values", "-n", "0")
    told = run.stdout.str() + run.stderr.str()
    assert "WRITTEN \\x1b[31m \\u202e" in told and "\x1b[31m" not in told and "\u202e" not in told
