"""The checks: each module asks one question of an operation and raises `Broken` where the answer is wrong.

Those asked of samples have `examine(execution, evidence)` and a `SHARE`: one sample in so many is asked. The check of
modes asks several, one for each mode. Those settled once have `settle(spec, subject, device, evidence)`.
`conformance.cells` says which cells there are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from types import ModuleType

from conformance.checks import (
    claims,
    cost,
    determinism,
    forms,
    gradients,
    laws,
    memory,
    modes,
    refusals,
    support,
    values,
)
from conformance.execution.evidence import Evidence
from conformance.execution.execution import Execution
from conformance.spec.cells import Cell
from conformance.spec.contract import Spec

SAMPLED: dict[str, ModuleType] = {
    module.NAME: module for module in (values, memory, cost, forms, refusals, laws, gradients, determinism)
}
SETTLED: dict[str, ModuleType] = {module.NAME: module for module in (support, claims)}


@dataclass(frozen=True)
class Question:
    """What a cell asks of samples: one in `share`, from number `first` on, in these `dtypes` by turns."""

    ask: Callable[[Execution, Evidence], None]
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
    return Question(SAMPLED[check].examine, SAMPLED[check].SHARE, 0, (subject,))
