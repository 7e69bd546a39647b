"""modes: does the operation do the same under vmap, forward-mode differentiation, compilation and the rest?"""

from __future__ import annotations

from types import ModuleType

from conformance.checks.modes import aot_eager, fake, forward, functionalize, inductor, meta, vmap
from conformance.execution.evidence import Evidence
from conformance.execution.execution import Broken, Execution, summary
from conformance.spec.contract import Lack

NAME = "modes"

_MODULES = (vmap, forward, meta, fake, functionalize, aot_eager, inductor)
MODES: dict[str, ModuleType] = {module.__name__.rpartition(".")[2]: module for module in _MODULES}


def examine(mode: str, execution: Execution, evidence: Evidence) -> None:
    """Run a sample in a mode. One that the spec says the operation lacks must be refused."""
    lack = _lack(mode, execution)
    call = f"{execution.form.call}, under {mode}"
    try:
        asked = MODES[mode].ask(execution)
    except Broken:
        raise
    except Exception as error:
        if lack is None or not isinstance(error, lack.raises):
            raise Broken(f"raised {summary(error)}", call, "the results of the plain call") from error
        evidence.refused += 1
        evidence.note(f"refused: {type(error).__name__}")
    else:
        if not asked:
            return
        if lack is not None:
            evidence.note("gain: it is taken, the spec says that the operation lacks it")
    evidence.note(f"asked of one sample in {MODES[mode].SHARE}")
    evidence.compared(execution.sample)


def _lack(mode: str, execution: Execution) -> Lack | None:
    """What the spec says of the mode and this sample; under vmap `batched` names the argument that is batched."""
    batched = execution.operand_names[vmap.batched_place(execution)].partition("[")[0]
    lacks = (lack for lack in execution.spec.lacks if lack.mode == mode)
    return next((lack for lack in lacks if execution.fits(lack.when, batched=batched)), None)
