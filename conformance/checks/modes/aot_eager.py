"""torch.compile without code generation: traced, functionalised and decomposed, then run by torch's own kernels."""

from __future__ import annotations

from conformance.checks.modes.compiled import same_when_compiled
from conformance.execution.execution import Execution
from conformance.numeric.dtypes import ALL

SHARE = 60
FIRST = 15
DTYPES = ALL


def ask(execution: Execution) -> bool:
    """Compile, run, compare."""
    return same_when_compiled(execution, "aot_eager")
