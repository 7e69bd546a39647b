"""In-place forms, those that write and those that change how their argument lies, held against planted breaks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from conformance.results.model import FailureKind
from conformance.spec import DATA_MOVEMENT, Draw, Form, Refusal, View, views
from tests.engine.specs import NEG, asked, writable


def matrix(draw: Draw) -> dict[str, Any]:
    return {"input": draw.tensor(draw.shape(min_rank=2, max_rank=2))}


def transposed(input: Any) -> Any:
    return np.transpose(input)


def backwards(input: Any) -> list[View]:
    return [View(input.shape[::-1], input.strides[::-1], input.offset)]


T = replace(
    NEG,
    operation="torch.t",
    arguments=matrix,
    forms=(Form("input.t()"), Form("input.t_()", writes="input")),
    dtypes=("float32",),
    oracle=transposed,
    memory=views("input", backwards),
    gradient=DATA_MOVEMENT,
    predicates=(),
)


def in_place(call: str) -> Any:
    return replace(T, forms=(T.forms[0], Form(call, writes="input")))


UNNOTICED = """
with torch.autograd._unsafe_preserve_version_counter(input):
    input.t_()
input
"""


def test_a_call_that_gives_its_argument_other_sizes_is_held() -> None:
    assert asked(T, "forms", "float32").verdict == "held"
    assert asked(T, "gradients", "float32").verdict == "held"


@pytest.mark.parametrize(
    "call, kind",
    [
        ("[input.t_().t_(), input][1]", FailureKind.SHAPE),
        ("input.t_().clone()", FailureKind.CONTAINER),
        ("input.set_(input.t().clone())", FailureKind.SHARING),
        ("input.as_strided_(input.shape[::-1], (0, 0))", FailureKind.VALUES),
        (UNNOTICED, FailureKind.TRACKING),
    ],
)
def test_what_is_wrong_with_a_call_that_changes_sizes_is_told(call: str, kind: FailureKind) -> None:
    state = asked(in_place(call), "forms", "float32")
    assert state.verdict == "broken" and state.failure is not None and state.failure.kind is kind, state.failure


def with_gaps(draw: Draw) -> dict[str, Any]:
    return {"input": draw.tensor((2, 3), layout=("offset",))}


def test_memory_that_such_a_call_writes_to_is_told() -> None:
    """The gaps between the elements count too: another tensor may hold them."""
    spec = replace(in_place("[input.untyped_storage()[-1:].fill_(9), input.t_()][1]"), arguments=with_gaps)
    state = asked(spec, "forms", "float32")
    assert state.verdict == "broken" and state.failure is not None
    assert state.failure.message.endswith("the memory of the argument was written to")


def test_a_leaf_must_be_refused_when_its_sizes_would_change() -> None:
    taken = in_place("torch.no_grad()(input.t_)()")
    assert asked(taken, "gradients", "float32").verdict == "broken"


@pytest.mark.parametrize(
    "call, message",
    [
        ("input.set_(-input)", "the argument has other memory"),
        ("input.neg_().as_strided_(input.shape, input.stride()[::-1])", "strides"),
    ],
)
def test_a_call_that_writes_leaves_its_argument_where_it_was(call: str, message: str) -> None:
    square = replace(NEG, arguments=squares, forms=(Form("torch.neg(input)"), Form(call, writes="input")))
    state = asked(square, "forms", "int32")
    assert state.verdict == "broken" and state.failure is not None and message in state.failure.message, state.failure


def squares(draw: Draw) -> dict[str, Any]:
    """Symmetric in their values, so that only the strides tell a matrix from its transpose."""
    return {"input": draw.tensor((draw.size(2), 1), kinds=("constant",), landmarks=(), layout=("sliced", "contiguous"))}


def test_an_argument_whose_sizes_a_call_changed_breaks_memory() -> None:
    spec = replace(NEG, forms=(Form("[torch.neg(input), input.unsqueeze_(0)][0]"),))
    state = asked(spec, "memory", "float32")
    assert state.verdict == "broken" and state.failure is not None
    assert state.failure.message == "the sizes or the strides of an argument were changed by the call"


def test_arguments_that_a_misuse_changed_are_made_again_for_the_next_one() -> None:
    both = (
        Refusal("sizes that change before it is refused", "[input.unsqueeze_(0), torch.neg('x')]", TypeError),
        Refusal("no tensor", "torch.neg('x')", TypeError),
    )
    spec = replace(NEG, arguments=writable, refusals=both)
    state = asked(spec, "refusals", "float32")
    assert state.verdict == "broken" and {one.failure.about for one in state.findings} == {both[0].title}
