"""Faults planted in torch to show that the suite can fail: `python -m tests.faults` scores every spec.

Each operation has the standard kinds of `kinds` and, in a module named like the folder of its spec, faults of its own.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Collection, Mapping
from functools import cache, partial
from pathlib import Path

from conformance.engine import mutation
from conformance.engine.deviations import Deviation
from conformance.engine.deviations import load as load_deviations
from conformance.results.model import Cell
from conformance.spec import Spec, catalogue, loader
from tests.faults import kinds, modes
from tests.faults.kit import Fault, registered

FEW = 10
"""So few faults of which nobody knows what catches them are tried without a first control of all cells, which takes as
long."""


@cache
def load(file: Path) -> Spec:
    """The spec of a file, which is read once."""
    return loader.load(file)


@cache
def deviations() -> tuple[Deviation, ...]:
    """The built-in deviations, which are read once."""
    return load_deviations(catalogue.DEVIATIONS)


def faults_of(spec: Spec) -> list[Fault]:
    """Every fault that is planted for a spec."""
    _load()
    standard = [
        Fault(spec.operation, title, body, seen_by="cost" if (title, body) == kinds.THROWN_AWAY else "")
        for title, body in kinds.standard(spec)
    ]
    return [*standard, *registered(spec.operation), *modes.standard(spec)]


def score(
    file: Path, titles: Collection[str] | None = None, known_to_catch: Mapping[str, Cell] | None = None
) -> mutation.Score:
    """The score of one spec file: of all its faults, or of those with some titles. The cells that are known to catch a
    fault, by its title, are asked first."""
    spec, known = load(file), known_to_catch or {}
    chosen = [fault for fault in faults_of(spec) if titles is None or fault.title in titles]
    faults = [mutation.Planted(fault.title, partial(fault.planted, spec), _checks(fault)) for fault in chosen]
    unknown = sum(fault.name not in known for fault in faults)
    first = 0 if unknown < FEW else mutation.FIRST_CONTROL
    return mutation.score(spec, faults, deviations(), first, known)


def _checks(fault: Fault) -> tuple[str, ...]:
    """The checks that may catch a fault."""
    return (fault.seen_by,) if fault.seen_by else mutation.PLAIN


def _load() -> None:
    for module in pkgutil.iter_modules(__path__):
        if not module.name.startswith(("__", "test_", "conftest")):
            importlib.import_module(f"{__name__}.{module.name}")
