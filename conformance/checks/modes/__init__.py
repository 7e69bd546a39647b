"""modes: does the operation do the same under vmap, forward-mode differentiation, compilation and the rest?

Each module with `require_agreement(execution)` is one mode. That function raises `Broken` if the results do not agree
with the plain call, and `NothingToCompare` if the sample says nothing. The mode is asked in the dtypes of
`DTYPES_IN_ROTATION` that the spec takes, in turn. `reproduce(execution, failure)` is its part of a script.

A module with a `BACKEND` of torch.compile is a mode that is compiled. It is asked of many calls in one graph:
`broken_together`. One that `GENERATES_CODE` takes too long for graphs of one call: misuses, and writes through views,
are left to the other. The backend of a device profile is a mode like inductor.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Sequence
from importlib import import_module
from types import ModuleType

from conformance.checks.comparison import NothingToCompare
from conformance.checks.modes import inductor, vmap
from conformance.checks.modes.compiled import broken_when_compiled, require_same_when_compiled
from conformance.checks.modes.compiled_script import compiled_held
from conformance.checks.modes.ways import form_of, way_of_execution
from conformance.checks.other_forms import form_for
from conformance.checks.steps import Lines
from conformance.execution import devices
from conformance.execution.broken import Broken
from conformance.execution.evidence import EvidenceBuilder
from conformance.execution.execution import Execution
from conformance.results.model import Cell, Failure
from conformance.spec.contract import Form, UnsupportedMode

NAME = "modes"


def _modes() -> dict[str, ModuleType]:
    """Every mode in this folder, by the name of its module."""
    found = {info.name: import_module(f"{__name__}.{info.name}") for info in pkgutil.iter_modules(__path__)}
    return {
        name: module
        for name, module in found.items()
        if hasattr(module, "require_agreement") or hasattr(module, "BACKEND")
    }


MODE_MODULES = _modes()


def module_of(mode: str) -> ModuleType:
    """The module of a mode: that of inductor for the backend of a device profile."""
    return MODE_MODULES.get(mode, inductor)


def backend_of(mode: str) -> str:
    """The backend of torch.compile of a mode that is compiled."""
    return str(MODE_MODULES[mode].BACKEND) if mode in MODE_MODULES else mode


def examine(mode: str, execution: Execution, evidence: EvidenceBuilder) -> None:
    """Make the call in a mode, by one of its forms. It must be refused if the spec says that the operation does not
    support the mode."""
    execution = execution if is_compiled(mode) else execution.by(_form_for(mode, execution))
    unsupported = unsupported_mode(mode, execution)
    form = form_of(execution, way_of_execution(execution)) if is_compiled(mode) else execution.form
    about = "" if form is execution.spec.forms[0] else form.name
    call = f"{form.name}, under {mode}"
    try:
        _require_agreement(mode, execution)
    except Broken:
        raise
    except NothingToCompare:
        return
    except Exception as error:
        devices.require_answer(error, execution.device)
        if unsupported is None or not isinstance(error, unsupported.raises):
            raise Broken.raised(error, call, "the results of the plain call", about=about) from error
        evidence.refused += 1
        evidence.refused_with("refused", error)
    else:
        if unsupported is not None:
            evidence.gain = True
    evidence.compared(execution.sample)


def _require_agreement(mode: str, execution: Execution) -> None:
    if is_compiled(mode):
        require_same_when_compiled(execution, backend_of(mode))
    else:
        MODE_MODULES[mode].require_agreement(execution)


def broken_together(mode: str, executions: Sequence[Execution]) -> list[Broken | None]:
    """What is broken in each of several calls that are compiled as one graph. Raises whatever the compiler or the
    compiled code raises."""
    return broken_when_compiled(executions, backend_of(mode))


def unsupported_mode(mode: str, execution: Execution) -> UnsupportedMode | None:
    """The spec's entry if it says that the mode is not supported for this sample, else None."""
    named = mode if mode in MODE_MODULES else inductor.BACKEND  # what torch.compile cannot trace is the same for all
    entries = [entry for entry in execution.spec.unsupported_modes if entry.mode == named]
    if not entries:
        return None
    way = way_of_execution(execution)
    form = form_of(execution, way) if is_compiled(mode) else execution.form
    names = {
        "batched": vmap.batched_name(execution),
        "form": form.name,
        "made_inside": is_compiled(mode) and way.is_made_inside,
        "gradients": is_compiled(mode) and way.has_gradients,
    }
    return next((entry for entry in entries if execution.promise.fits(entry.when, **names)), None)


def _form_for(mode: str, execution: Execution) -> Form:
    return form_for(mode, execution, derivative=mode == "forward")


def is_compiled(mode: str) -> bool:
    """Whether a mode compiles the call."""
    return hasattr(module_of(mode), "BACKEND")


def generates_code(mode: str) -> bool:
    """Whether a mode calls a compiler of machine code."""
    return hasattr(module_of(mode), "GENERATES_CODE")


def reproduce(execution: Execution, cell: Cell, failure: Failure) -> Lines:
    """The steps that make the call in the mode, and hold it to the plain call."""
    mode = cell.subject
    if is_compiled(mode):
        return compiled_held(execution, backend_of(mode), failure)
    lines: Lines = MODE_MODULES[mode].reproduce(execution.by(_form_for(mode, execution)), failure)
    return lines
