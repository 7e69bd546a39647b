"""Failures grouped by cause, and what tells one cause from another."""

from __future__ import annotations

from typing import Any

import ml_dtypes
import numpy as np
import pytest

from conformance.execution.broken import LONGEST, skeleton, summary
from conformance.numeric.symptoms import symptom
from conformance.results.causes import causes_of
from conformance.results.model import CellResult, Evidence, Failure, FailureKind, SampleText, Verdict

RANGE = "Dimension out of range (expected to be in range of […], but got n)"


def failure(kind: FailureKind, **fields: Any) -> Failure:
    return Failure(kind=kind, message=fields.pop("message", str(kind)), **fields)


def cell(operation: str, check: str, subject: str, *failures: Failure, device: str = "npu") -> CellResult:
    return CellResult(
        id=f"specs/{operation}.py::{check}[{device}-{subject}]",
        file=f"specs/{operation}.py",
        operation=operation,
        check=check,
        device=device,
        subject=subject,
        verdict=Verdict.BROKEN if failures else Verdict.HELD,
        evidence=Evidence(asked=300, failed=12, set_aside=8),
    ).with_failures(failures)


def test_an_exception_is_one_cause_in_every_operation_and_check() -> None:
    raised = failure(FailureKind.RAISED, error="IndexError", symptom=RANGE)
    other = failure(FailureKind.OTHER_CLASS, error="RuntimeError", symptom=RANGE, promised="IndexError")
    causes = causes_of(
        [
            cell("torch.topk", "values", "int8", raised, other),
            cell("torch.topk", "memory", "int8", raised),
            cell("torch.norm", "values", "float32", other),
            cell("torch.norm", "values", "float32", raised, device="cpu"),
            cell("torch.norm", "laws", "float32"),
        ]
    )
    assert [(cause.title, cause.operations, cause.cell_count) for cause in causes] == [
        (f"raised IndexError: {RANGE}", ("torch.topk",), 2),
        (f"raised RuntimeError where IndexError is promised: {RANGE}", ("torch.topk", "torch.norm"), 2),
        (f"raised IndexError: {RANGE}", ("torch.norm",), 1),
    ]
    assert causes[0].first.share == "280 of 300 samples held"


def test_wrong_values_are_one_cause_where_they_are_wrong_alike() -> None:
    flushed = failure(FailureKind.VALUES, symptom="0 for a subnormal number")
    plain, nan = failure(FailureKind.VALUES), failure(FailureKind.VALUES, symptom="NaN for a number", about="a law")
    causes = causes_of(
        [
            cell("torch.mul", "values", "float32", flushed, plain),
            cell("torch.mul", "laws", "float16", nan, plain),
            cell("torch.div", "values", "float32", flushed, plain),
        ]
    )
    assert sorted((cause.title, cause.operations) for cause in causes) == [
        ("wrong values", ("torch.div",)),
        ("wrong values", ("torch.mul",)),
        ("wrong values: 0 for a subnormal number", ("torch.mul", "torch.div")),
        ("wrong values: NaN for a number", ("torch.mul",)),
    ]


def test_wrong_dtypes_are_one_cause_of_an_operation_or_of_two_dtypes() -> None:
    def dtype(pair: str) -> Failure:
        return failure(FailureKind.DTYPE, symptom=pair)

    causes = causes_of(
        [
            cell("torch.where", "values", "int8", dtype("bool for int8"), dtype("bool for int16")),
            cell("torch.where", "laws", "int8", dtype("float32 for int8"), dtype("int16 for uint16")),
            cell("torch.cat", "values", "uint16", dtype("int16 for uint16")),
        ]
    )
    assert [(cause.operations, len(cause.failures)) for cause in causes] == [
        (("torch.where",), 3),
        (("torch.where", "torch.cat"), 2),
    ]


def test_the_plainest_failure_stands_first() -> None:
    large, small = SampleText(text="input = <tensor(3, 4)>"), SampleText(text="input = <tensor(1,)>")
    (cause,) = causes_of(
        [
            cell("torch.mul", "values", "int8", failure(FailureKind.VALUES, sample=small, repeats=False)),
            cell("torch.mul", "values", "int16", failure(FailureKind.VALUES, sample=large)),
            cell("torch.mul", "values", "int32", failure(FailureKind.VALUES, sample=small)),
            cell("torch.mul", "values", "int64", failure(FailureKind.VALUES)),
        ]
    )
    assert [one.cell.subject for one in cause.failures] == ["int32", "int16", "int64", "int8"]


@pytest.mark.parametrize(
    ("message", "left"),
    [
        ("Dimension out of range (expected to be in range of [-2, 1], but got 2)", RANGE),
        ("Dimension out of range (expected to be in range of [0, -1], but got 0)\nmore", RANGE),
        ("\"topk_cpu\" not implemented for 'Half'", "'…' not implemented for '…'"),
        ("shape '[2, 3]' is invalid for input of size 12", "shape '…' is invalid for input of size n"),
        ("expected (1, 2) and 0x7fA, got float32", "expected (…) and n, got float32"),
        ("in %pad.29 = f32[9]{0} pad(%select.18)", "in %… = …[…]{…} pad(%…)"),
        ("", ""),
    ],
)
def test_a_message_is_left_without_what_varies(message: str, left: str) -> None:
    assert skeleton(message) == left


@pytest.mark.parametrize(
    ("got", "promised", "words"),
    [
        ([0.0, 1.0], [1e-39, 1.0], "0 for a subnormal number"),
        ([0.0, 0.0], [1e-39, 1.0], "0 for a number"),
        ([-0.0], [0.0], "the other sign of 0"),
        ([np.nan, np.nan], [np.nan, 1.0], "NaN for a number"),
        ([1.0], [np.nan], "a number for NaN"),
        ([np.inf, 2.0], [3.0, 2.0], "infinity for a number"),
        ([np.inf, np.nan], [3.0, 2.0], ""),
        ([1.5], [1.25], ""),
    ],
)
def test_wrong_numbers_have_a_symptom_if_all_are_wrong_alike(
    got: list[float], promised: list[float], words: str
) -> None:
    for dtype in (np.float32, ml_dtypes.bfloat16):
        assert symptom(np.array(got, dtype), np.array(promised, np.float64)) == words
    parts = np.array(got, np.float32) + np.complex64(1j)
    if not words.startswith(("the other", "NaN", "a number", "infinity")):
        assert symptom(parts, np.array(promised) + 1j) == words


def test_other_than_numbers_have_no_symptom() -> None:
    assert symptom(np.array([0]), np.array([1])) == symptom(np.zeros(1), np.zeros(2)) == ""


def test_a_long_message_is_told_to_the_end_of_a_word() -> None:
    assert summary(ValueError("short\nand more")) == "ValueError: short"
    long = summary(ValueError("nine and " * 60))
    assert long.endswith("nine …") or long.endswith("and …")
    assert LONGEST - 10 < len(long) <= LONGEST + len("ValueError:  …")
    assert summary(ValueError("w" * 1_000)) == f"ValueError: {'w' * LONGEST} …"
