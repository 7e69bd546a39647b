"""What a device may be: without addresses, with subnormal numbers taken for 0, with expensive shapes, with gaps, with a
dtype whose numbers it changes. The CPU stands in for it. And several causes in one cell."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch
from msgspec import structs

from conformance.checks import forms, memory, outs
from conformance.checks.gradients import tracking
from conformance.engine import declared, schedule, sweep
from conformance.execution import devices
from conformance.numeric.symptoms import FLUSHED
from conformance.results.model import Cell, FailureKind
from conformance.spec import View, views
from conformance.spec.cells import CHECKS, cells_of
from conformance.spec.devices import DeviceProfile, profile_of
from conformance.spec.gaps import Gap
from tests.engine.specs import COPY, DIFFERS, NEG, asked, called, swept

FLOAT = Cell("values", "float32")


# --- several causes in one cell -----------------------------------------------------------------------------------

SEVERAL = "torch.neg() if input.dim() == 0 else torch.neg(input) + (input.numel() > 6) if input.dim() == 1 else -input"
"""Raises for no dimension, is wrong for long vectors, and right for the rest."""


def test_the_search_goes_on_behind_a_failure() -> None:
    state = swept(called(NEG, SEVERAL), FLOAT, examples=200)[FLOAT]
    kinds = {finding.failure.kind: finding for finding in state.findings}
    assert set(kinds) == {FailureKind.RAISED, FailureKind.VALUES}
    assert all(finding.repeats and finding.failed >= 5 for finding in kinds.values())
    raised, wrong = kinds[FailureKind.RAISED].sample, kinds[FailureKind.VALUES].sample
    assert raised is not None and raised.tensors[0].rank == 0
    assert wrong is not None and wrong.tensors[0].shape == (7,)
    record = state.result("neg.py", "torch.neg", "cpu", FLOAT)
    assert [failure.kind for failure in record.failures] == [one.failure.kind for one in state.findings]
    held = record.evidence.asked - record.evidence.failed
    assert record.evidence.failed == sum(failure.failed for failure in record.failures) and held > 20


def test_a_cell_that_fails_always_is_not_asked_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep, "MOST_FAILED", 7)
    assert swept(called(NEG, "torch.neg()"), FLOAT, examples=200)[FLOAT].evidence.failed == 7


MANY = "({0: abs, 1: torch.neg, 2: [].pop, 3: {}.popitem, 4: 'x'.index, 5: iter}[input.numel() % 6])()"
"""Raises in one way or another: TypeError of three kinds, IndexError, KeyError."""


def test_so_many_causes_are_told_and_no_more() -> None:
    found = swept(called(NEG, MANY), FLOAT, examples=200)[FLOAT].findings
    assert len(found) == sweep.MOST_CAUSES and len({one.failure.cause for one in found}) == len(found)
    quoted = called(NEG, "getattr(torch, 'no such' + 'x' * input.numel())")
    assert len(swept(quoted, FLOAT)[FLOAT].findings) == 1  # a name in quotes is no cause of its own


# --- memory without addresses -------------------------------------------------------------------------------------


@pytest.fixture
def without_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    """The CPU as a device whose storages have no addresses, and whose tensors have no strides."""
    for module in (memory, forms, outs, tracking, devices):
        monkeypatch.setattr(module, "has_addresses", never)
    for module in (memory, forms, outs, devices):
        monkeypatch.setattr(module, "has_strides", never)


def never(device: str) -> bool:
    return False


def where_it_lies(input: Any) -> list[View]:
    return [View(input.shape, input.strides, input.offset)]


VIEW = replace(called(COPY, "input.view_as(input)", "input[...]"), memory=views("input", where_it_lies))
BUFFER = torch.zeros(4096)


def one_buffer(tensor: torch.Tensor) -> torch.Tensor:
    """A copy in a buffer that every call fills."""
    return BUFFER[: tensor.numel()].view(tensor.shape).copy_(tensor)


@pytest.mark.usefixtures("without_addresses")
def test_sound_operations_hold_without_addresses() -> None:
    for spec in (COPY, VIEW, NEG):
        cells = [cell for cell in cells_of(spec) if cell.check in ("memory", "forms", "gradients")]
        assert {state.verdict for state in swept(spec, *cells).values()} == {"held"}, spec.operation


@pytest.mark.usefixtures("without_addresses")
@pytest.mark.parametrize(
    ("spec", "call"),
    [
        (COPY, "input.view_as(input)"),  # the argument itself
        (COPY, "input if input.numel() > 4 else input.clone()"),
        (COPY, "torch.one_buffer(input)"),  # a buffer of all calls
        (VIEW, "input.clone()"),  # no view
        (VIEW, "input.clone() if input.dim() == 1 else input.view_as(input)"),
    ],
)
def test_wrong_sharing_is_seen_without_addresses(spec: Any, call: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch, "one_buffer", one_buffer, raising=False)
    failure = asked(called(spec, call), "memory", "float32").failure
    assert failure is not None and failure.kind in (FailureKind.SHARING, FailureKind.ARGUMENT_CHANGED)


@pytest.mark.usefixtures("without_addresses")
def test_a_form_that_shares_memory_otherwise_is_seen_without_addresses() -> None:
    for spec in (called(COPY, "input.clone()", "input.view_as(input)"), called(VIEW, "input[...]", "input.clone()")):
        failure = asked(replace(spec, memory=spec.memory), "forms", "float32").failure
        assert failure is not None and failure.kind is FailureKind.SHARING


# --- subnormal numbers --------------------------------------------------------------------------------------------


def flushed(tensor: torch.Tensor) -> torch.Tensor:
    """The tensor with zeros in place of subnormal numbers."""
    return torch.where(tensor.abs() < torch.finfo(tensor.dtype).tiny, tensor * 0, tensor)


def spoiled(tensor: torch.Tensor) -> torch.Tensor:
    """The negative, but 1 for subnormal numbers."""
    subnormal = (tensor != 0) & (tensor.abs() < torch.finfo(tensor.dtype).tiny)
    return torch.where(subnormal, torch.ones_like(tensor), torch.neg(tensor))


@pytest.fixture
def flushes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The CPU as a device that may take subnormal numbers for 0."""
    monkeypatch.setattr(torch, "flushed", flushed, raising=False)
    monkeypatch.setattr(torch, "spoiled", spoiled, raising=False)
    monkeypatch.setattr(declared, "flushes", always)


