"""Faults planted in torch to show that the suite can fail: `python -m tests.faults` scores every spec.

Each operation has the standard kinds of `kinds` and, in a module named like the folder of its spec, faults of its own.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Collection
from pathlib import Path

from conformance.engine import mutation
from conformance.engine.deviations import load as load_deviations
from conformance.spec import Spec, catalogue, loader
from tests.faults import kinds, modes
from tests.faults.kit import Fault, registered

FEW = 10
"""So few faults are tried without a first control of all cells, which takes as long."""


def faults_of(spec: Spec) -> list[Fault]:
    """Every fault that is planted for a spec."""
    _load()
    standard = [
        Fault(spec.operation, title, body, seen_by="cost" if (title, body) == kinds.THROWN_AWAY else "")
        for title, body in kinds.standard(spec)
    ]
    return [*standard, *registered(spec.operation), *modes.standard(spec)]


def score(file: Path, titles: Collection[str] | None = None) -> mutation.Score:
    """The score of one spec file: of all its faults, or of those with some titles."""
    spec = loader.load(file)
    chosen = [fault for fault in faults_of(spec) if titles is None or fault.title in titles]
    faults = [
        mutation.Planted(fault.title, fault.planted(spec), (fault.seen_by,) if fault.seen_by else mutation.PLAIN)
        for fault in chosen
    ]
    first = 0 if len(faults) < FEW else mutation.FIRST_CONTROL
    return mutation.score(spec, faults, load_deviations(catalogue.DEVIATIONS), first)


def _load() -> None:
    for module in pkgutil.iter_modules(__path__):
        if not module.name.startswith(("__", "test_", "conftest")):
            importlib.import_module(f"{__name__}.{module.name}")
