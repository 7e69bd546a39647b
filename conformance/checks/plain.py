"""The steps for checks without any of their own, and for failures without a sample."""

from __future__ import annotations

import textwrap

from conformance.checks.steps import Lines, arguments, assigned, held, indented, left_alone, remembered
from conformance.execution.execution import Execution
from conformance.results.model import Cell, Failure, FailureKind
from conformance.spec.contract import OUTDATED, REFUTED
from conformance.spec.expressions import split


def call_held(execution: Execution, cell: Cell, failure: Failure) -> Lines:
    """The steps that make the call, which must return, and leave the arguments as they were."""
    lines = [*arguments(execution), *remembered(execution), *assigned(failure.call or execution.form.call)]
    return [*lines, *left_alone(execution)] if failure.kind is FailureKind.ARGUMENT_CHANGED else lines


def program_held(failure: Failure) -> Lines:
    """The steps for a call that needs no sample: a claim's check, a witness, a number that is moved to a device."""
    if failure.kind is FailureKind.MOVED:
        there, _, _ = failure.call.partition(".to(")
        return [*assigned(failure.call), f'compare("numbers", result.tolist(), {there}.tolist())']
    if failure.kind is FailureKind.STALE_DEVIATION:
        raised = "type(error).__name__"
        is_refusal = failure.promised.isidentifier() and failure.promised.endswith("Error")
        promised = repr(failure.promised) if is_refusal else failure.promised
        return [*_attempted(failure.call, "got", raised), *assigned(promised, "promised"), _DIFFERS]
    if failure.kind is not FailureKind.CLAIM:
        return assigned(failure.call)
    refuted = failure.promised.split()[-1] in (REFUTED, OUTDATED)
    statement = ["torch.manual_seed(0)", *_attempted(failure.call, "holds", "False")]
    return [*statement, *held("the statement is true", "bool(holds)", str(not refuted))]


_DIFFERS = 'expect("the known deviation still shows", repr(got) != repr(promised), True)'


def _attempted(call: str, name: str, raised: str) -> Lines:
    """A call, whose value gets a name, or if it raises another value."""
    statements, expression = split(textwrap.dedent(call))
    body = [*statements.splitlines(), f"{name} = {expression}"]
    return [
        "try:",
        *indented(body),
        "except Exception as error:",
        "    print(type(error).__name__, error)",
        f"    {name} = {raised}",
    ]
