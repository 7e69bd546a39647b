"""Modes: each is made to go wrong, alone, in the call of a small spec, and seen by its cell."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.spec import UnsupportedMode
from tests.engine.specs import COPY, asked, called

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


def test_a_graph_that_breaks_is_no_compiled_run():
    spec = called(COPY, "input.clone() * int(input.sum().item() == 0.125) + input")
    failure = asked(spec, "modes", "aot_eager").failure
    assert failure is not None and "raised" in failure.message


def test_a_mode_that_is_lacking_must_be_refused():
    lack = UnsupportedMode("meta", NotImplementedError, "it asks for values")
    spec = replace(called(COPY, "input.clone() * (input.tolist() is not None)"), gradient=None)
    assert asked(replace(spec, unsupported_modes=(lack,)), "modes", "meta", examples=20).verdict == "unsupported"
    assert asked(spec, "modes", "meta").failure is not None
