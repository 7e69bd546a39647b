"""The cells of a spec: which checks are asked of it, and of what."""

from __future__ import annotations

from typing import Any

from conformance.numeric.dtypes import DTYPES
from conformance.results.model import Cell, CellResult, Environment, Failure, Verdict
from conformance.spec.contract import COMPILED_MODES, MODES, Spec
from conformance.spec.devices import on_device, profile_of

SAMPLED = ("values", "memory", "cost", "forms", "refusals", "laws", "gradients", "modes", "determinism", "distribution")
"""Checks asked of the samples that a sweep draws."""

SETTLED = ("support", "claims")
"""Checks settled by one call each."""

CHECKS = SAMPLED + SETTLED

INDUCTOR = Cell("modes", "inductor")

PERF = "perf"
"""The check of times, asked only where a core is to be had alone; its subjects are the names of workloads."""


def cells_on(spec: Spec, device: str, environment: Environment) -> list[Cell]:
    """The cells of a spec that can be asked on a device in an environment."""
    # Accelerator kernels may allocate scratch, so only views are checked there.
    uncounted = device in environment.without_counts or (device != "cpu" and spec.memory.geometry is None)
    without_inductor = device in environment.without_inductor
    return [
        cell_on(device, cell)
        for cell in cells_of(on_device(spec, device, environment.torch))
        if not (uncounted and cell.check == "cost") and not (without_inductor and cell == INDUCTOR)
    ]


def cell_on(device: str, cell: Cell) -> Cell:
    """A cell as it is asked of a device: the mode inductor is by the backend of its profile, if that names one."""
    backend = profile_of(device).compile_backend
    return Cell(cell.check, backend) if cell == INDUCTOR and backend else cell


def cells_of(spec: Spec) -> list[Cell]:
    """The cells that a spec has on each device, in the order of the report."""
    inexact = tuple(name for name in spec.dtypes if DTYPES[name].inexact)
    asked = {
        "cost": spec.dtypes if spec.cost.dtypes is None else spec.cost.dtypes,
        "forms": spec.dtypes if len(spec.forms) > 1 else (),
        "refusals": spec.dtypes if spec.refusals else (),
        "laws": spec.dtypes if spec.laws else (),
        "distribution": spec.dtypes if spec.distribution else (),
        "gradients": inexact if spec.gradient else (),
        "modes": spec.asked_modes,
        "support": tuple(DTYPES) if spec.has_calls else (),
        "claims": tuple(claim.name for claim in spec.claims),
    }
    return [Cell(check, subject) for check in CHECKS for subject in asked.get(check, spec.dtypes)]


def is_compiled(cell: Cell) -> bool:
    """Whether a cell asks for a compiled run. Such cells are asked in graphs of many calls, across specs."""
    return cell.check == "modes" and (cell.subject in COMPILED_MODES or cell.subject not in MODES)


def cell_name(cell: Cell, device: str) -> str:
    """The name of a cell's pytest item: `values[cpu-float32]`."""
    return f"{cell.check}[{device}-{cell.subject}]"


def cell_id(file: str, cell: Cell, device: str) -> str:
    """The id of a cell in results: `specs/joining/cat.py::values[cpu-float32]`. `file` is the name of the spec file."""
    return f"{file}::{cell_name(cell, device)}"


def result_of(
    file: str, operation: str, device: str, cell: Cell, verdict: Verdict, failure: Failure | None = None, **found: Any
) -> CellResult:
    """The record of a cell. `found` are its other fields: deviations, evidence, timing."""
    return CellResult(
        id=cell_id(file, cell, device),
        file=file,
        operation=operation,
        check=cell.check,
        device=device,
        subject=cell.subject,
        verdict=verdict,
        failure=failure,
        **found,
    )
