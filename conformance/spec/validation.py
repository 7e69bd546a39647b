"""What is wrong with a spec as a whole, one line each: what its parts, which check themselves, cannot see."""

from __future__ import annotations

import builtins
import inspect
import re
from collections.abc import Iterator
from random import Random
from typing import Any

from conformance.drawing.draw import Draw
from conformance.drawing.source import Rejected
from conformance.spec.contract import VALUE, Spec
from conformance.spec.expressions import names_in
from conformance.spec.modules import trouble_of

_TORCH_NAMES = {"torch", "nn", "F", "np", "math", "operator", "array"}
_TAKEN = _TORCH_NAMES | {"dtype", "device", "out", "batched", "form", "gradients", "made_inside"}
_CALL_NAMES = _TAKEN | {"count", "seed", *dir(builtins)}

LEANING = ("and", "also", "but", "nor", "or", "so", "the same", "unless", "which")
"""How a title begins that leans on the one before it, and says nothing where it is printed alone."""

_LEANS = re.compile(rf"({'|'.join(LEANING)})\b", re.IGNORECASE)

_SAMPLES = 10
_WORKLOAD_SIZE = 1 << 15


def problems(spec: Spec) -> Iterator[str]:
    """What is wrong with a spec, one line each."""
    arguments = tuple(inspect.signature(spec.oracle).parameters)
    if not spec.forms:
        yield "has no forms; the first form is the call that every check makes"
    if len(spec.laws) == 1:
        yield "has one law; give it two or more, or none"
    if spec.accuracy.kind == "ulps" and spec.accuracy.bound is None:
        yield "accuracy: ulps needs a bound"
    yield from _title_problems(spec)
    for where, expression in _expressions(spec):
        yield from _expression_problems(where, expression, arguments)
    for form in spec.forms:
        if not form.title and isinstance(form.call, str) and "\n" in form.call.strip():
            yield f"form {form.call.strip().splitlines()[0]!r}: a call of several lines needs a title"
    if spec.returns == VALUE and (spec.modes or spec.gradient):
        yield "returns a Python value, which has no modes and no gradient: modes=()"
    for name in arguments:
        if name in _TAKEN:
            yield f"argument {name!r}: calls and conditions mean something else by that name; take another one"
    for where, name in _named_arguments(spec):
        if name not in arguments:
            yield f"{where} {name!r}, which is no argument; they are {', '.join(arguments)}"
    yield from _sample_problems(spec, arguments)
    yield from _workload_problems(spec, arguments)
    if spec.claims or spec.claims_elsewhere:
        yield "claims stand in a folder of their own, claims/, and not in the spec"


def _title_problems(spec: Spec) -> Iterator[str]:
    """Failures print a title alone: it must be the only one of its name, and make sense without its neighbours."""
    titles = [("law", law.title) for law in spec.laws] + [("refusal", refusal.title) for refusal in spec.refusals]
    seen = set()
    for kind, title in titles:
        if not title.strip():
            yield f"{kind} {title!r}: has no title"
        elif title in seen:
            yield f"{kind} {title!r}: there are two of that title; say how they differ"
        elif leans := _LEANS.match(title):
            yield f"{kind} {title!r}: begins with {leans[0]!r}; a title is printed alone and must say all by itself"
        seen.add(title)


def _expressions(spec: Spec) -> Iterator[tuple[str, str]]:
    """Each expression of a spec, after what it belongs to."""
    for form in spec.forms:
        yield from ((f"form {form.name!r}", text) for text in (form.call, form.when))
    for refusal in spec.refusals:
        yield from ((f"refusal {refusal.title!r}", text) for text in (refusal.call, refusal.when))
    for unsupported in spec.unsupported_modes:
        yield f"unsupported mode {unsupported.mode!r}", unsupported.when
    for law in spec.laws:
        yield from ((f"law {law.title!r}", text) for text in (law.left, law.right, law.when))
    if spec.gradient is not None:
        yield "gradient", spec.gradient.when
    if spec.distribution is not None:
        yield from (("distribution", text) for text in (spec.distribution.call, spec.distribution.when))


def _expression_problems(where: str, expression: str, arguments: tuple[str, ...]) -> Iterator[str]:
    if not isinstance(expression, str):
        yield f"{where}: {expression!r} is no text"
    elif expression:
        try:
            unknown = names_in(expression) - set(arguments) - _CALL_NAMES
        except SyntaxError as error:
            yield f"{where}: {expression!r} is no Python expression: {error.msg}"
        else:
            if unknown:
                yield f"{where}: {sorted(unknown)[0]!r} is no argument; they are {', '.join(arguments)}"


def _named_arguments(spec: Spec) -> Iterator[tuple[str, str]]:
    """Each argument that a part of a spec names, after what it says of it."""
    for form in spec.forms:
        if form.writes:
            yield f"form {form.name!r}: writes", form.writes
    if spec.memory.of:
        yield "memory: the results are views of", spec.memory.of


def _sample_problems(spec: Spec, arguments: tuple[str, ...]) -> Iterator[str]:
    """A few samples are drawn: a word that is misspelt in `arguments` shows only there."""
    draw = Draw(Random(0).randint)
    for _ in range(_SAMPLES):
        try:
            yield from _name_problems("arguments", spec.arguments(draw), arguments)
        except Rejected:
            continue
        except Exception as error:
            yield f"arguments: {trouble_of(error, spec.arguments)}"


def _workload_problems(spec: Spec, arguments: tuple[str, ...]) -> Iterator[str]:
    for name in ("workload", "strided_workload", "row_workload", "growth_workload"):
        build = getattr(spec.cost, name)
        if build is not None:
            try:
                yield from _name_problems(f"cost: {name}", build(_WORKLOAD_SIZE), arguments)
            except Exception as error:
                yield f"cost: {name}: {trouble_of(error, build)}"


def _name_problems(where: str, given: dict[str, Any], arguments: tuple[str, ...]) -> Iterator[str]:
    if set(given) != set(arguments):
        yield f"{where}: gives {', '.join(given)}; the oracle takes {', '.join(arguments)}"
