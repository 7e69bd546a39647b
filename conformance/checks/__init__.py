"""The checks: each module asks one question.

A module has `NAME`, `subjects(spec)` (what its cells are about: dtypes, or the names of claims), and either
`examine(execution, evidence)`, asked of every sample, or `settle(spec, subject, device, evidence)`, asked once. Both
raise `Broken`. `SHARE` is the part of the samples that an expensive check is asked.
"""

from __future__ import annotations

from types import ModuleType

from conformance.checks import claims, forms, laws, memory, refusals, support, values
from conformance.spec import Spec

SAMPLED: dict[str, ModuleType] = {module.NAME: module for module in (values, memory, forms, refusals, laws)}
SETTLED: dict[str, ModuleType] = {module.NAME: module for module in (support, claims)}
CHECKS = SAMPLED | SETTLED


def cells_of(spec: Spec) -> list[tuple[str, str]]:
    """The (check, subject) pairs that a spec has on each device."""
    return [(name, subject) for name, module in CHECKS.items() for subject in module.subjects(spec)]
