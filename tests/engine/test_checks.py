"""Checks: each kind of break is planted in the call of a small spec, and seen by its cell."""

from __future__ import annotations

import datetime
import itertools
import math
import os
from dataclasses import replace

import numpy as np
import pytest
import torch
from msgspec import structs

from conformance.checks import determinism
from conformance.checks.claim_helpers import helpers
from conformance.checks.repeatable import DETERMINISTIC
from conformance.engine.search import draw_samples
from conformance.execution import devices
from conformance.results.model import Cell, FailureKind
from conformance.spec import (
    FRESH,
    ITS_OWN,
    SEVERAL,
    WITHIN,
    Cost,
    Form,
    Law,
    Output,
    Refusal,
    SpecError,
    Sums,
    View,
    computed_in,
    contents,
    converted_to,
    ulps,
    views,
)
from conformance.spec.contract import UPHELD, Claim
from tests.engine.specs import COPY, DIFFERS, NEG, asked, broken_cells, called, swept, writable


def test_a_sound_operation_breaks_nothing():
    assert broken_cells(NEG) == set()


# --- memory and allocations ---------------------------------------------------------------------------------------


def test_an_input_that_is_changed_breaks_memory():
    spec = replace(called(NEG, "torch.neg(input.add_(0 if input.numel() < 3 else 1))"), arguments=writable)
    assert asked(spec, "memory", "int32").verdict == "broken"


TWICE = replace(called(NEG, "[torch.neg(input), torch.neg(input)][0]"), dtypes=("float32",))


def test_memory_that_is_asked_for_and_thrown_away_breaks_cost_alone():
    assert broken_cells(TWICE) == {("cost", "float32")}


def scratch(dtype, input):
    return (4 * input.numel,)


def test_promised_scratch_is_held_to_the_byte():
    spec = replace(TWICE, dtypes=("float32", "int8"), cost=Cost(scratch=scratch))
    assert asked(spec, "cost", "float32").verdict == "held"
    assert asked(spec, "cost", "int8").verdict == "broken"


def where_it_lies(input):
    return [View(input.shape, input.strides, input.offset)]


@pytest.mark.parametrize("call, verdict", [("", "held"), (".clone()", "broken")])
def test_a_view_that_copies_breaks_cost(call, verdict):
    spec = replace(called(NEG, f"input[...]{call}"), dtypes=("float32",), memory=views("input", where_it_lies))
    assert asked(spec, "cost", "float32", examples=20).verdict == verdict


# --- forms, refusals, dtypes --------------------------------------------------------------------------------------


def test_a_form_with_other_bits_breaks_forms():
    found = swept(called(NEG, "torch.neg(input)", "torch.neg(input).abs()"))
    assert found[Cell("forms", "float32")].verdict == "broken"
    assert found[Cell("values", "float32")].verdict == "held"


def test_an_accepted_misuse_breaks_refusals():
    spec = replace(NEG, refusals=(Refusal("two tensors", "torch.add(input, input)", TypeError),))
    assert asked(spec, "refusals", "float32").verdict == "broken"


def test_a_misuse_refused_with_another_class_breaks_refusals():
    spec = replace(NEG, refusals=(Refusal("no tensor", "torch.neg('x')", IndexError),))
    assert asked(spec, "refusals", "float32").verdict == "broken"


def stumbles(input):
    return 1 / 0


def test_a_cell_that_compared_nothing_is_vacuous():
    spec = replace(NEG, refusals=(Refusal("never tried", "torch.neg()", TypeError, when="False"),))
    state = asked(spec, "refusals", "float32")
    assert state.verdict == "vacuous" and state.failure is not None
    assert state.failure.message == "nothing was compared: no sample met 'False'"


def test_a_check_that_cannot_be_made_names_the_line_of_the_spec():
    failure = asked(replace(NEG, oracle=stumbles), "values", "float32").failure
    assert failure is not None and failure.kind is FailureKind.CHECK_FAILED
    line = stumbles.__code__.co_firstlineno + 1
    assert (
        failure.message == f"the check could not be made: ZeroDivisionError: division by zero at test_checks.py:{line}"
    )