def always(device: str) -> bool:
    return True


ROOTS = "torch.flushed(torch.neg(torch.flushed(input)))"


def test_zero_for_a_subnormal_number_is_a_break_of_its_own() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(torch, "flushed", flushed, raising=False)
        failure = swept(called(NEG, ROOTS), FLOAT, examples=200)[FLOAT].failure
    assert failure is not None and failure.symptom == FLUSHED


@pytest.mark.usefixtures("flushes")
def test_a_device_that_flushes_is_right_with_zeros_in_place_of_subnormal_numbers() -> None:
    found = swept(called(NEG, ROOTS), FLOAT, examples=200)[FLOAT]
    assert found.verdict == "held" and declared.FLUSHES in found.evidence.notes
    scaled = replace(called(NEG, "torch.flushed(input) * 2.0**80"), oracle=scaled_up)
    found = swept(scaled, FLOAT, examples=200)[FLOAT]
    assert found.verdict == "held" and declared.FLUSHES in found.evidence.notes


def scaled_up(input: Any) -> Any:
    return input * input.dtype.type(2.0**80)


@pytest.mark.usefixtures("flushes")
def test_a_device_that_flushes_may_give_nothing_else() -> None:
    failure = swept(called(NEG, "torch.spoiled(input)"), FLOAT, examples=200)[FLOAT].failure
    assert failure is not None and failure.kind is FailureKind.VALUES


# --- gaps, expensive shapes, changed numbers ----------------------------------------------------------------------

GAP = Gap(id="no-neg", operations=("torch.neg",), checks=("values",), dtypes=("float32",), reason="no kernel")


def has_gap(operation: str, device: str, version: str) -> tuple[Gap, ...]:
    return (GAP,)


