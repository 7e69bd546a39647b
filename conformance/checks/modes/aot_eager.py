"""torch.compile without code generation: traced, functionalised and decomposed, then run by torch's own kernels."""

from __future__ import annotations

from conformance.checks.modes.compiled import compiled_lines, require_same_when_compiled
from conformance.execution.execution import Execution
from conformance.numeric.dtypes import ALL

SHARE = 60
FIRST = 15
DTYPES = ALL


def ask(execution: Execution) -> bool:
    """Compile, run, compare."""
    require_same_when_compiled(execution, "aot_eager")
    return True


def reproduce(execution: Execution, names: str) -> list[str]:
    """The compiled call."""
    return compiled_lines("aot_eager", names)
