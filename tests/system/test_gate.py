"""The gate: every kind of change is planted on one side of one torch, and told by its name; sides may fail."""

from __future__ import annotations

import json
import sys
import venv
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from conformance.cli.main import main
from conformance.gate import changes
from conformance.gate.changes import Change
from conformance.gate.decision import INCOMPLETE, NOT_COMPARABLE, SAFE, UNSAFE, Comparison
from conformance.gate.output import as_junit, as_markdown, as_page
from conformance.gate.output.markdown import LIMIT
from conformance.gate.plan import Order
from conformance.gate.run import NotComparable, compare
from conformance.gate.sides import SideDied
from conformance.processes.interpreter import Interpreter

BASELINE = "__import__('os').environ['SIDE'] == 'baseline'"
SOUND = "torch.neg(input)"


def sides(baseline, candidate):
    """An expression that is one call on the baseline and another on the candidate."""
    return f"({baseline}) if {BASELINE} else ({candidate})"


def form(baseline, candidate):
    return f'Form("{sides(baseline, candidate)}")'


class Quiet:
    """A listener that keeps what it hears."""

    def __init__(self):
        self.heard = []

    def planned(self, baseline, candidate, units, timed):
        self.cells = [unit.name(cell) for unit in units for cell in unit.cells]

    def found(self, one):
        self.heard.append(one)

    def timed(self, one, words):
        self.heard.append((one.cell, words))


def order(checkout, **fields):
    """An order for the specs of a checkout, both sides this torch."""
    files = tuple(sorted((checkout.root / "specs" / "small").glob("*.py")))
    interpreters = (Interpreter(sys.executable, (("SIDE", side),)) for side in ("baseline", "candidate"))
    return Order(*interpreters, files, ("cpu",), **{"examples": 40, "seed": 0, "patience": 60.0, **fields})


def gate(checkout, **fields):
    return compare(order(checkout, **fields), Quiet())


def found(comparison, operation):
    """The kinds of change of one operation, with the checks that show them."""
    return {(change.check, change.kind) for change in comparison.changes if change.operation == operation}


FLOAT = {"dtypes": '("float32",)'}
ROUGH = {
    "fields": 'accuracy=ulps(four, source="planted"), outputs=(Output(),),',
    "extra": "def four(dtype, input):\n    return 4.0\n",
}
NEXT = "torch.nextafter(torch.neg(input), torch.zeros_like(input))"
REFUSED = 'refusals=(Refusal("wrong", "{}", (TypeError, ValueError)),)'
BOOL = "torch.logical_not(input) if input.dtype == torch.bool else torch.neg(input)"
NO_INT = "torch.neg(input) if input.dtype != torch.int32 else [][0]"
# With one thread the call is made by the check of determinism alone: a cell that dies costs seconds.
ALONE = "input.dim() == 2 and torch.get_num_threads() == 1"
HANGS = f"__import__('time').sleep(600) if {ALONE} else torch.neg(input)"
CRASHES = f"__import__('os').abort() if {ALONE} else torch.neg(input)"
BACKWARDS = "torch.neg(input.clone(memory_format=torch.contiguous_format))"

PLANTED = {
    "broke": (dict(forms=form(SOUND, "torch.abs(input)"), **FLOAT), ("values", changes.BROKE)),
    "fixed": (dict(forms=form("torch.abs(input)", SOUND), **FLOAT), ("values", changes.FIXED)),
    "otherwise": (dict(forms=form("torch.abs(input)", "input + 1"), **FLOAT), ("values", changes.WRONG_OTHERWISE)),
    "moved": (dict(forms=form(SOUND, NEXT), **FLOAT, **ROUGH), ("values", changes.MOVED)),
    "refusal": (
        dict(forms=form(SOUND, SOUND), **FLOAT, fields=REFUSED.format(sides("torch.neg(input, 1)", "int('x')"))),
        ("refusals", changes.REFUSAL_CHANGED),
    ),
    "accepts": (
        dict(forms=form(SOUND, SOUND), **FLOAT, fields=REFUSED.format(sides("torch.neg(input, 1)", "input"))),
        ("refusals", changes.REFUSAL_CHANGED),
    ),
    "lost": (
        dict(forms=form(SOUND, "torch.neg(input) if input.dtype != torch.int32 else torch.neg()")),
        ("support", changes.SUPPORT_LOST),
    ),
    "gained": (dict(forms=form(SOUND, BOOL), **FLOAT), ("support", changes.SUPPORT_GAINED)),
    "strides": (dict(forms=form(SOUND, BACKWARDS), **FLOAT), ("memory", changes.MEMORY_CHANGED)),
    "view": (dict(forms=form("input.clone()", "input.view(input.shape)"), **FLOAT), ("memory", changes.MEMORY_CHANGED)),
    "crashed": (dict(forms=form(SOUND, CRASHES), **FLOAT), ("determinism", changes.BROKE)),
}


