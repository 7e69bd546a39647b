"""The dtype in which operands meet, apart from that of the result."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from conformance.execution.promise import Promise
from conformance.samples.sample import as_sample, dense
from conformance.samples.vocabulary import Partner
from conformance.spec import CELL_DTYPE, PROMOTED, PROMOTED_FLOAT, Output, Spec

FIRST_FLOAT = Partner(0, ("float",))


def compare(input, other):
    assert input.dtype == other.dtype
    return np.less(input, other)


LESS = Spec(
    operation="torch.lt",
    summary="less",
    documentation="",
    arguments=lambda draw: {},
    forms=(),
    dtypes=("int64",),
    oracle=compare,
    outputs=(Output(dtype="bool"),),
    common_dtype=PROMOTED,
)


def promise(spec, *ranks):
    shapes = [(2,) * rank for rank in ranks]
    sample = as_sample({"input": dense(shapes[0]), "other": dense(shapes[1], dtype=FIRST_FLOAT)})
    return Promise(spec, sample, "int64")


@pytest.mark.parametrize(
    ("rule", "common"),
    [(PROMOTED, "float16"), (PROMOTED_FLOAT, "float16"), (CELL_DTYPE, "int64"), ("float64", "float64")],
)
def test_operands_are_converted_to_the_dtype_in_which_they_meet(rule, common):
    made = promise(replace(LESS, common_dtype=rule), 1, 1)
    assert made.common_dtype == common
    assert made.promised_dtype(LESS.outputs[0]) == "bool" and made.promised[0].dtype == np.bool_


def test_a_function_says_in_which_dtype_they_meet():
    def common(promoted, input, other):
        return {"float16": "float32"}[promoted]

    assert promise(replace(LESS, common_dtype=common), 1, 1).common_dtype == "float32"


def test_without_a_rule_operands_meet_in_the_promoted_dtype_of_the_result_or_keep_their_own():
    promoted = replace(LESS, outputs=(Output(dtype=PROMOTED),), common_dtype=None)
    assert promise(promoted, 1, 1).common_dtype == "float16"
    kept = promise(replace(LESS, common_dtype=None, oracle=lambda input, other: input), 1, 1)
    assert kept.common_dtype == "" and kept.promised[0].dtype == np.int64