def test_a_spec_of_expensive_calls_is_asked_of_fewer_samples():
    spec = replace(NEG, sample_share=0.25)
    assert len(draw_samples(spec, 400, 0)) == 100 and len(draw_samples(spec, 20, 0)) == 16
    assert len(draw_samples(spec, 10, 0)) == 10
    with pytest.raises(SpecError, match="sample_share: needs a number above 0"):
        replace(NEG, sample_share=0)


def test_a_dtype_that_is_lost_is_broken_and_one_gained_is_told():
    found = swept(replace(NEG, dtypes=("bool", "float32")), Cell("support", "bool"), Cell("support", "float64"))
    assert found[Cell("support", "bool")].verdict == "broken"
    assert found[Cell("support", "float64")].verdict == "held"
    assert found[Cell("support", "float64")].evidence.gain


# --- failures -----------------------------------------------------------------------------------------------------


def test_a_failure_that_does_not_repeat_is_told_as_such(monkeypatch):
    calls = itertools.count(1)
    monkeypatch.setattr(torch, "is_one_call", lambda: int(next(calls) == 41), raising=False)
    spec = called(NEG, "torch.neg(input) - torch.is_one_call()")
    found = swept(spec, Cell("values", "int32"), Cell("values", "float32"))
    broken = [state.failure for state in found.values() if state.failure]
    assert len(broken) == 1 and not broken[0].repeats


# --- determinism --------------------------------------------------------------------------------------------------


def test_a_call_that_gives_other_bits_the_second_time_breaks_determinism(monkeypatch):
    monkeypatch.setattr(torch, "CALLS", itertools.count(), raising=False)
    failure = asked(called(NEG, "torch.neg(input) + next(torch.CALLS)"), "determinism", "float32", examples=20).failure
    assert failure is not None and "second call" in failure.message


def tame(draw):
    return {"input": draw.tensor(draw.shape(max_rank=2), kinds=("normal",), landmarks=(), layout=("contiguous",))}


def bound_of_one(dtype, input):
    return 1.0


NEARLY = "torch.neg(input) * (1 + 2**-23 * (next(torch.CALLS) % 2))"


@pytest.mark.parametrize(
    ("call", "fixed", "about"),
    [
        (NEARLY, True, ""),  # other bits, in any case
        (NEARLY, False, DETERMINISTIC),  # within the bound, but also where they must be the same
        (f"torch.neg(input) if torch.are_deterministic_algorithms_enabled() else {NEARLY}", False, None),
        ("torch.neg(input) + next(torch.CALLS)", False, "the second call"),  # beyond the bound
    ],
)
def test_other_bits_of_a_device_that_adds_in_no_fixed_order(monkeypatch, call, fixed, about):
    monkeypatch.setattr(torch, "CALLS", itertools.count(), raising=False)
    monkeypatch.setattr(devices, "adds_in_fixed_order", lambda device: fixed)
    spec = replace(called(NEG, call), arguments=tame, dtypes=("float32",), accuracy=ulps(bound_of_one, ""))
    found = asked(spec, "determinism", "float32", examples=20)
    assert (found.failure.about if found.failure else None) == about
    assert (determinism.ANY_ORDER in found.evidence.notes) is (about in (None, DETERMINISTIC))


def test_one_thread_must_agree_with_several():
    assert asked(COPY, "determinism", "float32").failure is None
    failure = asked(called(COPY, "input.clone() + (torch.get_num_threads() == 1)"), "determinism", "float32").failure
    assert failure is not None and "one thread" in failure.message


# --- devices ------------------------------------------------------------------------------------------------------


