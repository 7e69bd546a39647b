"""The steps of a script that reproduces a failure: its arguments, its calls, and what is held to what was promised.

A step is a line of Python, or several. `conformance.checks.script_helpers` has the functions that steps may call.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from textwrap import dedent
from typing import Any

import numpy as np

from conformance.checks.comparison import against_oracle, is_settled
from conformance.checks.literals import arguments_text, float_text, numbers_literal, tensor_literal
from conformance.checks.sources import definitions
from conformance.execution.execution import Execution
from conformance.numeric.accuracy import ORACLE_SLACK, Sums, ulp
from conformance.numeric.allowed import Allowed, Open
from conformance.numeric.dtypes import DTYPES, Array, DType, convert, real_of
from conformance.numeric.ranking import Positions, Ranked, in_rank_order
from conformance.results.model import Failure, FailureKind
from conformance.spec.contract import ONE, VALUE, Form
from conformance.spec.expressions import around

Lines = list[str]

MOST_COMPARED = 64
"""Of a result of more elements than this only some are held to what the oracle says: those that are wrong."""

SOME = 8

_ROUNDED_AGAIN = {"float64": 0.5, "complex128": 1.0}
"""The ULPs that are lost as an exact number is written in the widest dtype that Python has."""


# --- the call -----------------------------------------------------------------------------------------------------


def arguments(execution: Execution, names: Sequence[str] = ()) -> Lines:
    """The arguments, or those of some `names`."""
    literals = [tensor_literal(operand) for operand in execution.operands]
    return [*arguments_text(execution.sample, literals, execution.dtype, names), ""]


def assigned(call: str, name: str = "result") -> Lines:
    """The call, whose value gets a name."""
    return around(call, f"{name} = ", "").splitlines()


def parts_of(execution: Execution, count: int, name: str = "result") -> list[str]:
    """The tensors of a result as expressions; none of a Python value."""
    if is_value(execution):
        return []
    return [name] if execution.spec.returns == ONE else [f"{name}[{place}]" for place in range(count)]


def called_form(execution: Execution, failure: Failure) -> Form:
    """The form that broke: that of the call, or the one that is named; else the first one."""
    forms = execution.spec.forms
    found = [form for form in forms if failure.call == dedent(form.call).strip()]
    named = [form for form in forms if failure.about == form.name]
    return (named or found or [execution.form])[0]


def indented(lines: Iterable[str]) -> Lines:
    """Lines in a block."""
    return [f"    {line}" if line else "" for line in lines]


def tuple_of(parts: Sequence[str]) -> str:
    return f"({', '.join(parts)}{',' if len(parts) == 1 else ''})"


def refusal_held(call: str, classes: tuple[type[Exception], ...]) -> Lines:
    """The steps that make a call, which must raise one of the classes."""
    names = ", ".join(one.__name__ for one in classes)
    return [
        "try:",
        *indented(assigned(call)),
        f"except {names if len(classes) == 1 else f'({names})'} as error:",
        '    print("refused:", type(error).__name__, error)',
        "else:",
        f'    expect("the call", "accepted", "refused with {names.replace(", ", " or ")}")',
    ]


def further_calls(execution: Execution, check: str) -> list[str]:
    """The calls that the checks of forms and of laws make of a sample besides the first form."""
    spec, fits = execution.spec, execution.promise.fits
    if check == "laws":
        return [side for law in spec.laws if fits(law.when) for side in (law.left, law.right)]
    if check != "forms":
        return []
    return [form.call for form in spec.forms[1:] if fits(form.when) and not (form.takes_out or form.writes)]


# --- arguments left alone -----------------------------------------------------------------------------------------


def remembered(execution: Execution, but: str = "") -> Lines:
    """The step that keeps what the arguments hold, `but` for one."""
    names = _others(execution, but)
    return [f"bytes_before = memory_of({', '.join(names)})"] if names else []


def left_alone(execution: Execution, but: str = "") -> Lines:
    """The step that holds the arguments to what they held."""
    names = _others(execution, but)
    return [f'compare("bytes of the arguments", memory_of({", ".join(names)}), bytes_before)'] if names else []


def _others(execution: Execution, but: str) -> list[str]:
    return [name for name in execution.promise.operand_names if name != but]


# --- what is promised ---------------------------------------------------------------------------------------------


def held(what: str, got: str, promised: str) -> Lines:
    """The step that holds one thing to what was promised."""
    return [f"expect({quoted(what)}, {got}, {promised})"]


def quoted(text: str) -> str:
    """Text as a literal in double quotes."""
    return json.dumps(text, ensure_ascii=False)


def held_to_oracle(execution: Execution, failure: Failure, names: Sequence[str], place: int) -> Lines:
    """The steps that hold the result at a place, one of those named, to what the oracle says, in the respect in which
    it failed."""
    got, spec = names[place], execution.spec
    dtype = execution.promise.promised_dtype(spec.output_at(place))
    promised = execution.promise.promised[place]
    if failure.kind is FailureKind.DTYPE:
        return held(f"dtype of {got}", f"{got}.dtype", f"torch.{dtype}")
    if failure.kind is FailureKind.DEVICE:
        return held(f"device of {got}", f"{got}.device.type", "torch.empty(0).device.type")
    if failure.kind is FailureKind.SHAPE:
        of_values = isinstance(promised, Positions)
        shape = f"tuple({names[promised.of]}.shape)" if of_values else repr(_shape_of(promised))
        return held(f"shape of {got}", f"tuple({got}.shape)", shape)
    return numbers_held(execution, got, promised, dtype, place, names)


def _shape_of(promised: Any) -> tuple[int, ...]:
    if isinstance(promised, Sums):
        return tuple(promised.exact.shape)
    return tuple(getattr(promised, "shape", np.shape(getattr(promised, "array", promised))))


def numbers_held(
    execution: Execution, got: str, promised: Any, dtype: str, place: int = 0, names: Sequence[str] = ()
) -> Lines:
    """The steps that hold the numbers of a tensor to what is promised of them."""
    if isinstance(promised, Allowed):
        return _allowed(got, promised)
    if isinstance(promised, Positions):
        return _positions(got, names[promised.of], promised)
    if isinstance(promised, Ranked):
        return _ranked(execution, got, promised, dtype, place)
    if isinstance(promised, Sums):
        numbers, ulps = near_sums(promised, [DTYPES[dtype]], execution.promise.bound_in(dtype) or 0.0)
    else:
        numbers, ulps = _near(execution, np.asarray(promised.array if isinstance(promised, Open) else promised), dtype)
    if isinstance(promised, Open):
        numbers, ulps = _left_open(promised, numbers, ulps)
    if numbers.size > MOST_COMPARED:
        return _some_compared(execution, got, numbers, ulps, dtype, place)
    return compared(got, f"{got}.tolist()", numbers, dtype, ulps)


def compared(what: str, got: str, numbers: Array, dtype: str, ulps: Any = None) -> Lines:
    """The steps that compare numbers with those that are promised, in ULP if those are given."""
    if not DTYPES[dtype].inexact and numbers.dtype != object:
        return held(what, got, numbers_literal(numbers))
    return [f"promised = {numbers_literal(numbers)}", f"compare({quoted(what)}, {got}, promised{options(dtype, ulps)})"]


def compared_with(what: str, got: str, other: str, dtype: str, ulps: Any = None) -> Lines:
    """The step that compares the numbers of two tensors."""
    if not DTYPES[dtype].inexact:
        return held(what, f"{got}.tolist()", f"{other}.tolist()")
    return [f"compare({quoted(what)}, {got}.tolist(), {other}.tolist(){options(dtype, ulps)})"]


def options(dtype: str, ulps: Any) -> str:
    """What `compare` is told of the numbers: their dtype, and how many ULP they may be apart."""
    named = f", torch.{dtype}" if DTYPES[dtype].inexact else ""
    if ulps is None:
        return named
    many = np.asarray(ulps)
    if many.dtype == object:
        return f"{named}, ulps={numbers_literal(many)}"
    if many.size and (many == many.flat[0]).all():
        return f"{named}, ulps={_no_less(float(many.flat[0]))}"
    return f"{named}, ulps={numbers_literal(many)}"


def _no_less(number: float) -> str:
    """A number in six digits, and no less than it is."""
    text = f"{number:.6g}"
    return float_text(number, text if float(text) >= number else f"{number * (1 + 1e-5):.6g}")


def _near(execution: Execution, promised: Array, dtype: str) -> tuple[Array, Any]:
    """The numbers that are promised, and how many ULP a result may be off; None if not at all."""
    bound = execution.promise.bound_in(dtype)
    if bound is None:
        return convert(promised, dtype), None
    if np.isinf(bound):
        return _open(promised, np.isfinite(promised)), 0
    return promised, bound + _lost(dtype)


def _left_open(promised: Open, numbers: Array, ulps: Any) -> tuple[Array, Any]:
    """Numbers with None for elements that are left open, and 0 ULP where a zero may have either sign."""
    zeros = np.broadcast_to((numbers == 0) & promised.zeros, numbers.shape)
    if ulps is None and zeros.any():
        ulps = np.full(numbers.shape, None)
        ulps[zeros] = 0.0
    return _open(numbers, np.broadcast_to(promised.elements, numbers.shape)), ulps


def _lost(dtype: str) -> float:
    slack = ORACLE_SLACK if DTYPES[dtype].precision == 53 else 0.0
    return slack + _ROUNDED_AGAIN.get(dtype, 0.0)


def near_sums(sums: Sums, dtypes: list[DType], bound: Array | float = 0.0) -> tuple[Array, Any]:
    """As `compare_sums` has it: the exact sums, None where anything goes, and how many ULP each may be off."""
    parts = [DTYPES[real_of(dtype.name)] for dtype in dtypes]
    with np.errstate(all="ignore"):
        allowed = bound + sums.bound + np.maximum(sums.terms - 1, 0) + _lost(dtypes[0].name)
        if sums.accumulator:
            off = allowed * ulp(sums.magnitude, DTYPES[sums.accumulator])
            off = off + ulp(np.abs(sums.exact) + off, parts[0]) / 2
        else:
            off = allowed * np.max([ulp(sums.magnitude, part) for part in parts], axis=0)
        largest = min(float(np.finfo(np.float64).max), *(part.largest for part in parts))
        several = np.broadcast_to(sums.terms > 1, sums.exact.shape)
        terms_are_finite = np.isfinite(sums.exact) | np.isfinite(sums.magnitude)
        open_to = (np.isinf(off)) | (sums.magnitude + off >= largest) & terms_are_finite
        open_to = open_to | (~np.isfinite(sums.exact) & several)
        ulps = off / ulp(np.abs(sums.exact), parts[0])
    return _open(sums.exact, open_to), np.where(open_to, 0.0, np.asarray(ulps, np.float64) * (1 + 2.0**-40))


def _open(numbers: Array, where: Array) -> Array:
    """Numbers, with None where nothing is promised of them."""
    found = np.array(numbers, object)
    found[where] = None
    return found


def _some_compared(execution: Execution, got: str, numbers: Array, ulps: Any, dtype: str, place: int) -> Lines:
    """Only some of many numbers are compared: those that are wrong here, else the first and the last ones."""
    places = _wrong_places(execution, place, dtype) or [
        *range(SOME // 2),
        *range(numbers.size - SOME // 2, numbers.size),
    ]
    picked = np.ravel(numbers)[places]
    many = ulps if ulps is None or np.ndim(ulps) == 0 else np.ravel(ulps)[places]
    return [
        f"numbers = flat({got}.tolist())",
        f"places = {places}",
        *compared(f"numbers {places} of {numbers.size}", "[numbers[place] for place in places]", picked, dtype, many),
    ]


def _wrong_places(execution: Execution, place: int, dtype: str) -> list[int]:
    try:
        promised = execution.promise.promised[place]
        difference, _ = against_oracle(execution.promise, place, execution.arrays, promised, dtype)
    except Exception:  # the result cannot be read here; the script says so where it is run
        return []
    if difference is None or difference.where is None:
        return []
    return [int(one) for one in np.flatnonzero(difference.where)[:SOME]]


def _ranked(execution: Execution, got: str, promised: Ranked, dtype: str, place: int) -> Lines:
    array = in_rank_order(np.asarray(promised.array), promised)
    ulps = 0 if DTYPES[dtype].inexact else None  # zeros of either sign tie
    if array.size > MOST_COMPARED and promised.ordered:
        return _some_compared(execution, got, array, ulps, dtype, place)
    if promised.ordered or array.ndim == 0:
        return compared(got, f"{got}.tolist()", array, dtype, ulps)
    return compared(f"{got}, sorted", f"np.sort(array({got}), axis={promised.dim}).tolist()", array, dtype, ulps)


def _positions(got: str, values: str, promised: Positions) -> Lines:
    """The positions are in range, none of them comes twice, and they name the values."""
    source, dim = np.asarray(promised.source), promised.dim
    if source.ndim == 0:
        return held(got, f"{got}.tolist()", "0")
    lines = [f"positions, values = array({got}), array({values})"]
    if not promised.keepdim:
        lines.append(f"positions, values = np.expand_dims(positions, {dim}), np.expand_dims(values, {dim})")
    return [
        *lines,
        f"source = np.array({numbers_literal(source)})",
        f'expect("positions in range", bool(((positions >= 0) & (positions < {source.shape[dim]})).all()), True)',
        f'expect("positions named twice", bool((np.diff(np.sort(positions, {dim}), axis={dim}) == 0).any()), False)',
        f'compare("what the positions name", np.take_along_axis(source, positions, {dim}).tolist(), values.tolist())',
    ]


def _allowed(got: str, promised: Allowed) -> Lines:
    """No element is one that is not allowed."""
    lines, (name,) = definitions(promised.allows)
    return [
        *lines,
        f"numbers = array({got})",
        *held(f"shape of {got}", "numbers.shape", repr(tuple(promised.shape))),
        f"allowed = np.broadcast_to({name}(numbers), numbers.shape)",
        *held(f"numbers of {got} that are not {promised.what}", "numbers[~allowed].tolist()", "[]"),
    ]


# --- another call -------------------------------------------------------------------------------------------------


def held_to_plain(
    execution: Execution, failure: Failure, names: Sequence[str], plain: Sequence[str], bit_exact: bool = True
) -> Lines:
    """The steps that hold the results of another call to those of the plain one: bit for bit, or by the accuracy of the
    spec."""
    lines: Lines = []
    for place, (got, first) in enumerate(zip(names, plain)):
        if failure.kind is FailureKind.DTYPE:
            lines += held(f"dtype of {got}", f"{got}.dtype", f"{first}.dtype")
        elif failure.kind is FailureKind.SHAPE:
            lines += held(f"shape of {got}", f"tuple({got}.shape)", f"tuple({first}.shape)")
        else:
            lines += _numbers_held_to_plain(execution, names, place, first, bit_exact)
    return lines


def _numbers_held_to_plain(
    execution: Execution, names: Sequence[str], place: int, first: str, bit_exact: bool
) -> Lines:
    got, promised = names[place], execution.promise.promised[place]
    spec = execution.spec
    dtype = execution.promise.promised_dtype(spec.output_at(place))
    if bit_exact and is_settled(execution, place):
        return compared_with(got, got, first, dtype)
    if isinstance(promised, (Allowed, Open, Sums, Positions)) or (
        isinstance(promised, Ranked) and not promised.ordered
    ):
        return numbers_held(execution, got, promised, dtype, place, names)
    if isinstance(promised, Ranked):
        return compared_with(got, got, first, dtype, 0)
    bound = execution.promise.bound_in(dtype)
    return compared_with(got, got, first, dtype, None if bound is None else 2 * bound)


def is_value(execution: Execution) -> bool:
    """Whether the operation returns a Python value."""
    return execution.spec.returns == VALUE


def count_of(execution: Execution) -> int:
    """The number of results that are promised."""
    return len(execution.promise.promised)