def test_a_declared_gap_that_is_refused_is_unsupported(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = called(NEG, "torch.neg()")
    assert asked(spec, "values", "float32").verdict == "broken"
    monkeypatch.setattr(declared, "gaps_of", has_gap)
    assert asked(spec, "values", "float32").verdict == "unsupported"
    assert asked(spec, "values", "int32").verdict == "broken"


def test_a_declared_gap_that_is_taken_by_now_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(declared, "gaps_of", has_gap)
    found = asked(NEG, "values", "float32")
    assert found.verdict == "held" and found.evidence.gain
    wrong = asked(called(NEG, "torch.neg(input) + 1"), "values", "float32")
    assert wrong.verdict == "broken"  # a gap is refused, and not answered wrongly


def test_a_declared_gap_of_a_compiled_mode_that_is_taken_by_now_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    gap = structs.replace(GAP, checks=("modes",), dtypes=("aot_eager",))
    monkeypatch.setattr(declared, "gaps_of", lambda *_: (gap,))
    assert asked(NEG, "modes", "aot_eager").evidence.gain


def test_few_shapes_are_asked_where_each_is_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    expensive = DeviceProfile(compiles_per_shape=True)
    monkeypatch.setattr(sweep, "profile_of", lambda device: expensive)
    one = sweep.Sweep(called(NEG, "torch.neg(input) + (input.sum() > 5)"), "cpu", [FLOAT], sweep.Budget(40, 0))
    drawn = one._draw(40)
    layouts = {(sample.tensors[0].shape, sample.tensors[0].layout) for sample in drawn}
    assert len(drawn) == 40 and len(layouts) <= 10 and len(set(drawn)) > 30
    state = one.run()[FLOAT]
    assert state.finding is not None and state.finding.repeats and state.finding.sample is not None


def test_a_dtype_that_a_device_changes_is_broken_once_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "changed_dtypes", lambda device: frozenset({"float32"}))
    found = swept(NEG)
    moved = {cell for cell, state in found.items() if state.failure and state.failure.kind is FailureKind.MOVED}
    assert moved == {cell for cell in found if cell.subject == "float32"}
    assert {found[cell].verdict for cell in found if cell.subject == "int32"} == {"held"}
    known = structs.replace(DIFFERS, checks=tuple(CHECKS), predicate="", failures=(FailureKind.MOVED,))
    found = swept(NEG, deviations=(known,))
    assert {found[cell].verdict for cell in moved} == {"deviates"}


def test_what_the_cpu_is_found_to_be_is_as_its_profile_says() -> None:
    assert devices.contradiction("cpu") == "" and not devices.changed_dtypes("cpu")


def test_an_operation_that_is_wrong_does_not_contradict_the_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    transposed, product = torch.Tensor.t, torch.Tensor.__mul__
    monkeypatch.setattr(torch.Tensor, "t", lambda self: transposed(self).contiguous())
    monkeypatch.setattr(torch.Tensor, "__mul__", lambda self, other: product(self, other).nan_to_num(0).round())
    devices.has_strides.cache_clear()
    devices.flushes_subnormals.cache_clear()
    try:
        assert devices.contradiction("cpu") == ""
    finally:
        devices.has_strides.cache_clear()
        devices.flushes_subnormals.cache_clear()


def test_a_process_that_flushes_subnormal_numbers_is_told() -> None:
    devices.flushes_subnormals.cache_clear()
    torch.set_flush_denormal(True)
    try:
        assert "torch.set_flush_denormal" in devices.contradiction("cpu")
    finally:
        torch.set_flush_denormal(False)
        devices.flushes_subnormals.cache_clear()


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"addresses": False}, "the profile of 'cpu' says addresses = False, and the device says True"),
        ({"strides": False}, "the profile of 'cpu' says strides = False"),
        ({"flushes_subnormals": True}, "the profile of 'cpu' says flushes_subnormals = True"),
        ({"lacks": ("float64",)}, "the profile of 'cpu' says lacks = ('float64',)"),
        ({"compile_backend": "none"}, "torch.compile has no backend 'none'; known are "),
    ],
)
def test_a_profile_that_says_otherwise_than_the_device_is_told(
    monkeypatch: pytest.MonkeyPatch, wrong: dict[str, Any], told: str
) -> None:
    said = structs.replace(profile_of("cpu"), **wrong)
    monkeypatch.setattr(devices, "profile_of", lambda device: said)
    assert devices.contradiction("cpu").startswith(told)