def test_dtypes_that_a_device_cannot_hold_are_unsupported(monkeypatch):
    monkeypatch.setattr("conformance.engine.schedule.missing_dtypes", lambda device: frozenset({"float32"}))
    found = swept(replace(NEG, modes=("meta",)), examples=20)
    assert {state.verdict for cell, state in found.items() if cell[1] == "float32"} == {"unsupported"}
    assert found[Cell("values", "int32")].verdict == found[Cell("modes", "meta")].verdict == "held"


# --- known deviations ---------------------------------------------------------------------------------------------

WRONG_WHEN_LARGE = called(NEG, "torch.neg(input) if input.numel() < 4 else torch.neg(input) + 1")
VALUES = Cell("values", "float32")


def test_a_known_deviation_keeps_its_region_out():
    known = structs.replace(DIFFERS, witness="torch.neg(torch.ones(4)) + 1", promised="-torch.ones(4)")
    assert swept(WRONG_WHEN_LARGE, VALUES, deviations=(known,))[VALUES].verdict == "deviates"


def test_a_deviation_of_another_cpu_capability_concerns_no_cell():
    known = structs.replace(DIFFERS, witness="torch.neg(torch.ones(4)) + 1", promised="-torch.ones(4)")
    for capability, verdict in (("OTHER", "broken"), (torch.backends.cpu.get_cpu_capability(), "deviates")):
        limited = structs.replace(known, cpu_capabilities=(capability,))
        assert swept(WRONG_WHEN_LARGE, VALUES, deviations=(limited,))[VALUES].verdict == verdict


def test_a_deviation_does_not_hide_what_lies_outside_its_region():
    assert swept(called(NEG, "torch.neg(input) + 1"), VALUES, deviations=(DIFFERS,))[VALUES].verdict == "broken"


def test_a_predicate_is_asked_only_of_samples_that_failed(monkeypatch):
    asked_of = []

    def large(dtype, input):
        asked_of.append(input)
        return input.numel > 3

    sound = replace(NEG, predicates=(large,))
    assert swept(sound, VALUES, deviations=(DIFFERS,))[VALUES].verdict == "deviates" and not asked_of
    wrong = replace(WRONG_WHEN_LARGE, predicates=(large,))
    assert swept(wrong, VALUES, deviations=(DIFFERS,))[VALUES].verdict == "deviates" and asked_of


def test_what_breaks_in_a_region_leaves_no_trace_in_the_evidence():
    evidence = swept(WRONG_WHEN_LARGE, VALUES, deviations=(DIFFERS,))[VALUES].evidence
    small = replace(NEG, arguments=small_alone)
    assert evidence.comparisons and evidence.build().worst_ulp == 0
    assert not swept(called(small, WRONG_WHEN_LARGE.forms[0].call), VALUES)[VALUES].failure
    assert all(count <= evidence.comparisons for count in evidence.build().counts.values())


def small_alone(draw):
    return {"input": draw.tensor(draw.shape(max_rank=0))}


def test_a_sample_that_poisons_the_process_is_not_asked(monkeypatch):
    sizes: list[int] = []

    def seen(input):
        sizes.append(input.numel())
        return torch.neg(input)

    monkeypatch.setattr(torch, "seen", seen, raising=False)
    known = structs.replace(DIFFERS, poisons=True)
    for deviation, largest in ((known, 3), (DIFFERS, 4)):
        sizes.clear()
        assert swept(called(NEG, "torch.seen(input)"), VALUES, deviations=(deviation,))[VALUES].verdict == "deviates"
        assert (max(sizes) > 3) == (largest > 3)


def moved(input, out):
    """Writes what it should, and gives `out` other strides."""
    values = torch.neg(input, out=out).clone()
    return out.as_strided_(out.shape, torch.empty(out.shape).stride()).copy_(values)


def cleared(input, out):
    """Writes to an `out` that can hold the result before it reads the input."""
    if out.dtype == input.dtype:
        out.zero_()
    return torch.neg(input, out=out)


