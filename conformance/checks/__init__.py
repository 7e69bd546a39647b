"""The checks. Each module examines one aspect of an operation and raises `Broken` if a promise is not kept.

A module with a NAME is a check. A check of samples has `examine(execution, evidence)`. It may have
`parts(spec, sample, dtype)`: the names of what it asks of a sample, none if it has nothing to ask, and
`conditions(spec)`: the conditions of what it asks. A check that is settled by one call has
`settle(spec, subject, device, evidence, sample)`. A check may have `reproduce(execution, cell, failure)`: the steps of
the script that reproduces a failure. `conformance.spec.cells` lists the cells, and `conformance.engine.schedule` says
which samples a check is asked of.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from types import ModuleType

from conformance.checks import modes
from conformance.execution.evidence import EvidenceBuilder
from conformance.execution.execution import Execution
from conformance.results.model import Cell, Failure
from conformance.samples.sample import Sample
from conformance.spec.contract import Spec


def _checks() -> dict[str, ModuleType]:
    """Every check in this folder, by its name."""
    found = (import_module(f"{__name__}.{info.name}") for info in pkgutil.iter_modules(__path__))
    return {module.NAME: module for module in found if hasattr(module, "NAME")}


CHECK_MODULES = _checks()

SETTLING_MODULES = {name: module for name, module in CHECK_MODULES.items() if hasattr(module, "settle")}
"""The checks that are settled by one call."""

REPRODUCERS: dict[str, Callable[[Execution, Cell, Failure], list[str]]] = {
    name: module.reproduce for name, module in CHECK_MODULES.items() if hasattr(module, "reproduce")
}
"""What writes the steps of a script that are special to a check."""


Parts = Callable[[Spec, Sample, str], tuple[str, ...]]
"""The names of what is asked of a sample in a dtype; none if there is nothing to ask."""


MOST_CONDITIONS = 3
"""The number of conditions that are named where none was met."""

WHOLE = ("",)
"""The parts of a check that asks the same of every sample."""


@dataclass(frozen=True)
class Question:
    """What a cell asks of samples, and in which dtypes."""

    ask: Callable[[Execution, EvidenceBuilder], None]
    dtypes: tuple[str, ...]
    """the dtypes of successive samples, in rotation; only one unless the subject of the cell is a mode"""
    parts: Parts


def question(spec: Spec, cell: Cell, missing: frozenset[str] = frozenset()) -> Question:
    """The question of a cell of samples, on a device that cannot hold the `missing` dtypes."""
    check, subject = cell
    if check == modes.NAME:
        mode = modes.module_of(subject)
        known = dict.fromkeys(mode.DTYPES_IN_ROTATION)
        dtypes = tuple(name for name in known if name in spec.dtypes and name not in missing)
        return Question(partial(modes.examine, subject), dtypes, _whole)
    module = CHECK_MODULES[check]
    return Question(module.examine, (subject,), getattr(module, "parts", _whole))


def unmet(spec: Spec, cell: Cell) -> str:
    """Why a cell may have had nothing to ask, in words: the conditions that no sample met. Empty if it asks something
    of every sample."""
    ask = getattr(CHECK_MODULES[cell.check], "conditions", None)
    found = tuple(dict.fromkeys(ask(spec))) if ask else ()
    if not found or "" in found:
        return ""
    more = " or …" if len(found) > MOST_CONDITIONS else ""
    return f": no sample met {' or '.join(map(repr, found[:MOST_CONDITIONS]))}{more}"


def _whole(spec: Spec, sample: Sample, dtype: str) -> tuple[str, ...]:
    return WHOLE
