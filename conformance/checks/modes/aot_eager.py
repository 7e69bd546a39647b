"""torch.compile without code generation: the call is traced, functionalised and decomposed, then run by torch's own
kernels."""

from __future__ import annotations

from conformance.checks.modes.compiled import compiled_lines, require_same_when_compiled
from conformance.execution.execution import Execution
from conformance.numeric.dtypes import ALL

BACKEND = "aot_eager"
DTYPES_IN_ROTATION = ALL


def require_agreement(execution: Execution) -> None:
    """Compile the call, run it, and compare its results with the plain call's."""
    require_same_when_compiled(execution, BACKEND)


def reproduce(execution: Execution, names: str) -> list[str]:
    """The lines that make the compiled call."""
    return compiled_lines(execution, BACKEND, names)