@pytest.mark.parametrize("wrong, told", [(moved, "out lies elsewhere"), (cleared, "an out that overlaps an argument")])
def test_an_out_keeps_its_place_and_may_lie_in_an_argument(monkeypatch, wrong, told):
    sound = called(NEG, "torch.neg(input)", "torch.neg(input, out=out)")
    assert asked(sound, "forms", "float32").verdict == "held"
    monkeypatch.setattr(torch, "wrong", wrong, raising=False)
    found = asked(called(NEG, "torch.neg(input)", "torch.wrong(input, out=out)"), "forms", "float32")
    assert found.failure is not None and told in found.failure.message


def extremes(input):
    return np.min(input, -1), np.max(input, -1)


def test_outs_that_share_memory_are_refused_or_right():
    spec = replace(
        called(NEG, "torch.aminmax(input, dim=-1)", "torch.aminmax(input, dim=-1, out=out)"),
        arguments=a_matrix,
        oracle=extremes,
        memory=FRESH,
        returns=SEVERAL,
        outputs=(Output("min"), Output("max")),
    )
    found = asked(spec, "forms", "float32", examples=100)
    assert found.failure is not None and found.failure.about == "outs in the same memory"


def a_matrix(draw):
    return {"input": draw.tensor((draw.size(1), draw.size(1)), kinds=("normal",), landmarks=(), layout=("contiguous",))}


@pytest.mark.parametrize("off, told", [("", determinism.EVERYWHERE), (" * (1 + 2**-23)", determinism.BY_PLACE)])
def test_it_is_told_whether_equal_elements_give_equal_results(off, told):
    call = f"torch.cat([torch.neg(input).reshape(-1)[:1], torch.neg(input).reshape(-1)[1:]{off}]).reshape(input.shape)"
    spec = replace(called(NEG, call), oracle=nearly_negative, dtypes=("float32",), pointwise=True)
    found = asked(spec, "determinism", "float32")
    assert found.verdict == "held" and told in found.evidence.notes


def fits_floats(dtype, input):
    return dtype == "float32" or input.numel > 3


def test_a_sample_is_asked_only_in_the_dtypes_that_take_it(monkeypatch):
    sizes: list[tuple[torch.dtype, int]] = []

    def seen(input):
        sizes.append((input.dtype, input.numel()))
        return torch.neg(input)

    monkeypatch.setattr(torch, "seen", seen, raising=False)
    found = swept(replace(called(NEG, "torch.seen(input)"), takes=fits_floats))
    assert {state.verdict for state in found.values()} <= {"held", "unsupported"}
    asked_of = {dtype: {size for kind, size in sizes if kind == dtype} for dtype in (torch.float32, torch.int32)}
    assert min(asked_of[torch.int32]) > 3 > min(asked_of[torch.float32])


def nearly_negative(input):
    exact = np.negative(input.astype(np.longdouble))
    return Sums(exact, np.abs(exact), np.full(exact.shape, 3))


@pytest.mark.parametrize("wrong, verdict", [("", "held"), (" * (1 + 2**-23)", "held"), (" * 1.00001", "broken")])
def test_an_oracle_may_allow_for_what_a_sum_is_off(wrong, verdict):
    spec = replace(called(NEG, f"torch.neg(input){wrong}"), oracle=nearly_negative, dtypes=("float32",))
    assert asked(spec, "values", "float32").verdict == verdict


def total(input):
    if input.dtype.kind == "i":
        return np.sum(input, dtype=np.int64)
    exact = np.asarray(np.sum(input.astype(np.longdouble)))
    return Sums(exact, np.asarray(np.sum(np.abs(input.astype(np.longdouble)))), np.full((), input.size))


TOTAL = replace(called(NEG, "torch.sum(input)"), oracle=total, dtypes=("float32", "float64"), memory=FRESH)


