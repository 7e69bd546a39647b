"""A write through a view: what it is a view of must hold the same as after the plain call, or the write be refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from conformance.checks.steps import Lines, arguments, refusal_held
from conformance.drawing.layouts import WRITABLE
from conformance.execution.broken import Broken
from conformance.execution.execution import Execution, attempt
from conformance.numeric.accuracy import compare_exact
from conformance.results.model import Failure, FailureKind
from conformance.samples.sample import Sample
from conformance.spec.contract import ONE, Spec
from conformance.spec.expressions import around

_WRITES = ("fill_(1)", "logical_not_()")
"""The second one must be refused where several elements share memory; the first may go there."""

WRITTEN = "a write through the view"

Run = Callable[[Execution, str], Any]
"""Evaluates an expression over an execution's arguments in a mode."""


def can_be_written(spec: Spec, sample: Sample) -> bool:
    """Whether the results may be views, of arguments that can be written to."""
    return spec.memory.geometry is not None and sample.layouts <= {*WRITABLE}


def written(execution: Execution) -> str:
    """The call, a write to one of its results, and what it is a view of, as an expression; empty if there are none."""
    sample, count = execution.sample, len(execution.tensors)
    if not count:
        return ""
    one = "" if execution.spec.returns == ONE else f"[{sample.pick('result that is written to', count)}]"
    write = _WRITES[sample.pick("write through a view", len(_WRITES))]
    return around(execution.spec.forms[0].call, "[(", f"){one}.{write}, {execution.spec.memory.of}][1]")


def require_same_when_written(execution: Execution, text: str, run: Run) -> None:
    """Write through a view plainly and in a mode, and compare the memory of the arguments. Raises `Broken`."""
    expression = written(execution)
    if not expression:
        return
    plain, again = execution.again(), execution.again()
    _, refused = attempt(lambda: plain.call(expression))
    _, error = attempt(lambda: run(again, expression))
    call = f"{text} of {expression}"
    if refused is not None and not isinstance(error, Exception):
        raise Broken.not_refused(error, call, type(refused).__name__, about=WRITTEN)
    if refused is None and error is not None:
        raise Broken.raised(error, call, "a write as plainly", about=WRITTEN) from error
    for one, other in zip(plain.operands, again.operands):
        if refused is None and compare_exact(one.storage(), other.storage()) is not None:
            message = "the memory of an argument holds other values"
            raise Broken(FailureKind.VALUES, message, call, "those of the plain call", about=WRITTEN)


def write_held(execution: Execution, call: str, run: str, failure: Failure) -> Lines:
    """The steps that write through a view plainly and in a mode, and hold the memory of the arguments in the mode to
    that of the plain write. `call` defines the function of that name, and `run` is how it is called in the mode."""
    names = ", ".join(execution.promise.tensor_names)
    memory = f"memory_of({', '.join(execution.promise.operand_names)})"
    define = ["", *call.splitlines(), ""]
    if failure.kind in (FailureKind.ACCEPTED, FailureKind.OTHER_CLASS):
        return [*arguments(execution), *define, *refusal_held(run, (Exception,))]
    plain = [*arguments(execution), *define, f"call({names})", f"plainly = {memory}", *arguments(execution), run]
    return [*plain, f'compare("bytes of the arguments", {memory}, plainly)']
