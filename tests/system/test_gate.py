"""The gate: every kind of change is planted on one side of one torch, and told by its name; sides may fail."""

from __future__ import annotations

import json
import re
import sys
import venv
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from conformance.cli.main import main
from conformance.engine.shrink import MOST_ASKS
from conformance.files.folder import LOCK
from conformance.gate import changes
from conformance.gate.decision import INCOMPLETE, NOT_COMPARABLE, SAFE, UNSAFE
from conformance.gate.output import as_junit, as_markdown, as_page
from conformance.gate.plan import Order
from conformance.gate.run import compare
from conformance.gate.sides import Pair, SideDied
from conformance.processes.interpreter import Interpreter
from conformance.results.status import Status
from conformance.samples.serial import from_data
from conformance.spec.catalogue import spec_file
from tests import warm
from tests.slowness import interpreters
from tests.small import FAULTS
from tests.system.checkout import LAWS

BASELINE = "__import__('os').environ['SIDE'] == 'baseline'"
SOUND = "torch.neg(input)"


def sides(baseline, candidate):
    """An expression that is one call on the baseline and another on the candidate."""
    return f"({baseline}) if {BASELINE} else ({candidate})"


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
    files = tuple(spec_file(path) for path in sorted((checkout.root / "specs" / "small").glob("*.py")))
    baseline, candidate = interpreters(warm.python())
    known = tuple((checkout.root / "specs").glob("deviations.toml"))
    fields = {"examples": 40, "seed": 0, "patience": 60.0, "deviations": known, **fields}
    return Order(baseline=baseline, candidate=candidate, files=files, devices=("cpu",), **fields)


def gate(checkout, **fields):
    return compare(order(checkout, **fields), Quiet())


def found(comparison, operation):
    """The kinds of change of one operation, with the checks that show them."""
    return {(change.check, change.kind) for change in comparison.changes if change.operation == operation}


FLOAT = {"dtypes": '("float32",)'}
ROUGH = {
    "accuracy": 'ulps(four, source="planted")',
    "outputs": "(Output(),)",
    "extra": "def four(dtype, input):\n    return 4.0\n",
}
NEXT = "torch.nextafter(torch.neg(input), torch.zeros_like(input))"
SAME = {"oracle": "same", "extra": "def same(input):\n    return np.positive(input)\n"}
BOOL = "torch.logical_not(input) if input.dtype == torch.bool else torch.neg(input)"
NO_INT = "torch.neg(input) if input.dtype != torch.int32 else torch.neg()"
# With one thread the call is made by the check of determinism alone: a cell that dies costs seconds.
ALONE = "input.dim() == 2 and torch.get_num_threads() == 1"
HANGS = f"__import__('time').sleep(600) if {ALONE} else torch.neg(input)"
CRASHES = f"__import__('os').abort() if {ALONE} else torch.neg(input)"
OTHER_NANS = "torch.where(input.isnan(), input, torch.neg(input))"
"""Gives each NaN with the sign that it has, which neg changes."""

BACKWARDS = "torch.neg(input.clone(memory_format=torch.contiguous_format))"


def refusals(baseline, candidate):
    """A spec with a refusal that is one call on the baseline and another on the candidate."""
    return {"refusals": f'(Refusal("wrong", "{sides(baseline, candidate)}", (TypeError, ValueError)),)', **FLOAT}


@dataclass(frozen=True)
class Planted:
    """A change of torch.neg from the baseline to the candidate, and how the gate must tell it."""

    baseline: str
    candidate: str
    check: str
    kind: str
    fields: dict[str, str] = field(default_factory=lambda: FLOAT)


PLANTED = {
    "broke": Planted(SOUND, "torch.abs(input)", "values", changes.BROKE),
    "fixed": Planted("torch.abs(input)", SOUND, "values", changes.FIXED),
    "otherwise": Planted("torch.abs(input)", "input + 1", "values", changes.WRONG_OTHERWISE),
    "moved": Planted(SOUND, NEXT, "values", changes.MOVED, {**FLOAT, **ROUGH}),
    "refusal": Planted(SOUND, SOUND, "refusals", changes.REFUSAL_CHANGED, refusals("torch.neg(input, 1)", "int('x')")),
    "narrowed": Planted(
        SOUND, SOUND, "refusals", changes.REFUSAL_NARROWED, refusals("int('x')", "bytes([255]).decode()")
    ),
    "accepts": Planted(SOUND, SOUND, "refusals", changes.REFUSAL_CHANGED, refusals("torch.neg(input, 1)", "input")),
    "lost": Planted(SOUND, NO_INT, "support", changes.SUPPORT_LOST, {}),
    "gained": Planted(SOUND, BOOL, "support", changes.SUPPORT_GAINED),
    "strides": Planted(SOUND, BACKWARDS, "memory", changes.MEMORY_CHANGED),
    "view": Planted("input.clone()", "input.view(input.shape)", "memory", changes.MEMORY_CHANGED, {**FLOAT, **SAME}),
    "crashed": Planted(SOUND, CRASHES, "determinism", changes.CRASHED),
    "exhausted": Planted(SOUND, "torch.empty(2**60)", "values", changes.BROKE),
}