@pytest.mark.parametrize(
    "form, verdict",
    [
        (Form("torch.sum(input.flatten().flip(0))", same_bits=False), "held"),
        (Form("torch.sum(input.double()).to(dtype)"), "broken"),
        (Form("torch.sum(input.double()).to(dtype)", same_bits=False), "held"),
        (Form("torch.sum(input) * 1.001", same_bits=False), "broken"),
        (Form("torch.sum(input)[None]", same_bits=False), "broken"),
    ],
)
def test_a_form_that_goes_another_path_is_held_to_the_accuracy(form, verdict):
    assert asked(replace(TOTAL, forms=(*TOTAL.forms, form)), "forms", "float32", 100).verdict == verdict


SOME = ("int32", "float32", "float64")
TAKEN = "(str(out.dtype)[6:] in ('int32', 'float32', 'float64') or torch.sum([]))"
COMPUTED = f"{TAKEN} and torch.sum(input.clone(), (), out=out)"


@pytest.mark.parametrize(
    "call, rule, verdict",
    [
        ("torch.sum(input, (), out=out)", computed_in(SOME), "broken"),
        (COMPUTED, computed_in(SOME), "held"),
        (COMPUTED, converted_to(SOME), "broken"),
        (COMPUTED, ITS_OWN, "broken"),
        (f"{TAKEN} and late(input.clone(), out=out)", computed_in(SOME), "broken"),
        (f"{TAKEN} and late(input.clone(), out=out)", converted_to(SOME), "held"),
    ],
)
def test_an_out_has_the_dtypes_that_the_form_says(call, rule, verdict, monkeypatch):
    def late(input, out):
        return out.resize_(()).copy_(torch.sum(input))

    monkeypatch.setattr(torch, "late", late, raising=False)
    form = Form(call.replace("late", "torch.late"), out_dtype=rule)
    spec = replace(TOTAL, forms=(*TOTAL.forms, form), arguments=fractions)
    assert asked(spec, "forms", "float32", 150).verdict == verdict


def fractions(draw):
    """Vectors whose sums no whole number is."""
    return {"input": draw.tensor(draw.shape(1, 1, 2), kinds=("normal",), landmarks=(), layout=("contiguous",))}


def magnitude(dtype, input):
    return np.sum(np.abs(contents(input, dtype).astype(np.longdouble)))


def two_units_for_each(dtype, input):
    return 2 * input.numel


@pytest.mark.parametrize(
    "right, size, verdict",
    [
        ("torch.sum(input.double()).to(dtype)", None, "broken"),
        ("torch.sum(input.double()).to(dtype)", magnitude, "held"),
        ("torch.sum(input.double()).to(dtype) * 1.001", magnitude, "broken"),
    ],
)
def test_the_sides_of_a_law_may_count_at_a_magnitude(right, size, verdict):
    law = Law("the dtype does not matter", "torch.sum(input)", right, WITHIN, bound=two_units_for_each, magnitude=size)
    assert asked(replace(TOTAL, laws=(law, law)), "laws", "float32", 150).verdict == verdict


def test_a_form_without_a_derivative_is_not_differentiated():
    spec = replace(called(COPY, "input.clone()"), forms=(Form("input.clone()"), Form("input.detach().clone()")))
    assert asked(spec, "gradients", "float64").verdict == "broken"
    spec = replace(spec, forms=(spec.forms[0], replace(spec.forms[1], differentiable=False)))
    assert asked(spec, "gradients", "float64").verdict == "held"


def test_a_witness_sees_that_a_process_dies():
    survives = helpers({"os": os})["survives"]
    assert survives("1 / 0") and not survives("os.kill(os.getpid(), 8)")


@pytest.mark.parametrize(
    ("known", "told"),
    [
        (
            structs.replace(DIFFERS, promised="torch.tensor(-1.0)"),
            ("no longer deviates on torch", "end its torch range"),
        ),
        (structs.replace(DIFFERS, expires=datetime.date(2001, 1, 1)), ("expired on 2001-01-01: look at it again",)),
    ],
)
def test_a_stale_deviation_breaks_its_cell_and_says_what_to_do(known, told):
    failure = swept(NEG, VALUES, deviations=(structs.replace(known, predicate=""),))[VALUES].failure
    assert failure is not None and all(part in failure.message for part in told)


