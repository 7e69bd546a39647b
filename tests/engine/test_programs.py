"""Calls of several statements work wherever a call does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.engine.script import script
from conformance.results.model import Cell
from conformance.spec import Cost, Form, Law, Refusal
from conformance.spec.contract import MODES
from conformance.spec.text import spec_text
from tests.engine.specs import COPY, NEG, asked, swept
from tests.faults.kit import entry_points

PROGRAM = """
    first = torch.neg(input)
    second = torch.neg(first)
    torch.neg(second)
"""
WRONG = """
    first = torch.neg(input)
    torch.neg(first)
"""
THREE_TIMES = replace(
    NEG, forms=(Form(PROGRAM, title="three times"), Form("torch.neg(input)")), modes=MODES, cost=Cost(dtypes=())
)
COPIED = replace(COPY, forms=(Form("made = input.clone()\nmade", title="a named copy"), Form("input.clone()")))


def test_a_program_is_a_form_in_every_check() -> None:
    held = {cell: state.verdict for cell, state in swept(THREE_TIMES).items() if cell.check != "support"}
    assert set(held.values()) <= {"held", "unsupported"} and ("modes", "aot_eager") in held, held
    assert asked(COPIED, "gradients", "float32").verdict == "held"
    assert asked(COPIED, "modes", "forward").verdict == "held"


def test_a_wrong_program_is_broken_and_its_script_runs() -> None:
    spec = replace(NEG, forms=(Form(WRONG, title="twice"), Form("torch.neg(input)")))
    for check in ("values", "forms"):
        state = asked(spec, check, "float32")
        assert state.verdict == "broken" and state.failure is not None
        text = script(spec, state.result("neg.py", "torch.neg", "cpu", Cell(check, "float32")), state.failure)
        name = {"values": "result", "forms": "expected"}[check]
        assert f"    first = torch.neg(input)\n    {name} = torch.neg(first)\n" in text
        with pytest.raises(SystemExit, match="1"):
            exec(compile(text, "script", "exec"), {})


def test_a_wrong_second_form_is_named_by_its_title() -> None:
    spec = replace(NEG, forms=(Form("torch.neg(input)"), Form(WRONG, title="twice")))
    failure = asked(spec, "forms", "float32").failure
    assert failure is not None and failure.about == "twice" and "torch.neg(first)" in failure.call


def test_programs_are_refusals_and_laws() -> None:
    refusal = Refusal("a string after all", "made = 'x'\ntorch.neg(made)", TypeError)
    laws = (Law("twice is nothing", WRONG, "input"), Law("thrice is once", PROGRAM, "a = input\ntorch.neg(a)"))
    spec = replace(NEG, refusals=(refusal,), laws=laws)
    assert asked(spec, "refusals", "float32").verdict == "held" and asked(spec, "laws", "float32").verdict == "held"
    wrong = replace(spec, laws=(Law("twice is once", WRONG, "a = input\ntorch.neg(a)"), laws[0]))
    assert asked(wrong, "laws", "float32").verdict == "broken"
    assert asked(replace(spec, refusals=(replace(refusal, call="made = input\n-made"),)), "refusals", "float32").finding


def test_faults_are_planted_in_every_call_of_a_program() -> None:
    program = "a = torch.neg(input)\nb = torch.abs(a) + a\nb.clone()"
    found = {entry.name for entry in entry_points(replace(NEG, forms=(Form(program, title="three calls"),)))}
    assert {"neg", "abs", "clone", "__add__"} <= found


def test_a_program_is_shown_below_its_title() -> None:
    assert "three times:\n      first = torch.neg(input)\n" in spec_text(THREE_TIMES)
