"""The reproduction for checks without one of their own: the call, and what was promised."""

from __future__ import annotations

import textwrap

from conformance.execution.execution import Execution
from conformance.results.model import Cell, Failure
from conformance.spec.expressions import around


def reproduce(execution: Execution, cell: Cell, failure: Failure) -> str:
    """The lines that print the result of the call, and what was promised."""
    return call_lines(execution, failure) + f"print('promised:', {failure.promised!r})\n"


def call_lines(
    execution: Execution, failure: Failure, out: str = "torch.full((3,), 7, dtype=dtype, device=device)"
) -> str:
    """The lines that print the result of the call. `out` is the expression for the tensor of an out variant."""
    call = failure.call or execution.form.call
    given = around(out, "out = ", "\n") if "out=out" in call else ""
    made = textwrap.indent(around(call, "print(", ")"), "    ")
    return f"{given}try:\n{made}\nexcept Exception as error:\n    print(type(error).__name__, error)\n"