def test_on_a_torch_that_is_not_certified_a_deviation_that_ended_is_told_and_its_region_is_searched(monkeypatch):
    ended = structs.replace(DIFFERS, promised="torch.tensor(-1.0)")
    monkeypatch.setattr("conformance.engine.sweep.is_certified", lambda version, device: False)
    state = swept(NEG, VALUES, deviations=(ended,))[VALUES]
    assert state.verdict == "held" and [one.id for one in state.fixed] == [ended.id] and not state.deviations
    monkeypatch.setattr(torch, "wrong", wrong_when_large, raising=False)
    assert swept(called(NEG, "torch.wrong(input)"), VALUES, deviations=(ended,))[VALUES].verdict == "broken"


def test_a_claim_that_is_known_to_come_out_otherwise_deviates():
    claim = Claim(name="wrong", source="1", statement="1 is 2.", verdict=UPHELD, check="1 == 2")
    spec, cell = replace(NEG, claims=(claim,)), Cell("claims", "wrong")
    known = structs.replace(DIFFERS, checks=("claims",), dtypes=("wrong",), predicate="", failures=(FailureKind.CLAIM,))
    assert swept(spec, cell)[cell].verdict == "broken"
    assert swept(spec, cell, deviations=(known,))[cell].verdict == "deviates"


def test_a_deviation_that_names_a_message_explains_that_message_alone():
    known = structs.replace(
        DIFFERS, predicate="", failures=(FailureKind.RAISED,), error="IndexError", symptom="list index out of range"
    )
    for call, verdict in (
        ("torch.neg(input) if input.numel() else [][1]", "deviates"),
        ("torch.neg(input) if input.numel() else [].pop()", "broken"),
        ("torch.neg(input) if input.numel() else {}['list index out of range']", "broken"),
    ):
        assert swept(called(NEG, call), VALUES, deviations=(known,))[VALUES].verdict == verdict, call


def wrong_when_large(input):
    return torch.neg(input) if input.numel() < 4 else torch.neg(input) + 1


ASIDE = {"": "deviates", "failures": "broken", "gives": "broken", "within": "deviates", "about": "broken"}


@pytest.mark.parametrize("field, verdict", ASIDE.items())
def test_a_deviation_explains_only_what_it_says(monkeypatch, field, verdict):
    monkeypatch.setattr(torch, "wrong", wrong_when_large, raising=False)
    values = {"failures": (FailureKind.SHAPE,), "gives": ("zero",), "within": math.inf, "about": "another"}
    known = structs.replace(DIFFERS, **({field: values[field]} if field else {}))
    state = swept(called(NEG, "torch.wrong(input)"), VALUES, deviations=(known,))[VALUES]
    assert state.verdict == verdict
    assert (state.evidence.set_aside > 0) is (verdict == "deviates")


def test_a_form_that_fails_as_known_does_not_end_the_others(monkeypatch):
    monkeypatch.setattr(torch, "wrong", torch.clone, raising=False)
    spec = replace(NEG, forms=(Form("torch.neg(input)"), Form("torch.wrong(input)"), Form("input.neg()")))
    known = structs.replace(DIFFERS, checks=("forms",), predicate="", about="torch.wrong(input)")
    cell = Cell("forms", "float32")
    state = swept(spec, cell, deviations=(known,))[cell]
    assert state.verdict == "deviates" and state.evidence.set_aside and state.evidence.parts["input.neg()"] > 7
    monkeypatch.setattr(torch.Tensor, "neg", torch.clone)
    assert swept(spec, cell, deviations=(known,))[cell].verdict == "broken"


def test_a_deviation_for_another_torch_is_passed_over():
    other = structs.replace(DIFFERS, torch="<2.2", promised="torch.tensor(-1.0)")
    assert swept(NEG, VALUES, deviations=(other,))[VALUES].verdict == "held"