def test_every_kind_of_change_is_told_by_its_name(checkout):
    for name, plant in PLANTED.items():
        checkout.spec(name, sides(plant.baseline, plant.candidate), **plant.fields)
    checkout.spec("sound", **FLOAT)
    checkout.spec("nans", sides(SOUND, OTHER_NANS), **FLOAT)
    checkout.spec("known", sides("torch.abs(input)", SOUND), **FLOAT)
    witness = sides("torch.tensor(1.0)", "torch.tensor(-1.0)")
    checkout.deviation(
        id="gone", operation="torch.known", predicate="large", promised="torch.tensor(-1.0)", witness=witness
    )
    comparison = gate(checkout, examples=60)
    assert comparison.status == UNSAFE
    told = {name: found(comparison, f"torch.{name}") for name in PLANTED}
    assert {name for name, plant in PLANTED.items() if (plant.check, plant.kind) not in told[name]} == set(), told
    assert found(comparison, "torch.sound") == set()
    assert ("values", changes.MOVED) not in found(comparison, "torch.nans")
    assert 0 < comparison.nans_differ < comparison.equal and "of them but for the bits of NaNs" in comparison.line()
    assert not any(change.unsafe for change in comparison.changes if change.operation == "torch.narrowed")
    assert ("values", changes.NO_DEVIATION) in found(comparison, "torch.known")
    shown = {change.operation: change for change in comparison.changes if change.check in ("values", "determinism")}
    broke = next(one for one in comparison.changes if one.operation == "torch.broke" and one.kind == changes.BROKE)
    assert broke.sample.startswith("input = <tensor(") and "promised" in broke.after and "float32" in broke.before
    assert 0 < shown["torch.moved"].ulp_after <= 4 and shown["torch.moved"].ulp_before == 0
    assert "SIGABRT" in shown["torch.crashed"].what
    assert "RuntimeError" in shown["torch.exhausted"].what
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
    checkout.spec(modes='("vmap", "meta")', laws=LAWS)
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
    varying = f"torch.neg(input) if torch.initial_seed() and __import__('os').urandom(1)[0] < 128 else {NEXT}"
    checkout.spec("moved", varying, **FLOAT, **ROUGH)
    comparison = gate(checkout)
    assert not [change for change in comparison.changes if change.kind == changes.MOVED]
    assert {change.kind for change in comparison.unsteady} >= {changes.MOVED}
    assert "vary from call to call" in comparison.line()


def test_the_sample_of_a_change_is_small(checkout, monkeypatch):
    asked = []
    ask = Pair.ask

    def noted(pair, request):
        asked.append(request)
        return ask(pair, request)

    monkeypatch.setattr(Pair, "ask", noted)
    for name, fault in FAULTS.items():
        checkout.spec(name.replace(" ", "_"), sides(SOUND, fault.call), **FLOAT)
    comparison = gate(checkout, examples=100)
    small = {
        change.operation: from_data(change.data)
        for change in comparison.changes
        if (change.check, change.kind) == ("values", changes.BROKE)
    }
    for name, fault in FAULTS.items():
        assert fault.most.exceeded_by(small[f"torch.{name.replace(' ', '_')}"]) == [], name
    per_cell = Counter((request.file, request.cell) for request in asked)
    assert 0 < max(per_cell.values()) <= MOST_ASKS + 3  # two more before the search, and one that confirms


# --- sides that fail ----------------------------------------------------------------------------------------------


def test_a_hang_is_told_and_the_rest_is_compared(checkout):
    checkout.spec("hangs", sides(SOUND, HANGS), **FLOAT)
    checkout.spec("sound", **FLOAT)
    comparison = gate(checkout, examples=20, patience=2.0)
    assert comparison.status == UNSAFE
    assert any("hung for more than 2 s" in change.what for change in comparison.changes)
    assert any(name.startswith("specs/small/sound.py::values") for name in comparison.compared)


