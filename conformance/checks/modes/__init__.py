"""modes: does the operation do the same under vmap, forward-mode differentiation, compilation and the rest?

Each module that has `ask(execution)` is one mode: `ask` raises `Broken` where the results do not agree with the plain
call, and returns whether there was anything to ask. `SHARE` is one sample in so many, from number `FIRST` on; `DTYPES`
are those that it is asked of by turns, of those that the spec takes. `reproduce(execution, names)` is its part of a
script.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module
from types import ModuleType

from conformance.checks.modes import vmap
from conformance.execution.broken import Broken
from conformance.execution.evidence import EvidenceBuilder
from conformance.execution.execution import Execution
from conformance.results.model import Cell, Failure
from conformance.spec.contract import UnsupportedMode

NAME = "modes"


def _modes() -> dict[str, ModuleType]:
    """Every mode in this folder by the name of its module."""
    found = {info.name: import_module(f"{__name__}.{info.name}") for info in pkgutil.iter_modules(__path__)}
    return {name: module for name, module in found.items() if hasattr(module, "ask")}


MODES = _modes()


def examine(mode: str, execution: Execution, evidence: EvidenceBuilder) -> None:
    """Run a sample in a mode. One that the spec says the operation lacks must be refused."""
    lack = _lack(mode, execution)
    call = f"{execution.form.call}, under {mode}"
    try:
        asked = MODES[mode].ask(execution)
    except Broken:
        raise
    except Exception as error:
        if lack is None or not isinstance(error, lack.raises):
            raise Broken.raised(error, call, "the results of the plain call") from error
        evidence.refused += 1
        evidence.refused_with("refused", error)
    else:
        if not asked:
            return
        if lack is not None:
            evidence.gain = True
    evidence.note(f"asked of one sample in {MODES[mode].SHARE}")
    evidence.compared(execution.sample)


def _lack(mode: str, execution: Execution) -> UnsupportedMode | None:
    """What the spec says of the mode and this sample; under vmap `batched` names the argument that is batched."""
    batched = execution.promise.operand_names[vmap.batched_place(execution)].partition("[")[0]
    lacks = (lack for lack in execution.spec.unsupported_modes if lack.mode == mode)
    return next((lack for lack in lacks if execution.promise.fits(lack.when, batched=batched)), None)


def reproduce(execution: Execution, cell: Cell, failure: Failure) -> str:
    """The plain call, and the same in the mode."""
    names = ", ".join(execution.promise.tensor_names)
    lines = ["", "", f"def call({names}):", f"    return {execution.form.call}", "", ""]
    lines += [f"print(call({names}))", *MODES[cell.subject].reproduce(execution, names)]
    return "\n".join(lines) + "\n"
