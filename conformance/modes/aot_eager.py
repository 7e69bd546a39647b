"""torch.compile without code generation: traced, functionalised and decomposed, then run by torch's own kernels."""

from __future__ import annotations

from conformance.dtypes import ALL
from conformance.execution import Execution
from conformance.modes.compiled import same_when_compiled

SHARE = 60
FIRST = 15
DTYPES = ALL


def ask(execution: Execution) -> bool:
    """Compile, run, compare."""
    return same_when_compiled(execution, "aot_eager")