ONCE = """
import builtins, os, pathlib


def once(input):
    mark = pathlib.Path({mark!r})
    if not mark.exists():
        mark.touch()
        os.kill(os.getpid(), 9)
    return input.neg()


builtins.once = once
"""


def test_a_side_that_was_killed_once_leaves_the_gate_inconclusive(checkout, tmp_path):
    once = ONCE.format(mark=str(tmp_path / "mark"))
    checkout.spec("neg", sides(SOUND, "__import__('builtins').once(input)"), **FLOAT, extra=once)
    comparison = gate(checkout, examples=10)
    assert comparison.changes == () and comparison.status == INCOMPLETE
    assert "died once, and not again: candidate: values[cpu-float32]" in comparison.line()


DIES = "import os\nif os.environ.get('SIDE') == 'candidate':\n    os.kill(os.getpid(), 9)\n"


def test_a_side_that_always_dies_leaves_the_gate_incomplete_and_keeps_the_rest(checkout):
    checkout.spec("dies", **FLOAT, extra=DIES)
    checkout.spec("sound", **FLOAT)
    comparison = gate(checkout, examples=10)
    assert comparison.status == INCOMPLETE and comparison.changes == ()
    assert "SIGKILL" in comparison.line() and all("dies.py" in name for name in comparison.missing)
    assert any(name.startswith("specs/small/sound.py") for name in comparison.compared)


def test_an_interpreter_that_cannot_start_is_told(checkout, tmp_path):
    checkout.spec()
    ends = tmp_path / "python"
    ends.write_text("#!/bin/sh\nexit 3\n")
    ends.chmod(0o755)
    for path in (ends, tmp_path / "nothing"):
        with pytest.raises(SideDied, match=r"the candidate .*the process (could not start|ended with status 3)"):
            compare(replace(order(checkout), candidate=Interpreter(str(path))), Quiet())


# --- terms --------------------------------------------------------------------------------------------------------


def test_unequal_terms_that_are_asked_for_are_told_and_never_safe(checkout):
    checkout.spec(**FLOAT)
    given = order(checkout, examples=5)
    other = replace(given.candidate, environment=(("SIDE", "candidate"), ("ATEN_CPU_CAPABILITY", "default")))
    comparison = compare(replace(given, candidate=other, unequal_terms=True), Quiet())
    assert comparison.status == INCOMPLETE and comparison.decision == "INCONCLUSIVE"
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
    assert {path.name for path in out.iterdir()} == {"gate.html", "gate.md", "gate.ndjson", "junit.xml", LOCK}
    for arguments, told in (
        (("--candidate", tmp_path / "nothing", specs), "is no interpreter"),
        (("--candidate", "this", "--process-pairs", "-1", specs), "-1 is not in the range"),
        (("--candidate", "this", tmp_path), "no spec files"),
    ):
        wrong = run("gate", "--report-dir", out, "--baseline", "this", *arguments)
        assert wrong.exit_code == Status.WRONG_OPTION and told in wrong.output
    two = ("--baseline", "this", "--candidate", "this", "--report-dir", out)
    wrong = run("gate", *two, "--accepted", safe_file(tmp_path), specs)
    assert wrong.exit_code == Status.WRONG_INPUT and "not valid TOML" in wrong.output


def safe_file(folder: Path) -> Path:
    path = folder / "accepted.toml"
    path.write_text("[[accepted]\n")
    return path


def test_terms_that_differ_and_sides_without_torch_have_statuses_of_their_own(checkout, tmp_path):
    checkout.spec(**FLOAT)
    venv.create(tmp_path / "bare", with_pip=False)
    bare = tmp_path / "bare" / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    wrapper = tmp_path / "python"
    wrapper.write_text(f'#!/bin/sh\nATEN_CPU_CAPABILITY=default exec {sys.executable} "$@"\n')
    wrapper.chmod(0o755)
    for interpreter, status, told in (
        (bare, Status.WRONG_OPTION, r"the candidate .*No module named '(torch|numpy)'"),
        (wrapper, NOT_COMPARABLE, r"NOT COMPARABLE: CPU capability: .* and "),
    ):
        two = ("--baseline", "this", "--candidate", interpreter)
        ended = run("gate", *two, "--report-dir", tmp_path / "out", checkout.root / "specs")
        assert ended.exit_code == status and re.search(told, ended.output), ended.output
