"""The checks: each module asks one question of an operation and raises `Broken` where the answer is wrong.

A module that has a NAME is a check. One that is asked of samples has `examine(execution, evidence)` and a `SHARE`: one
sample in so many is asked. The check of modes asks several questions, one for each mode. One that is settled by a
single call has `settle(spec, subject, device, evidence, sample)`. A check may have `reproduce(execution, cell,
failure)`, its own part of the script that reproduces a failure. `conformance.spec.cells` says which cells there are.
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
from conformance.spec.contract import Spec


def _checks() -> dict[str, ModuleType]:
    """Every check in this folder by its name."""
    found = (import_module(f"{__name__}.{info.name}") for info in pkgutil.iter_modules(__path__))
    return {module.NAME: module for module in found if hasattr(module, "NAME")}


CHECKS = _checks()
SETTLED = {name: module for name, module in CHECKS.items() if hasattr(module, "settle")}

REPRODUCED: dict[str, Callable[[Execution, Cell, Failure], str]] = {
    name: module.reproduce for name, module in CHECKS.items() if hasattr(module, "reproduce")
}
"""The checks that have their own part of a reproduction."""


@dataclass(frozen=True)
class Question:
    """What a cell asks of samples: one in `share`, from number `first` on, in these `dtypes` by turns."""

    ask: Callable[[Execution, EvidenceBuilder], None]
    share: int
    first: int
    dtypes: tuple[str, ...]

    def is_asked_of(self, number: int) -> bool:
        """Whether sample `number` is one of those."""
        return number >= self.first and (number - self.first) % self.share == 0

    def dtype(self, number: int) -> str:
        """The dtype in which sample `number` is asked."""
        return self.dtypes[max(number - self.first, 0) // self.share % len(self.dtypes)]


def question(spec: Spec, cell: Cell, missing: frozenset[str] = frozenset()) -> Question:
    """The question of a cell that is asked of samples, on a device that cannot hold the `missing` dtypes."""
    check, subject = cell
    if check == modes.NAME:
        mode = modes.MODES[subject]
        dtypes = tuple(name for name in dict.fromkeys(mode.DTYPES) if name in spec.dtypes and name not in missing)
        return Question(partial(modes.examine, subject), mode.SHARE, mode.FIRST, dtypes)
    return Question(CHECKS[check].examine, CHECKS[check].SHARE, 0, (subject,))
