"""Known differences of real torches: load, validate, match, and confirm by their witness."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import Version

from conformance.numeric.dtypes import DTYPES
from conformance.samples.sample import Sample
from conformance.spec.cells import CHECKS
from conformance.spec.contract import MODES, Spec

EVERY = "*"
"""Stands for every operation; such a deviation names a predicate that all specs have."""


class DeviationError(ValueError):
    """A deviation file that cannot be used; the message is one line that says where and what to do."""


_TEXT = {"type": "string", "minLength": 1}
_NAMES = {"type": "array", "items": _TEXT, "minItems": 1, "uniqueItems": True}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["id", "operation", "checks", "torch", "witness", "promised", "reason", "expires"],
    "properties": {
        "id": {"type": "string", "pattern": "^[a-z0-9-]+$"},
        "operation": _TEXT,
        "checks": _NAMES,
        "dtypes": _NAMES,
        "devices": _NAMES,
        "torch": _TEXT,
        "witness": _TEXT,
        "promised": _TEXT,
        "predicate": _TEXT,
        "link": _TEXT,
        "reason": _TEXT,
        "expires": {},
    },
}


@dataclass(frozen=True)
class Deviation:
    """One known difference.

    `witness` and `promised` are expressions; the deviation lasts as long as they differ. An exception is compared by
    its class: `promised` is then its name. `predicate` names a function of the spec that says which samples lie in the
    region of the deviation; those are kept from the cells that it matches.
    """

    id: str
    operation: str
    checks: tuple[str, ...]
    dtypes: tuple[str, ...]
    devices: tuple[str, ...]
    torch: str
    witness: str
    promised: str
    predicate: str
    link: str
    reason: str
    expires: datetime.date

    def concerns(self, operation: str, check: str, device: str, dtype: str, version: str) -> bool:
        """Whether it is about this cell on this torch."""
        return self.covers(operation, check, device, dtype) and self.lasts_on(version)

    def covers(self, operation: str, check: str, device: str, dtype: str) -> bool:
        """Whether it is about this cell, on whatever torch."""
        return (
            self.operation in (EVERY, operation)
            and check in self.checks
            and (not self.dtypes or dtype in self.dtypes)
            and (not self.devices or device.split(":")[0] in self.devices)
        )

    def lasts_on(self, version: str) -> bool:
        """Whether it is known of this version of torch."""
        return Version(version).release in _Releases(self.torch)

    @property
    def expired(self) -> bool:
        return datetime.date.today() > self.expires


class _Releases:
    """A version range that looks at release numbers alone, so that 2.13.0+cpu and 2.13.0a0 are in ">=2.13"."""

    def __init__(self, text: str) -> None:
        self.specifiers = SpecifierSet(text)

    def __contains__(self, release: tuple[int, ...]) -> bool:
        return ".".join(str(part) for part in release) in self.specifiers


def load(path: Path) -> tuple[Deviation, ...]:
    """The deviations of a file, none if there is no such file; raises `DeviationError`."""
    from conformance.files.entries import (  # a process that only asks samples has no need of it
        EntriesError,
        read_entries,
    )

    if not path.exists():
        return ()
    try:
        return tuple(_read(path, entry) for entry in read_entries(path, "deviation", SCHEMA))
    except EntriesError as error:
        raise DeviationError(str(error)) from None


def _read(path: Path, entry: dict[str, Any]) -> Deviation:
    where = f"{path}: deviation {entry['id']!r}"
    try:
        SpecifierSet(entry["torch"])
    except InvalidSpecifier:
        raise DeviationError(f"{where}: torch = {entry['torch']!r} is no version range such as '>=2.2,<2.14'") from None
    for name in ("witness", "promised"):
        try:
            compile(entry[name], "<deviation>", "eval")
        except SyntaxError as error:
            raise DeviationError(f"{where}: {name} is no Python expression: {error.msg}") from None
    return Deviation(
        id=entry["id"],
        operation=entry["operation"],
        checks=tuple(entry["checks"]),
        dtypes=tuple(entry.get("dtypes", ())),
        devices=tuple(entry.get("devices", ())),
        torch=entry["torch"],
        witness=entry["witness"],
        promised=entry["promised"],
        predicate=entry.get("predicate", ""),
        link=entry.get("link", ""),
        reason=entry["reason"],
        expires=entry["expires"],
    )


def validate(deviations: tuple[Deviation, ...], specs: list[Spec]) -> None:
    """Raise `DeviationError` for the first entry that names something which does not exist in any of the specs."""
    checks, dtypes = set(CHECKS), {*DTYPES, *MODES, *(claim.name for spec in specs for claim in spec.claims)}
    known = {spec.operation: spec for spec in specs}
    for deviation in deviations:
        where = f"deviation {deviation.id!r}"
        if deviation.operation not in (EVERY, *known):
            raise DeviationError(f"{where}: no spec has the operation {deviation.operation!r}; correct or remove it")
        for kind, given, good in (("check", deviation.checks, checks), ("dtype", deviation.dtypes, dtypes)):
            unknown = [name for name in given if name not in good]
            if unknown:
                raise DeviationError(f"{where}: there is no {kind} {unknown[0]!r}; known are {', '.join(sorted(good))}")
        spec = known.get(deviation.operation, specs[0])
        if deviation.predicate and spec.predicate(deviation.predicate) is None:
            names = ", ".join(function.__name__ for function in spec.predicates) or "none"
            raise DeviationError(f"{where}: {spec.operation} has no predicate {deviation.predicate!r}; it has {names}")


def in_region(spec: Spec, deviations: Iterable[Deviation], sample: Sample, dtype: str) -> bool:
    """Whether one of the deviations' predicates holds for a sample."""
    for known in deviations:
        predicate = spec.predicate(known.predicate) if known.predicate else None
        if predicate is not None and _holds(predicate, dtype, sample):
            return True
    return False


@lru_cache(maxsize=64)
def _holds(predicate: Callable[..., bool], dtype: str, sample: Sample) -> bool:
    """Asked once for all the cells of a dtype: some predicates compute the whole oracle."""
    return bool(predicate(dtype, **sample.by_name))
