"""The checks: each module asks one question of an operation and raises `Broken` where the answer is wrong.

Those asked of every sample have `examine(execution, evidence)` and a `SHARE`: one sample in so many is asked. Those
settled once have `settle(spec, subject, device, evidence)`. `conformance.cells` says which cells there are.
"""

from __future__ import annotations

from types import ModuleType

from conformance.checks import claims, forms, gradients, laws, memory, refusals, support, values

MODULES: dict[str, ModuleType] = {
    module.NAME: module for module in (values, memory, forms, refusals, laws, gradients, support, claims)
}
