"""What seeds other than the default one showed once, kept from coming back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from conformance.engine.deviations import load as load_deviations
from conformance.engine.sweep import Budget, CellState, Sweep
from conformance.numeric.dtypes import DTYPES, ascending
from conformance.results.model import Cell, Verdict
from conformance.samples.sample import Layout, TensorSample, Values, as_sample
from conformance.spec import Spec, catalogue, loader
from tests import SPECS

TRANSPOSED = TensorSample((61, 60), Layout("permuted", (1, 61), 0, 61 * 60), Values("counting"))


def asked(spec: Spec, cells: list[Cell], budget: Budget) -> dict[Cell, CellState]:
    """The cells as a search leaves them that knows the deviations of torch."""
    return Sweep(spec, "cpu", cells, budget, load_deviations(catalogue.DEVIATIONS)).run()


def found(spec: Spec, cells: list[Cell], budget: Budget) -> dict[Cell, str]:
    """What is wrong with each of the cells; empty for those that are as promised."""
    states = asked(spec, cells, budget)
    return {cell: state.failure.message if state.failure else "" for cell, state in states.items()}


@pytest.mark.parametrize(
    ("file", "seed", "dtype"),
    [
        ("arithmetic/where", 1, "float16"),  # second derivatives of an operand that was converted
        ("arithmetic/where", 4, "float32"),
        ("arithmetic/div", 3, "float16"),  # operands that are infinite once converted
        ("statistics/norm", 3, "float16"),  # a small incoming gradient
        ("statistics/norm", 5, "complex128"),  # rounding decides which absolute values tie
    ],
)
def test_gradients_hold(file: str, seed: int, dtype: str) -> None:
    cell = Cell("gradients", dtype)
    assert found(loader.load(SPECS / f"{file}.py"), [cell], Budget(200, seed)) == {cell: ""}


@pytest.mark.parametrize(
    ("file", "seed", "mode"),
    [
        ("arithmetic/floor_divide", 5, "vmap"),  # a slice with a zero, by which another form than the first divides
        ("comparison/le", 1, "vmap"),  # a batch of numbers counts as a tensor when dtypes are promoted
        ("indexing/getitem", 1, "fake"),  # positions that do not lie in row-major order
        ("splitting/chunk", 3, "functionalize"),  # booleans of other bytes, written and not
    ],
)
def test_modes_hold(file: str, seed: int, mode: str) -> None:
    cell = Cell("modes", mode)
    assert found(loader.load(SPECS / f"{file}.py"), [cell], Budget(200, seed)) == {cell: ""}


@pytest.mark.parametrize(
    ("file", "seed", "dtype", "taken"),
    [
        ("creation/logspace", 1, "uint16", False),  # one number is made in any dtype
        ("statistics/argmin", 1, "uint32", False),  # a dimension of one place is copied
        ("statistics/mean", 3, "int16", False),  # taken if another dtype is named
        ("statistics/sort", 2, "uint64", True),  # but for a long row
    ],
)
def test_one_call_shows_whether_a_dtype_is_taken(file: str, seed: int, dtype: str, taken: bool) -> None:
    cell = Cell("support", dtype)
    states = asked(loader.load(SPECS / f"{file}.py"), [cell], Budget(200, seed))
    assert states[cell].verdict is (Verdict.HELD if taken else Verdict.UNSUPPORTED)


def test_an_oracle_adds_values_that_broadcast() -> None:
    """NumPy 2.4 reads past the end of values that are smaller than the places of one index tensor."""
    oracle = loader.load(SPECS / "indexing" / "index_put.py").oracle
    places = (np.zeros((2, 2), np.int64),)
    assert oracle(np.zeros(1, np.int32), places, np.array([0, 1], np.int32), True) == [2]


@pytest.mark.parametrize(("file", "more"), [("contiguous", {}), ("reshape", {"shape": (-1,)})])
def test_the_block_of_a_transposed_copy_is_promised_to_the_byte(file: str, more: dict[str, tuple[int, ...]]) -> None:
    spec = loader.load(SPECS / "shape" / f"{file}.py")
    cells = [Cell("cost", dtype) for dtype in spec.dtypes]
    budget = Budget(1, 0, (as_sample({"input": TRANSPOSED, **more}),))
    assert set(found(spec, cells, budget).values()) == {""}
    without = replace(spec, cost=replace(spec.cost, scratch=no_scratch))
    assert "" not in found(without, cells, budget).values()


@pytest.mark.parametrize("name", ["add", "sub", "mul", "div"])
def test_an_operand_that_compiled_code_does_not_round_is_known(name: str) -> None:
    """The whole numbers up to 300 beside a half that has not all of them."""
    spec = loader.load(SPECS / "arithmetic" / f"{name}.py")
    predicate = spec.predicate("rounds_an_operand")
    assert predicate is not None
    for last, rounds in ((256, False), (300, True)):
        numbers = TensorSample((last,), Layout("contiguous", (1,), 0, last), Values("counting"), "int64")
        half = replace(numbers, dtype="subject", values=Values("few"))
        assert predicate("bfloat16", input=numbers, other=half) is rounds, last
        assert not predicate("float32", input=numbers, other=half)


def no_scratch(dtype: str, **arguments: object) -> tuple[int, ...]:
    return ()


@pytest.mark.parametrize("name", ["float16", "bfloat16", "float32", "int16", "uint8"])
def test_the_oracle_sorts(name: str) -> None:
    """NumPy alone sorts one array of float16 in thirty wrongly on processors with AVX512-FP16."""
    for seed in range(200):
        random = np.random.RandomState(seed)
        numbers = random.randint(0, 9, random.randint(100, 5000)).astype(DTYPES[name].numpy)
        assert ascending(numbers, 0).tolist() == sorted(numbers.tolist())