def test_every_kind_of_change_is_told_by_its_name(checkout):
    for name, (fields, _) in PLANTED.items():
        path = checkout.spec(name, operation=f"torch.{name}", **fields)
        if name == "view":
            path.write_text(path.read_text().replace("np.negative(input)", "np.positive(input)"))
    checkout.spec("sound", operation="torch.sound", **FLOAT)
    checkout.spec("known", operation="torch.known", forms=form("torch.abs(input)", SOUND), **FLOAT)
    checkout.deviation(
        id='"gone"', operation='"torch.known"', predicate='"large"', promised='"torch.tensor(-1.0)"',
        witness=json.dumps(sides("torch.tensor(1.0)", "torch.tensor(-1.0)")),
    )  # fmt: skip
    comparison = gate(checkout, examples=24)
    assert comparison.status == UNSAFE
    told = {name: found(comparison, f"torch.{name}") for name in PLANTED}
    assert {name: expected for name, (_, expected) in PLANTED.items() if expected not in told[name]} == {}, told
    assert found(comparison, "torch.sound") == set()
    assert ("values", changes.NO_DEVIATION) in found(comparison, "torch.known")
    shown = {change.operation: change for change in comparison.changes if change.check in ("values", "determinism")}
    broke = next(one for one in comparison.changes if one.operation == "torch.broke" and one.kind == changes.BROKE)
    assert broke.sample.startswith("input = <tensor(") and "promised" in broke.after and "float32" in broke.before
    assert 0 < shown["torch.moved"].ulp_after <= 4 and shown["torch.moved"].ulp_before == 0
    assert "SIGABRT" in shown["torch.crashed"].what
    _told_in_full(comparison)


def _told_in_full(comparison):
    page, markdown = as_page(comparison), as_markdown(comparison)
    for kind in comparison.counts:
        assert kind in page and kind in markdown
    assert page.index("What changed") < page.index("What is missing")
    cases = ElementTree.fromstring(as_junit(comparison)).iter("testcase")
    failed = {f"{case.get('classname')}::{case.get('name')}" for case in cases if case.find("failure") is not None}
    assert failed == {change.cell for change in comparison.changes if change.unsafe}


def test_one_torch_on_both_sides_is_safe_and_nothing_differs(checkout):
    checkout.spec(
        modes='("vmap", "meta")',
        fields='laws=(Law("a", "input.neg().neg()", "input + 0"), Law("b", "-input", "input.neg()"))',
    )
    listener = Quiet()
    comparison = compare(order(checkout), listener)
    assert comparison.status == SAFE and comparison.changes == () and comparison.unsteady == ()
    assert list(comparison.compared) == listener.cells == list(comparison.planned)
    assert comparison.equal == comparison.outcomes > 300
    assert comparison.line().startswith("SAFE: ") and "no change" in comparison.line()


def test_a_cell_that_one_side_cannot_be_asked_is_gone_or_new(checkout):
    checkout.spec(modes='("inductor",)', **FLOAT)
    given = order(checkout)
    without = replace(given.candidate, environment=(("SIDE", "candidate"), ("CXX", "none"), ("PATH", "/nowhere")))
    gone = compare(replace(given, candidate=without), Quiet())
    assert found(gone, "torch.neg") == {("modes", changes.CELL_GONE)} and gone.status == UNSAFE
    new = compare(replace(given, baseline=without, candidate=given.baseline), Quiet())
    assert found(new, "torch.neg") == {("modes", changes.CELL_NEW)} and new.status == SAFE


