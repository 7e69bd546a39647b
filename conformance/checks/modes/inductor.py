"""torch.compile with its own code generator, which needs a C++ compiler on the CPU."""

from __future__ import annotations

from conformance.checks.modes.compiled import compiled_lines, require_same_when_compiled
from conformance.execution.execution import Execution
from conformance.numeric.dtypes import ALL

SHARE = 140
FIRST = 20
DTYPES = ("float32", "int64", "float64", "bfloat16", "int32", "float16", "complex64", *ALL)


def ask(execution: Execution) -> bool:
    """Compile, run, compare."""
    require_same_when_compiled(execution, "inductor")
    return True


def reproduce(execution: Execution, names: str) -> list[str]:
    """The compiled call."""
    return compiled_lines("inductor", names)
