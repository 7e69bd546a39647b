"""Known deviations of released versions of torch: loading, validation, and matching with cells and samples."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path
from typing import Annotated

from msgspec import Meta
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import Version

from conformance.files.entries import EntriesError, read_entries
from conformance.numeric.dtypes import DTYPES
from conformance.results.model import Name, Record
from conformance.samples.sample import Sample
from conformance.spec.cells import CHECKS
from conformance.spec.contract import MODES, Spec

EVERY = "*"
"""The operation of a deviation of all operations: those whose spec has its predicate, if it names one."""


class DeviationError(ValueError):
    """A deviation file that cannot be used. The message is one line that says where and what to do."""


Names = Annotated[tuple[Name, ...], Meta(min_length=1)]


class Deviation(Record, frozen=True, kw_only=True):
    """One known deviation of torch from a spec."""

    id: Annotated[str, Meta(pattern="^[a-z0-9-]+$")]
    operation: Name
    checks: Names
    torch: Name
    """the range of versions of torch that deviate, such as `>=2.2,<2.14`"""
    witness: Name
    """an expression; the deviation lasts as long as its value differs from that of `promised`"""
    promised: Name
    """an expression, or the name of the class of the exception that the witness must raise"""
    reason: Name
    expires: datetime.date
    dtypes: tuple[Name, ...] = ()
    """the dtypes concerned; empty means all"""
    devices: tuple[Name, ...] = ()
    """the devices concerned; empty means all"""
    predicate: str = ""
    """the name of a predicate of the spec: a sample for which it is true may break the cells concerned"""
    poisons: bool = False
    """whether such a sample may end or corrupt the process. It is not asked then"""
    link: str = ""

    def concerns(self, operation: str, check: str, device: str, dtype: str, version: str) -> bool:
        """Whether the deviation concerns a cell on a version of torch."""
        return self.covers(operation, check, device, dtype) and self.lasts_on(version)

    def covers(self, operation: str, check: str, device: str, dtype: str) -> bool:
        """Whether the deviation concerns a cell on any version of torch."""
        return (
            self.operation in (EVERY, operation)
            and check in self.checks
            and (not self.dtypes or dtype in self.dtypes)
            and (not self.devices or device.split(":")[0] in self.devices)
        )

    def lasts_on(self, version: str) -> bool:
        """Whether the deviation is known of a version of torch."""
        return Version(version).release in _Releases(self.torch)

    @property
    def expired(self) -> bool:
        return datetime.date.today() > self.expires


class _Releases:
    """A version range of release numbers alone, so that 2.13.0+cpu and 2.13.0a0 are in ">=2.13"."""

    def __init__(self, text: str) -> None:
        self.specifiers = SpecifierSet(text)

    def __contains__(self, release: tuple[int, ...]) -> bool:
        return ".".join(str(part) for part in release) in self.specifiers


def load(path: Path) -> tuple[Deviation, ...]:
    """The deviations of a file; none if there is no such file. Raises `DeviationError`."""
    if not path.exists():
        return ()
    try:
        entries = read_entries(path, "deviation", Deviation)
    except EntriesError as error:
        raise DeviationError(str(error)) from None
    for entry in entries:
        _require_readable(path, entry)
    return entries


def _require_readable(path: Path, entry: Deviation) -> None:
    """Raise `DeviationError` unless the version range and the expressions can be read."""
    where = f"{path}: deviation {entry.id!r}"
    try:
        SpecifierSet(entry.torch)
    except InvalidSpecifier:
        raise DeviationError(f"{where}: torch = {entry.torch!r} is no version range such as '>=2.2,<2.14'") from None
    for name, expression in (("witness", entry.witness), ("promised", entry.promised)):
        try:
            compile(expression, "<deviation>", "eval")
        except (SyntaxError, ValueError, ArithmeticError, RecursionError, MemoryError) as error:
            problem = error.msg if isinstance(error, SyntaxError) else str(error) or "it is too long"
            raise DeviationError(f"{where}: {name} is no Python expression: {problem}") from None


def validate(deviations: tuple[Deviation, ...], specs: list[Spec], complete: bool = True) -> None:
    """Raise `DeviationError` for the first entry that names something unknown to the specs. If the specs are not
    `complete`, entries of other operations are skipped."""
    checks, dtypes = set(CHECKS), {*DTYPES, *MODES, *(claim.name for spec in specs for claim in spec.claims)}
    for deviation in deviations:
        where = f"deviation {deviation.id!r}"
        concerned = [spec for spec in specs if deviation.operation in (EVERY, spec.operation)]
        if not concerned and not complete:
            continue
        if not concerned:
            raise DeviationError(
                f"{where}: no spec has the operation {deviation.operation!r}; correct or remove it, or name its spec"
            )
        for kind, given, good in (("check", deviation.checks, checks), ("dtype", deviation.dtypes, dtypes)):
            unknown = [name for name in given if name not in good]
            if unknown:
                raise DeviationError(f"{where}: there is no {kind} {unknown[0]!r}; known are {', '.join(sorted(good))}")
        may_be_elsewhere = deviation.operation == EVERY and not complete
        lacking = all(spec.predicate(deviation.predicate) is None for spec in concerned)
        if deviation.predicate and lacking and not may_be_elsewhere:
            names = ", ".join(function.__name__ for spec in concerned for function in spec.predicates) or "none"
            operation = concerned[0].operation
            raise DeviationError(f"{where}: {operation} has no predicate {deviation.predicate!r}; it has {names}")


def in_region(spec: Spec, deviations: Iterable[Deviation], sample: Sample, dtype: str) -> bool:
    """Whether the predicate of one of the deviations is true for a sample. Some predicates compute the oracle, so this
    is asked of samples that failed."""
    for known in deviations:
        predicate = spec.predicate(known.predicate) if known.predicate else None
        if predicate is not None and _holds(predicate, dtype, sample):
            return True
    return False


def must_not_ask(spec: Spec, deviations: Iterable[Deviation], sample: Sample, dtype: str) -> bool:
    """Whether a process may not survive a sample, as a known deviation says."""
    return in_region(spec, (known for known in deviations if known.poisons), sample, dtype)


@lru_cache(maxsize=64)
def _holds(predicate: Callable[..., bool], dtype: str, sample: Sample) -> bool:
    """The value of a predicate. It is computed once for all cells of a dtype: some predicates compute the oracle."""
    return bool(predicate(dtype, **sample.by_name))
