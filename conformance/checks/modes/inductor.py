"""torch.compile with its own code generator, inductor, which needs a C++ compiler on the CPU."""

from __future__ import annotations

from conformance.checks.modes.compiled import compiled_lines, require_same_when_compiled
from conformance.execution.execution import Execution
from conformance.numeric.dtypes import ALL

BACKEND = "inductor"
GENERATES_CODE = True
DTYPES_IN_ROTATION = ("float32", "int64", "float64", "bfloat16", "int32", "float16", "complex64", *ALL)


def require_agreement(execution: Execution) -> None:
    """Compile the call, run it, and compare its results with the plain call's."""
    require_same_when_compiled(execution, BACKEND)


def reproduce(execution: Execution, names: str) -> list[str]:
    """The lines that make the compiled call."""
    return compiled_lines(execution, BACKEND, names)