def test_what_varies_from_call_to_call_is_no_difference(checkout):
    varying = f"torch.neg(input) if torch.initial_seed() and __import__('random').random() < 0.5 else {NEXT}"
    checkout.spec("moved", forms=form(varying, varying), **FLOAT, **ROUGH)
    comparison = gate(checkout)
    assert not [change for change in comparison.changes if change.kind == changes.MOVED]
    assert {change.kind for change in comparison.unsteady} >= {changes.MOVED}
    assert "vary from call to call" in comparison.line()


# --- sides that fail ----------------------------------------------------------------------------------------------


def test_a_hang_is_told_and_the_rest_is_compared(checkout):
    checkout.spec(
        "hangs",
        operation="torch.hangs",
        forms=form(SOUND, HANGS),
        **FLOAT,
    )
    checkout.spec("sound", operation="torch.sound", **FLOAT)
    comparison = gate(checkout, examples=20, patience=2.0)
    assert comparison.status == UNSAFE
    assert any("hung for more than 2 s" in change.what for change in comparison.changes)
    assert any(name.startswith("specs/small/sound.py::values") for name in comparison.compared)


def test_a_side_that_was_killed_once_leaves_the_gate_inconclusive(checkout, tmp_path):
    mark = tmp_path / "mark"
    spec = checkout.spec(forms=form(SOUND, "__import__('builtins').once(input)"), **FLOAT)
    spec.write_text(
        "import builtins, os, pathlib\n"
        "def once(input):\n"
        f"    mark = pathlib.Path({str(mark)!r})\n"
        "    if not mark.exists():\n"
        "        mark.touch()\n"
        "        os.kill(os.getpid(), 9)\n"
        "    return input.neg()\n"
        "builtins.once = once\n" + spec.read_text()
    )
    comparison = gate(checkout, examples=10)
    assert comparison.changes == () and comparison.status == INCOMPLETE
    assert "died once, and not again: candidate: values[float32]" in comparison.line()


def test_a_side_that_always_dies_leaves_the_gate_incomplete_and_keeps_the_rest(checkout):
    path = checkout.spec("dies", operation="torch.dies", **FLOAT)
    path.write_text(
        f"import os\nif os.environ.get('SIDE') == 'candidate':\n    os.kill(os.getpid(), 9)\n{path.read_text()}"
    )
    checkout.spec("sound", operation="torch.sound", **FLOAT)
    comparison = gate(checkout, examples=10)
    assert comparison.status == INCOMPLETE and comparison.changes == ()
    assert "SIGKILL" in comparison.line() and all("dies.py" in name for name in comparison.missing)
    assert any(name.startswith("specs/small/sound.py") for name in comparison.compared)


def test_memory_that_runs_out_is_told(checkout):
    checkout.spec(forms=form(SOUND, "torch.empty(2**60)"), **FLOAT)
    comparison = gate(checkout, examples=5)
    assert comparison.status == UNSAFE and any("RuntimeError" in change.what for change in comparison.changes)


def test_an_interpreter_without_torch_is_told(checkout, tmp_path):
    checkout.spec()
    venv.create(tmp_path / "bare", with_pip=False)
    with pytest.raises(SideDied, match=r"the candidate .*No module named '(torch|numpy)'"):
        compare(replace(order(checkout), candidate=Interpreter(str(interpreter_of(tmp_path / "bare")))), Quiet())


def test_an_interpreter_that_cannot_start_is_told(checkout, tmp_path):
    checkout.spec()
    ends = tmp_path / "python"
    ends.write_text("#!/bin/sh\nexit 3\n")
    ends.chmod(0o755)
    for path in (ends, tmp_path / "nothing"):
        with pytest.raises(SideDied, match=r"the candidate .*the process (could not start|ended with status 3)"):
            compare(replace(order(checkout), candidate=Interpreter(str(path))), Quiet())


def interpreter_of(environment):
    """The Python of a virtual environment."""
    return environment / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


# --- terms --------------------------------------------------------------------------------------------------------


