"""Spec files read from disk and checked, so that a wrong one is told in one line and not by a traceback."""

from __future__ import annotations

import builtins
import importlib.util
import inspect
from collections.abc import Iterator
from pathlib import Path

from conformance.numeric.dtypes import DTYPES
from conformance.spec.contract import AMBIGUOUS, MODES, OUTDATED, REFUTED, UPHELD, Spec, SpecError
from conformance.spec.expressions import compiled_program, names_in

_TORCH_NAMES = {"torch", "nn", "F", "np", "math", "operator", "array"}
_CALL_NAMES = _TORCH_NAMES | {"dtype", "device", "out", "batched", *dir(builtins)}


def load(path: Path) -> Spec:
    """The spec of one file; raises `SpecError` with one line that says what is wrong and where."""
    module_spec = importlib.util.spec_from_file_location(f"conformance_spec_{path.stem}", path)
    if module_spec is None or module_spec.loader is None:
        raise SpecError(f"{path}: is no Python file")
    module = importlib.util.module_from_spec(module_spec)
    try:
        module_spec.loader.exec_module(module)
    except Exception as error:
        raise SpecError(f"{path}{_line(error, path)}: cannot be read: {type(error).__name__}: {error}") from error
    spec = getattr(module, "spec", None)
    if not isinstance(spec, Spec):
        raise SpecError(f"{path}: assigns no Spec to the name 'spec'")
    for problem in problems(spec):
        raise SpecError(f"{path}: {problem}")
    return spec


def _line(error: Exception, path: Path) -> str:
    if isinstance(error, SyntaxError) and error.lineno:
        return f":{error.lineno}"
    frames = inspect.getinnerframes(error.__traceback__) if error.__traceback__ else []
    return next((f":{frame.lineno}" for frame in reversed(frames) if Path(frame.filename) == path), "")


def problems(spec: Spec) -> Iterator[str]:
    """What is wrong with a spec, one line each."""
    arguments = set(inspect.signature(spec.oracle).parameters)
    if not spec.forms:
        yield "has no forms; the first form is the call that every check makes"
    for name in spec.dtypes:
        if name not in DTYPES:
            yield f"dtypes: there is no dtype {name!r}; known are {', '.join(DTYPES)}"
    if len(spec.laws) == 1:
        yield "has one law; give it two or more, or none"
    for lack in spec.lacks:
        if lack.mode not in MODES:
            yield f"lacks: there is no mode {lack.mode!r}; they are {', '.join(MODES)}"
    for where, expression in _expressions(spec):
        yield from _expression_problems(where, expression, arguments)
    for form in spec.forms:
        if form.writes and form.writes not in arguments:
            known = ", ".join(sorted(arguments))
            yield f"form {form.call!r}: writes {form.writes!r}, which is no argument; they are {known}"
    if spec.accuracy.kind == "ulps" and spec.accuracy.bound is None:
        yield "accuracy: ulps needs a bound"
    yield from _claim_problems(spec)


def _expressions(spec: Spec) -> Iterator[tuple[str, str]]:
    for form in spec.forms:
        yield from ((f"form {form.call!r}", text) for text in (form.call, form.when))
    for refusal in spec.refusals:
        yield from ((f"refusal {refusal.title!r}", text) for text in (refusal.call, refusal.when))
    for lack in spec.lacks:
        yield f"lack of {lack.mode!r}", lack.when
    for law in spec.laws:
        yield from ((f"law {law.title!r}", text) for text in (law.left, law.right, law.when))


def _expression_problems(where: str, expression: str, arguments: set[str]) -> Iterator[str]:
    if not isinstance(expression, str):
        yield f"{where}: {expression!r} is no text"
    elif expression:
        try:
            unknown = names_in(expression) - arguments - _CALL_NAMES
        except SyntaxError as error:
            yield f"{where}: {expression!r} is no Python expression: {error.msg}"
        else:
            if unknown:
                yield f"{where}: {sorted(unknown)[0]!r} is no argument; they are {', '.join(sorted(arguments))}"


def _claim_problems(spec: Spec) -> Iterator[str]:
    names = [claim.name for claim in spec.claims]
    for claim in spec.claims:
        where = f"claim {claim.name!r}"
        if names.count(claim.name) > 1:
            yield f"{where}: there are two of that name"
        if claim.verdict not in (UPHELD, REFUTED, OUTDATED, AMBIGUOUS):
            yield f"{where}: verdict {claim.verdict!r} is none of upheld, refuted, outdated, ambiguous"
        if claim.contradicts and claim.contradicts not in names:
            yield f"{where}: contradicts {claim.contradicts!r}, which is no claim of this spec"
        try:
            compiled_program(claim.check)
        except (SyntaxError, AttributeError) as error:
            yield f"{where}: check is no Python: {error}"


def spec_files(folder: Path) -> list[Path]:
    """The spec files below a folder, in order: every Python file that `may_be_spec`."""
    return sorted(path for path in folder.rglob("*.py") if may_be_spec(path))


def may_be_spec(path: Path) -> bool:
    """Whether a file below a folder of specs is one of them: Python, and its name does not begin with an underscore."""
    return path.suffix == ".py" and not path.name.startswith(("_", "conftest"))
