"""Modes: each is made to go wrong, alone, in the call of a small spec, and seen by its cell."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from conformance.checks.modes.writes import WRITTEN
from conformance.results.model import FailureKind
from conformance.spec import WRITABLE, Draw, UnsupportedMode, View, views
from tests.engine.specs import COPY, asked, called, writable

WRONG = {
    "vmap": "input.clone() * (2 if torch._C._functorch.is_batchedtensor(input) else 1)",
    "meta": "input.clone()[None] if input.is_meta else input.clone()",
    "fake": "input.double() if type(input).__name__ == 'FakeTensor' else input.clone()",
    "functionalize": "input.clone() * (2 if torch._is_functional_tensor(input) else 1)",
    "aot_eager": "input.clone() * (2 if torch.compiler.is_compiling() else 1)",
}


@pytest.mark.parametrize("mode", WRONG)
def test_a_mode_that_goes_wrong_breaks_its_cell(mode):
    assert asked(COPY, "modes", mode).failure is None
    failure = asked(called(COPY, WRONG[mode]), "modes", mode).failure
    assert failure is not None and failure.repeats and failure.dtype


def view_of_all(input: Any) -> Any:
    return [View(input.shape, input.strides, input.offset)]


VIEW = replace(
    called(COPY, "input.view_as(input)"), arguments=writable, memory=views("input", view_of_all), gradient=None
)


@pytest.mark.parametrize("mode", ["functionalize", "aot_eager"])
def test_a_write_through_a_view_that_is_lost_in_a_mode_breaks_its_cell(mode):
    """The view is a copy in the mode. The values are right, and so is what is read of the view."""
    assert asked(VIEW, "modes", mode, examples=200).failure is None
    shows = {"functionalize": "torch._is_functional_tensor(input)", "aot_eager": "torch.compiler.is_compiling()"}[mode]
    wrong = called(VIEW, f"input.clone() if {shows} else input.view_as(input)")
    failure = asked(wrong, "modes", mode, examples=200).failure
    assert failure is not None and (failure.about == WRITTEN or failure.kind is FailureKind.SHARING)


def test_a_write_that_is_refused_plainly_and_not_in_a_mode_breaks_its_cell():
    spec = replace(
        called(VIEW, "input.expand(2, *input.shape)"), arguments=flat, oracle=twice, memory=views("input", twofold)
    )
    failure = asked(spec, "modes", "functionalize", examples=60).failure
    assert failure is not None and failure.about == WRITTEN


def flat(draw: Draw) -> dict[str, Any]:
    return {"input": draw.tensor((3,), layout=WRITABLE)}


def twice(input: Any) -> Any:
    return np.stack([input, input])


def twofold(input: Any) -> Any:
    return [View((2, *input.shape), (0, *input.strides), input.offset)]


def test_a_graph_that_breaks_is_no_compiled_run():
    spec = called(COPY, "input.clone() * int(input.sum().item() == 0.125) + input")
    failure = asked(spec, "modes", "aot_eager").failure
    assert failure is not None and "raised" in failure.message


def test_a_mode_that_is_lacking_must_be_refused():
    lack = UnsupportedMode("meta", NotImplementedError, "it asks for values")
    spec = replace(called(COPY, "input.clone() * (input.tolist() is not None)"), gradient=None)
    assert asked(replace(spec, unsupported_modes=(lack,)), "modes", "meta", examples=20).verdict == "unsupported"
    assert asked(spec, "modes", "meta").failure is not None
