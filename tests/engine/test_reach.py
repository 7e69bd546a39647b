"""benchmarks/reach.py: which overloads and derivative formulas a spec calls, and which belong to its operation."""

from __future__ import annotations

import importlib.util
import sys
from typing import Any, NamedTuple

import pytest

from tests import ROOT, SPECS


@pytest.fixture(scope="module")
def reach() -> Any:
    found = importlib.util.spec_from_file_location("reach", ROOT / "benchmarks" / "reach.py")
    assert found and found.loader
    module = importlib.util.module_from_spec(found)
    sys.modules["reach"] = module  # which its dataclass looks for
    found.loader.exec_module(module)
    yield module
    del sys.modules["reach"]


class Event(NamedTuple):
    """An event as the profiler tells it."""

    start: int
    duration: int
    called: str
    overload: str = ""
    kind: int = 0

    def start_ns(self) -> int:
        return self.start

    def duration_ns(self) -> int:
        return self.duration

    def name(self) -> str:
        return self.called

    def overload_name(self) -> str:
        return self.overload

    def scope(self) -> int:
        return self.kind


def test_what_is_called_within_a_call_or_a_node_counts(reach: Any) -> None:
    events = [
        Event(0, 5, "aten::empty", "memory_format"),
        Event(10, 10, reach.CALL),
        Event(12, 1, "aten::add", "Tensor"),
        Event(25, 2, "aten::isnan"),
        Event(30, 9, "MulBackward0", kind=reach.BACKWARD),
        Event(31, 2, "aten::mul", "Tensor"),
        Event(31, 2, "torch::autograd::AccumulateGrad", kind=reach.BACKWARD),
        Event(38, 1, "aten::neg"),
        Event(50, 1, "aten::eq", "Tensor"),
    ]
    overloads, formulas = reach.called(reversed(events))
    assert overloads == {"aten::add.Tensor", "aten::mul.Tensor", "aten::neg"}
    assert formulas == {"MulBackward0"}


def test_a_sweep_reaches_what_its_spec_calls_and_not_what_the_engine_does(reach: Any) -> None:
    found = reach.reach_of(SPECS / "shape" / "reshape.py", examples=3)
    assert {"aten::reshape", "aten::view", "aten::reshape_as"} <= found.overloads
    assert "aten::equal" not in found.overloads and "aten::isnan" not in found.overloads
    assert "ViewBackward0" in found.formulas
    assert {"reshape", "reshape_as"} <= found.names


def test_what_no_spec_calls_is_listed(reach: Any) -> None:
    one = reach.Reach("torch.mul", frozenset({"aten::mul.Tensor", "aten::mul.out"}), frozenset(), frozenset({"mul"}))
    assert list(reach.missed([one])) == ["  torch.mul: MulBackward0, MulBackward1, mul.Scalar, mul.Scalar_out"]
    assert [line.split() for line in reach.table([one])][1] == ["torch.mul", "2", "2", "/", "4", "0", "0", "/", "2"]


@pytest.mark.parametrize(
    "name, belong",
    [("softmax", "_softmax"), ("add_", "add"), ("__and__", "__and__"), ("mse_loss", "mse_loss_backward")],
)
def test_the_kernels_of_a_name_belong_to_it(reach: Any, name: str, belong: str) -> None:
    assert belong in reach.family(name)
    assert reach.overloads_of([belong])


def test_derivative_formulas_are_those_of_the_table_of_torch(reach: Any) -> None:
    found = reach.derivatives()
    assert found["MulBackward0"] == found["MulBackward1"] == "mul"
    assert found["SoftmaxBackward0"] == "_softmax"
    assert "ArgmaxBackward0" not in found, "positions have none"


def test_a_text_names_operations(reach: Any) -> None:
    assert reach.named_in("torch.sin, torch.nn.functional.relu and torch.Tensor.add_; torch.nothing") == {
        "sin",
        "relu",
        "add_",
    }
