"""Results of another way to make a call, compared with the plain call: bit for bit, or by the accuracy of the spec."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from conformance.execution.execution import Execution
from conformance.execution.promise import Promise
from conformance.execution.tensors import dtype_name, to_array
from conformance.numeric.accuracy import (
    Difference,
    Sums,
    Worst,
    compare_exact,
    compare_sums,
    compare_ulps,
    dtypes_differ,
)
from conformance.numeric.allowed import Allowed, Open, compare_allowed
from conformance.numeric.dtypes import DTYPES, Array, convert
from conformance.numeric.ranking import Positions, Ranked, compare_positions, in_rank_order


class NothingToCompare(Exception):
    """Raised if a sample leaves nothing to compare."""


def disagreement(execution: Execution, tensors: Sequence[Any], by_other_code: bool = False) -> Difference | None:
    """How results differ from those of the plain call, or None. Different bits are accepted within the accuracy of the
    spec. Random numbers of a seed may be others only `by_other_code` than that of the plain call."""
    if len(tensors) != len(execution.tensors):
        return Difference(f"{len(tensors)} results instead of {len(execution.tensors)}", kind="count")
    arrays = [to_array(tensor) for tensor in tensors]
    for place, (tensor, array) in enumerate(zip(tensors, arrays)):
        plain = execution.tensors[place]
        if dtype_name(tensor) != dtype_name(plain):
            return dtypes_differ(dtype_name(tensor), dtype_name(plain))
        difference = compare_exact(array, execution.arrays[place])
        settled = isinstance(execution.promise.promised[place], Allowed) and not may_vary(execution, place)
        if difference is not None and (by_other_code or not settled):
            difference = beyond_contract(execution, place, arrays)
        if difference is not None:
            return difference
    return None


def same_bits(execution: Execution, tensors: Sequence[Any]) -> bool:
    """Whether results are bit-exact with those of the plain call. Elements that may vary are passed over."""
    return len(tensors) == len(execution.arrays) and all(
        compare_exact(array := to_array(tensor), plain) is None
        or _varies(execution.promise.promised[place], array, plain)
        for place, (tensor, plain) in enumerate(zip(tensors, execution.arrays))
    )


def _varies(promised: Any, array: Array, plain: Array) -> bool:
    """Whether two results differ in nothing but elements that may be others in equal calls."""
    if isinstance(promised, Open) and promised.varies:
        return compare_exact(array, promised.settled(plain, array)) is None
    return isinstance(promised, Allowed) and promised.varies


def may_vary(execution: Execution, place: int) -> bool:
    """Whether equal calls may give other elements."""
    promised = execution.promise.promised[place]
    return isinstance(promised, (Allowed, Open)) and promised.varies


def is_settled(execution: Execution, place: int) -> bool:
    """Whether the oracle leaves nothing of a result open."""
    return not isinstance(execution.promise.promised[place], Open) and not may_vary(execution, place)


def beyond_contract(execution: Execution, place: int, arrays: Sequence[Array]) -> Difference | None:
    """How the result at a place of `arrays` differs from that of the plain call by more than the spec allows, or None.

    Each of the two may be off by the spec's bound, so that they may be twice as far apart. What an answer of the oracle
    leaves open may be another than in the plain call.
    """
    plain, promised = execution.arrays[place], execution.promise.promised[place]
    dtype = plain.dtype.name
    bound = execution.promise.bound_in(dtype)
    if isinstance(promised, OPEN_ANSWERS):
        return _against_open_answer(arrays, place, promised, dtype, bound, plain)[0]
    if isinstance(promised, Open):
        plain = promised.settled(plain, arrays[place])
    if bound is None:
        return compare_exact(arrays[place], plain)
    return compare_ulps(arrays[place], plain, DTYPES[dtype], 2 * bound)[0]


def against_oracle(
    promise: Promise, place: int, arrays: Sequence[Array], promised: Any, dtype: str
) -> tuple[Difference | None, Worst | None]:
    """How the array at a place differs from what the oracle `promised` for it in a dtype, by the accuracy of the spec.
    The second value is the worst error, None where none is measured."""
    bound = promise.bound_in(dtype)
    if isinstance(promised, OPEN_ANSWERS):
        return _against_open_answer(arrays, place, promised, dtype, bound)
    expected = np.asarray(promised.array if isinstance(promised, Open) else promised)
    expected = convert(expected, dtype) if bound is None else expected
    if isinstance(promised, Open):
        expected = promised.settled(expected, arrays[place])
    if bound is None:
        return compare_exact(arrays[place], expected), None
    difference, worst = compare_ulps(arrays[place], expected, DTYPES[dtype], bound)
    return difference, worst if np.isfinite(bound) else None


OPEN_ANSWERS = (Allowed, Positions, Ranked, Sums)
"""Answers of an oracle of which more than one result is right, but for `Open`, which is an array for the rest."""


def _against_open_answer(
    arrays: Sequence[Array], place: int, promised: Any, dtype: str, bound: float | None, plain: Array | None = None
) -> tuple[Difference | None, Worst | None]:
    """How the array at a place differs from every result that an answer leaves open, and the worst error. Each term of
    sums may be off by the `bound` of the spec. Entries chosen by rank are compared with those of the `plain` call, if
    it is given."""
    array = arrays[place]
    if isinstance(promised, Allowed):
        return compare_allowed(array, promised), None
    if isinstance(promised, Positions):
        return compare_positions(array, arrays[promised.of], promised), None
    if isinstance(promised, Sums):
        return compare_sums(array, promised, [DTYPES[dtype]], bound or 0.0)
    entries = np.asarray(promised.array if plain is None else plain)
    return compare_exact(in_rank_order(array, promised), in_rank_order(entries, promised)), None
