"""What an oracle may answer besides one array: Python values, elements that are allowed, and how numbers are
distributed; and calls without a tensor among their arguments."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

import numpy as np
import pytest
import torch

from conformance.numeric.python_values import values_differ
from conformance.results.model import Cell
from conformance.spec import VALUE, Allowed, Distribution, Draw, Form, Open, Refusal, Spec, SpecError, contents
from conformance.spec.cells import cells_of
from conformance.spec.contract import MODES
from tests.engine.specs import NEG, asked, negative, swept

# --- Python values ------------------------------------------------------------------------------------------------


def nested(input: Any) -> Any:
    return input.tolist()


LISTS = replace(
    NEG,
    operation="torch.Tensor.tolist",
    forms=(Form("input.tolist()"), Form("torch.Tensor.tolist(input)")),
    oracle=nested,
    returns=VALUE,
)


def test_a_python_value_is_held_in_every_check() -> None:
    states = swept(LISTS)
    assert {state.verdict for cell, state in states.items() if cell.check != "support"} == {"held"}
    assert {"values", "memory", "cost", "forms", "determinism"} <= {cell.check for cell in states}


@pytest.mark.parametrize(
    "call", ["tuple(input.tolist())", "input", "(input + 0).abs().tolist()", "input.double().add(0.5).tolist()"]
)
def test_another_python_value_is_broken(call: str) -> None:
    assert asked(replace(LISTS, forms=(Form(call),)), "values", "float32").verdict == "broken"
    other = replace(LISTS, forms=(LISTS.forms[0], Form(call)))
    assert asked(other, "forms", "float32").verdict == "broken"


def test_a_python_value_that_varies_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch, "planted_count", iter(range(1 << 30)), raising=False)
    varies = replace(LISTS, forms=(Form("input.tolist() and next(torch.planted_count)"),))
    assert asked(varies, "determinism", "float32").verdict == "broken"


def test_python_values_are_equal_in_type_and_bits() -> None:
    same: list[Any] = [True, 1, 1.5, float("nan"), complex(0.0, -0.0), "a", [1, (2.0,)], torch.Size([1])]
    assert all(values_differ(one, one) is None for one in same)
    assert values_differ(float("nan"), -float("nan")) is None
    pairs = [(1, True), (1, 1.0), (0.0, -0.0), ([1], (1,)), ([1], [1, 2]), ("a", "b"), (0j, complex(0.0, -0.0))]
    assert all(values_differ(one, other) for one, other in pairs)


# --- no tensor among the arguments, and elements that are allowed ----------------------------------------------------


def sizes(draw: Draw) -> dict[str, Any]:
    return {"size": draw.shape(max_rank=3), "seed": draw.integer(0, 1000)}


def zeros(size: Any, seed: int) -> Any:
    return np.zeros(size)


def in_unit_interval(values: Any) -> Any:
    return (values >= 0) & (values < 1)


def uniform(size: Any, seed: int) -> Any:
    return Allowed(size, in_unit_interval, "numbers from 0 up to 1")


ZEROS = replace(
    NEG,
    operation="torch.zeros",
    arguments=sizes,
    forms=(Form("torch.zeros(size, dtype=dtype, device=device)"), Form("torch.zeros(*size, dtype=dtype)", when="size")),
    dtypes=("int32", "float32"),
    oracle=zeros,
    predicates=(),
    modes=tuple(mode for mode in MODES if mode != "vmap"),
    refusals=(Refusal("a negative size", "torch.zeros(-1)", RuntimeError),),
)
GENERATOR = "torch.Generator(device).manual_seed(seed)"
RAND = replace(
    ZEROS,
    operation="torch.rand",
    forms=(Form(f"torch.rand(size, generator={GENERATOR}, dtype=dtype, device=device)"),),
    dtypes=("float32", "float64"),
    oracle=uniform,
    modes=("fake", "functionalize"),
    refusals=(),
)


def test_a_call_without_a_tensor_is_held_in_every_check_and_mode() -> None:
    states = swept(ZEROS)
    assert {state.verdict for cell, state in states.items() if cell.check != "support"} == {"held"}
    assert ("modes", "meta") in states and ("modes", "aot_eager") in states
    assert swept(replace(ZEROS, modes=MODES), Cell("modes", "vmap"))[Cell("modes", "vmap")].verdict == "vacuous"


def test_a_result_that_is_not_on_meta_is_broken() -> None:
    elsewhere = replace(ZEROS, forms=(Form("torch.zeros(size, dtype=dtype, device='cpu')"),))
    state = asked(elsewhere, "modes", "meta")
    assert state.verdict == "broken" and state.failure is not None and "on cpu" in state.failure.message


def test_elements_that_are_allowed_are_held_and_others_broken() -> None:
    states = swept(RAND)
    assert {state.verdict for cell, state in states.items() if cell.check not in ("support",)} == {"held"}
    call = RAND.forms[0].call
    for wrong in (f"{call} + 0.5", f"{call}[None]", f"-{call}", f"{call}.log()"):
        assert asked(replace(RAND, forms=(Form(wrong),)), "values", "float32").verdict == "broken", wrong


def zeros_of_one_sign(input: Any) -> Any:
    return np.where(input == 0, np.float32(0), -input)


def either_zero(input: Any) -> Any:
    return Open(zeros_of_one_sign(input), zeros=True)


def all_but_the_first(input: Any) -> Any:
    where = np.arange(input.size).reshape(input.shape) == 0
    return Open(np.where(where, 7, -input), elements=where)


def test_what_an_oracle_leaves_open_may_be_anything_and_no_more() -> None:
    assert asked(replace(NEG, oracle=zeros_of_one_sign), "values", "float32").verdict == "broken"
    for oracle in (either_zero, all_but_the_first):
        states = swept(replace(NEG, oracle=oracle))
        assert {state.verdict for cell, state in states.items() if cell.check != "support"} == {"held"}
        wrong = replace(NEG, oracle=oracle, forms=(Form("torch.neg(input) + 1"),))
        assert asked(wrong, "values", "float32").verdict == "broken"
    other_zeros = Form("torch.where(input == 0, input, -input)")
    for oracle, verdict in ((either_zero, "held"), (negative, "broken")):
        assert (
            asked(replace(NEG, oracle=oracle, forms=(NEG.forms[0], other_zeros)), "forms", "float32").verdict == verdict
        )


def test_equal_calls_give_equal_elements_unless_they_may_vary() -> None:
    unseeded = replace(RAND, forms=(Form("torch.rand(size, dtype=dtype)"),))
    assert asked(unseeded, "determinism", "float32").verdict == "broken"
    other = replace(RAND, forms=(RAND.forms[0], Form("torch.rand(size, dtype=dtype)")))
    assert asked(other, "forms", "float32").verdict == "broken"

    def varying(size: Any, seed: int) -> Any:
        return replace(uniform(size, seed), varies=True)

    for spec, check in ((unseeded, "determinism"), (other, "forms"), (unseeded, "values")):
        loose = replace(spec, oracle=varying, changes=("random numbers of torch",))
        assert asked(loose, check, "float32").verdict == "held"
    assert (
        asked(replace(other, oracle=varying), "forms", "float32").verdict == "broken"
    )  # the generator of all moves on


# --- distributions ------------------------------------------------------------------------------------------------


def of_uniform(values: Any, dtype: str, size: Any, seed: int) -> Any:
    step = 2.0**-24 if dtype == "float32" else 2.0**-53
    place = np.floor(values / step)
    return np.clip((place + 1) * step, 0, 1), np.clip(place * step, 0, 1)


def distributed(call: str) -> Spec:
    return replace(RAND, distribution=Distribution(call=call, probability=of_uniform))


DRAWN = f"torch.rand(count, generator={GENERATOR}, dtype=dtype)"


def test_a_distribution_holds() -> None:
    spec = distributed(DRAWN)
    assert [cell for cell in cells_of(spec) if cell.check == "distribution"]
    state = asked(spec, "distribution", "float32")
    assert state.verdict == "held" and state.evidence.comparisons >= 2
    assert asked(spec, "distribution", "float64").verdict == "held"


@pytest.mark.parametrize(
    "call",
    [
        f"{DRAWN} ** 1.05",
        f"{DRAWN} * 0.98",
        f"{DRAWN}.clamp(min=0.02)",
        f"{DRAWN} + 0.02",
        f"{DRAWN}[: count // 8].repeat(8)",
        f"{DRAWN}[: count // 2].repeat(2)",
        f"{DRAWN}[: count // 2].repeat_interleave(2)",
        f"{DRAWN}.sort().values",
        f"{DRAWN} * float('nan')",
        f"({DRAWN} - 0.5).mul(1.03).add(0.5).clamp(0, 1 - 2**-24)",
        f"torch.cat([{DRAWN}[: count // 2]] + [1 - {DRAWN}[: count // 2]])",
        f"{DRAWN}[: count // 2]",
        "torch.rand(count, dtype=dtype)",
        "torch.rand(count, generator=torch.Generator().manual_seed(0), dtype=dtype)",
    ],
)
def test_another_distribution_is_broken(call: str) -> None:
    spec = replace(distributed(call), changes=("random numbers of torch",))
    assert asked(spec, "distribution", "float32").verdict == "broken"


def of_coin(values: Any, dtype: str, size: Any, seed: int) -> Any:
    return np.where(values < 0, 0.0, np.where(values < 1, 0.5, 1.0)), np.where(values <= 0, 0.0, 0.5)


COIN = f"torch.rand(count, generator={GENERATOR}, dtype=dtype).round()"


def test_numbers_of_few_values_must_not_depend_on_each_other() -> None:
    spec = replace(RAND, distribution=Distribution(call=COIN, probability=of_coin))
    assert asked(spec, "distribution", "float32").verdict == "held"
    for wrong in (f"{COIN}[: count // 2].repeat(2)", f"{COIN}[: count // 2].repeat_interleave(2)"):
        dependent = replace(RAND, distribution=Distribution(call=wrong, probability=of_coin))
        assert asked(dependent, "distribution", "float32").verdict == "broken"


def test_fractions_are_drawn_in_every_floating_dtype() -> None:
    drawn = Draw(Random(1).randint).fractions((50,), 3, 200)
    for dtype in ("float16", "bfloat16", "float64"):
        numbers = contents(drawn, dtype).astype(np.float64) * 64
        assert numbers.min() >= 3 and numbers.max() <= 200 and (numbers == np.round(numbers)).all()
        assert len(np.unique(numbers)) > 10
    with pytest.raises(SpecError, match="no multiples of 1/64 from 3 to 2"):
        Draw(Random(1).randint).fractions((2,), 3, 2)
