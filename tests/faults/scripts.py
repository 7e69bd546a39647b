"""The scripts of failures, made while a fault is planted: each fails on the wrong torch, and passes on the right."""

from __future__ import annotations

import contextlib
import gc
import io
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, replace

import torch

from conformance.engine import mutation
from conformance.engine.deviations import Deviation
from conformance.engine.script import script
from conformance.engine.sweep import Sweep
from conformance.execution.global_state import GlobalState
from conformance.results.model import Cell, CellResult, Failure, FailureKind
from conformance.spec.cells import CHECKS, cells_of, is_compiled
from conformance.spec.contract import Spec
from conformance.spec.devices import on_device
from tests.faults.kit import Fault


@dataclass(frozen=True)
class Reproduction:
    """A script of one failure, and how it ended on the wrong torch and on the right one."""

    fault: Fault
    cell: Cell
    failure: Failure
    text: str
    on_wrong: int
    on_right: int
    told: str
    """what it printed: on the wrong torch, and then on the right one"""

    @property
    def reproduces(self) -> bool:
        """Whether it tells the two apart."""
        return (self.on_wrong, self.on_right) == (1, 0)


def reproductions(
    spec: Spec, fault: Fault, deviations: tuple[Deviation, ...], examples: int = 40, checks: tuple[str, ...] = CHECKS
) -> Iterator[Reproduction]:
    """One for each check that a fault breaks, in the dtype in which it shows first."""
    spec = on_device(spec, "cpu", str(torch.__version__))
    cells = [cell for cell in cells_of(spec) if not is_compiled(cell) and cell.check in checks]
    found = mutation.catch(spec, fault.planted(spec), cells, deviations)
    if found is None:
        return
    asked = [cell for cell in cells if cell.subject == found.cell.subject]
    budget = replace(mutation.BUDGET, examples=max(examples, found.samples))
    with fault.planted(spec):
        states = Sweep(spec, "cpu", asked, budget, deviations).run()
        results = [state.result("spec.py", spec.operation, "cpu", cell) for cell, state in states.items()]
        made = [
            (result, result.failure, _script(spec, result))
            for result in results
            if result.failure is not None and result.failure.kind is not FailureKind.CHECK_FAILED
        ]
    for result, failure, text in made:
        with fault.planted(spec):
            on_wrong, told = run(text)
        on_right, also = run(text)
        yield Reproduction(fault, result.cell, failure, text, on_wrong, on_right, told + also)


def _script(spec: Spec, result: CellResult) -> str:
    assert result.failure is not None
    try:
        return script(spec, result, result.failure)
    except Exception:
        return f"raise SystemExit({traceback.format_exc()!r})"


def run(text: str) -> tuple[int, str]:
    """The exit status of a script, and what it prints. The global state is as it was afterwards."""
    state, told = GlobalState(), io.StringIO()
    try:
        with contextlib.redirect_stdout(told):
            exec(compile(text, "<script>", "exec"), {"__name__": "__main__"})
    except SystemExit as error:
        status = error.code if isinstance(error.code, int) else 2
        told.write("" if isinstance(error.code, int) else str(error.code))
    except BaseException:
        status = 1
        told.write(traceback.format_exc())
    else:
        status = 0
    gc.enable()
    state.restored()
    return status, told.getvalue()