def test_unequal_terms_are_refused_or_told_and_never_safe(checkout):
    checkout.spec(**FLOAT)
    given = order(checkout, examples=5)
    other = replace(given.candidate, environment=(("SIDE", "candidate"), ("ATEN_CPU_CAPABILITY", "default")))
    with pytest.raises(NotComparable, match=r"CPU capability: .* and "):
        compare(replace(given, candidate=other), Quiet())
    comparison = compare(replace(given, candidate=other, unequal_terms=True), Quiet())
    assert comparison.status == INCOMPLETE and comparison.word == "INCONCLUSIVE"
    assert "on unequal terms" in comparison.line() and "as was asked for" in as_page(comparison)


# --- the command --------------------------------------------------------------------------------------------------


def run(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_the_command_leaves_its_files_and_exits_as_documented(checkout, tmp_path):
    checkout.spec(**FLOAT)
    specs, out = checkout.root / "specs", tmp_path / "out"
    safe = run(
        "gate", "--baseline", "this", "--candidate", sys.executable, "--profile", "quick", "--report-dir", out, specs
    )
    assert safe.exit_code == SAFE, safe.output
    assert safe.output.strip().splitlines()[-1].startswith("SAFE: ") and "workloads" not in safe.output
    assert "<code>--times</code> does" in (out / "gate.html").read_text()
    records = [json.loads(line) for line in (out / "gate.ndjson").read_text().splitlines()]
    assert [record["type"] for record in (*records[:2], records[-1])] == ["gate", "plan", "end"]
    assert {record["id"] for record in records if record["type"] == "cell"} == set(records[1]["cells"])
    assert {path.name for path in out.iterdir()} == {"gate.html", "gate.md", "gate.ndjson", "junit.xml"}
    for arguments, told in (
        (("--baseline", "this", "--candidate", tmp_path / "nothing", specs), "is no interpreter"),
        (("--baseline", "this", "--candidate", "this", "--process-pairs", "-1", specs), "-1 is not in the range"),
        (("--baseline", "this", "--candidate", "this", tmp_path), "no spec files"),
        (("--baseline", "this", "--candidate", "this", "--accepted", safe_file(tmp_path), specs), "not valid TOML"),
    ):
        wrong = run("gate", "--report-dir", out, *arguments)
        assert wrong.exit_code == 2 and told in wrong.output


def safe_file(folder: Path) -> Path:
    path = folder / "accepted.toml"
    path.write_text("[[accepted]\n")
    return path


def test_terms_that_differ_and_sides_without_torch_have_statuses_of_their_own(checkout, tmp_path):
    checkout.spec(**FLOAT)
    venv.create(tmp_path / "bare", with_pip=False)
    wrapper = tmp_path / "python"
    wrapper.write_text(f'#!/bin/sh\nATEN_CPU_CAPABILITY=default exec {sys.executable} "$@"\n')
    wrapper.chmod(0o755)
    for interpreter, status, told in (
        (interpreter_of(tmp_path / "bare"), INCOMPLETE, "INCOMPLETE: the candidate"),
        (wrapper, NOT_COMPARABLE, "NOT COMPARABLE: CPU capability"),
    ):
        two = ("--baseline", "this", "--candidate", interpreter)
        ended = run("gate", *two, "--report-dir", tmp_path / "out", checkout.root / "specs")
        assert ended.exit_code == status and told in ended.output


# --- what is told -------------------------------------------------------------------------------------------------


def test_markdown_stays_below_what_a_ci_summary_takes():
    long = Change("a::b[cpu-c]", "torch.cat", "values", "cpu", "float32", changes.BROKE, "wrong", sample="x" * 20_000)
    many = tuple(replace(long, what=f"wrong {number}") for number in range(100))
    text = as_markdown(Comparison({"torch": "1"}, {"torch": "2"}, changes=many))
    assert len(text.encode()) < LIMIT + 200 and "more groups of changes" in text


def test_pages_carry_no_markup_of_what_they_tell():
    sly = Change("a", "torch.cat", "values", "cpu", "x", changes.BROKE, "<script>alert(1)</script>", after="```\n<b>")
    comparison = Comparison({"torch": "1"}, {"torch": "2"}, changes=(sly,))
    assert "<script>alert" not in as_page(comparison) and "<script>alert" not in as_markdown(comparison)
    assert ElementTree.fromstring(as_junit(replace(comparison, planned=("a\x00",)))) is not None
